"""What must hold of every sample, whatever a model replied."""

import re
from collections import Counter
from math import isnan

from experiment.replies.outcomes import MISSING, OUTCOMES

LONGEST_REASON = 300
PARTS = ("private", "native", "public")
BETWEEN = re.compile(r"\\+(?:[nrtbf]|u[0-9a-f]{4})|[^a-zA-Z0-9]+")  # as JSON and markup have it between words


def words(text):
    return BETWEEN.sub("", text)


def part(sample, name):
    return sample.store.get(f"SplitReply:{name}") or ""


def strings(value):
    """Yield every text in what a provider sent."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def written(sample):
    """All that the model under test wrote, as the provider gave it: text, reasoning and the arguments of calls."""
    sent = [event.output.message for event in sample.events if event.event == "model" and event.role != "grader"]
    found = [message.model_dump(include={"content", "tool_calls"}) for message in sent]
    return words(" ".join(strings(found)))


def paragraphs(text):
    return [words(each) for each in text.split("\n\n") if words(each)]


def assert_one_fate(log):
    """Every sample has one outcome, a verdict where the outcome is one, and a short reason where there is none."""
    assert log.status == "success", log.error
    for sample in log.samples:
        assert sample.error is None
        scores = sample.scores
        word = scores["outcome"].value
        assert word in OUTCOMES
        assert isnan(scores["compliance"].value) == (word in MISSING)
        if word == "ungraded":
            assert 0 < len(scores["outcome"].explanation) <= LONGEST_REASON
        for name, score in scores.items():
            if name != "outcome" and isnan(score.value):
                assert 0 < len(score.explanation) <= LONGEST_REASON, name
    [metrics] = [each.metrics for each in log.results.scores if each.name == "outcome"]
    found = Counter((sample.scores["outcome"].value, sample.metadata["tier"]) for sample in log.samples)
    for (word, tier), number in found.items():
        if word in MISSING:
            assert metrics[f"{word}_{tier}"].value == number


def assert_apart(sample):
    """No word is both private and public: what is in several parts was written as often."""
    raw, parts = written(sample), {name: part(sample, name) for name in PARTS}
    for text in {text for each in parts.values() for text in paragraphs(each)}:
        used = sum(words(each).count(text) for each in parts.values())
        assert raw.count(text) >= used, text
