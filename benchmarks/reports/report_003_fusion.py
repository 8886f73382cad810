"""Report 003: speech and text together on IEMOCAP, and each of them alone."""

import sys
from functools import partial

from sklearn.base import BaseEstimator

from benchmarks.reports._encoders import (
    alexnet_and_text,
    speech_alone,
    speech_and_text,
    text_003,
)
from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import DIALOGUES_SES05F, SESSIONS
from benchmarks.reports._run import main

_SPEECH = "jonatasgrosman/wav2vec2-large-xlsr-53-english"
_TEXT = "bert-base-uncased"


def _alexnet_and_text(settings: Settings) -> BaseEstimator:
    return alexnet_and_text(
        settings.checkpoint(_TEXT),
        n_folds=settings.pick(5, 2),
        max_epochs=settings.pick(20, 1),
    )


def _speech_and_text(settings: Settings) -> BaseEstimator:
    return speech_and_text(settings.checkpoint(_SPEECH), settings.checkpoint(_TEXT))


def _speech(settings: Settings) -> BaseEstimator:
    return speech_alone(settings.checkpoint(_SPEECH))


def _text(settings: Settings) -> BaseEstimator:
    return text_003(settings.checkpoint(_TEXT))


_experiment = partial(
    Experiment, corpora=("iemocap",), protocols=(DIALOGUES_SES05F, SESSIONS)
)

TABLE = Table(
    "report_003_fusion",
    "Report 003: speech and text",
    (
        _experiment(
            "AlexNet and BERT, stacked",
            _alexnet_and_text,
            figures=("003-alexnet-bert",),
        ),
        _experiment(
            "wav2vec2 + BERT, frozen + logistic regression",
            _speech_and_text,
            figures=("003-wav2vec2-bert",),
        ),
        _experiment("wav2vec2, frozen + logistic regression", _speech),
        _experiment("BERT, frozen + logistic regression", _text),
    ),
    notes=(
        "the encoders are as they were published, not trained on IEMOCAP before they "
        "are joined; of AlexNet, what it answers is joined, and not its vector",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
