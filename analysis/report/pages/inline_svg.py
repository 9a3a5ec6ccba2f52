"""A figure's SVG as part of a page: in the page's own ink, on its own ground, with ids of its own."""

import re
from xml.etree import ElementTree as ET

from markupsafe import Markup

from analysis.report.pages.blocks import Figure
from experiment.hidden_characters import visible

PX_PER_PT = 4 / 3
WIDE_PX = 600
COLOURS = {"#1a1a1a": "currentColor", "#000000": "currentColor", "#ffffff": "var(--ground)"}
DROPPED = frozenset({"metadata", "style", "title"})
SHAPES = frozenset(
    {"svg", "g", "defs", "clipPath", "pattern", "use", "image", "text", "tspan"}
    | {"path", "rect", "circle", "line", "polygon", "polyline"}
)
GEOMETRY = frozenset(
    {"viewBox", "width", "height", "x", "y", "dx", "dy", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry"}
    | {"d", "points", "transform", "patternUnits"}
)
PAINT = frozenset(
    {"fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap"}
    | {"stroke-linejoin", "stroke-dasharray", "stroke-dashoffset", "stroke-miterlimit", "opacity", "color"}
    | {"clip-path", "clip-rule", "text-anchor"}
    | {"font-family", "font-size", "font-style", "font-variant", "font-weight", "font-stretch"}
)


def inlined(figure: Figure) -> Markup:
    """Return a figure's SVG as an element of a page that follows light and dark.

    The inks `#1a1a1a` and `#000000` become the page's text colour and white its ground. Styles become attributes, which
    need no leave from the page's policy; metadata is dropped.

    Args:
        figure: A figure whose SVG was written by matplotlib.

    Returns:
        The element `svg`, named by the figure's alternative text; its ids start with the figure's name.

    Raises:
        ValueError: If the SVG holds something that does not draw, or refers to something outside itself.
    """
    root = _kept(ET.fromstring(figure.svg), figure.name)
    width = round(float(root.get("width", "0").removesuffix("pt")) * PX_PER_PT)
    root.attrib.pop("height", None)
    root.attrib |= {"class": "wide" if width > WIDE_PX else "narrow", "width": str(width)}
    root.attrib |= {"role": "img", "aria-label": visible(figure.alt)}
    root.attrib |= {"fill": "currentColor", "stroke-linejoin": "round", "stroke-linecap": "butt"}
    return Markup(ET.tostring(root, encoding="unicode"))


def _kept(element: ET.Element, figure: str) -> ET.Element:
    tag = _local(element.tag)
    if tag not in SHAPES:
        raise ValueError(f"figure {figure!r} holds <{tag}>; a page draws {', '.join(sorted(SHAPES))}")
    kept = ET.Element(tag, _attributes(element, figure))
    if tag in ("text", "tspan"):
        kept.text = visible(element.text or "")
    kept.extend([_kept(child, figure) for child in element if _local(child.tag) not in DROPPED])
    return kept


def _attributes(element: ET.Element, figure: str) -> dict[str, str]:
    found = {_local(name): value for name, value in element.attrib.items()}
    styles = (each.partition(":") for each in found.pop("style", "").split(";"))
    found |= {name.strip(): value.strip() for name, _, value in styles}
    kept = {name: _painted(value, figure) for name, value in found.items() if name in PAINT}
    kept |= {name: value for name, value in found.items() if name in GEOMETRY}
    if "id" in found:
        kept["id"] = _own(found["id"], figure)
    if "href" in found:
        kept["href"] = _target(found["href"], figure)
    return kept


def _painted(value: str, figure: str) -> str:
    if "url(" not in value:
        return COLOURS.get(value.lower(), value)
    inner = re.fullmatch(r"url\(#([\w-]+)\)", value)
    if not inner:
        raise ValueError(f"figure {figure!r} is painted with {value!r}; only parts of itself, url(#id), can be")
    return f"url(#{_own(inner[1], figure)})"


def _target(reference: str, figure: str) -> str:
    if reference.startswith("#"):
        return f"#{_own(reference[1:], figure)}"
    if reference.startswith("data:image/png;base64,"):
        return reference
    raise ValueError(f"figure {figure!r} refers to {reference!r}; only parts of itself and embedded PNGs can be drawn")


def _own(identifier: str, figure: str) -> str:
    return re.sub(r"[^\w-]", "-", f"{figure}-{identifier}")


def _local(name: str) -> str:
    return name.rpartition("}")[2]
