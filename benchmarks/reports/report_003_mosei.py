"""Report 003: wav2vec 2.0 on CMU-MOSEI, with several labels a clip and with one."""

import sys
from functools import partial

from sklearn.base import BaseEstimator

from benchmarks.reports._encoders import degrees_003, wav2vec2_003
from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import TEST_PARTITION
from benchmarks.reports._run import main
from benchmarks.reports._schemes import MOSEI_DEGREES
from sersk.estimators import WindowedClassifier
from sersk.model_selection import SpeakerKFold

_MODEL = "jonatasgrosman/wav2vec2-large-xlsr-53-english"
_THRESHOLDS = (0.5, 0.3)


def _make(settings: Settings) -> BaseEstimator:
    net = wav2vec2_003(settings.checkpoint(_MODEL), max_epochs=settings.pick(5, 1))
    return WindowedClassifier(net, window=4.0, hop=2.0)


def _make_degrees(settings: Settings) -> BaseEstimator:
    return degrees_003(settings.checkpoint(_MODEL), max_epochs=settings.pick(5, 1))


_experiment = partial(Experiment, corpora=("mosei",), protocols=(TEST_PARTITION,))

TABLE = Table(
    "report_003_mosei",
    "Report 003: wav2vec 2.0 on CMU-MOSEI",
    (
        _experiment(
            "wav2vec2, degrees of 6 labels",
            _make_degrees,
            figures=tuple(f"003-mosei-labels-{threshold}" for threshold in _THRESHOLDS),
            scheme=MOSEI_DEGREES,
            thresholds=_THRESHOLDS,
        ),
        _experiment(
            "wav2vec2, 6 labels there or not, thresholds tuned on training speakers",
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
        "degrees: from 0 to 3, learned by their squared error; a label counts where "
        "what is predicted of it is at least the threshold, and is true where its "
        "degree is above 0, which the report does not say",
        "both thresholds are laid on the same predictions, so that recall cannot fall "
        "as they do",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
