"""Pieces of an HTML page, with everything in them escaped."""

import base64
import re
from collections.abc import Iterable, Mapping
from html import escape
from io import BytesIO
from typing import Any

import pandas as pd

from sersk.utils import import_optional

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
# Neither allowed in a page nor of any use in it; lone surrogates cannot be written.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_STYLE = """
:root { color-scheme: light dark; --line: #d4d4d8; --soft: #f4f4f5; --dim: #52525b;
  --text: #18181b; --page: #fff; --link: #1d4ed8; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3f3f46; --soft: #27272a; --dim: #a1a1aa; --text: #f4f4f5;
    --page: #18181b; --link: #93c5fd; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 74rem; padding: 1rem; color: var(--text);
  background: var(--page); font: 1rem/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0.5rem 0; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 0.5rem; padding-bottom: 0.2rem;
  border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 0.3rem; }
a { color: var(--link); }
nav ul { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; list-style: none;
  padding: 0; margin: 0.8rem 0; }
.scroll { overflow-x: auto; margin: 0.8rem 0; }
table { border-collapse: collapse; font-size: 0.9rem;
  font-variant-numeric: tabular-nums; overflow-wrap: normal; }
caption { caption-side: top; text-align: left; color: var(--dim);
  padding-bottom: 0.3rem; }
th, td { padding: 0.25rem 0.7rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
thead th { background: var(--soft); white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.beside { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1.5rem; }
.beside > * { min-width: 0; }
figure { margin: 0.8rem 0; overflow-x: auto; }
/* Plots are drawn on white. */
img { display: block; max-width: 100%; height: auto; background: #fff;
  border-radius: 4px; }
ul.notes, p.dim { color: var(--dim); font-size: 0.9rem; }
ul.notes { padding-left: 1.2rem; }
summary { cursor: pointer; }
.alarm { border-left: 4px solid #dc2626; padding-left: 0.7rem; }
@media print { details > * { display: block; } body { max-width: none; } }
"""


def text(value: Any) -> str:
    """Return a value as text that is nothing but text in a page."""
    return escape(_CONTROLS.sub("\ufffd", str(value)), quote=True)


def paragraph(value: Any, kind: str = "") -> str:
    """Return a paragraph; kind is a class of the style sheet."""
    return f"<p{_class(kind)}>{text(value)}</p>"


def notes(lines: Iterable[Any]) -> str:
    """Return a list in small print, or nothing."""
    items = "".join(f"<li>{text(line)}</li>" for line in lines)
    return f'<ul class="notes">{items}</ul>' if items else ""


def table(
    frame: pd.DataFrame,
    patterns: Mapping[str, str] | None = None,
    *,
    caption: str = "",
) -> str:
    """Return a table; numbers are written by the patterns of their columns.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table, without its index.
    patterns : mapping of str to str, default=None
        Such as ``{"UA": "{:.3f}"}``; missing values become a dash.
    caption : str, default=""
        What stands above it.
    """
    patterns = patterns or {}
    columns = [_column(frame[name], patterns.get(str(name))) for name in frame]
    numeric = [_class("number") * cells[1] for cells in columns]
    head = "".join(
        f'<th scope="col"{kind}>{text(name)}</th>'
        for name, kind in zip(frame, numeric, strict=True)
    )
    rows = [
        "".join(
            f"<td{kind}>{cell}</td>" for cell, kind in zip(row, numeric, strict=True)
        )
        for row in zip(*(cells[0] for cells in columns), strict=True)
    ]
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    above = f"<caption>{text(caption)}</caption>" if caption else ""
    # A wide table is scrolled on its own, also by keys.
    return (
        f'<div class="scroll" tabindex="0" role="region" '
        f'aria-label="{text(caption or "table")}"><table>{above}'
        f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>"
    )


def folded(title: str, content: str) -> str:
    """Return content that is opened by a click."""
    return f"<details><summary>{text(title)}</summary>{content}</details>"


def beside(*contents: str) -> str:
    """Return contents side by side where there is room for them."""
    return f'<div class="beside">{"".join(contents)}</div>'


def image(figure: Any, alt: str) -> str:
    """Return a figure as a picture in the page itself."""
    matplotlib = import_optional("matplotlib", extra="plot")
    buffer = BytesIO()
    # The same figure gives the same bytes.
    with matplotlib.rc_context({"svg.hashsalt": "sersk", "svg.fonttype": "path"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    width, height = (round(96 * inches) for inches in figure.get_size_inches())
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    # On a phone, a plot is scrolled rather than made too small to read.
    return (
        f'<figure tabindex="0"><img src="data:image/svg+xml;base64,{data}" '
        f'width="{width}" height="{height}" alt="{text(alt)}" '
        f'style="min-width:min({width}px,32rem)"></figure>'
    )


def page(title: str, lead: str, sections: Mapping[str, str]) -> str:
    """Return a whole page with a list of its sections, by their headings."""
    links, parts = [], []
    for number, (heading, content) in enumerate(sections.items(), start=1):
        links.append(f'<li><a href="#part-{number}">{text(heading)}</a></li>')
        parts.append(
            f'<section id="part-{number}"><h2>{text(heading)}</h2>\n{content}</section>'
        )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{text(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<header><h1>{text(title)}</h1>
{lead}
<nav aria-label="Sections"><ul>{"".join(links)}</ul></nav></header>
<main>
{"".join(parts)}
</main>
</body>
</html>
"""


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _column(values: pd.Series, pattern: str | None) -> tuple[list[str], bool]:
    """Return the cells of a column, escaped, and whether they are numbers."""
    is_numeric = pd.api.types.is_numeric_dtype(values) and values.dtype != bool
    write = (pattern or "{}").format
    cells = ["-" if pd.isna(value) else text(write(value)) for value in values]
    return cells, is_numeric or pattern is not None
