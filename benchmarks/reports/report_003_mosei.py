"""Report 003: wav2vec 2.0 on CMU-MOSEI, with several labels a clip and with one."""

import sys
from functools import partial

from sklearn.base import BaseEstimator

from benchmarks.reports._encoders import wav2vec2_003
from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import TEST_PARTITION
from benchmarks.reports._run import main
from sersk.estimators import WindowedClassifier
from sersk.model_selection import SpeakerKFold

_MODEL = "jonatasgrosman/wav2vec2-large-xlsr-53-english"


def _make(settings: Settings, threshold: float = 0.5) -> BaseEstimator:
    net = wav2vec2_003(settings.checkpoint(_MODEL), max_epochs=settings.pick(5, 1))
    return WindowedClassifier(net, window=4.0, hop=2.0, threshold=threshold)


_experiment = partial(Experiment, corpora=("mosei",), protocols=(TEST_PARTITION,))

TABLE = Table(
    "report_003_mosei",
    "Report 003: wav2vec 2.0 on CMU-MOSEI",
    (
        *(
            _experiment(
                f"wav2vec2, 6 labels, threshold {threshold}",
                partial(_make, threshold=threshold),
                figures=(f"003-mosei-labels-{threshold}",),
                scheme="mosei-multilabel",
            )
            for threshold in (0.5, 0.3)
        ),
        _experiment(
            "wav2vec2, 6 labels, thresholds tuned on training speakers",
            _make,
            scheme="mosei-multilabel",
            options={"thresholds": "tuned", "inner_cv": SpeakerKFold(2)},
        ),
        _experiment(
            "wav2vec2, 7 classes, windows by clip",
            _make,
            figures=("003-mosei7-windows",),
            scheme="mosei",
        ),
        _experiment(
            "wav2vec2, 4 classes, windows by clip",
            _make,
            figures=("003-mosei4-windows", "003-mosei4"),
            scheme="mosei4",
        ),
    ),
    notes=(
        "a label is there where its score is above 0; the net gives its probability, "
        "and the report's the score, so that a threshold means something else",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
