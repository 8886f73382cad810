"""Report 003: one-dimensional convolutions on MFCCs of RAVDESS, and on their means."""

import sys
from functools import partial

from sklearn.base import BaseEstimator

from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import SIX_FOLDS
from benchmarks.reports._run import main
from benchmarks.reports._schemes import RAVDESS_WITHOUT_CALM
from benchmarks.reports._systems import cnn1d

_INPUTS = {
    "sequence": (None, "40 MFCCs"),
    "time": ("mean_over_time", "13 MFCCs, mean over time"),
    "frequency": ("mean_over_frequency", "13 MFCCs, mean over frequency"),
}


def _make(settings: Settings, n_layers: int, summary: str | None) -> BaseEstimator:
    return cnn1d(n_layers, summary, max_epochs=settings.pick(50, 1))


TABLE = Table(
    "report_003_cnn1d",
    "Report 003: 1D CNN on RAVDESS",
    tuple(
        Experiment(
            f"1D CNN, {n_layers} layers, {told}",
            partial(_make, n_layers=n_layers, summary=summary),
            ("ravdess",),
            (SIX_FOLDS,),
            figures=(f"003-cnn1d-{key}-{n_layers}",),
            scheme=RAVDESS_WITHOUT_CALM,
        )
        for key, (summary, told) in _INPUTS.items()
        for n_layers in (3, 5, 8)
    ),
    notes=(
        "which of the two means the report calls one over time is not known",
        "its test set, with each clip twice, is not rebuilt: here are six sets of four "
        "actors",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
