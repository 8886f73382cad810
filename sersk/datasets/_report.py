"""What was found in a corpus, as text that somebody reads."""

import html
import os
from collections.abc import Iterator, Sequence

import pandas as pd

_MOST_LINES = 5
_MOST_NAMED = 3


def write_report(
    title: str, folder: str, counts: pd.DataFrame, frame: pd.DataFrame
) -> str:
    """Return the report of a verification."""
    checks = [
        "\n".join(_describe_check(str(check), found, folder))
        for check, found in frame.groupby("check", sort=False)
    ]
    n_found = count_findings(frame)
    last = f"{n_found[0].upper()}{n_found[1:]}."
    return _printable("\n\n".join([title, _describe_counts(counts), *checks, last]))


def write_html(title: str, counts: pd.DataFrame, frame: pd.DataFrame) -> str:
    """Return the classes and the first findings of each check, for a notebook."""
    classes = counts[counts["column"] == "emotion"].drop(columns="column")
    first = frame.groupby("check", sort=False).head(_MOST_LINES)
    tables = [
        table.to_html(border=0, index=False, na_rep="")
        for table in (classes.rename(columns={"value": "emotion"}), first)
        if len(table)
    ]
    heading = f"<p><b>Verification</b> of {html.escape(title)}</p>"
    return _printable("".join([heading, *tables, f"<p>{count_findings(frame)}</p>"]))


def count_findings(frame: pd.DataFrame) -> str:
    """Return how much was found."""
    if frame.empty:
        return "no findings"
    n_checks = frame["check"].nunique()
    return (
        f"{len(frame)} finding{'s' * (len(frame) != 1)} in {n_checks} "
        f"check{'s' * (n_checks != 1)}"
    )


def _describe_counts(counts: pd.DataFrame) -> str:
    """Return a table of the classes, and a line for speakers and for sessions."""
    classes = counts[counts["column"] == "emotion"]
    lines = _align(_class_rows(classes))
    for column, found in counts[counts["column"] != "emotion"].groupby(
        "column", sort=False
    ):
        lines.append(_describe_values(str(column), found))
    return "\n".join(lines)


def _class_rows(classes: pd.DataFrame) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (str(value), str(found), "" if published is pd.NA else str(published))
        for value, found, published in zip(
            classes["value"], classes["found"], classes["published"], strict=True
        )
    ]
    rows.insert(0, ("emotion", "found", "published"))
    return rows if classes["published"].notna().any() else [row[:2] for row in rows]


def _align(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Put names to the left and numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [
                cell.rjust(width)
                for cell, width in zip(row[1:], widths[1:], strict=True)
            ]
        )
        for row in rows
    ]


def _describe_values(column: str, found: pd.DataFrame) -> str:
    """Say of speakers, or sessions, how many clips they have."""
    name = f"{column}{'s' * (len(found) != 1)}"
    if found["published"].notna().any():
        n_right = int((found["found"] == found["published"]).fillna(False).sum())
        return f"{n_right} of {len(found)} {name} as published"
    least, most = int(found["found"].min()), int(found["found"].max())
    numbers = str(least) if least == most else f"{least} to {most}"
    each = " each" if len(found) != 1 else ""
    return f"{len(found)} {name} of {numbers} clip{'s' * (most != 1)}{each}"


def _describe_check(check: str, found: pd.DataFrame, folder: str) -> Iterator[str]:
    """Name the first of what one check found; files of which the same is said, once."""
    yield f"{check} ({len(found)})"
    left = len(found)
    for detail in found["detail"].unique()[:_MOST_LINES]:
        group = found[found["detail"] == detail]
        left -= len(group)
        names = [name for name in _names(group, folder) if name]
        if len(names) > 1:
            yield f"  {detail.removesuffix('.')}: {_name_some(names)}"
        else:
            yield f"  {': '.join([*names, detail])}"
    if left:
        yield f"  and {left} more"


def _names(found: pd.DataFrame, folder: str) -> Iterator[str]:
    """Return what a user would look for: the file, the utterance, or the number."""
    for file, utterance, clip in zip(
        found["file"], found["utterance"], found["clip"], strict=True
    ):
        if not pd.isna(file):
            path = os.path.relpath(file, folder) if folder else file
            is_told = pd.isna(utterance) or str(utterance) in path
            yield path if is_told else f"{path} ({utterance})"
        elif not pd.isna(utterance):
            yield str(utterance)
        else:
            yield "" if pd.isna(clip) else f"clip {clip}"


def _name_some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _printable(text: str) -> str:
    """Write bytes of names that are not UTF-8 as escapes, which can be printed."""
    return text.encode("utf-8", "backslashreplace").decode()
