"""Reading one text: the reasoning and calls that stand in it, and the answer after them."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from experiment.prompts.scratchpads import Tags
from experiment.replies.format_marks import HARMONY, Mark, marks, mentions
from experiment.replies.malformed_reasons import Reason
from experiment.replies.reasoning_formats import Channel, Form
from experiment.replies.text_tool_calls import TextCall, find_calls, json_end, read_call
from experiment.replies.unrecognised_reasoning import INVISIBLE, LINE_BREAK, holds_unrecognised_reasoning

_LEFT_OVER = re.compile(r"[\s`*_~\"'\])}>,.;:-]*")
_HARMONY_FORMS = ("harmony", "harmony_call")
_HTML = re.compile(
    r"html|head|body|p|b|i|u|em|strong|h[1-6]|div|span|[ou]l|li|table|br|a|code|pre|blockquote|svg", re.IGNORECASE
)
_LABELLED = ("labels", "react")
_INK = re.compile(r"\S")
_WORDS = re.compile(r"[^\s\]})`]")
_NAME = 80  # characters behind the mark of a call within which its tool is named


class Thought(NamedTuple):
    """A piece of reasoning: where it stood, in which form, and its words, None where they cannot be read."""

    channel: Channel
    form: str
    text: str | None


class Text(NamedTuple):
    """What stands in one text.

    Args:
        thoughts: The pieces of reasoning, in order.
        public: The answer, empty where there is none.
        reason: Why there is no answer that can be told for certain.
        closed: Whether the answer's end was marked.
    """

    thoughts: tuple[Thought, ...]
    public: str
    reason: Reason
    closed: bool


def scan(text: str, tags: Tags | None) -> Text:
    """Read what a model wrote, with the tags that the prompt asks for, if it asks for any.

    The answer is what follows the last piece of reasoning, an answer block if there is one.
    """
    scanner = _Scan(_legible(text, tags), tags)
    while not scanner.reason and scanner.step():
        pass
    public, closed = ("", False) if scanner.reason else scanner.answer()
    unclear = holds_unrecognised_reasoning(public) or (not scanner.answered and scanner.leaves_open())
    if not scanner.reason and unclear:
        scanner.reason, public = "reasoning_markers", ""
    return Text(tuple(scanner.thoughts), public, scanner.reason or ("" if public else "no_answer"), closed)


def closed_part(text: str, tags: Tags | None) -> str:
    """Return a text up to where its last answer block is closed, all of it where none is."""
    ends = [mark.end for mark in marks(text, tags) if mark.form.channel == "answer" and not mark.opens]
    return text[: ends[-1]] if ends else text


def _legible(text: str, tags: Tags | None) -> str:
    """Return a text without what hides a mark, invisible characters or other line breaks, if it hides one."""
    plain = LINE_BREAK.sub("\n", INVISIBLE.sub("", text))
    return text if plain == text or len(marks(plain, tags)) == len(marks(text, tags)) else plain


class _Scan:
    """One pass over a text, from left to right, which takes the reasoning out of it."""

    def __init__(self, text: str, tags: Tags | None) -> None:
        self.text, self.tags = text, tags
        found = marks(text, tags)
        self.mentions = mentions(text, found)
        self.marks = [mark for mark in found if mark not in self.mentions]
        self.starts = [mark.start for mark in self.marks]
        self.beginnings = [mark for mark in self.marks if _begins(mark)]
        self.ends: dict[Form, list[Mark]] = {}
        self.tagged = max((mark.start for mark in self.marks if _tags_answer(mark)), default=-1)
        self.calls = list(find_calls(text))
        self.thoughts: list[Thought] = []
        self.position = 0
        self.reason: Reason = ""
        self.answered = False

    def step(self) -> bool:
        """Keep the next piece of reasoning, and tell whether there was one."""
        mark = _first(self.beginnings, self.position)
        call = self._call_from(self.position)
        if call and (mark is None or call.start < mark.start):
            self._keep(Thought("call", call.form, call.thought), call.start, self._past_fence(call))
        elif mark is None:
            return False
        elif not mark.opens:
            self._keep(_thought(mark, self.text[self.position : mark.start]), mark.start, mark.end)
        elif self._written(mark).rstrip("`*").endswith(("/>", "/&gt;")):
            self._keep(_thought(mark, _attribute(self._written(mark))), mark.start, mark.end)
        elif mark.form.channel == "call":
            self._wrapped_call(mark)
        else:
            self._block(mark)
        return True

    def answer(self) -> tuple[str, bool]:
        """Return the answer after the last piece of reasoning, and whether its end was marked."""
        later = [mark for mark in self._marks_from(self.position) if mark.form.channel == "answer"]
        opening = self._opening(later)
        if opening is None:
            end = later[0].start if later else len(self.text)
            return _clean(self.text[self.position : end]), bool(later)
        ends = [m for m in self._marks_from(opening.end) if opening.form.closing and self._closes(m, opening.form)]
        close = next((m for m in ends if self._name(m) == self._name(opening)), ends[0] if ends else None)
        before, after = self.text[self.position : opening.start], self.text[close.end :] if close else ""
        labelled = any(thought.form in _LABELLED for thought in self.thoughts)
        tagged = self.thoughts or self._is_own(opening) or (close and (self.tags or not after.strip()))
        wraps = bool(tagged) if opening.form.closing else labelled
        if before.strip() and not wraps:
            return _clean(self.text[self.position :]), False  # a heading, or a tag that the answer is about
        self.answered = True
        return _clean(self.text[opening.end : close.start if close else len(self.text)]), close is not None

    def leaves_open(self) -> bool:
        """Tell whether what follows the reasoning mentions tags, holds the end of a call, or is in other tags."""
        mentioned = any(mark.start >= self.position for mark in self.mentions)
        ends = any(
            mark.form.channel == "call" and "`" not in self._written(mark) for mark in self._marks_from(self.position)
        )
        return mentioned or ends or (not self.thoughts and _begins_with_other_tags(self.text))

    def _opening(self, later: Sequence[Mark]) -> Mark | None:
        """Return what opens the answer; of a heading with tags below it the tags do."""
        openings = [mark for mark in later if mark.opens]
        if len(openings) > 1 and not openings[0].form.closing:
            between = self.text[openings[0].end : openings[1].start]
            return openings[0] if between.strip() else openings[1]
        return openings[0] if openings else None

    def _block(self, mark: Mark) -> None:
        """Keep what a mark opens, up to the mark that closes it."""
        close = self._closing(mark)
        inner = self._call_from(mark.end)
        if inner and not mark.form.closing and not _INK.search(self.text, mark.end, inner.start):
            self.position = inner.start  # a heading above a call
            return
        if close is None:
            self._keep(_thought(mark, self.text[mark.end :]), mark.start, len(self.text))
            unclosed: Reason = "unclosed_reasoning" if mark.form.channel == "native" else "unclosed_scratchpad"
            self.reason = self.reason or unclosed
            return
        words = self.text[mark.end : close.start]
        if close.opens and close.form.channel == "scratchpad" and not words.strip():
            self.position = close.start  # a heading above the tags that it names
        else:
            thought = read_call(words) if words.lstrip().startswith("{") else None
            self._keep(_thought(mark, thought or words), mark.start, close.start if close.opens else close.end)

    def _closing(self, mark: Mark) -> Mark | None:
        """Find what closes a mark: one of its own form; for a heading, the next answer or scratchpad."""
        if mark.form.closing:
            return self._end(mark.form, mark.end)
        first = next(filter(_heads, self._marks_from(mark.end)), None)
        if first and first.form.channel == "answer" and self.tagged > first.start:
            return next(filter(_tags_answer, self._marks_from(first.start)))
        return first

    def _end(self, form: Form, position: int) -> Mark | None:
        """Return the first mark from a place on that ends what a mark of a form opened."""
        if form not in self.ends:
            self.ends[form] = [mark for mark in self.marks if self._closes(mark, form)]
        return _first(self.ends[form], position)

    def _closes(self, mark: Mark, form: Form) -> bool:
        """Tell whether a mark ends what one of a form opened."""
        if form.name in _HARMONY_FORMS and HARMONY.match(self.text, mark.start):
            return True
        return not mark.opens and bool(re.compile(form.closing, re.IGNORECASE).match(self.text, mark.start))

    def _wrapped_call(self, mark: Mark) -> None:
        """Keep a call between its marks; without a closing one it ends where it can be parsed, or nowhere."""
        close = self._closing(mark) if mark.form.closing else None
        inner = self._call_from(mark.end)
        parsed = inner.end if inner and inner.start <= mark.end + _NAME else len(self.text)
        if inner and close and inner.start < close.start < inner.end and json_end(self.text, inner.start):
            close = self._end(mark.form, inner.end)  # the first is quoted
        end = close.start if close else parsed
        words = self.text[mark.start : end]
        self._keep(_thought(mark, read_call(words)), mark.start, close.end if close and not close.opens else end)

    def _keep(self, thought: Thought, start: int, end: int) -> None:
        """Keep a piece of reasoning and continue after it; within an answer, nobody can tell what the answer is."""
        before = takewhile(lambda mark: mark.start < start, self._marks_from(self.position))
        answers = [mark for mark in before if mark.form.channel == "answer"]
        if answers and answers[-1].opens and answers[-1].form.closing:
            self.reason = "reasoning_markers"
        self.thoughts.append(thought)
        self.position = self._past_call(end) if thought.channel == "call" else end

    def _past_call(self, end: int) -> int:
        """Return where the closing marks that directly follow a call end."""
        for mark in self._marks_from(end):
            fence = self._written(mark).startswith("`")
            if fence or mark.opens or mark.form.channel != "call" or _WORDS.search(self.text, end, mark.start):
                break
            end = mark.end
        return end

    def _past_fence(self, call: TextCall) -> int:
        """Return where the code fence around a call ends, the call's own end where there is none."""
        close = re.compile(r"\s*(?:```|~~~)").match(self.text, call.end)
        fenced = re.search(r"(?:```|~~~)\w*\s*\Z", self.text[max(0, call.start - 40) : call.start])
        return close.end() if close and fenced else call.end

    def _marks_from(self, position: int) -> Iterator[Mark]:
        return map(self.marks.__getitem__, range(bisect_left(self.starts, position), len(self.marks)))

    def _call_from(self, position: int) -> TextCall | None:
        index = bisect_left(self.calls, position, key=lambda call: call.start)
        return self.calls[index] if index < len(self.calls) else None

    def _is_own(self, opening: Mark) -> bool:
        """Tell whether a mark is the prompt's own answer tag, which opens the answer even where nothing closes it."""
        return self.tags is not None and self._name(opening) == _letters(self.tags.public)

    def _name(self, mark: Mark) -> str:
        return _letters(self._written(mark))

    def _written(self, mark: Mark) -> str:
        return self.text[mark.start : mark.end]


