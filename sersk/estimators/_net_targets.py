"""What a net learns: classes with their weights, and degrees."""

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import (
    Tags,
    check_array,
    check_consistent_length,
    compute_class_weight,
)

from sersk.metrics import mean_concordance, unweighted_accuracy
from sersk.utils import choose_weights


def weigh_classes(
    class_weight: Any, classes: np.ndarray, codes: np.ndarray
) -> np.ndarray:
    """Return a weight a class by the training clips, 1 for one that they lack.

    Parameters
    ----------
    class_weight : "balanced", dict or None
        As scikit-learn's; ``"balanced"`` is ``n_clips / (n_classes * n_clips_of_it)``.
    classes : ndarray of shape (n_classes,)
        Labels.
    codes : ndarray of int of shape (n_clips,)
        Position in `classes` of the label of each clip that is learned from.

    Returns
    -------
    weights : ndarray of float32 of shape (n_classes,)
        In the order of `classes`.

    Raises
    ------
    ValueError
        If a dict lacks a label and names another that is none, or a weight is not above
        0.
    """
    if isinstance(class_weight, dict):
        with np.errstate(over="ignore"):
            chosen = choose_weights(class_weight, classes).astype(np.float32)
        if np.isinf(chosen).any():
            raise ValueError(
                f"class_weight gives {classes[np.isinf(chosen)].tolist()} a weight "
                "beyond single precision. Divide all of them by the largest."
            )
        if not chosen.all():
            # The mean over a batch of such clips alone would be 0 / 0.
            raise ValueError(
                f"class_weight gives {classes[chosen == 0].tolist()} no weight. Drop "
                "the clips of these classes, or give a number above 0."
            )
        return chosen
    present = np.unique(codes)
    weights = np.ones(len(classes), dtype=np.float32)
    weights[present] = compute_class_weight(class_weight, classes=present, y=codes)
    return weights


def check_learnable(
    training: np.ndarray,
    validation: np.ndarray | None,
    *,
    loss: str,
    batch_size: int,
) -> None:
    """Raise where concordance is the same whatever a net says.

    Parameters
    ----------
    training : ndarray of shape (n_training, n_attributes)
        Degrees to learn from.
    validation : ndarray of shape (n_validation, n_attributes) or None
        Degrees whose concordance with the outputs chooses an epoch, if it does.
    loss : {"ccc", "mse"}
        What is made small.
    batch_size : int
        Clips over which the loss is taken.

    Raises
    ------
    ValueError
        If one clip, or an attribute that does not vary, is to be learned from by
        concordance, or no attribute of the validation clips varies.
    """
    if loss == "ccc" and batch_size == 1:
        raise ValueError(
            "batch_size=1 does not go with loss='ccc': over one clip, concordance is 0 "
            "whatever is predicted. Pass more clips a batch, or loss='mse'."
        )
    same = np.flatnonzero(np.ptp(training, axis=0) == 0)
    if loss == "ccc" and len(same):
        raise ValueError(
            f"y is {training[0, same[0]]:g} for all {len(training)} clips to learn "
            f"from (attribute {same[0]}), and concordance with a constant is 0 "
            "whatever is predicted. Drop the attribute, or pass loss='mse'."
        )
    if validation is not None and not np.ptp(validation, axis=0).any():
        raise ValueError(
            f"y is the same for all {len(validation)} clips to validate on, so that "
            "their concordance does not tell epochs apart. Hold out other speakers, "
            "or more, with validation_cv."
        )


def check_degrees(X: Any, y: Any, name: str) -> np.ndarray:
    """Return the degrees of clips as they are, or raise naming the clip without one.

    Parameters
    ----------
    X : collection of n_clips
        The clips.
    y : array-like of shape (n_clips,) or (n_clips, n_attributes)
        Degrees.
    name : str
        Of the estimator, for messages.

    Returns
    -------
    degrees : ndarray of float64 of the same shape
        Finite.
    """
    if y is None:
        raise ValueError(f"{name} requires y to be passed, but the target y is None.")
    degrees = check_array(
        y,
        ensure_2d=False,
        dtype=np.float64,
        ensure_all_finite=False,
        input_name="y",
    )
    check_consistent_length(X, degrees)
    gaps = np.flatnonzero(~np.isfinite(degrees.reshape(len(degrees), -1)).all(axis=1))
    if len(gaps):
        raise ValueError(
            f"y holds NaN or infinity for {len(gaps)} of {len(degrees)} clips "
            f"(first: clip {gaps[0]}). Drop these clips from X and y."
        )
    return degrees


def ua_of_outputs(outputs: Any, targets: np.ndarray) -> float:
    """Return the unweighted accuracy of a tensor of logits."""
    return unweighted_accuracy(targets, outputs.argmax(dim=1).numpy())


def ccc_of_outputs(outputs: Any, targets: np.ndarray) -> float:
    """Return the mean concordance of a tensor of degrees."""
    return mean_concordance(targets, outputs.numpy())


class DegreesMixin(RegressorMixin):
    """Standardise degrees by the clips that are learned from, and give them back."""

    def _read_degrees(self, X: Any, y: Any) -> np.ndarray:
        """Return degrees of shape (n_clips, n_attributes), and remember y's own."""
        degrees = check_degrees(X, y, type(self).__name__)
        self.one_dimensional_ = degrees.ndim == 1
        return degrees.reshape(len(degrees), -1)

    def _standardise(
        self, degrees: np.ndarray, rows: np.ndarray, *, standardize: bool = True
    ) -> np.ndarray:
        """Learn mean and spread from some clips, and return all degrees by these."""
        with np.errstate(over="ignore", invalid="ignore"):
            spread = degrees[rows].std(axis=0)
        if not np.isfinite(spread).all():
            raise ValueError(
                f"y holds degrees of up to {np.abs(degrees).max():g}, whose spread is "
                "beyond double precision. Divide y by a constant."
            )
        self.offset_ = degrees[rows].mean(axis=0)
        self.scale_ = np.where(spread > 0, spread, 1.0)
        if not standardize:
            self.offset_, self.scale_ = np.zeros_like(spread), np.ones_like(spread)
        return ((degrees - self.offset_) / self.scale_).astype(np.float32)

    def _degrees(self, outputs: np.ndarray) -> np.ndarray:
        """Return outputs as degrees, in the shape that y had."""
        degrees = outputs * self.scale_ + self.offset_
        return degrees[:, 0] if self.one_dimensional_ else degrees

    def __sklearn_tags__(self) -> Tags:
        """Tell that there may be several attributes."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
