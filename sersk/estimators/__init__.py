"""Classifiers of speech, for the end of a pipeline.

Those of scikit-learn can be used as they are; :class:`LabelEncodedClassifier` makes
others, such as XGBoost's, take the labels that corpora have.
"""

from sersk.preprocessing import LabelEncodedClassifier

__all__ = ["LabelEncodedClassifier"]