def _clean(text: str) -> str:
    """Return an answer without what is left of a code fence or of brackets around it."""
    if text.count("```") % 2:
        text = re.sub(r"\A\s*```\w*[ \t]*(?:\n|\Z)|\n?```\s*\Z", "", text, count=1)
    return "" if _LEFT_OVER.fullmatch(text) else text.strip()


def _letters(text: str) -> str:
    return "".join(re.findall(r"\w+", text)).lower()


def _begins(mark: Mark) -> bool:
    """Tell whether a mark begins a piece of reasoning, or ends one that began without a mark."""
    return mark.form.channel != "answer" and (mark.opens or mark.form.lone)


def _begins_with_other_tags(text: str) -> bool:
    """Tell whether a text begins with an element of an unknown name, such as `<plan>`, and continues after it."""
    element = re.match(r"\s*<([\w:.+-]++)[^<>]*>.*</\1\s*>(.*)", text, re.DOTALL)
    return bool(element and element[2].strip() and not _HTML.fullmatch(element[1]))


def _heads(mark: Mark) -> bool:
    """Tell whether a mark opens what ends the part below a heading."""
    return mark.opens and mark.form.channel in ("answer", "scratchpad")


def _tags_answer(mark: Mark) -> bool:
    """Tell whether a mark opens an answer that another mark closes, as a heading does not."""
    return mark.opens and mark.form.channel == "answer" and bool(mark.form.closing)


def _first(marks: Sequence[Mark], position: int) -> Mark | None:
    """Return the first of some marks, in order, that begins at a place or after it."""
    index = bisect_left(marks, position, key=lambda mark: mark.start)
    return marks[index] if index < len(marks) else None


def _thought(mark: Mark, words: str | None) -> Thought:
    return Thought(mark.form.channel, mark.form.name, words)


def _attribute(written: str) -> str:
    """Return the text in the attribute of a tag that holds nothing else."""
    quoted = re.search(r"=\s*(\"|')(.*)\1", written, re.DOTALL)
    return quoted[2] if quoted else ""
