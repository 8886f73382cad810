"""Prepare features and labels for a classifier."""

from sersk.preprocessing._label_encoded import LabelEncodedClassifier

__all__ = ["LabelEncodedClassifier"]
