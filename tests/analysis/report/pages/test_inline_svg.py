import re
from xml.etree import ElementTree as ET

import pytest

from analysis.report.pages.blocks import Figure
from analysis.report.pages.inline_svg import inlined
from tests.analysis.report.pages.sample_document import plot


def figure(body, name="forest"):
    head = '<?xml version="1.0"?><!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    svg = f'{head} width="540pt" height="216pt" viewBox="0 0 540 216"><metadata>x</metadata><style>*{{}}</style>{body}</svg>'
    return Figure(name, "title", 'gaps of "two" <models>', "caption", svg, b"")


@pytest.mark.parametrize("font", ["path", "none"])
def test_a_drawing_of_matplotlib_becomes_an_element_in_the_pages_colours(font):
    drawn = inlined(plot("forest", font))
    root = ET.fromstring(drawn)
    assert root.tag == "svg"
    assert (root.get("role"), root.get("width")) == ("img", "720")
    assert root.get("aria-label") == "Gaps of eight models (forest); the largest is 14.2 points."
    assert "height" not in root.attrib
    assert not re.search(r"<\?|<!|<style|style=|metadata|xmlns|xlink|http", drawn)
    assert not re.search("#1a1a1a|#000000|#ffffff", drawn)
    assert "currentColor" in drawn
    assert "var(--ground)" in drawn
    assert "#4477cc" in drawn


def test_parts_that_refer_to_each_other_still_do():
    root = ET.fromstring(inlined(plot("forest")))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    links = [element.get("href")[1:] for element in root.iter() if element.get("href")]
    clips = re.findall(r"url\(#([^)]+)\)", ET.tostring(root, encoding="unicode"))
    assert len(ids) == len(set(ids))
    assert links
    assert clips
    assert {*links, *clips} <= set(ids)


def test_two_drawings_share_no_id():
    one, other = (set(re.findall(r'id="([^"]+)"', inlined(plot(name)))) for name in ("one", "two"))
    assert one
    assert not one & other


def test_alternative_text_is_escaped():
    drawn = inlined(figure('<path d="M 0 0"/>'))
    assert 'aria-label="gaps of &quot;two&quot; &lt;models&gt;"' in drawn


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<script>alert(1)</script>", "holds <script>"),
        ("<foreignObject/>", "holds <foreignObject>"),
        ('<a xlink:href="http://hostile.invalid/"><path/></a>', "holds <a>"),
        ('<use xlink:href="http://hostile.invalid/a.svg#x"/>', "refers to 'http://hostile.invalid/a.svg#x'"),
        ('<image href="data:image/svg+xml,x"/>', "refers to 'data:image/svg"),
        ('<path style="fill: url(http://hostile.invalid/x)"/>', "is painted with 'url(http"),
        ('<path fill="url(#a) url(http://hostile.invalid/x)"/>', "is painted with"),
    ],
)
def test_what_does_not_draw_or_reaches_out_is_refused(body, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        inlined(figure(body))


def test_handlers_and_unknown_attributes_are_left_out():
    drawn = inlined(figure('<path d="M 0 0" onclick="x()" style="fill: red; behavior: x; background-image: y"/>'))
    assert not re.search("onclick|behavior|background", drawn)
    assert 'fill="red"' in drawn
