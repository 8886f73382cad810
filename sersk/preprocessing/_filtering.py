"""Filters of the waveform."""

import functools
from dataclasses import dataclass
from numbers import Integral, Real
from typing import ClassVar

import numpy as np

from sersk.audio import Operation
from sersk.preprocessing._waveform_step import WaveformStep
from sersk.utils._sklearn import Interval, StrOptions


def emphasise(waveform: np.ndarray, coef: float, *, start: str = "zero") -> np.ndarray:
    """Subtract from each sample a part of the one before it.

    Parameters
    ----------
    waveform : ndarray of float32 of shape (n_samples,)
        Mono samples.
    coef : float
        Which part.
    start : {"zero", "librosa"}, default="zero"
        What becomes of the first sample; see :class:`PreEmphasis`.

    Returns
    -------
    emphasised : ndarray of float32 of shape (n_samples,)
        A new array.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.preprocessing._filtering import emphasise
    >>> emphasise(np.array([1.0, 2.0, 2.0]), 0.5)
    array([1. , 1.5, 1. ])
    """
    emphasised = waveform.copy()
    emphasised[1:] -= np.asarray(coef, waveform.dtype) * waveform[:-1]
    if start == "librosa" and len(waveform) > 1:
        emphasised[0] += 2 * waveform[0] - waveform[1]
    return emphasised


@dataclass(frozen=True)
class Emphasise(Operation):
    """Subtract from each sample a part of the one before it."""

    coef: float
    start: str

    def __call__(self, waveform: np.ndarray, sampling_rate: int) -> np.ndarray:
        """Return the difference."""
        return emphasise(waveform, self.coef, start=self.start)


class PreEmphasis(WaveformStep):
    r"""Raise high frequencies, as in front of cepstra and of the human ear.

    Sample :math:`x_t` becomes :math:`x_t - c \, x_{t-1}`.

    Parameters
    ----------
    coef : float, default=0.97
        The factor :math:`c`, in [0, 1].
    start : {"zero", "librosa"}, default="zero"
        What lies before the first sample. "zero": silence, so that it stays
        :math:`x_0`. "librosa": it becomes :math:`3 x_0 - x_1`, as
        :func:`librosa.effects.preemphasis` has it.
    sampling_rate : int or None, default=None
        Rate in Hz at which the step works. None: the rate that AudioClips have, and
        16000 for whatever else X is.

    See Also
    --------
    HighPass : Remove what lies below a frequency, and nothing else.

    Examples
    --------
    >>> from sersk.preprocessing import PreEmphasis
    >>> PreEmphasis(0.5).fit_transform([[0.5, 0.5, 0.0]])[0]
    array([ 0.5 ,  0.25, -0.25], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **WaveformStep._parameter_constraints,
        "coef": [Interval(Real, 0, 1, closed="both")],
        "start": [StrOptions({"zero", "librosa"})],
    }

    def __init__(
        self,
        coef: float = 0.97,
        *,
        start: str = "zero",
        sampling_rate: int | None = None,
    ) -> None:
        super().__init__(sampling_rate=sampling_rate)
        self.coef = coef
        self.start = start

    def _operation(self) -> Operation:
        return Emphasise(float(self.coef), self.start)


@dataclass(frozen=True)
class PassHigh(Operation):
    """Remove what lies below a frequency in Hz."""

    cutoff: float
    order: int

    def __call__(self, waveform: np.ndarray, sampling_rate: int) -> np.ndarray:
        """Return the filtered waveform."""
        from scipy.signal import sosfilt

        sections, state = _design(self.cutoff, self.order, sampling_rate)
        # As if the first sample had lasted for ever: an offset makes no click.
        return sosfilt(sections, waveform, zi=state * waveform[0])[0]


@functools.lru_cache(maxsize=64)
def _design(
    cutoff: float, order: int, sampling_rate: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sections of a Butterworth filter, and their state at rest."""
    from scipy.signal import butter, sosfilt_zi

    sections = butter(order, cutoff, "highpass", fs=sampling_rate, output="sos")
    return sections, sosfilt_zi(sections)


class HighPass(WaveformStep):
    """Remove offset, rumble and hum: whatever lies below a frequency.

    Parameters
    ----------
    cutoff : float, default=60.0
        Frequency in Hz that is attenuated by 3 dB; below half the sampling rate.
        Deep voices have their fundamental at 75 Hz.
    order : int, default=4
        Order of the Butterworth filter, at most 20: 6 dB an octave each.
    sampling_rate : int or None, default=None
        Rate in Hz at which the step works. None: the rate that AudioClips have, and
        16000 for whatever else X is.

    See Also
    --------
    PreEmphasis : Tilt the spectrum instead.

    Notes
    -----
    The filter is causal, and begins as if the first sample had lasted for ever.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.preprocessing import HighPass
    >>> clips = HighPass().fit_transform([np.full(16_000, 0.25)])
    >>> bool(abs(clips[0]).max() < 1e-6)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **WaveformStep._parameter_constraints,
        "cutoff": [Interval(Real, 0, None, closed="neither")],
        "order": [Interval(Integral, 1, 20, closed="both")],
    }

    def __init__(
        self,
        cutoff: float = 60.0,
        order: int = 4,
        *,
        sampling_rate: int | None = None,
    ) -> None:
        super().__init__(sampling_rate=sampling_rate)
        self.cutoff = cutoff
        self.order = order

    def _operation(self) -> Operation:
        return PassHigh(float(self.cutoff), int(self.order))

    def _check_rate(self, sampling_rate: int) -> None:
        if self.cutoff >= sampling_rate / 2:
            raise ValueError(
                f"cutoff={self.cutoff!r} Hz leaves nothing at {sampling_rate} Hz, "
                f"where frequencies end at {sampling_rate / 2:g} Hz. Lower it."
            )
