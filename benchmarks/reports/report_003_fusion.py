"""Report 003: speech and text together on IEMOCAP, and each of them alone."""

import sys
from functools import partial

from sklearn.base import BaseEstimator

from benchmarks.reports._encoders import (
    early_fusion,
    frozen_speech_and_text,
    late_fusion,
    text_003,
    wav2vec2_003,
)
from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import DIALOGUES_SES05F, SESSIONS
from benchmarks.reports._run import main
from benchmarks.reports._systems import image_trunk

_SPEECH = "jonatasgrosman/wav2vec2-large-xlsr-53-english"
_TEXT = "bert-base-uncased"
# As long as the report's vector of speech.
_WIDTH = 512


def _speech(settings: Settings) -> BaseEstimator:
    return wav2vec2_003(
        settings.checkpoint(_SPEECH),
        max_epochs=settings.pick(5, 1),
        hidden_size=_WIDTH,
    )


def _text(settings: Settings) -> BaseEstimator:
    return text_003(settings.checkpoint(_TEXT), max_epochs=settings.pick(4, 1))


def _alexnet_and_text(settings: Settings) -> BaseEstimator:
    alexnet = image_trunk("alexnet", "linear", max_epochs=settings.pick(20, 1))
    return late_fusion([alexnet, _text(settings)])


def _speech_and_text(settings: Settings) -> BaseEstimator:
    return late_fusion([_speech(settings), _text(settings)])


def _frozen(settings: Settings) -> BaseEstimator:
    return late_fusion(_encoders(settings))


def _early(settings: Settings) -> BaseEstimator:
    return early_fusion(_encoders(settings))


def _encoders(settings: Settings) -> list[BaseEstimator]:
    return frozen_speech_and_text(
        settings.checkpoint(_SPEECH), settings.checkpoint(_TEXT)
    )


_experiment = partial(
    Experiment, corpora=("iemocap",), protocols=(DIALOGUES_SES05F, SESSIONS)
)

TABLE = Table(
    "report_003_fusion",
    "Report 003: speech and text",
    (
        _experiment(
            "AlexNet + BERT, trained apart",
            _alexnet_and_text,
            figures=("003-alexnet-bert",),
        ),
        _experiment(
            "wav2vec2 + BERT, fine-tuned apart",
            _speech_and_text,
            figures=("003-wav2vec2-bert",),
        ),
        _experiment("wav2vec2 + BERT, frozen + logistic regression", _frozen),
        _experiment("wav2vec2 + BERT, frozen + a joint hidden layer", _early),
        _experiment("wav2vec2, fine-tuned", _speech),
        _experiment("BERT, fine-tuned", _text),
    ),
    notes=(
        "trained apart: each net is trained on the training clips of the fold, and "
        "logistic regression on 256 (AlexNet) or 512 (wav2vec2) of its numbers beside "
        "768 of BERT's, of the same clips",
        "the classifier learns from vectors of clips that the nets have learned, which "
        "are clearer than those of others; the report did the same",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
