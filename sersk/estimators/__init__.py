"""Classifiers and regressors of speech, for the end of a pipeline.

Those of scikit-learn can be used as they are; :class:`LabelEncodedClassifier` makes
others, such as XGBoost's, take the labels that corpora have. The nets, such as
:class:`CNN1DClassifier`, take frames; :class:`SpeechEncoderClassifier` and
:class:`TextEncoderClassifier` train pretrained encoders, which :func:`load_fine_tuned`
reads back. :class:`AugmentedClassifier` and :class:`WindowedClassifier` stand around an
estimator that takes clips; :class:`SpeakerFoldVotingClassifier` lets several vote, and
:class:`OversampledClassifier` and :class:`PriorCorrectedClassifier` are for corpora in
which some emotions are rare.
"""

from sersk.estimators._augmented import AugmentedClassifier, AugmentedRegressor
from sersk.estimators._cnn1d import CNN1DClassifier, CNN1DRegressor
from sersk.estimators._cnn2d import CNN2DClassifier, CNN2DRegressor
from sersk.estimators._co_attention import CoAttentionClassifier, CoAttentionRegressor
from sersk.estimators._crnn import CRNNClassifier, CRNNRegressor
from sersk.estimators._layer_weights import LayerWeightedSumClassifier
from sersk.estimators._load_fine_tuned import load_fine_tuned
from sersk.estimators._mel_cnn import MelCNNClassifier
from sersk.estimators._mixup import MixupClassifier, MixupRegressor
from sersk.estimators._net_bases import BaseNetClassifier, BaseNetRegressor
from sersk.estimators._oversampled import OversampledClassifier
from sersk.estimators._prior_corrected import PriorCorrectedClassifier
from sersk.estimators._spectrogram_trunk import SpectrogramTrunkClassifier
from sersk.estimators._speech_encoder_classifier import SpeechEncoderClassifier
from sersk.estimators._speech_encoder_regressor import SpeechEncoderRegressor
from sersk.estimators._text_encoder_classifier import TextEncoderClassifier
from sersk.estimators._voting import SpeakerFoldVotingClassifier
from sersk.estimators._windowed import WindowedClassifier
from sersk.estimators._windowed_regressor import WindowedRegressor
from sersk.preprocessing import LabelEncodedClassifier

__all__ = [
    "AugmentedClassifier",
    "AugmentedRegressor",
    "BaseNetClassifier",
    "BaseNetRegressor",
    "CNN1DClassifier",
    "CNN1DRegressor",
    "CNN2DClassifier",
    "CNN2DRegressor",
    "CRNNClassifier",
    "CRNNRegressor",
    "CoAttentionClassifier",
    "CoAttentionRegressor",
    "LabelEncodedClassifier",
    "LayerWeightedSumClassifier",
    "MelCNNClassifier",
    "MixupClassifier",
    "MixupRegressor",
    "OversampledClassifier",
    "PriorCorrectedClassifier",
    "SpeakerFoldVotingClassifier",
    "SpectrogramTrunkClassifier",
    "SpeechEncoderClassifier",
    "SpeechEncoderRegressor",
    "TextEncoderClassifier",
    "WindowedClassifier",
    "WindowedRegressor",
    "load_fine_tuned",
]
