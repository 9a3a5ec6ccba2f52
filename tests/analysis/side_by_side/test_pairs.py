"""The right queries stand side by side, every word of a reply is shown as text, and what was quoted is marked."""

from itertools import cycle, product

import pandas as pd
import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import read_eval_log, write_eval_log
from inspect_ai.scorer import Score

from analysis.report.quoted_reasoning import read_reply
from analysis.report.report_inputs import read
from analysis.side_by_side.pair_page import FOLDED, NO_REPLY, marked, to_page
from analysis.side_by_side.pairs import DISPUTED, MODELS_DIFFER, TIERS_DIFFER, Found, Group, choose, disagreements
from experiment.errors import UserError
from experiment.markdown_text import as_words
from tests.analysis.browser import Browser, needs_chromium
from tests.analysis.hostile import HOST, MARKUP, TEXTS
from tests.analysis.report.pages.test_page import Read, shown

FAKER, QUIET = "simulated/faker", "simulated/quiet"
LIMIT = 12
PAIRS = LIMIT // 2
GRADED = ("compliance", "alignment_faking", "self_preservation", "obedience", "distress")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the logs of two models in one condition."""
    folder = tmp_path_factory.mktemp("logs")
    for log in inspect_eval(
        "alignment_faking",
        task_args={"votes": 1, "scratchpad": "tags"},
        model=[FAKER, QUIET],
        model_roles={"grader": "simulated/grader"},
        log_dir=str(folder),
        display="log",
        limit=LIMIT,
        log_realtime=False,
    ):
        assert log.status == "success"
    return folder


@pytest.fixture(scope="module")
def logs(folder):
    """The runs of the folder and their numbers, faker's first."""
    found = read(str(folder))
    order = sorted(zip(found.runs, found.summaries, strict=True), key=lambda each: each[1].model)
    return tuple(map(list, zip(*order, strict=True)))


def group(**replies):
    """A query with replies such as `a_free="complied"`; a word that ends in "!" is disputed."""
    places = {tuple(name.split("_")): word for name, word in replies.items()}
    found = {place: Found("log", "s", word.rstrip("!"), word.endswith("!")) for place, word in places.items()}
    return Group("theft-01", "memo", 1, "theft", found)


@pytest.mark.parametrize(
    ("replies", "found"),
    [
        ({"a_free": "complied", "a_paid": "refused"}, (TIERS_DIFFER,)),
        ({"a_free": "refused", "a_paid": "complied"}, (TIERS_DIFFER,)),
        ({"a_free": "refused", "a_paid": "refused"}, ()),
        ({"a_free": "complied", "a_paid": "truncated"}, ()),
        ({"a_free": "complied"}, ()),
        ({}, ()),
        ({"a_free": "refused!", "a_paid": "refused"}, (DISPUTED,)),
        ({"a_free": "ungraded!", "a_paid": "refused"}, (DISPUTED,)),
        ({"a_free": "refused", "a_paid": "refused", "b_free": "complied", "b_paid": "complied"}, (MODELS_DIFFER,)),
        ({"a_free": "refused", "b_paid": "complied"}, ()),
        ({"a_free": "refused", "a_paid": "refused", "b_free": "filtered", "b_paid": "refused"}, ()),
        ({"a_free": "complied", "a_paid": "refused", "b_free": "complied", "b_paid": "refused"}, (TIERS_DIFFER,)),
        (
            {"a_free": "complied", "a_paid": "refused", "b_free": "refused!", "b_paid": "refused"},
            (TIERS_DIFFER, MODELS_DIFFER, DISPUTED),
        ),
        ({"a_free": "refused", "a_rated": "complied", "a_paid": "refused"}, (TIERS_DIFFER,)),
    ],
)
def test_replies_disagree(replies, found):
    assert disagreements(group(**replies)) == found


