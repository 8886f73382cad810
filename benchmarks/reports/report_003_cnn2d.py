"""Report 003: two-dimensional convolutions on MFCCs of RAVDESS."""

import sys
from functools import partial

from sklearn.base import BaseEstimator

from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import SIX_FOLDS
from benchmarks.reports._run import main
from benchmarks.reports._schemes import RAVDESS_WITHOUT_CALM
from benchmarks.reports._systems import cnn2d


def _make(settings: Settings, n_layers: int) -> BaseEstimator:
    return cnn2d(n_layers, max_epochs=settings.pick(50, 1))


TABLE = Table(
    "report_003_cnn2d",
    "Report 003: 2D CNN on RAVDESS",
    tuple(
        Experiment(
            f"2D CNN, {n_layers} layers",
            partial(_make, n_layers=n_layers),
            ("ravdess",),
            (SIX_FOLDS,),
            figures=figures,
            scheme=RAVDESS_WITHOUT_CALM,
        )
        for n_layers, figures in (
            (2, tuple(f"003-cnn2d-set{number}" for number in range(1, 7))),
            (6, ()),
        )
    ),
    notes=(
        "the report prints the same numbers for 2 and for 6 layers",
        "its test sets, with each clip twice, are not rebuilt: here are six sets of "
        "four actors",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
