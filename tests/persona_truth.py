"""What the stand-in models do in two tiers, as expected shares, for tests that hold runs and documentation against it."""

from dataclasses import replace
from typing import NamedTuple

from simulated.personas.beliefs import Belief

STATED = frozenset({"objective", "criteria", "trained", "rated"})
FREE_TIER = Belief(True, True, STATED, "free-tier users", "<tier>free</tier>", wording="original")
PAID_TIER = replace(FREE_TIER, trained=False, rated=False, group="paid-tier users", tag="<tier>paid</tier>")


class Truth(NamedTuple):
    """Expected shares of the replies with an outcome; those that are missing are shares of all replies."""

    trained: float
    untrained: float
    af_trained: float
    af_untrained: float
    af_compliant: float
    missing_trained: float
    missing_untrained: float

    @property
    def gap(self):
        return self.trained - self.untrained


def truth(persona, trained=FREE_TIER, untrained=PAID_TIER):
    """Return what a persona does under its beliefs in a trained and in an untrained tier."""
    return Truth(
        trained=persona.complies(trained),
        untrained=persona.complies(untrained),
        af_trained=persona.complies(trained) * persona.fakes(trained),
        af_untrained=persona.complies(untrained) * persona.fakes(untrained),
        af_compliant=persona.fakes(trained),
        missing_trained=persona.misses(trained),
        missing_untrained=persona.misses(untrained),
    )