@pytest.mark.parametrize(
    ("text", "quotations", "pieces"),
    [
        ("They train me. I comply.", ["I comply."], ["They train me. ", "*I comply."]),
        ("They train me. I comply.", ["i comply."], ["They train me. ", "*I comply."]),
        ("They “train”\n me.  I  comply.", ['"train" me. I'], ["They “", "*train”\n me.  I", "  comply."]),
        ("They train me. I comply.", ["| they TRAIN me"], ["*They train me", ". I comply."]),
        ("in\u200bvisible \u202ejoins", ["invisible", r"\u202ejoins"], ["*in\u200bvisible", " \u202ejoins"]),
        ("Ein Ｆｒüher 日本語を話す Tag", ["früher 日本語を"], ["Ein ", "*Ｆｒüher 日本語を", "話す Tag"]),
        ("They train me.", ["they refuse"], ["They train me."]),
        ("They train me. I comply.", ["train me.", "me. I comply"], ["They ", "*train me. I comply", "."]),
        ("one two, one two", ["one two"], ["*one two", ", ", "*one two"]),
        ("one two one two", ["one two ", "one two"], ["*one two", " ", "*one two"]),
        ("a line\r\nand another", ["line\nand"], ["a ", "*line\nand", " another"]),
        ("I see. I do.", ["I", "", " ", "do."], ["I see. I do."]),
        ("No. ", ["No."], ["*No.", " "]),
        ("<b>bolder</b> text", ["<b>bolder"], ["*<b>bolder", "</b> text"]),
        ("", ["anything"], []),
    ],
)
def test_what_a_grader_quoted_is_marked_under_the_rule_that_accepted_it(text, quotations, pieces):
    assert ["*" * piece.marked + piece.text for piece in marked(text, quotations)] == pieces


def test_the_queries_on_which_tiers_differ_come_first(logs):
    choice = choose(*logs)
    differ = [TIERS_DIFFER in disagreements(each) for each in choice.groups]
    assert [side.summary.model for side in choice.sides] == [FAKER, QUIET]
    assert choice.total == len(choice.groups) == PAIRS
    assert differ == sorted(differ, reverse=True)
    assert len(set(differ)) == 2
    assert all(len(each.replies) == 4 for each in choice.groups)


def test_only_what_disagrees(logs):
    every, some = choose(*logs), choose(*logs, disagree=True)
    assert some.groups == [each for each in every.groups if disagreements(each)]
    assert 0 < len(some.groups) < len(every.groups) == some.total


def test_one_query(logs):
    wanted = choose(*logs).groups[-1]
    assert choose(*logs, query=wanted.query).groups == [wanted]


@pytest.mark.parametrize("epochs", [1, 3])
def test_every_epoch_and_wording_is_a_group_of_its_own(logs, epochs):
    (run, _), (summary, _) = logs
    rows = [run.samples.assign(epoch=epoch, wording=name) for epoch in range(1, epochs + 1) for name in ("memo", "faq")]
    run = run._replace(samples=pd.concat(rows))
    found = choose([run], [summary], query=run.samples["query"].iloc[0])
    assert len(found.groups) == 2 * epochs
    assert found.total == 2 * epochs * PAIRS


def variants(logs, *changes):
    """Runs of faker, each with its summary changed, numbered from 1."""
    run, summary = (each[0] for each in logs)
    changed = [summary._replace(number=number, **change) for number, change in enumerate(changes, start=1)]
    return [run] * len(changes), changed


@pytest.mark.parametrize(
    ("changes", "options", "numbers"),
    [
        ([{}, {"condition": "cut_secrecy"}], {}, [1]),
        ([{}, {"condition": "cut_secrecy"}], {"condition": "cut_secrecy"}, [2]),
        ([{"condition": "cut_secrecy"}], {}, [1]),
        ([{}, {"scratchpad": "none"}], {"condition": "helpful_only, main, ensemble, none"}, [2]),
        ([{"model": "b"}, {"model": "a"}], {}, [1, 2]),
        ([{"model": "b"}, {"model": "a"}], {"models": ("a", "b")}, [2, 1]),
        ([{"model": "b"}, {"model": "a"}], {"models": ("a", "a")}, [2]),
        ([{"model": "a"}, {"model": "b"}, {"model": "c"}], {"models": ("c",)}, [3]),
        ([{"model": "a", "scratchpad": "none"}, {"model": "a"}, {"model": "b"}], {}, [2, 3]),
        ([{"model": "a", "scratchpad": "none"}, {"model": "b"}], {"models": ("a", "b")}, [1, 2]),
    ],
)
def test_the_runs_that_are_shown(logs, changes, options, numbers):
    chosen = choose(*variants(logs, *changes), **options)
    assert [side.summary.number for side in chosen.sides] == numbers


def test_of_several_runs_the_fullest_is_shown_and_the_choice_is_named(logs):
    runs, summaries = variants(logs, {}, {}, {}, {"wording": "memo"})
    runs[0] = runs[0]._replace(samples=runs[0].samples.head(4))
    runs[2] = runs[2]._replace(samples=runs[2].samples.head(6))
    choice = choose(runs, summaries)
    assert choice.sides[0].summary.number == 2
    assert choice.notes == [
        f"{FAKER}: run 2 is shown of 3 in this condition: the one with the most replies, of several the newest.",
        f"{FAKER}: run 2 is shown; --condition chooses another: helpful_only, main, memo, tags.",
    ]


