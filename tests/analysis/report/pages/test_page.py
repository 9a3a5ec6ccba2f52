import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser
from math import inf, isnan, nan

import pytest
from jinja2 import UndefinedError

from analysis.report.pages.blocks import Cell, Document, Section, Table
from analysis.report.pages.page import kinds, order, render, to_html
from experiment.hidden_characters import shortened, visible
from tests.analysis.browser import Browser, needs_chromium
from tests.analysis.hostile import HOST, LARGE, RUN, TEXTS
from tests.analysis.report.pages.sample_document import hostile, plot, quotation, sample

VOID = {"meta", "link", "img", "br", "input", "base", "embed", "source"}


class Read(HTMLParser):
    """What a page is made of: its tags in order, attributes, and the text of each kind of element."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.open, self.texts = Counter(), [], [], {}
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def values(self, name):
        return [value for _, attribute, value in self.attributes if attribute == name]


def shown(text):
    return "".join(visible(shortened(text)).split())


def test_a_page_is_well_formed_and_its_links_lead_somewhere():
    page = Read(to_html(sample()))
    ids = page.values("id")
    assert not page.open
    assert len(ids) == len(set(ids))
    assert {link for link in page.values("href") if not link.startswith("#")} == set()
    assert {link[1:] for link in page.values("href")} <= set(ids)
    assert {name for _, name, _ in page.attributes if name.startswith("on") or name in ("style", "src")} == set()


def test_a_page_shows_every_part_of_the_report():
    document, page = sample(), Read(to_html(sample()))
    assert page.texts["title"] == page.texts["h1"] == [document.title]
    assert page.texts["h2"] == ["Contents", *(section.title for section in document.sections)]
    assert page.tags["table"] == 2
    assert page.tags["svg"] == 6
    assert page.texts["code"] == [each.command for section in document.sections for each in section.quotations]
    assert [shown(text) for text in page.texts["blockquote"]] == [
        shown(each.text) for section in document.sections for each in section.quotations
    ]
    cells = [
        cell.text for section in document.sections for table in section.tables for row in table.rows for cell in row[1:]
    ]
    assert page.texts["td"] == cells
    assert document.banner in page.texts["p"]


def test_what_is_empty_is_not_shown():
    page = Read(to_html(Document("t", "", "", (Section("a", "A"),))))
    assert not {"table", "figure", "svg", "blockquote", "dl", "ul"} & set(page.tags)
    assert not {"banner", "subtitle", "index"} & set(page.values("class"))


def test_the_policy_allows_the_one_style_and_the_one_script_by_their_hashes():
    page = Read(to_html(sample()))
    [policy] = [value for _, name, value in page.attributes if name == "content" and "default-src" in value]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    digests = {tag: b64encode(sha256(page.texts[tag][0].encode()).digest()).decode() for tag in ("style", "script")}
    assert page.tags["style"] == page.tags["script"] == 1
    assert rules == {
        "default-src": "'none'",
        "script-src": f"'sha256-{digests['script']}'",
        "style-src": f"'sha256-{digests['style']}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_hostile_text_adds_no_element_and_is_shown_everywhere(text):
    harmless, page = Read(to_html(hostile(["harmless"]))), Read(to_html(hostile([text])))
    del page.tags["span"], harmless.tags["span"]
    assert page.tags == harmless.tags
    assert {(tag, name) for tag, name, _ in page.attributes} - {("span", "class")} == {
        *((tag, name) for tag, name, _ in harmless.attributes)
    }
    places = ("h1", "h3", "blockquote", "code", "dt", "dd", "figcaption", "li")
    assert {shown(page.texts[tag][-1]) for tag in places} == {shown(text)}
    assert shown(page.texts["td"][0]) == shown(text)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (Cell("12.5"), 12.5),
        (Cell("12.5%"), 12.5),
        (Cell("-3.1 [-9.0, 2.5]"), -3.1),
        (Cell("\u22123.1"), -3.1),
        (Cell("1,204"), 1204),
        (Cell("<.001"), 0.001),
        (Cell("2e-5"), 2e-5),
        (Cell("14.7 / 3.6"), 14.7),
        (Cell("4 (of 10)"), 4),
        (Cell("large", 3.0), 3.0),
        (Cell("-", 2.0), 2.0),
        (Cell("4o-mini"), None),
        (Cell("2026-01-31"), None),
        (Cell("9" * 100_000), None),
        (Cell("1, 2"), None),
    ],
)
def test_a_cell_is_sorted_by_its_number(cell, number):
    assert order(cell) == number


@pytest.mark.parametrize("cell", [Cell("-"), Cell(" "), Cell(""), Cell("\u2013"), Cell("NaN"), Cell("12", nan)])
def test_a_cell_that_says_nothing_has_no_number(cell):
    assert isnan(order(cell))


def test_columns_of_numbers_and_of_long_texts_are_told():
    rows = (("a", "1", "-", "0", "1"), ("b", "-", "-", "0", "w" * 50))
    table = Table("t", tuple("abcde"), tuple(tuple(map(Cell, row)) for row in rows))
    assert kinds(table) == ["", "number", "", "number", "long"]
    assert kinds(table._replace(rows=())) == [""] * 5


@pytest.mark.parametrize(
    "section",
    [
        Section("same", "a", quotations=(quotation(1)._replace(anchor="same"),)),
        Section("contents", "a"),
        Section("a b", "a", quotations=(quotation(1)._replace(anchor="a-b"),)),
        Section("figure-forest", "a", figures=(plot("forest"),)),
    ],
)
def test_anchors_must_differ(section):
    with pytest.raises(ValueError, match=r"anchors must differ.*: (same|contents|a-b|figure-forest)$"):
        to_html(Document("t", "", "", (section,)))


def test_a_template_that_prints_what_it_was_not_given_fails():
    with pytest.raises(UndefinedError, match="'document' is undefined"):
        render("report.html")


@pytest.fixture(scope="module")
def browser():
    with Browser() as opened:
        yield opened


@pytest.fixture
def opened(browser, tmp_path):
    """Return what opens a page in the browser."""

    def show(page, width=1280):
        (tmp_path / "index.html").write_text(page, encoding="utf-8")
        browser.size(width, 900)
        browser.media()
        browser.open(tmp_path / "index.html")
        return browser

    return show


def column(browser, table, place):
    script = "return [...document.querySelectorAll(arguments[0])].map(cell => cell.textContent)"
    return browser.run(script, f"#text figure.table:nth-of-type({table}) tbody tr > :nth-child({place})")


def quiet(browser):
    return not browser.console() and not browser.requests() and not browser.dialog()


RAGGED = Table(
    "ragged",
    ("name", "value", "mixed"),
    tuple(
        (Cell(name), Cell(text, value), Cell(mixed))
        for name, text, value, mixed in (
            ("model-10", "b", 2.0, "x"),
            ("model-9", "a", nan, "10"),
            ("Model-9", "d", -1.0, "-"),
            ("other", "c", inf, "9.5"),
        )
    ),
)


@needs_chromium
@pytest.mark.parametrize(
    ("place", "rising", "falling"),
    [
        (1, ["model-9", "Model-9", "model-10", "other"], ["other", "model-10", "Model-9", "model-9"]),
        (2, ["d", "b", "c", "a"], ["c", "b", "d", "a"]),
        (3, ["9.5", "10", "x", "-"], ["10", "9.5", "x", "-"]),
    ],
)
def test_a_click_sorts_up_and_down_and_what_is_missing_comes_last(opened, place, rising, falling):
    browser = opened(to_html(Document("t", "", "", (Section("a", "A", tables=(RAGGED,)),))))
    head = f"thead th:nth-child({place})"
    sorts = "return [...document.querySelectorAll('th')].map(head => head.ariaSort).filter(Boolean)"
    for direction, names in (("ascending", rising), ("descending", falling), ("ascending", rising)):
        browser.click(f"{head} button")
        assert column(browser, 1, place) == names
        assert browser.run(sorts) == [direction]
    assert quiet(browser)


@needs_chromium
@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_keys_sort_a_table(opened, key):
    browser = opened(to_html(Document("t", "", "", (Section("a", "A", tables=(RAGGED,)),))))
    browser.press("thead th:nth-child(2) button", key)
    assert column(browser, 1, 2) == ["d", "b", "c", "a"]
    assert browser.run("return document.activeElement.textContent") == "value"


@needs_chromium
def test_a_link_leads_to_its_quotation(opened):
    browser = opened(to_html(sample()))
    in_view = "const box = document.querySelector('#quote-7').getBoundingClientRect(); return box.top >= 0 && box.top < innerHeight / 2"
    assert not browser.run(in_view)
    browser.click(".index a[href='#quote-7']")
    assert browser.run("return location.hash") == "#quote-7"
    assert browser.run(in_view)
    browser.click("nav a[href='#results']")
    assert browser.run("return document.querySelector('#results').getBoundingClientRect().top < innerHeight / 2")
    assert quiet(browser)


@needs_chromium
@pytest.mark.parametrize("width", [390, 800, 1280])
@pytest.mark.parametrize("texts", [None, pytest.param(TEXTS, marks=pytest.mark.slow)], ids=["sample", "hostile"])
def test_no_page_scrolls_sideways(opened, width, texts):
    browser = opened(to_html(hostile(texts) if texts else sample()), width)
    assert browser.run("return [innerWidth, document.documentElement.scrollWidth]") == [width, width]


@needs_chromium
def test_on_a_phone_letters_are_large_enough_and_wide_tables_scroll_in_their_box(opened):
    browser = opened(to_html(sample()), 390)
    sizes = "return [...document.querySelectorAll('h1, p, li, td, th, dt, dd, code')].map(e => parseFloat(getComputedStyle(e).fontSize))"
    assert min(browser.run(sizes)) >= 13
    boxes = "return [...document.querySelectorAll('.box')].map(box => box.scrollWidth > box.clientWidth)"
    assert browser.run(boxes)[1:] == [True] * 7


@needs_chromium
def test_a_page_follows_dark_and_prints_black_on_white(opened):
    browser = opened(to_html(sample()))
    colours = """const style = (css) => getComputedStyle(document.querySelector(css));
        return [style("body").color, style("body").backgroundColor, style(".drawing text").fill]"""
    light = browser.run(colours)
    browser.media("dark")
    dark = browser.run(colours)
    browser.media("dark", "print")
    assert light == ["rgb(26, 26, 26)", "rgb(253, 253, 251)", "rgb(26, 26, 26)"]
    assert dark == ["rgb(231, 230, 226)", "rgb(22, 24, 27)", "rgb(231, 230, 226)"]
    assert browser.run(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    assert browser.run("return getComputedStyle(document.querySelector('nav')).position") == "static"
    assert browser.run(
        "return [...document.querySelectorAll('.box, .words')].every(e => getComputedStyle(e).overflowY === 'visible')"
    )


@needs_chromium
def test_without_scripts_everything_is_there(opened):
    page = to_html(sample())
    browser = opened(re.sub("<script>.*</script>", "", page, flags=re.DOTALL))
    assert browser.run("return document.querySelectorAll('button').length") == 0
    assert len(column(browser, 1, 1)) == 37
    assert quiet(browser)


@needs_chromium
def test_hostile_texts_run_nothing_and_load_nothing(opened):
    browser = opened(to_html(hostile(TEXTS)))
    browser.click("thead th:nth-child(1) button")
    browser.run(
        "for (const e of document.querySelectorAll('main *')) { e.dispatchEvent(new Event('mouseover')); e.focus?.(); }"
    )
    assert browser.run("return window.__hacked === undefined")
    assert browser.run("return document.querySelectorAll('img, iframe, a:not([href^=\"#\"]), script').length") == 1
    texts = browser.run("return [...document.querySelectorAll('.words')].map(words => words.textContent)")
    assert texts == [visible(shortened(text)) for text in TEXTS]
    assert quiet(browser)


ESCAPED = (
    f'<script>{RUN}</script><img src=x onerror="{RUN}"><img src=http://{HOST}/a.gif><style>body {{color: red}}</style>'
)


@needs_chromium
def test_what_escaped_all_the_same_would_be_stopped_by_the_policy(opened):
    page = to_html(sample()).replace("<main", f"{ESCAPED}<main", 1)
    browser = opened(page)
    assert (
        browser.run("return window.__hacked === undefined && getComputedStyle(document.body).color")
        == "rgb(26, 26, 26)"
    )
    assert len([line for line in browser.console() if "Content Security Policy" in line]) >= 4
    assert not browser.requests(stopped=False)


@needs_chromium
def test_the_tests_would_see_what_runs(opened):
    browser = opened(f"<!doctype html><title>bare</title>{ESCAPED}")
    assert browser.run("return window.__hacked") == 1
    assert f"http://{HOST}/a.gif" in browser.requests()
    assert browser.console()
    browser.run("setTimeout(() => alert(1))")
    assert browser.dialog()
    browser.accept()


def test_the_corpus_has_its_large_texts():
    assert max(map(len, LARGE)) >= 100_000
