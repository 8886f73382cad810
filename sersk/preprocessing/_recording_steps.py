"""Steps that say how a recording is read: at which rate, and which of its channels."""

from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar, cast

import numpy as np

from sersk.audio import AudioClips, Operation, check_clips, select_channel
from sersk.preprocessing._waveform_step import WaveformStep
from sersk.utils._sklearn import Interval, StrOptions


@dataclass(frozen=True)
class KeepRate(Operation):
    """Change nothing, so that a later change of rate begins here."""

    def __call__(self, waveform: np.ndarray, sampling_rate: int) -> np.ndarray:
        """Return the waveform."""
        return waveform


class Resample(WaveformStep):
    """Bring clips to another sampling rate.

    A recording is resampled straight from its own rate, if this is the first step.
    Extractors resample as well, to their own ``sampling_rate``: give them the same
    rate. What a lower one has thrown away does not come back, and they warn.

    Parameters
    ----------
    sampling_rate : int, default=16000
        Rate in Hz that clips get.
    array_rate : int, default=16000
        Rate in Hz at which waveforms are taken to be that are no AudioClips.

    See Also
    --------
    sersk.audio.resample : The resampler, soxr at high quality.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.preprocessing import Resample
    >>> clips = Resample(8_000).fit_transform([np.zeros(16_000)])
    >>> clips.sampling_rate, clips[0].shape
    (8000, (8000,))
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "sampling_rate": [Interval(Integral, 2_000, 384_000, closed="both")],
        "array_rate": [Interval(Integral, 2_000, 384_000, closed="both")],
    }

    def __init__(self, sampling_rate: int = 16_000, *, array_rate: int = 16_000):
        super().__init__(sampling_rate=sampling_rate)
        self.array_rate = array_rate

    def _as_clips(self, X: Any) -> AudioClips:
        return X if isinstance(X, AudioClips) else check_clips(X, self.array_rate)

    def _change(self, clips: AudioClips) -> AudioClips:
        rate = cast("int", self.sampling_rate)
        return clips.resample(rate).apply(KeepRate())


class MixDown(WaveformStep):
    """Say which channel of a recording counts.

    Clips are mono: without this step, the channels of a file are mixed by their mean
    when it is read. Where one of them holds another speaker, or nothing, the mean is
    not what one wants.

    Parameters
    ----------
    channel : "mean" or int, default="mean"
        The mean of all channels, or the number of the only one that counts, from 0.
    sampling_rate : int or None, default=None
        Rate in Hz at which the step works. None: the rate that AudioClips have, and
        16000 for whatever else X is.

    See Also
    --------
    sersk.audio.select_channel : What the step does.

    Notes
    -----
    Files are mixed before anything else happens to them, so this has to be the first
    step. Waveforms have one channel, which is their mean as well.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.preprocessing import MixDown
    >>> MixDown(channel=0).fit_transform([np.array([0.5, -0.5])])[0]
    array([ 0.5, -0.5], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **WaveformStep._parameter_constraints,
        "channel": [StrOptions({"mean"}), Interval(Integral, 0, None, closed="left")],
    }

    def __init__(
        self, channel: str | int = "mean", *, sampling_rate: int | None = None
    ):
        super().__init__(sampling_rate=sampling_rate)
        self.channel = channel

    def _change(self, clips: AudioClips) -> AudioClips:
        channel = None if isinstance(self.channel, str) else int(self.channel)
        return select_channel(clips, channel)
