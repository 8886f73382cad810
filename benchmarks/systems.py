"""The systems that the main benchmark compares."""

from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk.features import AcousticFunctionals, EGeMAPS, OpenSMILEFunctionals
from sersk.preprocessing import LabelEncodedClassifier, SpeakerScaler
from sersk.utils import import_optional

SEED = 0

# Set once for thousands of columns, not tuned on the corpora that are reported.
_STRENGTH_OF_MANY_COLUMNS = 0.01


def quick_systems() -> dict[str, BaseEstimator]:
    """Return logistic regression on functionals, as they are and by speaker."""
    return {
        "functionals + LR": _linear(AcousticFunctionals()),
        "functionals by speaker + LR": _linear_by_speaker(AcousticFunctionals()),
    }


def basic_systems() -> dict[str, BaseEstimator]:
    """Return logistic regression and XGBoost on two small feature sets."""
    return {
        **quick_systems(),
        "functionals + XGBoost": _boosted(AcousticFunctionals()),
        "functionals by speaker + XGBoost": _boosted(
            SpeakerScaler(AcousticFunctionals())
        ),
        "eGeMAPS + LR": _linear(EGeMAPS()),
        "eGeMAPS by speaker + LR": _linear_by_speaker(EGeMAPS()),
        "eGeMAPS + XGBoost": _boosted(EGeMAPS()),
        "eGeMAPS by speaker + XGBoost": _boosted(SpeakerScaler(EGeMAPS())),
    }


def large_systems() -> dict[str, BaseEstimator]:
    """Return logistic regression on the 6373 functionals of ComParE 2016."""
    compare = OpenSMILEFunctionals("ComParE_2016")
    return {
        "ComParE + LR": _linear(compare, strength=_STRENGTH_OF_MANY_COLUMNS),
        "ComParE by speaker + LR": _linear_by_speaker(
            compare, strength=_STRENGTH_OF_MANY_COLUMNS
        ),
    }


def _linear(extractor: BaseEstimator, strength: float = 1.0) -> BaseEstimator:
    classifier = LogisticRegression(C=strength, max_iter=1000)
    return make_pipeline(extractor, StandardScaler(), classifier)


def _linear_by_speaker(
    extractor: BaseEstimator, strength: float = 1.0
) -> BaseEstimator:
    classifier = LogisticRegression(C=strength, max_iter=1000)
    return make_pipeline(SpeakerScaler(extractor), classifier)


def _boosted(features: BaseEstimator) -> BaseEstimator:
    # Workers share the cores already: a second team of threads is many times slower.
    xgboost = import_optional("xgboost", extra="xgboost")
    classifier = xgboost.XGBClassifier(n_jobs=1, random_state=SEED)
    return make_pipeline(
        features, LabelEncodedClassifier(classifier, class_weight="balanced")
    )
