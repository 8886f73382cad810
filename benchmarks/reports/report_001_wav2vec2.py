"""Report 001: wav2vec 2.0 fine-tuned, on one second and on three."""

import sys
from functools import partial

from sklearn.base import BaseEstimator

from benchmarks.reports._encoders import wav2vec2_001
from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import FIVE_FOLDS, RANDOM
from benchmarks.reports._run import main

_MODEL = "facebook/wav2vec2-base"
_CORPORA = ("ravdess", "savee", "crema-d")


def _make(settings: Settings, duration: float) -> BaseEstimator:
    epochs = settings.pick(10, 1)
    return wav2vec2_001(settings.checkpoint(_MODEL), duration, max_epochs=epochs)


TABLE = Table(
    "report_001_wav2vec2",
    "Report 001: wav2vec 2.0",
    (
        Experiment(
            "wav2vec2-base, fine-tuned, first second",
            partial(_make, duration=1.0),
            _CORPORA,
            (RANDOM, FIVE_FOLDS),
            figures=("001-wav2vec2",),
            scheme="six-merge",
        ),
        Experiment(
            "wav2vec2-base, fine-tuned, 3 s",
            partial(_make, duration=3.0),
            _CORPORA,
            (RANDOM, FIVE_FOLDS),
            scheme="six-merge",
        ),
    ),
    notes=(
        "the published figure is that of the best of 10 epochs on the test clips; here "
        "the last epoch is scored, whatever it is",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
