"""Report 001: logistic regression on 8 scalars, and on what it should have had."""

import sys

from sklearn.base import BaseEstimator

from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import FIVE_FOLDS, RANDOM
from benchmarks.reports._run import main
from benchmarks.reports._systems import linear, linear_001

_CORPORA = ("ravdess", "savee", "crema-d")


def _eight_scalars(settings: Settings) -> BaseEstimator:
    return linear_001()


def _each_coefficient(settings: Settings) -> BaseEstimator:
    return linear()


TABLE = Table(
    "report_001_logistic_regression",
    "Report 001: logistic regression",
    (
        Experiment(
            "8 scalars + logistic regression",
            _eight_scalars,
            _CORPORA,
            (RANDOM, FIVE_FOLDS),
            figures=("001-lr",),
            scheme="six-merge",
        ),
        Experiment(
            "mean and std of 142 coefficients + logistic regression",
            _each_coefficient,
            _CORPORA,
            (RANDOM, FIVE_FOLDS),
            scheme="six-merge",
        ),
    ),
    notes=(
        "the report has 79 files of CREMA-D twice; here each recording is there once",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
