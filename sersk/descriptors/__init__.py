"""Pure functions from waveforms to frames, and from frames to numbers.

Names, parameters and shapes are librosa's, and so are the numbers.
"""

from sersk.descriptors._cepstrum import cepstrum, delta, mfcc, power_to_db
from sersk.descriptors._framing import frame, frame_count
from sersk.descriptors._functionals import (
    FUNCTIONALS,
    apply_functionals,
    check_functionals,
)
from sersk.descriptors._mel import hz_to_mel, mel_filterbank, mel_to_hz
from sersk.descriptors._spectrum import mel_spectrogram, power_spectrogram
from sersk.descriptors._time import rms, zero_crossing_rate
from sersk.descriptors._window import get_window

__all__ = [
    "FUNCTIONALS",
    "apply_functionals",
    "cepstrum",
    "check_functionals",
    "delta",
    "frame",
    "frame_count",
    "get_window",
    "hz_to_mel",
    "mel_filterbank",
    "mel_spectrogram",
    "mel_to_hz",
    "mfcc",
    "power_spectrogram",
    "power_to_db",
    "rms",
    "zero_crossing_rate",
]
