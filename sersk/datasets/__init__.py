"""Corpora: clips with labels and speakers, from disk or synthetic.

==========================  ==================================================
`Corpus`                    clips, labels and a table of what is known of them
`LabelScheme`               names and order of the classes, and what they merge
`MultiLabelScheme`          several classes for one clip
`AttributeScheme`           continuous attributes
`get_scheme`                a scheme that is built in
`scheme_names`              names of the schemes that are built in
`load_emodb`                Berlin database of emotional speech
`load_ravdess`              speech of RAVDESS
`fetch_emodb`, ...          downloads of corpora with open terms
`list_corpora`              every corpus that has a loader, and how to get it
`make_emotional_speech`     synthetic speech whose truth is known
==========================  ==================================================
"""

from sersk.datasets._catalogue import list_corpora
from sersk.datasets._corpus import Corpus
from sersk.datasets._emodb import load_emodb
from sersk.datasets._fetch import fetch_emodb, fetch_ravdess, fetch_smile
from sersk.datasets._ravdess import load_ravdess
from sersk.datasets._scheme import LabelScheme
from sersk.datasets._schemes import get_scheme, scheme_names
from sersk.datasets._synthetic import make_emotional_speech
from sersk.datasets._targets import AttributeScheme, MultiLabelScheme

__all__ = [
    "AttributeScheme",
    "Corpus",
    "LabelScheme",
    "MultiLabelScheme",
    "fetch_emodb",
    "fetch_ravdess",
    "fetch_smile",
    "get_scheme",
    "list_corpora",
    "load_emodb",
    "load_ravdess",
    "make_emotional_speech",
    "scheme_names",
]
