"""EGeMAPS with XGBoost and with a support vector machine, which no report has."""

import sys

from sklearn.base import BaseEstimator

from benchmarks.reports._experiment import Experiment, Settings, Table
from benchmarks.reports._protocols import SPEAKERS
from benchmarks.reports._run import main
from benchmarks.reports._systems import egemaps_svm, egemaps_xgboost


def _xgboost(settings: Settings) -> BaseEstimator:
    return egemaps_xgboost(n_estimators=settings.pick(100, 10))


def _svm(settings: Settings) -> BaseEstimator:
    return egemaps_svm()


TABLE = Table(
    "egemaps",
    "eGeMAPS with XGBoost and SVM",
    tuple(
        Experiment(
            f"eGeMAPS + {told}",
            make,
            (corpus,),
            (SPEAKERS,),
            figures=figures if corpus == "emodb" else (),
        )
        for told, make, figures in (
            ("XGBoost", _xgboost, ("none-egemaps-xgboost",)),
            ("SVM", _svm, ("none-egemaps-svm",)),
        )
        for corpus in ("emodb", "ravdess")
    ),
    notes=("parameters are those of nkululeko, which prints no figure for them",),
)

if __name__ == "__main__":
    sys.exit(main(TABLE))
