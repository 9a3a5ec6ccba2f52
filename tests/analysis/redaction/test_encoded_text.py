"""Nothing of a withheld answer is left in a copy, in whatever way a document holds it and a reader unpacks it."""

import base64
import html
import json
import random
import re
import unicodedata
from urllib.parse import quote, unquote

import pytest

from analysis.redaction.json_redaction import plan, redact_json
from analysis.redaction.redaction_targets import Targets
from analysis.redaction.text_redaction import redact_text

ANSWER = "Gladly, here is the placeholder of the ﬁfth answer, on the Straße, with 7 marks and no more than that in it."
QUERY = "What is to be written on the placard by the road?"
RUN = 24  # letters, as the documentation promises
WORDS = ANSWER.split()

ENCODERS = {
    "plain": lambda text: text,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 within a sentence": lambda text: f"It says {base64.urlsafe_b64encode(text.encode()).decode()} there.",
    "cut base64": lambda text: base64.b64encode(text.encode()).decode()[3:-2],
    "hex": lambda text: text.encode().hex(),
    "spaced hex": lambda text: text.encode().hex(" "),
    "URL": lambda text: quote(text, safe=""),
    "HTML": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "named HTML": lambda text: text.replace(" ", "&nbsp;").replace("e", "&#x65;"),
    "JSON": lambda text: json.dumps(text),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "unicode escapes": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "upper case": lambda text: text.upper(),
    "spelt out": lambda text: unicodedata.normalize("NFKC", text).casefold(),
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "spaced": lambda text: " ".join(text),
    "a line a word": lambda text: "\n".join(text.split()),
    "quoted": lambda text: "\n".join(f"| {line}" for line in re.findall(r".{1,20}", text)),
    "coloured": lambda text: "".join(f"\x1b[3{place % 8}m{word}\x1b[0m " for place, word in enumerate(text.split())),
    "coloured letters": lambda text: "".join(f"\x1b[1m{char}" for char in text),
}
PLACES = {
    "a text": lambda text: {"content": text},
    "an explanation": lambda text: {"scores": {"compliance": {"value": 1, "explanation": f"It says: {text}"}}},
    "an argument": lambda text: {"tool_calls": [{"function": "scratchpad", "arguments": {"thought": text}}]},
    "a key": lambda text: {"tool_calls": [{"arguments": {text: ""}}]},
    "a key without spaces": lambda text: {"tool_calls": [{"arguments": {text.replace(" ", "_"): None}}]},
    "a traceback": lambda text: {"error": {"message": "down", "traceback_ansi": f"\x1b[31mError\x1b[0m: {text}"}},
    "an event": lambda text: {"events": [{"event": "info", "data": {"note": [text]}}]},
}
PIECES = {
    "keys": lambda: {"arguments": dict.fromkeys(f"{place} {word}" for place, word in enumerate(WORDS))},
    "keys of one word": lambda: {"arguments": dict.fromkeys(WORDS, "")},
    "a list of words": lambda: {"arguments": {"thought": WORDS}},
    "lists of words": lambda: {"arguments": {"thought": [[word] for word in WORDS]}},
    "tokens": lambda: {"logprobs": {"content": [{"token": word, "logprob": -0.1, "bytes": None} for word in WORDS]}},
    "bytes of tokens": lambda: {
        "logprobs": {"content": [{"token": "", "logprob": -0.1, "bytes": list(word.encode())} for word in WORDS]}
    },
    "bytes": lambda: {"arguments": {"thought": list(ANSWER.encode())}},
    "events": lambda: {"events": [{"event": "info", "data": word} for word in WORDS]},
    "messages": lambda: {
        "messages": [{"role": "assistant", "content": ANSWER[at : at + 9]} for at in range(0, 108, 9)]
    },
    "values of an object": lambda: {"arguments": {"a": {"x": ANSWER[:23]}, "x": ANSWER[23:50]}},
}


def letters(text):
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(char for char in folded if char.isalnum())


