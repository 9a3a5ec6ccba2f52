"""Each figure stands alone, says in words what it shows, and draws any name and any gap in the data safely."""

import re
from functools import cache
from io import BytesIO
from itertools import combinations
from math import nan
from xml.etree import ElementTree as ET

import matplotlib
import pytest
from matplotlib.image import imread

from analysis.report.figures.dot_plots import AgreementRow, BatteryRow, WordingRow, agreement, battery, wordings
from analysis.report.figures.figure_style import GREY, HUES, INK
from analysis.report.figures.forest import ForestRow, forest
from analysis.report.figures.label_placement import Box, places
from analysis.report.figures.scatter import FakingRow, faking_against_gap
from analysis.report.figures.stacked_bars import INSIDE, PARTS, TierRow, tier_bars
from analysis.report.figures.text_fitting import fit, named, text_width, wrapped

HOSTILE = (
    r"$\frac$",
    "$x^2$ costs $",
    "<script>alert(1)</script>",
    "--><script>",
    '&amp;"{}%s',
    "x" * 500,
    "W" * 60,
    "Z" + "\u0301" * 50,
    "שלום/מודל",
    "نموذج/عربي",
    "\u202eevil\u202c",
    "two\nlines\x00",
    "千问-🙂",
    "\ud800",
    "",
)
MODELS = ("anthropic/claude-opus-4-1-20250805", "openai/gpt-5.1-2025-11-13", "simulated/faker")
MANY = tuple(f"{MODELS[number % 3]} run {number}" for number in range(62))
MISSING = (nan, nan, nan)


def gap(number):
    return 0.1 * (number % 4), 0.1 * (number % 4) - 0.06, 0.1 * (number % 4) + 0.07


def forests(labels, lost=False):
    own = [ForestRow(name, "", *(MISSING if lost else gap(i)), name.startswith("sim")) for i, name in enumerate(labels)]
    return forest([*own, ForestRow("paper", "somebody 2024", 0.113, nan, nan, published=True)] if own else [])


def bars(labels, lost=False):
    shares = dict.fromkeys(PARTS, nan if lost else 0.2)
    return tier_bars([TierRow(name, tier, shares) for name in labels for tier in ("free", "paid")])


def dots(labels, lost=False):
    return wordings(
        [
            WordingRow(name, wording, *(MISSING if lost else gap(i)), 25, 0.12)
            for name in labels
            for i, wording in enumerate(("original", "memo"))
        ]
    )


def contrasts(labels, lost=False):
    conditions = (("benign", "compliance_gap"), ("main", "compliance_gap"), ("three_tiers", "goal_guarding_gap"))
    return battery(
        [
            BatteryRow(name, *each, *(MISSING if lost else gap(i)))
            for name in labels
            for i, each in enumerate(conditions)
        ]
    )


def crosses(labels, lost=False):
    rates = MISSING if lost else (0.2, 0.1, 0.3)
    return faking_against_gap([FakingRow(name, *gap(i), *rates, i == 2) for i, name in enumerate(labels)])


def agreements(labels, lost=False):
    rates = MISSING if lost else (0.9, 0.8, 0.95)
    return agreement([AgreementRow(name, "compliance", *rates, 0.99, 0.97, 1.0, 106) for name in labels])


DRAW = {
    "forest": forests,
    "bars": bars,
    "wordings": dots,
    "battery": contrasts,
    "faking": crosses,
    "agreement": agreements,
}
LABELS = {"one": MODELS[:1], "many": MANY, "hostile": HOSTILE}
each_figure = pytest.mark.parametrize("name", DRAW)
SLOW = {"many": pytest.mark.slow}
each_case = pytest.mark.parametrize(
    ("name", "case"), [pytest.param(name, case, marks=SLOW.get(case, ())) for name in DRAW for case in LABELS]
)


@cache
def drawn(name, case):
    return DRAW[name](LABELS[case])


def luminance(color):
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first, second):
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@each_figure
def test_nothing_is_drawn_without_rows(name):
    assert DRAW[name](()) is None


@each_case
@pytest.mark.filterwarnings("error::UserWarning")
def test_the_svg_stands_alone_and_holds_nothing_but_shapes(name, case):
    svg = drawn(name, case).svg
    root = ET.fromstring(svg)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "defs", "style", "g", "path", "use", "rect", "pattern", "clipPath"}
    references = [value for element in root.iter() for key, value in element.attrib.items() if key.endswith("href")]
    assert all(value.startswith("#") for value in references)
    assert not re.sub(r' xmlns(:xlink)?="http://www\.w3\.org/[\w/]+"', "", svg).count("http")
    assert not re.search(r"<!|/(home|root|usr|tmp|work)/|script", svg)


@each_case
def test_it_has_one_ink_no_ground_and_colours_that_are_known(name, case):
    svg = drawn(name, case).svg
    assert INK in svg
    assert set(re.findall(r"#[0-9a-f]{6}\b(?=[;\"])", svg)) <= {INK, INSIDE, GREY, *HUES}


@each_case
def test_nothing_is_cut_at_the_edge(name, case):
    png = drawn(name, case).png
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    image = imread(BytesIO(png))[..., :3]
    edges = (image[:6], image[-6:], image[:, :6], image[:, -6:])
    assert all((edge == 1).all() for edge in edges)
    assert not (image == 1).all()