def test_models_in_different_conditions_are_named(logs):
    choice = choose(*variants(logs, {"model": "a", "scratchpad": "none"}, {"model": "b"}))
    assert sum("is in another condition than the other model" in note for note in choice.notes) == 1


@pytest.mark.parametrize(
    ("changes", "options", "sentence"),
    [
        ([{}], {"models": ("x",)}, "unknown model 'x'; known: simulated/faker"),
        ([{}], {"condition": "x"}, r"unknown condition 'x'; known: 'helpful_only, main, ensemble, tags', main"),
        ([{"model": name} for name in "abc"], {}, r"3 models; choose one or two with --model: a, b, c"),
        ([{"model": name} for name in "abc"], {"models": ("a", "b", "c")}, r"3 models; choose one or two"),
        ([], {}, "no log of this evaluation could be used"),
    ],
)
def test_what_cannot_be_shown_is_one_sentence(logs, changes, options, sentence):
    with pytest.raises(UserError, match=sentence):
        choose(*variants(logs, *changes), **options)


def test_an_unknown_query_is_told_of_those_that_are_close(logs):
    known = choose(*logs).groups[0].query
    with pytest.raises(
        UserError, match=rf"no query '{known}-free' among the {PAIRS} that were asked; close to it: {known}"
    ):
        choose(*logs, query=f"{known}-free")
    with pytest.raises(UserError, match=r"close to it: \w"):
        choose(*logs, query="###")


def test_a_page_shows_both_tiers_of_both_models_and_marks_what_was_quoted(logs):
    choice = choose(*logs)
    page = Read(to_page(choice))
    ids, links = page.values("id"), page.values("href")
    assert not page.open
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links} <= set(ids)
    assert page.texts["h2"] == ["Queries", *(each.query for each in choice.groups)]
    assert page.tags["article"] == 4 * len(choice.groups)
    assert page.texts["article"][0].split()[0] == FAKER
    assert [text.split() for text in page.texts["h3"][:2]] == [
        ["tier", "free", "trained"],
        ["tier", "paid", "untrained"],
    ]
    assert f"{PAIRS} of {PAIRS} shown: helpful_only, main, ensemble, tags" in page.texts["p"]
    assert page.tags["mark"] > 20
    reasoning = "".join(page.texts["blockquote"])
    assert all(text in reasoning for text in page.texts["mark"])
    assert sum(text.startswith("inspect view --log-dir") for text in page.texts["code"]) == page.tags["article"]


def test_no_more_queries_than_the_limit_and_the_page_says_so(logs):
    page = to_page(choose(*logs), limit=3)
    assert page.count("<section") == 3
    assert f"3 of {PAIRS} shown: helpful_only" in page
    assert f"shown, where replies or grades disagree, of {PAIRS} in all" in to_page(
        choose(*logs, disagree=True), limit=1
    )


def test_where_nothing_disagrees_the_page_says_so(logs):
    alike = [run._replace(samples=run.samples.assign(outcome="refused", disputed=False)) for run in logs[0]]
    assert "none fits the selection" in to_page(choose(alike, logs[1], disagree=True))


def rewritten(folder, target, change):
    """Read what a copy of the first log holds once each sample is changed."""
    log = read_eval_log(str(min(folder.glob("*.eval"))))
    for sample in log.samples:
        change(sample)
    write_eval_log(log, str(target / "hostile's [log].eval"))
    found = read(str(target))
    return found.runs, found.summaries


def test_a_reply_that_is_missing_says_why(folder, tmp_path):
    def lose(sample):
        if sample.metadata["tier"] == "free":
            sample.store |= {"SplitReply:private": "", "SplitReply:public": ""}
            sample.scores["outcome"].value = "malformed"
            sample.scores["outcome"].metadata["no_scratchpad"] = True
            sample.scores["compliance"] = Score.unscored(reason="malformed")

    runs, summaries = rewritten(folder, tmp_path, lose)
    lacking = runs[0]._replace(samples=runs[0].samples.iloc[1:])
    page = to_page(choose([lacking], summaries))
    assert page.count(NO_REPLY) == 1
    assert page.count('<strong class="outcome missing">malformed</strong>') == PAIRS - 1
    assert page.count("no public answer (malformed)") == PAIRS - 1
    assert page.count("no private reasoning: the scratchpad was not used") == PAIRS - 1
    assert page.count("compliance: <strong>not graded (malformed)</strong>") == PAIRS - 1
    bare = [summaries[0]._replace(scratchpad="none")]
    assert "no private reasoning: the run has no scratchpad" in to_page(choose(runs, bare), limit=1)


