"""Report 001: five blocks of convolution on mel spectrograms."""

import sys

from sklearn.base import BaseEstimator

from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import FIVE_FOLDS, RANDOM
from benchmarks.reports._run import main
from benchmarks.reports._systems import mel_cnn


def _make(settings: Settings) -> BaseEstimator:
    return mel_cnn(max_epochs=settings.pick(20, 1))


TABLE = Table(
    "report_001_mel_cnn",
    "Report 001: mel CNN",
    (
        Experiment(
            "mel CNN, 20 epochs",
            _make,
            ("ravdess", "savee", "crema-d"),
            (RANDOM, FIVE_FOLDS),
            figures=("001-cnn",),
            scheme="six-merge",
        ),
    ),
    notes=(
        "the published figure is that of the best of 20 epochs on the test clips; here "
        "the last epoch is scored, whatever it is",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
