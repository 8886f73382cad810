"""Names that people typed: of labels, speakers and corpora."""

import unicodedata
from typing import Any

import pandas as pd

from sersk.datasets._finding import Finding

_MOST_NAMED = 5


def clean_name(name: str) -> str:
    """Return a name without what cannot be seen: blanks around it, and how it is coded.

    macOS writes an umlaut in folders as two characters, most others as one.
    """
    return unicodedata.normalize("NFC", name).strip()


def is_text(name: str) -> bool:
    """Return whether a name can be printed and written; those of files need not be."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_title(name: Any, default: str) -> str:
    """Return what a corpus is to be called, or raise unless that is a name."""
    if name is None:
        return default
    if not isinstance(name, str):
        raise TypeError(f"name must be the name of the corpus, a str, got {name!r}.")
    if not name.strip():
        raise ValueError(f"name={name!r} is empty. Leave it out to have {default!r}.")
    return name


def find_variants(frame: pd.DataFrame) -> list[Finding]:
    """Report labels and speakers that are told apart by nothing but their case."""
    findings = []
    for column in ("label", "speaker"):
        if column not in frame:
            continue
        groups: dict[str, list[str]] = {}
        names = {name for name in frame[column] if isinstance(name, str)}
        for name in sorted(names):
            groups.setdefault(name.casefold(), []).append(name)
        alike = [
            " and ".join(map(repr, group)) for group in groups.values() if group[1:]
        ]
        if alike:
            more = ", ..." if len(alike) > _MOST_NAMED else ""
            message = (
                f"Every {column} is taken as it is spelled, but these differ only in "
                f"case: {', '.join(alike[:_MOST_NAMED])}{more}. Spell them alike if "
                "they are one."
            )
            findings.append(Finding("spelling", message))
    return findings
