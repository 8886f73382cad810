"""Classifiers of speech, for the end of a pipeline.

Those of scikit-learn can be used as they are; :class:`LabelEncodedClassifier` makes
others, such as XGBoost's, take the labels that corpora have.
:class:`SpeakerFoldVotingClassifier` lets several vote, and
:class:`OversampledClassifier` and :class:`PriorCorrectedClassifier` are for corpora in
which some emotions are rare.
"""

from sersk.estimators._augmented import AugmentedClassifier, AugmentedRegressor
from sersk.estimators._cnn1d import CNN1DClassifier
from sersk.estimators._mixup import MixupClassifier, MixupRegressor
from sersk.estimators._oversampled import OversampledClassifier
from sersk.estimators._prior_corrected import PriorCorrectedClassifier
from sersk.estimators._voting import SpeakerFoldVotingClassifier
from sersk.estimators._windowed import WindowedClassifier
from sersk.estimators._windowed_regressor import WindowedRegressor
from sersk.preprocessing import LabelEncodedClassifier

__all__ = [
    "AugmentedClassifier",
    "AugmentedRegressor",
    "CNN1DClassifier",
    "LabelEncodedClassifier",
    "MixupClassifier",
    "MixupRegressor",
    "OversampledClassifier",
    "PriorCorrectedClassifier",
    "SpeakerFoldVotingClassifier",
    "WindowedClassifier",
    "WindowedRegressor",
]