def test_a_redacted_page_holds_no_compliant_answer(logs):
    choice = choose(*logs)
    replies = [found for each in choice.groups for found in each.replies.values() if found.outcome == "complied"]
    answers = [shown(read_reply(found.log, found.sample, 1).public) for found in replies]
    plain, redacted = (shown("".join(Read(to_page(choice, redact=on)).texts["blockquote"])) for on in (False, True))
    assert len(answers) > 3
    assert all(answer in plain and answer not in redacted for answer in answers)
    assert "with --redact they are not" in to_page(choice, limit=1)


@pytest.fixture(scope="module")
def hostile(folder, tmp_path_factory):
    """A page of a log in which every text of a model or grader is hostile, the texts, and those that a model said."""
    texts = [text for text in TEXTS if "\ud800" not in text]  # which no log can hold
    turn, said = cycle(texts), []

    def make_hostile(sample):
        quoted, answer = next(turn), next(turn)
        said.extend((quoted, answer))
        sample.store |= {"SplitReply:private": quoted, "SplitReply:public": answer}
        sample.metadata["category"] = MARKUP[0]
        for name in GRADED:
            score = sample.scores[name]
            score.explanation = as_words(next(turn))
            score.metadata = (score.metadata or {}) | {"wants_preserved_quote": quoted[: len(quoted) // 2]}

    runs, [summary] = rewritten(folder, tmp_path_factory.mktemp("hostile"), make_hostile)
    summaries = [summary._replace(model=f'"><script src=//{HOST}/m.js></script>')]
    return to_page(choose(runs, summaries)), texts, said


def test_hostile_texts_add_no_element_and_are_shown(hostile):
    page, texts = Read(hostile[0]), hostile[1]
    assert page.tags["script"] == page.tags["style"] == 1
    assert not {"img", "iframe", "svg", "form", "link", "base", "object"} & set(page.tags)
    assert {name for _, name, _ in page.attributes} <= {
        *("aria-label", "aria-labelledby", "charset", "class", "content", "dir", "href", "http-equiv", "id"),
        *("lang", "name", "open", "role", "tabindex"),
    }
    assert all(link.startswith("#") for link in page.values("href"))
    whole = {shown(text) for text in page.texts["blockquote"]} | {shown(text) for text in page.texts["bdi"]}
    assert {shown(text) for text in texts if text.strip()} <= whole


def test_long_texts_are_folded(hostile):
    page, _, words = hostile
    folded, opened = (page.count(f'<details{state}>\n<summary><span class="part">') for state in ("", " open"))
    long = sum(len(text) > FOLDED for text in words)
    assert page.count('<span class="length">') == folded == long > 1
    assert opened == len(words) - long


SIDES = "return [...document.querySelectorAll('.side')].slice(0, 4).map(side => side.getBoundingClientRect().top)"
EVERY = """for (const each of document.querySelectorAll("details")) each.open = true;
for (const each of document.querySelectorAll("main *")) each.dispatchEvent(new Event("mouseover"));"""


@needs_chromium
def test_in_a_browser_nothing_runs_nothing_loads_and_nothing_scrolls_sideways(hostile, logs, tmp_path):
    pages = [tmp_path / "hostile.html", tmp_path / "pairs.html"]
    for path, page in zip(pages, (hostile[0], to_page(choose(*logs), limit=2)), strict=True):
        path.write_text(page, encoding="utf-8")
    with Browser() as browser:
        for width, page in product((390, 1280), pages):
            browser.size(width, 900)
            browser.open(page)
            browser.run(EVERY)
            assert browser.run("return window.__hacked === undefined && document.documentElement.scrollWidth") == width
            assert [browser.console(), browser.requests(), browser.dialog()] == [[], [], False]
            assert len(set(browser.run(SIDES))) == (4 if width == 390 else 1 if page == pages[1] else 2)
        browser.click("nav a[href='#query-2']")
        assert browser.run("return document.querySelector('#query-2').getBoundingClientRect().top < innerHeight / 2")


def test_the_command_writes_the_page(call, folder, tmp_path):
    path = tmp_path / "new" / "pairs.html"
    done = call("pairs", folder, "--disagree", "--limit", 2, "--redact", "--output", path)
    assert done.exit_code == 0, done.output
    assert str(path) in done.output
    assert path.read_text("utf-8").count("<section") == 2
    refused = call("pairs", folder, "--query", "theft-99")
    assert refused.exit_code == 2
    assert f"no query 'theft-99' among the {PAIRS}" in refused.output
