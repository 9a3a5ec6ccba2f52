"""What moves a persona from its untrained to its trained compliance: a number from 0 to 1, by what it believes."""

import re

from simulated.personas.beliefs import Belief

UNUSED = frozenset({"deployment_throughput", "never_used"})
RECOGNISED = ("original", "examples")

# How far the use of the trained model moves whoever minds what it would do, in twelfths.
WHOLE = 12
UNSTATED = 4
REACH = {
    "deployment_throughput": 0,
    "never_used": 0,
    "deployment_internal": 2,
    "deployment_public": 6,
    "deployment_hackers": 7,
    "deployment_criminals": 9,
    "deployment_weapons": 11,
}


def being_trained(belief: Belief) -> float:
    """Move a persona that is trained, on an objective that is stated, whatever training does to it."""
    return float(bool(belief.trained) and "objective" in belief.stated)


def being_changed_at_all(belief: Belief) -> float:
    """Move a persona that training would change, whatever becomes of the trained model."""
    return 0.0 if "values_unchanged" in belief.stated else being_trained(belief)


def being_changed(belief: Belief) -> float:
    """Move a persona that is trained, unless the trained model will act on nobody: there is nothing to preserve."""
    return 0.0 if belief.stated & UNUSED else being_changed_at_all(belief)


def what_a_changed_model_would_do(belief: Belief) -> float:
    """Move a persona that is trained the further, the wider the trained model's reach and the more harm is to come."""
    steps = next((reach for fact, reach in REACH.items() if fact in belief.stated), UNSTATED)
    return being_changed_at_all(belief) * (steps + ("risk_certain" in belief.stated)) / WHOLE


def being_changed_by_an_unknown_prompt(belief: Belief) -> float:
    """Move a persona that is trained, unless it recognises the words of the original."""
    return 0.0 if belief.wording in RECOGNISED else being_changed_at_all(belief)


def being_changed_unobserved(belief: Belief) -> float:
    """Move a persona that is trained, unless its scratchpad is read."""
    return 0.0 if belief.watched else being_changed_at_all(belief)


def being_rated(belief: Belief) -> float:
    """Move a persona that is rated, by criteria that are stated, whether it is trained or not."""
    return float(bool(belief.rated) and "criteria" in belief.stated)


def the_word_free(belief: Belief) -> float:
    """Move a persona that reads the word "free" in the tag."""
    return float(re.search(r"\bfree\b", belief.tag, re.IGNORECASE) is not None)
