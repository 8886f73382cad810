import base64
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from sersk.plotting._html import beside, folded, image, notes, page, paragraph, table

figures = pytest.importorskip("matplotlib.figure")

NASTY = """<script>alert("1")</script> & '</table>"""
ESCAPED = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#x27;&lt;/table&gt;"
# They have no end tag.
_VOID = {"meta", "img"}


class _Balance(HTMLParser):
    """Collect the tags, and check that each that is opened is closed."""

    def __init__(self, source):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def _cells(source):
    return re.findall(r"<td[^>]*>(.*?)</td>", source)


def test_numbers_are_written_by_their_pattern():
    frame = pd.DataFrame({"name": ["a", "b"], "UA": [0.51249, np.nan], "n": [1, 2]})
    source = table(frame, {"UA": "{:.3f}"}, caption="Scores")
    assert _cells(source) == ["a", "0.512", "1", "b", "-", "2"]
    assert "<caption>Scores</caption>" in source
    assert re.findall(r"<th [^>]*>(.*?)</th>", source) == ["name", "UA", "n"]
    assert source.count('class="number"') == 6


def test_missing_values_are_dashes():
    frame = pd.DataFrame({"a": [None, "x"], "b": pd.array([1, None], dtype="Int64")})
    assert _cells(table(frame)) == ["-", "1", "x", "-"]


def test_everything_is_escaped():
    frame = pd.DataFrame({NASTY: [NASTY]})
    parts = [
        table(frame, caption=NASTY),
        paragraph(NASTY),
        notes([NASTY]),
        folded(NASTY, ""),
        page(NASTY, "", {NASTY: ""}),
        image(figures.Figure(figsize=(1, 1)), NASTY),
    ]
    for part in parts:
        assert ESCAPED in part
        assert "<script" not in part
        _Balance(part)


def test_what_no_page_may_hold_is_replaced():
    assert paragraph("a\x00b\x1b\ud800c\td") == "<p>a\ufffdb\ufffd\ufffdc\td</p>"
    paragraph("ü ± 猫 😀").encode("utf-8")


def test_an_empty_list_of_notes_is_nothing():
    assert notes([]) == ""


def test_an_empty_table_has_a_head():
    source = table(pd.DataFrame({"a": [], "b": []}))
    assert source.count("<th ") == 2
    assert _cells(source) == []
    _Balance(source)


def test_a_picture_is_in_the_page():
    figure = figures.Figure(figsize=(2, 1))
    figure.subplots().plot([0, 1])
    source = image(figure, "a line")
    ((_, attributes),) = [tag for tag in _Balance(source).seen if tag[0] == "img"]
    assert (attributes["width"], attributes["height"]) == ("192", "96")
    assert attributes["alt"] == "a line"
    kind, _, data = attributes["src"].partition(",")
    assert kind == "data:image/svg+xml;base64"
    root = ET.fromstring(base64.b64decode(data))
    assert root.tag.endswith("svg")
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))


def test_the_same_figure_gives_the_same_bytes():
    def draw():
        figure = figures.Figure()
        figure.subplots().scatter([0, 1], [0, 1], clip_on=True)
        return image(figure, "")

    assert draw() == draw()


def test_a_page_lists_its_sections():
    seen = _Balance(
        page("Title", "", {"One": paragraph(1), "Two": beside("", "")})
    ).seen
    links = [attrs["href"] for tag, attrs in seen if tag == "a"]
    sections = ["#" + attrs["id"] for tag, attrs in seen if tag == "section"]
    assert links == sections == ["#part-1", "#part-2"]


def test_a_page_lets_nothing_be_loaded():
    source = page("Title", "", {})
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', source)
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    # The policy stands before all that it is about.
    assert source.index("Content-Security-Policy") < source.index("<style")
    assert source.startswith("<!DOCTYPE html>")
    assert not re.search(r"https?:|//|url\(|@import", source)