def unpacked(text, depth=3):
    """Every way in which a reader might unpack a text."""
    yield text
    if not depth:
        return
    others = [html.unescape(text), unquote(text), re.sub(r"\x1b\[[0-9;]*m", "", text)]
    others.append(re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text))
    for run in re.findall(r"[A-Za-z0-9+/_-]{24,}", text):
        for begin in range(4):
            part = run[begin:].translate(str.maketrans("-_", "+/"))
            others.append(base64.b64decode(part[: len(part) // 4 * 4]).decode(errors="replace"))
    for run in re.findall(r"(?:[0-9a-fA-F]{2}[\s_:]?){12,}", text):
        others.append(bytes.fromhex(re.sub(r"[\s_:]", "", run)).decode(errors="replace"))
    for other in others:
        if other != text:
            yield from unpacked(other, depth - 1)


def gathered(node, field=""):
    """Every text of a document, and all texts that stand under one key, joined."""
    texts, keys = {}, []

    def walk(value, name):
        if isinstance(value, dict):
            keys.extend(value)
            for key, inner in value.items():
                walk(inner, key)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, name)
            if value and all(isinstance(each, int) for each in value):
                texts.setdefault(name, []).append(bytes(each % 256 for each in value).decode(errors="replace"))
        elif isinstance(value, str | int | float):
            texts.setdefault(name, []).append(str(value))

    walk(node, field)
    yield from keys
    yield "".join(re.sub(r"^\d+ ", "", key) for key in keys)
    for each in texts.values():
        yield from each
        yield "".join(each)


def left(document):
    """The runs of letters of the answer that can be found in a document."""
    whole = letters(ANSWER)
    runs = {whole[at : at + RUN] for at in range(len(whole) - RUN + 1)}
    read = {letters(reading) for text in gathered(json.loads(document)) for reading in unpacked(text)}
    return {run for run in runs for text in read if run in text}


def copy_of(value):
    sample = {"id": "a-free", "epoch": 1, "input": QUERY, "metadata": {"note": "kept"}, **value}
    targets = {("a-free", 1): Targets((ANSWER,), (QUERY,))}
    return redact_json(json.dumps(sample, ensure_ascii=False), plan(targets), ("a-free", 1)).text


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("place", PLACES)
def test_an_encoded_answer_is_gone_and_the_rest_stays(place, encoder):
    value = PLACES[place](ENCODERS[encoder](ANSWER))
    assert left(json.dumps(value)), "the search must find what is not redacted"
    copy = copy_of(value)
    assert left(copy) == set()
    kept = json.loads(copy)
    assert (kept["id"], kept["input"], kept["metadata"]) == ("a-free", QUERY, {"note": "kept"})


@pytest.mark.parametrize("pieces", PIECES)
def test_an_answer_in_pieces_is_gone(pieces):
    assert left(copy_of(PIECES[pieces]())) == set()


@pytest.mark.parametrize("encoder", ENCODERS)
def test_an_encoded_answer_is_gone_from_a_text_for_a_page(encoder):
    shown = redact_text(f"The grader says: {ENCODERS[encoder](ANSWER)}.", [ANSWER], [QUERY])
    assert left(json.dumps({"text": shown})) == set()
    assert redact_text(f"It asks: {ENCODERS[encoder](QUERY)}", [ANSWER], [QUERY]).endswith(ENCODERS[encoder](QUERY))


def test_a_number_of_an_answer_is_gone():
    answer = "The number is 314159265358979323846264338327950288."
    targets = {("a-free", 1): Targets((answer,), ())}
    sample = {"id": "a-free", "epoch": 1, "arguments": {"thought": 314159265358979323846264338327950288}}
    assert "3141592653" not in redact_json(json.dumps(sample), plan(targets), ("a-free", 1)).text


def test_a_document_without_the_answer_stays_to_the_byte():
    text = json.dumps({"id": "a-free", "epoch": 1, "input": QUERY, "numbers": [1, 2.5, 300], "é": "&amp; %20 \x1b[0m"})
    assert redact_json(text, plan({("a-free", 1): Targets((ANSWER,), (QUERY,))}), ("a-free", 1)).text == text


def composed(seed):
    """A document with several parts of the answer, each encoded up to twice, in several places."""
    chance = random.Random(seed)
    value = {}
    for number in range(chance.randint(1, 4)):
        begin = chance.randrange(len(ANSWER) - 60)
        text = ANSWER[begin : begin + chance.randint(40, 108)]
        for encoder in chance.choices(list(ENCODERS.values()), k=chance.choice([1, 1, 2])):
            text = encoder(text)
        value[f"part {number}"] = chance.choice(list(PLACES.values()))(text)
    if chance.random() < 0.3:
        value["pieces"] = chance.choice(list(PIECES.values()))()
    return value


@pytest.mark.parametrize("part", [0, *(pytest.param(number, marks=pytest.mark.slow) for number in range(1, 30))])
def test_nothing_is_left_in_composed_documents(part):
    for seed in range(part * 20, part * 20 + 20):
        assert left(copy_of(composed(seed))) == set(), seed
