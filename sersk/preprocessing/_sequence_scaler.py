"""Scaling frames by what was learned of the training clips' frames."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from sersk.audio import FrameSequences, check_not_empty
from sersk.utils._sklearn import StrOptions, fit_context, validate_data

# Less than this share of the mean square is rounding, not variance.
_NOTHING = 10 * np.finfo(np.float64).eps


@dataclass(frozen=True)
class _Affine:
    """Shift and scale each feature."""

    offset: np.ndarray
    scale: np.ndarray

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        return (frames - self.offset) / self.scale


class SequenceScaler(  # type: ignore[call-arg]  # scikit-learn has no stubs
    OneToOneFeatureMixin, TransformerMixin, BaseEstimator, auto_wrap_output_keys=None
):
    """Scale each feature of frames by the training clips' frames.

    Only frames of clips count, never what pads them; the frame that pads is scaled with
    them, so that it goes on to stand for no sound.

    Parameters
    ----------
    scaling : {"standard", "minmax"}, default="standard"
        ``"standard"``: mean 0 and standard deviation 1; ``"minmax"``: from 0 to 1. A
        feature that does not vary is only shifted.
    clip : bool, default=False
        Whether values beyond those of the training frames are cut to the range from 0
        to 1; only with ``scaling="minmax"``.

    Attributes
    ----------
    offset_ : ndarray of float32 of shape (n_features,)
        What is subtracted: means or minima.
    scale_ : ndarray of float32 of shape (n_features,)
        What is divided by: standard deviations or ranges.
    n_features_in_ : int
        Width of a frame.

    See Also
    --------
    sklearn.preprocessing.StandardScaler : The same for one row a clip.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.audio import FrameSequences
    >>> from sersk.preprocessing import SequenceScaler
    >>> clips = FrameSequences.from_arrays([[[0.0], [2.0]], [[4.0]]])
    >>> SequenceScaler(scaling="minmax").fit_transform(clips)[0]
    array([[0. ],
           [0.5]], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "scaling": [StrOptions({"standard", "minmax"})],
        "clip": ["boolean"],
    }

    def __init__(self, scaling: str = "standard", *, clip: bool = False) -> None:
        self.scaling = scaling
        self.clip = clip

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> "SequenceScaler":
        """Learn the range of each feature.

        Parameters
        ----------
        X : FrameSequences, or array-like of shape (n_clips, n_features)
            Frames of the training clips, or one row a clip.
        y : None
            Ignored.

        Returns
        -------
        self : SequenceScaler
            This scaler.

        Raises
        ------
        ValueError
            If `clip` is set with another scaling than ``"minmax"``, if there is no
            clip, or if a value is not finite; the message names the clip.
        """
        if self.clip and self.scaling != "minmax":
            raise ValueError('clip=True needs scaling="minmax".')
        matrices = self._check_X(X, reset=True)
        learn = _standard if self.scaling == "standard" else _minmax
        # A value that is not finite is told of below, by its clip.
        with np.errstate(invalid="ignore", over="ignore"):
            offset, scale = learn(matrices)
        _check_learned(matrices, offset, scale)
        self.offset_ = offset.astype(np.float32)
        self.scale_ = np.where(scale > 0, scale, 1).astype(np.float32)
        return self

    def transform(self, X: Any) -> Any:
        """Scale frames.

        Parameters
        ----------
        X : FrameSequences, or array-like of shape (n_clips, n_features)
            Frames, or one row a clip.

        Returns
        -------
        scaled : FrameSequences, or ndarray of shape (n_clips, n_features)
            The same, scaled when they are read.
        """
        check_is_fitted(self)
        scale = _Affine(self.offset_, self.scale_)
        checked = self._check_X(X, reset=False)
        if isinstance(checked, FrameSequences):
            scaled = checked.apply(scale)
            return scaled.apply(_clip) if self.clip else scaled
        rows = scale(checked[0])
        return _clip(rows) if self.clip else rows

    def _check_X(self, X: Any, *, reset: bool) -> Any:
        """Return frames as they are, and rows as a list of one matrix."""
        if not isinstance(X, FrameSequences):
            return [validate_data(self, X, reset=reset, dtype=[np.float64, np.float32])]
        if reset:
            check_not_empty(X, self)
            self.__dict__.pop("feature_names_in_", None)
            self.n_features_in_ = X.n_features
        elif X.n_features != self.n_features_in_:
            raise ValueError(
                f"X has frames of {X.n_features} features, but {type(self).__name__} "
                f"was fitted on frames of {self.n_features_in_}."
            )
        return X


def _clip(frames: np.ndarray) -> np.ndarray:
    return np.clip(frames, 0, 1)


def _check_learned(matrices: Any, offset: np.ndarray, scale: np.ndarray) -> None:
    """Raise if a value that is not finite has come into what was learned."""
    if np.isfinite(offset).all() and np.isfinite(scale).all():
        return
    for index, matrix in enumerate(matrices):
        if not np.isfinite(matrix).all():
            raise ValueError(
                f"Clip {index} has values that are not finite, and no clip could be "
                "scaled by them. Drop the clip."
            )
    raise ValueError("X has values too large for single precision. Scale them down.")


def _standard(matrices: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of each column over all matrices."""
    count, mean, squares = 0, np.zeros(1), np.zeros(1)
    for matrix in matrices:
        # Chan's update: a sum of squares of large values would lose their variance.
        rows = np.asarray(matrix, dtype=np.float64)
        own = rows.mean(axis=0)
        step = own - mean
        total = count + len(rows)
        squares = squares + ((rows - own) ** 2).sum(axis=0)
        squares = squares + step**2 * (count * len(rows) / total)
        mean = mean + step * (len(rows) / total)
        count = total
    deviation = np.sqrt(squares / count)
    return mean, np.where(deviation > _NOTHING * np.abs(mean), deviation, 0.0)


def _minmax(matrices: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return minimum and range of each column over all matrices."""
    lowest = np.min([matrix.min(axis=0) for matrix in matrices], axis=0)
    highest = np.max([matrix.max(axis=0) for matrix in matrices], axis=0)
    return lowest, highest - lowest
