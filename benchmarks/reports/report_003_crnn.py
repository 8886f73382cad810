"""Report 003: CNN + LSTM on IEMOCAP, without and with attention."""

import sys
from functools import partial

from sklearn.base import BaseEstimator

from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import SESSIONS
from benchmarks.reports._run import main
from benchmarks.reports._systems import crnn


def _make(settings: Settings, attention: str | None) -> BaseEstimator:
    return crnn(
        attention,
        max_epochs=settings.pick(50, 1),
        n_channels=settings.pick(256, 16),
        hidden_size=settings.pick(128, 8),
    )


TABLE = Table(
    "report_003_crnn",
    "Report 003: CNN + LSTM on IEMOCAP",
    (
        Experiment(
            "CNN + LSTM",
            partial(_make, attention=None),
            ("iemocap",),
            (SESSIONS,),
            figures=("003-crnn",),
        ),
        Experiment(
            "CNN + LSTM + attention",
            partial(_make, attention="additive"),
            ("iemocap",),
            (SESSIONS,),
            figures=("003-crnn-attention",),
        ),
    ),
    notes=("the report has headings for both and prints no figure",),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
