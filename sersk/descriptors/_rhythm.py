"""How fast somebody speaks, as far as that can be told without words."""

import numpy as np

from sersk.descriptors._pitch import PitchTrack, voiced_runs
from sersk.descriptors._time import rms

RHYTHM = (
    "voiced_segments_per_second",
    "mean_voiced_segment",
    "mean_unvoiced_segment",
    "energy_peaks_per_second",
)

# de Jong and Wempe's: a peak is at most this far below the loudest, and this far above
# the dips on both sides of it.
_PEAK_RANGE_DB = 25.0
_PEAK_RISE_DB = 2.0
_ENVELOPE_FRAME = 0.064  # seconds; as Praat's intensity for voices of 50 Hz and more
_ENVELOPE_HOP = 0.010


def speech_rhythm(
    waveform: np.ndarray, track: PitchTrack, sampling_rate: int
) -> np.ndarray:
    """Measure stand-ins for speech rate: voiced segments, pauses and energy peaks.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
        Mono samples.
    track : PitchTrack
        From :func:`track_pitch`.
    sampling_rate : int
        Rate in Hz.

    Returns
    -------
    rhythm : ndarray of float32 of shape (4,)
        Voiced segments per second; mean length of voiced and of unvoiced segments
        in seconds, 0 if there are none; and energy peaks per second.

    Notes
    -----
    A segment is a stretch of frames that are all voiced, or all not; its length is
    a multiple of the distance between frames. An energy peak stands for a syllable: a
    maximum of the level of 64 ms, taken every 10 ms, that is voiced, at most 25 dB
    below the highest and at least 2 dB above the dips on both sides.

    References
    ----------
    F. Eyben et al.: The Geneva minimalistic acoustic parameter set (GeMAPS) for voice
    research and affective computing. IEEE Transactions on Affective Computing 7(2),
    2016.

    N. H. de Jong and T. Wempe: Praat script to detect syllable nuclei and measure
    speech rate automatically. Behavior Research Methods 41(2), 385-390, 2009.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import speech_rhythm, track_pitch
    >>> silence = np.zeros(16_000)
    >>> speech_rhythm(silence, track_pitch(silence, 16_000), 16_000)
    array([0.   , 0.   , 1.024, 0.   ], dtype=float32)
    """
    seconds = max(len(waveform), 1) / sampling_rate
    hop = track.hop_length / sampling_rate
    lengths = [run.stop - run.start for run in voiced_runs(track)]
    n_unvoiced = len(track.f0) - sum(lengths)
    n_gaps = _count_gaps(track)
    return np.array(
        [
            len(lengths) / seconds,
            hop * sum(lengths) / max(len(lengths), 1),
            hop * n_unvoiced / max(n_gaps, 1),
            _count_peaks(waveform, track, sampling_rate) / seconds,
        ],
        dtype=np.float32,
    )


def _count_gaps(track: PitchTrack) -> int:
    unvoiced = np.isnan(track.f0).astype(np.int8)
    return int(np.count_nonzero(np.diff(unvoiced, prepend=0) == 1))


def _count_peaks(waveform: np.ndarray, track: PitchTrack, sampling_rate: int) -> int:
    """Count the voiced peaks of the level."""
    from scipy.signal import find_peaks

    hop_length = max(round(_ENVELOPE_HOP * sampling_rate), 1)
    frame_length = round(_ENVELOPE_FRAME * sampling_rate)
    (level,) = rms(
        np.asarray(waveform), frame_length=frame_length, hop_length=hop_length
    )
    decibels = 20.0 * np.log10(np.maximum(level, 1e-10, dtype=np.float64))
    # Of peaks that are equally high and have no dip between them, the last counts.
    decibels += 1e-6 * np.arange(len(decibels))
    lowest = decibels.max() - _PEAK_RANGE_DB
    peaks, _ = find_peaks(decibels, height=lowest, prominence=_PEAK_RISE_DB)
    frames = np.rint(peaks * (hop_length / track.hop_length)).astype(np.intp)
    is_voiced = np.isfinite(track.f0[np.minimum(frames, len(track.f0) - 1)])
    return int(np.count_nonzero(is_voiced))
