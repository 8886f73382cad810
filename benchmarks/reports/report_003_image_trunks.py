"""Report 003: nets made for images, on mel spectrograms of four corpora."""

import sys
from functools import partial

from sklearn.base import BaseEstimator

from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import (
    RANDOM,
    SESSION_5,
    SESSIONS,
    SIX_FOLDS,
    SPEAKERS,
    TEN_FOLDS,
)
from benchmarks.reports._run import main
from benchmarks.reports._systems import image_trunk
from sersk.estimators import WindowedClassifier


def _make(
    settings: Settings,
    trunk: str,
    head: str = "pooled",
    window: float | None = None,
    early_stopping: bool = True,
) -> BaseEstimator:
    system = image_trunk(
        trunk,
        head,
        max_epochs=settings.pick(20, 1),
        # A speaker is held out to stop by, where there is more than one to train on.
        early_stopping=early_stopping,
    )
    return system if window is None else WindowedClassifier(system, window, 0.25)


_CREMA_D, _IEMOCAP, _RAVDESS, _TESS = (
    (name,) for name in ("crema-d", "iemocap", "ravdess", "tess")
)
# Images are large whatever the clips are.
_experiment = partial(Experiment, few=2)

TABLE = Table(
    "report_003_image_trunks",
    "Report 003: nets made for images",
    (
        _experiment(
            "ResNet50",
            partial(_make, trunk="resnet50"),
            _CREMA_D,
            (TEN_FOLDS,),
            figures=("003-crema-d-resnet50",),
        ),
        _experiment(
            "ResNet50, 5 classes",
            partial(_make, trunk="resnet50"),
            _IEMOCAP,
            (SESSION_5,),
            figures=("003-iemocap-resnet50",),
            scheme="iemocap5",
        ),
        _experiment(
            "DenseNet201",
            partial(_make, trunk="densenet201"),
            _CREMA_D,
            (TEN_FOLDS,),
            figures=("003-crema-d-densenet201",),
        ),
        _experiment(
            "DenseNet201",
            partial(_make, trunk="densenet201"),
            _RAVDESS,
            (SIX_FOLDS,),
            figures=("003-ravdess-densenet201",),
        ),
        _experiment(
            "DenseNet201, windows of 1 s, by clip",
            partial(_make, trunk="densenet201", window=1.0),
            _RAVDESS,
            (SIX_FOLDS,),
            figures=("003-ravdess-densenet201-windows",),
        ),
        _experiment(
            "ResNeXt50, 3 classes",
            partial(_make, trunk="resnext50"),
            _CREMA_D,
            (TEN_FOLDS,),
            figures=("003-crema-d-resnext50",),
            scheme="three-merge",
        ),
        _experiment(
            "ResNeXt50, windows of 0.5 s, by clip",
            partial(_make, trunk="resnext50", window=0.5),
            _CREMA_D,
            (TEN_FOLDS,),
            figures=("003-crema-d-resnext50-windows",),
        ),
        _experiment(
            "ResNeXt50, windows of 1 s, by clip",
            partial(_make, trunk="resnext50", window=1.0, early_stopping=False),
            _TESS,
            (RANDOM, SPEAKERS),
            figures=("003-tess-resnext50-windows",),
        ),
        _experiment(
            "ResNeXt50, 3 classes",
            partial(_make, trunk="resnext50"),
            _IEMOCAP,
            (SESSION_5,),
            figures=("003-iemocap3-resnext50",),
            scheme="iemocap3-neutral",
        ),
        _experiment(
            "ResNeXt50, 5 classes",
            partial(_make, trunk="resnext50"),
            _IEMOCAP,
            (SESSION_5, SESSIONS),
            figures=("003-iemocap5-resnext50",),
            scheme="iemocap5",
        ),
        _experiment(
            "AlexNet",
            partial(_make, trunk="alexnet", head="linear"),
            _IEMOCAP,
            (SESSIONS,),
            figures=("003-alexnet",),
            scheme="iemocap4-improvised",
        ),
    ),
    notes=(
        "trunks begin with random weights; the report's were trained on ImageNet",
        "the table that the report prints for ResNet50 on TESS is CREMA-D's",
    ),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
