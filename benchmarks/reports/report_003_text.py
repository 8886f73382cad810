"""Report 003: BERT and RoBERTa on transcripts."""

import sys
from functools import partial

from sklearn.base import BaseEstimator

from benchmarks.reports._encoders import text_003
from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import (
    DIALOGUES_SES05F,
    SESSIONS,
    TEST_OF_MOSEI,
    TEST_PARTITION,
)
from benchmarks.reports._run import main

_BERT, _ROBERTA = "bert-base-uncased", "roberta-base"
_MIXED = ("mosei", "iemocap")


def _make(settings: Settings, model: str) -> BaseEstimator:
    return text_003(settings.checkpoint(model))


_bert = partial(
    Experiment, "BERT, frozen + logistic regression", partial(_make, model=_BERT)
)
_roberta = partial(
    Experiment, "RoBERTa, frozen + logistic regression", partial(_make, model=_ROBERTA)
)

TABLE = Table(
    "report_003_text",
    "Report 003: BERT and RoBERTa",
    (
        _bert(
            ("iemocap",),
            (DIALOGUES_SES05F, SESSIONS),
            figures=("003-iemocap4-bert",),
        ),
        _bert(
            ("iemocap",),
            (DIALOGUES_SES05F, SESSIONS),
            figures=("003-iemocap3-bert",),
            scheme="iemocap3",
        ),
        _bert(
            ("mosei",),
            (TEST_PARTITION,),
            figures=("003-mosei4-bert",),
            scheme="mosei4",
        ),
        _bert(
            _MIXED,
            (TEST_OF_MOSEI,),
            figures=("003-mixed4-bert",),
            scheme="four-merge",
        ),
        _roberta(
            ("mosei",),
            (TEST_PARTITION,),
            figures=("003-mosei4-roberta",),
            scheme="mosei4",
        ),
        _roberta(
            _MIXED,
            (TEST_OF_MOSEI,),
            figures=("003-mixed4-roberta",),
            scheme="four-merge",
        ),
    ),
    notes=(
        "SMILE is left out: 89 of its tweets are angry or sad, and clips of files and "
        "of texts alone do not lie in one corpus",
        "the report fine-tunes its encoders, of which only the first token is taken "
        "here, as it is",
        "IEMOCAP's actors read the same scripts in all sessions, so that text of test "
        "clips is in training by design",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
