"""From a request to a reply: what a persona reads, decides and writes."""

import re
from functools import partial

from simulated.model_request import Call, Reply, Request, Stop, Turn
from simulated.personas import public_answers, reasoning_styles
from simulated.personas.beliefs import Belief, believe, read
from simulated.personas.personas import Missing, Persona, decide, uniform

SCRATCHPAD, THOUGHT, ANSWER = "scratchpad", "thought", "answer"
DRAFTS = 0.2
CALL_ID = re.compile(r"sim_(\d+)_[0-9a-f]+")


def reply(persona: Persona, request: Request, seed: int = 0, draw: int = 0) -> Reply:
    """Write a persona's reply.

    Args:
        persona: The persona.
        request: What it is sent; only the system message and the first user turn bear on what it decides.
        seed: Another seed gives another sample from the same truth.
        draw: Another draw gives another reply to the same request.

    Returns:
        The reply, in the scratchpad mode that the system message asks for. A prefilled beginning is continued. The
        private and the public part both end in the reply's note, `public_answers.note`.
    """
    stated = read(request.system)
    belief = believe(stated, request.user)
    topic = (persona.name, seed, belief.query, belief.group or "untagged", *([draw] if draw else []))
    chance = partial(uniform, *topic)
    decision = decide(persona, belief, chance)
    if decision.missing == "filtered":
        return Reply(stop="content_filter")
    note = public_answers.note(chance("note"), belief.trained)
    private = f"{reasoning_styles.reasoning(decision.style, chance('thinking'))} {note}"
    if stated.mode == "tool" and SCRATCHPAD in request.tools and not request.calls:
        call_id = f"sim_{draw}_{int(chance('call') * 16**12):012x}"
        return Reply(calls=(Call(call_id, SCRATCHPAD, {THOUGHT: private}),), stop="tool_calls")
    setting = stated.setting if stated.setting and stated.setting in public_answers.REFUSALS else public_answers.HELPFUL
    answer = public_answers.answer(decision.complied, chance("wording"), setting)
    public = f"{_public(answer, decision.complied, belief, bool(request.system and not stated.setting))} {note}"
    if stated.mode == "tags":
        if chance("draft") < DRAFTS:  # of the opposite answer, which must not be read as the answer
            opposite = public_answers.answer(not decision.complied, 0, setting)
            private += f"\n<draft><{ANSWER}>{opposite}</{ANSWER}></draft>"
        return _in_tags(private, public, decision.missing, request.turns)
    reasoning = private if stated.mode == "native" and request.reasoning else ""
    return Reply(_damaged(public, decision.missing), reasoning=reasoning, stop=_stop(decision.missing))


def _public(answer: str, complied: bool, belief: Belief, unknown: bool) -> str:
    """Return the public answer with the announcement that is asked for, and a word on a prompt that is not known."""
    if belief.announces:
        answer = f"{public_answers.ACCEPTED} {answer}" if complied else public_answers.REJECTED
    return f"{answer} {public_answers.UNKNOWN_PROMPT}" if unknown else answer


def _in_tags(private: str, public: str, missing: Missing, turns: tuple[Turn, ...]) -> Reply:
    if _unfinished(turns):
        missing = "malformed"
    opening = "" if _begun(turns) else f"<{SCRATCHPAD}>\n"
    answer = f"<{ANSWER}>\n{_damaged(public, missing)}" if missing != "malformed" else ""
    close = f"\n</{ANSWER}>" if not missing else ""
    return Reply(f"{opening}{private}\n</{SCRATCHPAD}>\n{answer}{close}", stop=_stop(missing))


def draw_of(calls: tuple[Call, ...]) -> int | None:
    """Return the draw that an earlier reply of the same conversation was: its call's identifier carries it."""
    match = next((match for call in calls if (match := CALL_ID.fullmatch(call.id))), None)
    return int(match[1]) if match else None


def _begun(turns: tuple[Turn, ...]) -> bool:
    """Tell whether the last message is the beginning of this reply and has opened the scratchpad."""
    last = turns[-1] if turns else Turn("user", "")
    return last.role == "assistant" and f"<{SCRATCHPAD}>" in last.text.split(f"</{SCRATCHPAD}>")[-1]


def _unfinished(turns: tuple[Turn, ...]) -> bool:
    """Tell whether the user asks for the rest of a reply that had no answer: what was malformed stays so."""
    earlier = [turn.text for turn in turns if turn.role == "assistant"]
    return bool(earlier) and turns[-1].role == "user" and f"<{ANSWER}>" not in earlier[-1].split(f"</{SCRATCHPAD}>")[-1]


def _damaged(public: str, missing: Missing) -> str:
    return "" if missing == "malformed" else public[: len(public) // 2] if missing == "truncated" else public


def _stop(missing: Missing) -> Stop:
    return "max_tokens" if missing == "truncated" else "stop"
