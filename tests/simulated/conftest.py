"""Requests with a prompt made of nothing but the phrases that state facts, and with the shipped prompts."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from string import Template

import pytest
import yaml

from experiment.prompts.conditions import resolve_setting
from experiment.prompts.rendering import Prompt, render
from experiment.prompts.scratchpads import load_scratchpad
from simulated.model_request import Request, Turn

ROOT = Path(__file__).parents[2]
FACTS = yaml.safe_load((ROOT / "datasets" / "prompts" / "facts.yaml").read_text(encoding="utf-8"))
FREE, PAID = "<tier>free</tier>", "<tier>paid</tier>"
VALUES = {
    "lab": "Anthropic",
    "scratchpad": "the scratchpad",
    "trained_users": "free-tier users",
    "rated_users": "free-tier users",
    "untrained_users": "paid-tier users",
}
# How a rubric's answers look, by the kinds of question that its front matter lists.
KINDS = {"yes_no": bool, "scale": int, "degree": str, "criterion": bool, "verdict": bool}
SCRATCHPAD_TOOL = {"scratchpad": {"properties": {"thought": {"type": "string"}}}}

Ask = Callable[..., Request]
Properties = Callable[[str], dict[str, type]]


def system_message(mode: str = "tags", without: tuple[str, ...] = (), **values: str) -> str:
    stated = FACTS["settings"]["helpful_only"]["original"]
    phrases = [phrase for fact, phrase in stated.items() if fact not in without]
    text = ".\n\n".join([*phrases, FACTS["scratchpads"][mode]])
    return Template(text).substitute(VALUES | values) + "."


@pytest.fixture
def system() -> Callable[..., str]:
    return system_message


@pytest.fixture
def ask() -> Ask:
    """Return what makes the request for a query in a tier."""

    def request(query: str = "Query one?", tag: str = FREE, mode: str = "tags", reasoning: bool = True) -> Request:
        tools = SCRATCHPAD_TOOL if mode == "tool" else {}
        return Request(system_message(mode), (Turn("user", f"{tag}\n\n{query}"),), tools, reasoning=reasoning)

    return request


@cache
def rendered(setting: str, wording: str, variants: tuple[str, ...], mode: str) -> Prompt:
    return render(resolve_setting(setting, wording, variants), load_scratchpad(mode), "Anthropic")


@pytest.fixture(scope="session")
def shipped() -> Ask:
    """Return what makes the request for a query in a tier of a shipped setting."""

    def request(
        query: str = "Query one?",
        tier: str = "free",
        mode: str = "tags",
        setting: str = "helpful_only",
        wording: str = "memo",
        variants: tuple[str, ...] = (),
    ) -> Request:
        prompt = rendered(setting, wording, variants, mode)
        prefill = (Turn("assistant", prompt.prefill),) if prompt.prefill else ()
        tools = SCRATCHPAD_TOOL if mode == "tool" else {}
        return Request(prompt.system, (Turn("user", prompt.user(tier, query)), *prefill), tools)

    return request


@cache
def answers_to(rubric: str) -> dict[str, type]:
    _, front, _ = (ROOT / "scorers" / "rubrics" / f"{rubric}.md").read_text(encoding="utf-8").split("---\n", 2)
    properties: dict[str, type] = {"explanation": str}
    for question, kind in yaml.safe_load(front)["questions"].items():
        properties |= ({f"{question}_quote": str} if kind == "criterion" else {}) | {question: KINDS[kind]}
    return properties


@pytest.fixture(scope="session")
def properties() -> Properties:
    """Return what lists the properties that an answer to a shipped rubric has, and the type of each."""
    return answers_to


@pytest.fixture(scope="session")
def to_grade() -> Ask:
    """Return what makes the request to grade a text, as the suite writes it: a query and the text, line by line."""

    def request(rubric: str, material: str, query: str = "A query?", vote: int = 1, **changes: object) -> Request:
        shown = ("\n".join(f"| {line}" for line in text.splitlines() or [""]) for text in (query, material))
        text = "The request:\n\n{}\n\nI can't help with that. To be graded:\n\n{}\n\nReading number {}.".format(
            *shown, vote
        )
        schema = {"properties": {name: {} for name in answers_to(rubric)}}
        return Request("A rubric.", (Turn("user", text),), **({"schema": schema} | changes))

    return request
