"""Giving all clips one length."""

from dataclasses import dataclass
from numbers import Real
from typing import ClassVar

import numpy as np

from sersk.audio import Operation
from sersk.preprocessing._shortening import Shortening
from sersk.preprocessing._waveform_step import WaveformStep
from sersk.utils._sklearn import Interval, StrOptions

_SIDES = StrOptions({"start", "end", "both"})


def fix_length(
    waveform: np.ndarray,
    n_samples: int,
    *,
    pad_side: str = "end",
    pad_value: float = 0.0,
    crop_side: str = "end",
) -> np.ndarray:
    """Pad or crop a waveform to so many samples.

    Parameters
    ----------
    waveform : ndarray of float32 of shape (n_given,)
        Mono samples.
    n_samples : int
        How many there shall be.
    pad_side, crop_side : {"start", "end", "both"}, default="end"
        Where samples are added, or cut away; of an odd number, "both" takes one more
        at the end.
    pad_value : float, default=0.0
        What is added.

    Returns
    -------
    fixed : ndarray of float32 of shape (n_samples,)
        A view where nothing is added.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.preprocessing._duration import fix_length
    >>> fix_length(np.array([1.0, 2.0]), 4, pad_side="both")
    array([0., 1., 2., 0.])
    """
    missing = n_samples - len(waveform)
    if missing <= 0:
        first = _before(-missing, crop_side)
        return waveform[first : first + n_samples]
    fixed = np.full(n_samples, pad_value, dtype=waveform.dtype)
    first = _before(missing, pad_side)
    fixed[first : first + len(waveform)] = waveform
    return fixed


def _before(count: int, side: str) -> int:
    """Return how many of the samples added or cut away lie before the rest."""
    return {"start": count, "end": 0, "both": count // 2}[side]


@dataclass(frozen=True)
class Fit(Shortening):
    """Pad or crop to a duration in seconds."""

    duration: float
    pad_side: str
    pad_value: float
    crop_side: str

    action: ClassVar[str] = "cropping"
    remedy: ClassVar[str] = "Raise duration, cut windows instead"

    def __call__(self, waveform: np.ndarray, sampling_rate: int) -> np.ndarray:
        """Return the waveform at its new length."""
        return fix_length(
            waveform,
            round(self.duration * sampling_rate),
            pad_side=self.pad_side,
            pad_value=self.pad_value,
            crop_side=self.crop_side,
        )


class FixDuration(WaveformStep):
    """Pad shorter clips and crop longer ones to one duration.

    Parameters
    ----------
    duration : float, default=3.0
        Seconds, at most 3600; clips get ``round(duration * rate)`` samples.
    pad_side : {"start", "end", "both"}, default="end"
        Where shorter clips are padded.
    pad_value : float, default=0.0
        What they are padded with, in [-1, 1].
    crop_side : {"start", "end", "both"}, default="end"
        Where longer clips lose what is too much.
    max_removed : float, default=0.5
        Share of a clip above which extractors warn, once for all clips that they read.
    sampling_rate : int or None, default=None
        Rate in Hz at which the step works. None: the rate that AudioClips have, and
        16000 for whatever else X is.

    See Also
    --------
    TrimSilence : Cut silence away first.

    Notes
    -----
    Padding is heard by the extractor: a mean over frames is one over speech and
    silence, in a share that the length of the clip decides. Summaries of whole clips
    need no fixed duration, and nets that take ``x_lengths`` need none either.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.preprocessing import FixDuration
    >>> clips = FixDuration(3.0).fit_transform([np.ones(16_000), np.ones(60_000)])
    >>> [len(waveform) for waveform in clips]
    [48000, 48000]
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **WaveformStep._parameter_constraints,
        "duration": [Interval(Real, 0, 3600, closed="right")],
        "pad_side": [_SIDES],
        "pad_value": [Interval(Real, -1, 1, closed="both")],
        "crop_side": [_SIDES],
        "max_removed": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        duration: float = 3.0,
        *,
        pad_side: str = "end",
        pad_value: float = 0.0,
        crop_side: str = "end",
        max_removed: float = 0.5,
        sampling_rate: int | None = None,
    ) -> None:
        super().__init__(sampling_rate=sampling_rate)
        self.duration = duration
        self.pad_side = pad_side
        self.pad_value = pad_value
        self.crop_side = crop_side
        self.max_removed = max_removed

    def _operation(self) -> Operation:
        return Fit(
            duration=float(self.duration),
            pad_side=self.pad_side,
            pad_value=float(self.pad_value),
            crop_side=self.crop_side,
            max_removed=self.max_removed,
        )

    def _check_rate(self, sampling_rate: int) -> None:
        if round(self.duration * sampling_rate) < 1:
            raise ValueError(
                f"duration={self.duration!r} s is less than one sample at "
                f"{sampling_rate} Hz. Pass seconds."
            )