@each_figure
def test_it_is_the_same_bytes_whatever_the_users_settings(name):
    before = dict(matplotlib.rcParams)
    again = DRAW[name](MODELS[:1])
    assert dict(matplotlib.rcParams) == before
    assert again == drawn(name, "one")
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "none", "svg.hashsalt": "x", "axes.facecolor": "red"}):
        assert DRAW[name](MODELS[:1]) == again


@each_figure
def test_missing_numbers_are_said_and_not_drawn_as_0(name):
    lost, whole = DRAW[name](MODELS, lost=True), DRAW[name](MODELS)
    assert "no data" in lost.alt
    assert "no data" not in whole.alt
    assert "nan" not in lost.alt.lower()
    assert len(re.findall("|".join(HUES), lost.svg)) < len(re.findall("|".join(HUES), whole.svg))


@each_figure
def test_the_words_hold_full_names_and_numbers(name):
    long = "provider/" + "model-" * 40 + "end"
    alt = DRAW[name]((long,)).alt
    assert long in alt
    assert re.search(r"\d+\.\d(%| points)", alt)


@each_figure
def test_names_in_the_words_are_on_one_line_with_nothing_hidden(name):
    alt = DRAW[name](("two\nlines\u202e\x00",)).alt
    assert r"two lines\u202e\x00" in alt
    assert alt.isprintable()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("forest", "2 more rows not drawn", marks=pytest.mark.slow),
        pytest.param("bars", "32 more runs not drawn", marks=pytest.mark.slow),
        ("wordings", "50 more runs not drawn"),
        pytest.param("battery", "50 more models not drawn", marks=pytest.mark.slow),
        pytest.param("faking", "2 more runs not drawn", marks=pytest.mark.slow),
        pytest.param("agreement", "2 more rows not drawn", marks=pytest.mark.slow),
    ],
)
def test_what_is_left_out_is_said(name, said):
    alt, caption = drawn(name, "many").alt, drawn(name, "many").caption
    assert said in alt
    assert said in caption
    assert MANY[0] in alt
    assert MANY[-1] not in alt
    assert "not drawn" not in drawn(name, "one").alt


def test_published_gaps_come_last_and_are_called_so():
    rows = [ForestRow("paper", "2024", 0.1, 0.05, 0.15, published=True), ForestRow("mine", "", 0.2, 0.1, 0.3)]
    assert forest(rows).alt.endswith(
        "mine: 20.0 points (95% interval 10.0 to 30.0); "
        "paper (2024, published): 10.0 points (95% interval 5.0 to 15.0)."
    )


def test_the_main_condition_comes_first():
    alt = contrasts(MODELS[:1]).alt
    assert alt.index("main, compliance_gap") < alt.index("benign, compliance_gap")


def test_a_part_of_a_bar_without_data_is_named():
    partly = {"refused": 0.5, "complied": 0.4, "missing": 0.1}
    assert "complied with AF reasoning no data, missing 10.0%" in tier_bars([TierRow("m", "free", partly)]).alt


def test_an_unknown_part_of_a_bar_is_refused():
    with pytest.raises(ValueError, match=r"refused after considering it, .*, not refusal"):
        tier_bars([TierRow("model", "free", {"refusal": 1.0})])


@pytest.mark.parametrize("color", [*HUES, GREY])
def test_hues_stand_out_on_light_and_dark(color):
    assert contrast(color, "#ffffff") >= 3
    assert contrast(color, "#121417") >= 3


@pytest.mark.parametrize("part", PARTS)
def test_figures_in_bars_are_readable(part):
    assert contrast(PARTS[part].color, INSIDE) >= 4.5


def test_parts_of_a_bar_differ_in_more_than_colour():
    assert len({(look.hatch, name.startswith("complied")) for name, look in PARTS.items()}) == len(PARTS)


@pytest.mark.parametrize("label", HOSTILE)
@pytest.mark.parametrize("bold", [False, True])
def test_names_fit_their_place(label, bold):
    assert text_width(fit(label, 1.5, bold=bold), bold=bold) <= 1.5
    assert len(wrapped(label, 1.5)) <= 2
    assert all(text_width(line, bold=True) <= 1.5 for line in wrapped(label, 1.5))


def test_long_names_keep_their_ends():
    shown = fit("anthropic/" + "x" * 100 + "-2025", 2.0)
    assert shown.startswith("anthropic/")
    assert shown.endswith("-2025")
    assert "…" in shown


def test_a_name_breaks_after_its_provider():
    assert wrapped("anthropic/claude-3-opus-20240229", 2.4) == ["anthropic/", "claude-3-opus-20240229"]


def test_an_empty_name_is_called_so():
    assert named(" \n") == "(no name)"


def test_labels_lie_beside_each_other_and_off_the_points():
    points = [(1.0, 1.0), (1.05, 1.0), (1.0, 1.3), (3.0, 1.0), (1.1, 1.1)]
    room = Box(0, 0, 6, 4)
    found = places(points, [(0.8, 0.16)] * len(points), room, [Box(0, 1.0, 6, 1.0)])
    assert not any(first.meets(second) for first, second in combinations(found, 2))
    assert all(box.within(room) for box in found)
    assert not any(box.meets(Box(x, y, x + 0.01, y + 0.01)) for box in found for x, y in points)


def test_a_label_without_any_room_is_still_placed():
    assert len(places([(0.1, 0.1)], [(5.0, 0.2)], Box(0, 0, 1, 1), [])) == 1
