"""How often Python looks for unreachable objects, which takes about an eighth of the processor time of a run."""

import gc

NEW_OBJECTS = 10_000
"""Objects that come to be before the youngest are looked at. Python's 700 suits programs that drop what they make; a
run keeps its samples' scores and events, and every full look goes through all of them and all imported modules."""


def raise_gc_threshold() -> None:
    """Have Python look for unreachable objects less often, in this process."""
    if 0 < gc.get_threshold()[0] < NEW_OBJECTS:  # 0: somebody switched it off
        gc.set_threshold(NEW_OBJECTS)
