"""What a loader or a check has to say of a corpus."""

from collections.abc import Iterable
from typing import NamedTuple


class Finding(NamedTuple):
    """Something that is not as published, or not as it should be.

    Parameters
    ----------
    check : str
        What was looked at, in a word or two, such as ``"left out"``.
    message : str
        What was found, as a sentence.
    files : tuple of str
        The files concerned, all of them.
    """

    check: str
    message: str
    files: tuple[str, ...] = ()


def as_findings(problems: Iterable[str | Finding]) -> tuple[Finding, ...]:
    """Take sentences for findings of whoever made the corpus."""
    return tuple(
        problem if isinstance(problem, Finding) else Finding("corpus", problem)
        for problem in problems
    )
