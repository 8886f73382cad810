"""Masks over frames, for nets that are trained on sequences and images."""

from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator

from sersk.utils._sklearn import Interval

_LONGEST_TIME_MASK, _LARGEST_SHARE = 40, 0.2


def spec_augment(
    frames: np.ndarray,
    *,
    frequency_mask: int = 27,
    time_mask: int | None = None,
    n_frequency_masks: int = 1,
    n_time_masks: int = 1,
    fill: float | np.ndarray | None = None,
    rng: np.random.Generator,
) -> np.ndarray:
    r"""Mask bands of frequencies and stretches of time.

    A mask is :math:`f \sim U(0, F)` features wide and begins at
    :math:`f_0 \sim U(0, \nu - f)`, or :math:`t \sim U(0, T)` frames long and begins
    at :math:`t_0 \sim U(0, \tau - t)`: whole numbers, limits included.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_features)
        Frames of one clip, without padding; not modified.
    frequency_mask : int, default=27
        :math:`F`, the width of the widest mask; not more than ``n_features`` is masked.
    time_mask : int or None, default=None
        :math:`T`, the length of the longest mask; None stands for 40 frames, or a
        fifth of the clip where that is less.
    n_frequency_masks, n_time_masks : int, default=1
        Number of masks of each kind; 0 for none.
    fill : float, ndarray of shape (n_features,) or None, default=None
        What masked cells become; None stands for the lowest value of `frames`.
    rng : numpy.random.Generator
        Where numbers are drawn.

    Returns
    -------
    masked : ndarray of shape (n_frames, n_features)
        A copy.

    References
    ----------
    D. S. Park et al., "SpecAugment: A Simple Data Augmentation Method for Automatic
    Speech Recognition", Interspeech 2019. Time is not warped.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.augmentation import spec_augment
    >>> rng = np.random.default_rng(4)
    >>> spec_augment(
    ...     np.ones((4, 5)), frequency_mask=2, time_mask=1, fill=0.0, rng=rng
    ... )
    array([[1., 1., 1., 0., 0.],
           [1., 1., 1., 0., 0.],
           [0., 0., 0., 0., 0.],
           [1., 1., 1., 0., 0.]])
    """
    n_frames, n_features = frames.shape
    if time_mask is None:
        time_mask = min(_LONGEST_TIME_MASK, int(_LARGEST_SHARE * n_frames))
    masked = frames.copy()
    if not frames.size:
        return masked
    value = np.broadcast_to(frames.min() if fill is None else fill, n_features)
    for _ in range(n_frequency_masks):
        band = _draw_mask(n_features, frequency_mask, rng)
        masked[:, band] = value[band]
    for _ in range(n_time_masks):
        masked[_draw_mask(n_frames, time_mask, rng)] = value
    return masked


def _draw_mask(n_cells: int, widest: int, rng: np.random.Generator) -> slice:
    width = rng.integers(min(widest, n_cells), endpoint=True)
    start = rng.integers(n_cells - width, endpoint=True)
    return slice(start, start + width)


class SpecAugment(BaseEstimator):
    """Mask bands of frequencies and stretches of time while a net is trained.

    Parameters
    ----------
    frequency_mask : int, default=27
        Width of the widest mask in features.
    time_mask : int or None, default=None
        Length of the longest mask in frames; None stands for 40 frames, or a fifth of
        the clip where that is less.
    n_frequency_masks, n_time_masks : int, default=1
        Number of masks of each kind; 0 for none.
    fill : float or None, default=None
        What masked cells become; None stands for the floor of the input, which is its
        ``pad_value``, or the lowest value of the clip where it has none.

    See Also
    --------
    spec_augment : What it does to one clip.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.augmentation import SpecAugment
    >>> augment = SpecAugment(frequency_mask=2, n_time_masks=0)
    >>> masked = augment(np.ones((4, 5)), np.random.default_rng(4), pad_value=0.0)
    >>> masked[0]
    array([1., 1., 1., 0., 0.])
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "frequency_mask": [Interval(Integral, 0, None, closed="left")],
        "time_mask": [Interval(Integral, 0, None, closed="left"), None],
        "n_frequency_masks": [Interval(Integral, 0, None, closed="left")],
        "n_time_masks": [Interval(Integral, 0, None, closed="left")],
        "fill": [Interval(Real, None, None, closed="neither"), None],
    }

    def __init__(
        self,
        frequency_mask: int = 27,
        time_mask: int | None = None,
        *,
        n_frequency_masks: int = 1,
        n_time_masks: int = 1,
        fill: float | None = None,
    ) -> None:
        self.frequency_mask = frequency_mask
        self.time_mask = time_mask
        self.n_frequency_masks = n_frequency_masks
        self.n_time_masks = n_time_masks
        self.fill = fill

    def __call__(
        self,
        frames: np.ndarray,
        rng: np.random.Generator,
        *,
        length: int | None = None,
        pad_value: Any = None,
    ) -> np.ndarray:
        """Mask the frames of one clip.

        Parameters
        ----------
        frames : ndarray of shape (n_frames, n_features)
            Frames, and padding behind them, if any; not modified.
        rng : numpy.random.Generator
            Where numbers are drawn.
        length : int or None, default=None
            Number of frames that are no padding, which alone are masked.
        pad_value : float, ndarray of shape (n_features,) or None, default=None
            The floor of the input.

        Returns
        -------
        masked : ndarray of shape (n_frames, n_features)
            A copy.

        Raises
        ------
        ValueError
            If a parameter is out of range.
        """
        self._validate_params()
        masked = frames.copy()
        masked[:length] = spec_augment(
            frames[:length],
            frequency_mask=self.frequency_mask,
            time_mask=self.time_mask,
            n_frequency_masks=self.n_frequency_masks,
            n_time_masks=self.n_time_masks,
            fill=pad_value if self.fill is None else self.fill,
            rng=rng,
        )
        return masked
