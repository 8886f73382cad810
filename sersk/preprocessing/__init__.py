"""Prepare features and labels for a classifier."""

from sersk.preprocessing._label_encoded import LabelEncodedClassifier
from sersk.preprocessing._speaker_scaler import SpeakerScaler

__all__ = ["LabelEncodedClassifier", "SpeakerScaler"]
