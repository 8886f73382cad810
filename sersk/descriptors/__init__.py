"""Pure functions from waveforms to frames, and from frames to numbers.

Names, parameters and shapes are librosa's, and so are the numbers.
"""

from sersk.descriptors._cepstrum import cepstrum, delta, mfcc, power_to_db
from sersk.descriptors._chroma import chroma, chroma_filterbank
from sersk.descriptors._formants import Formants, formants
from sersk.descriptors._framing import frame, frame_count
from sersk.descriptors._functionals import (
    FUNCTIONALS,
    apply_functionals,
    check_functionals,
    measured_functionals,
)
from sersk.descriptors._loudness import integrated_loudness
from sersk.descriptors._mel import hz_to_mel, mel_filterbank, mel_to_hz
from sersk.descriptors._pitch import PITCH_METHODS, PitchTrack, track_pitch, yin
from sersk.descriptors._rhythm import RHYTHM, speech_rhythm
from sersk.descriptors._spectral import (
    contrast_band_count,
    spectral_bandwidth,
    spectral_centroid,
    spectral_contrast,
    spectral_flatness,
    spectral_flux,
    spectral_rolloff,
)
from sersk.descriptors._spectrum import mel_spectrogram, power_spectrogram
from sersk.descriptors._time import rms, zero_crossing_rate
from sersk.descriptors._voice_quality import (
    GlottalCycles,
    find_cycles,
    harmonics_to_noise_ratio,
    jitter,
    shimmer,
)
from sersk.descriptors._window import get_window

__all__ = [
    "FUNCTIONALS",
    "PITCH_METHODS",
    "RHYTHM",
    "Formants",
    "GlottalCycles",
    "PitchTrack",
    "apply_functionals",
    "cepstrum",
    "check_functionals",
    "chroma",
    "chroma_filterbank",
    "contrast_band_count",
    "delta",
    "find_cycles",
    "formants",
    "frame",
    "frame_count",
    "get_window",
    "harmonics_to_noise_ratio",
    "hz_to_mel",
    "integrated_loudness",
    "jitter",
    "measured_functionals",
    "mel_filterbank",
    "mel_spectrogram",
    "mel_to_hz",
    "mfcc",
    "power_spectrogram",
    "power_to_db",
    "rms",
    "shimmer",
    "spectral_bandwidth",
    "spectral_centroid",
    "spectral_contrast",
    "spectral_flatness",
    "spectral_flux",
    "spectral_rolloff",
    "speech_rhythm",
    "track_pitch",
    "yin",
    "zero_crossing_rate",
]
