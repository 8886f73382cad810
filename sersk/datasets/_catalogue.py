"""Every corpus that has a loader: where it comes from, and under which terms."""

import pandas as pd

from sersk.datasets._aesdd import AESDD
from sersk.datasets._afew import AFEW
from sersk.datasets._crema_d import CREMA_D
from sersk.datasets._emodb import EMODB
from sersk.datasets._enterface import ENTERFACE
from sersk.datasets._iemocap import IEMOCAP
from sersk.datasets._loading import CorpusFormat
from sersk.datasets._mosei import MOSEI
from sersk.datasets._msp_podcast import MSP_PODCAST
from sersk.datasets._ravdess import RAVDESS
from sersk.datasets._savee import SAVEE
from sersk.datasets._smile import SMILE
from sersk.datasets._tess import TESS

FORMATS: tuple[CorpusFormat, ...] = (
    EMODB,
    RAVDESS,
    TESS,
    SAVEE,
    CREMA_D,
    IEMOCAP,
    MSP_PODCAST,
    MOSEI,
    ENTERFACE,
    AFEW,
    AESDD,
    SMILE,
)


def list_corpora() -> pd.DataFrame:
    """Return one row for each corpus that has a loader of its own.

    Returns
    -------
    corpora : pandas.DataFrame
        Columns ``name``, ``title``, ``clips`` (in all, as published; missing where
        releases differ), ``language``, ``licence``, ``access`` (how to get it),
        ``schemes`` (names, the default first) and ``layout`` (what the root holds).

    See Also
    --------
    scheme_names : The label schemes that are built in.

    Examples
    --------
    >>> from sersk.datasets import list_corpora
    >>> print(list_corpora().set_index("name").loc["emodb", "clips"])
    535
    """
    rows = [
        {
            "name": layout.name,
            "title": layout.title,
            "clips": layout.largest,
            "language": layout.language,
            "licence": layout.licence,
            "access": layout.access,
            "schemes": ", ".join(layout.schemes),
            "layout": layout.layout,
        }
        for layout in FORMATS
    ]
    return pd.DataFrame(rows).astype({"clips": "Int64"})


def known_size(name: str) -> int | None:
    """Return how many clips a corpus has in all; None if nobody knows."""
    for layout in FORMATS:
        if layout.name == name:
            return layout.largest
    return None
