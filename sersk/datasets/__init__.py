"""Corpora: clips with labels and speakers, from disk or synthetic.

==========================  ==================================================
`Corpus`                    clips, labels and a table of what is known of them
`concatenate_corpora`       several corpora in one
`LabelScheme`               names and order of the classes, and what they merge
`MultiLabelScheme`          several classes for one clip
`AttributeScheme`           continuous attributes
`get_scheme`                a scheme that is built in
`scheme_names`              names of the schemes that are built in
`list_corpora`              every corpus that has a loader, and how to get it
`load_emodb`, ...           a published corpus, in its original layout
`load_table`                a table of your own
`load_folder`               folders named by label and speaker
`fetch_emodb`, ...          downloads of corpora with open terms
`make_emotional_speech`     synthetic speech whose truth is known
`verify_corpus`             what is odd about a copy
`rater_agreement`           how far raters agree
==========================  ==================================================
"""

from sersk.datasets._aesdd import load_aesdd
from sersk.datasets._afew import load_afew
from sersk.datasets._catalogue import list_corpora
from sersk.datasets._concatenate import concatenate_corpora
from sersk.datasets._corpus import Corpus
from sersk.datasets._crema_d import load_crema_d
from sersk.datasets._emodb import load_emodb
from sersk.datasets._enterface import load_enterface
from sersk.datasets._fetch import fetch_emodb, fetch_ravdess, fetch_smile
from sersk.datasets._folder import load_folder
from sersk.datasets._iemocap import load_iemocap
from sersk.datasets._mosei import load_mosei
from sersk.datasets._msp_podcast import load_msp_podcast
from sersk.datasets._odyssey import write_odyssey_submission
from sersk.datasets._ravdess import load_ravdess
from sersk.datasets._savee import load_savee
from sersk.datasets._scheme import LabelScheme
from sersk.datasets._schemes import get_scheme, scheme_names
from sersk.datasets._smile import load_smile
from sersk.datasets._synthetic import make_emotional_speech
from sersk.datasets._table import load_table
from sersk.datasets._targets import AttributeScheme, MultiLabelScheme
from sersk.datasets._tess import load_tess
from sersk.datasets._verify import Verification, verify_corpus
from sersk.datasets._votes import rater_agreement

__all__ = [
    "AttributeScheme",
    "Corpus",
    "LabelScheme",
    "MultiLabelScheme",
    "Verification",
    "concatenate_corpora",
    "fetch_emodb",
    "fetch_ravdess",
    "fetch_smile",
    "get_scheme",
    "list_corpora",
    "load_aesdd",
    "load_afew",
    "load_crema_d",
    "load_emodb",
    "load_enterface",
    "load_folder",
    "load_iemocap",
    "load_mosei",
    "load_msp_podcast",
    "load_ravdess",
    "load_savee",
    "load_smile",
    "load_table",
    "load_tess",
    "make_emotional_speech",
    "rater_agreement",
    "scheme_names",
    "verify_corpus",
    "write_odyssey_submission",
]
