"""Prepare waveforms, features and labels for a classifier."""

from sersk.preprocessing._amplitude import NormalizeAmplitude
from sersk.preprocessing._duration import FixDuration
from sersk.preprocessing._filtering import HighPass, PreEmphasis
from sersk.preprocessing._label_encoded import LabelEncodedClassifier
from sersk.preprocessing._recording_steps import MixDown, Resample
from sersk.preprocessing._sequence_scaler import SequenceScaler
from sersk.preprocessing._speaker_scaler import SpeakerScaler
from sersk.preprocessing._trimming import TrimSilence
from sersk.preprocessing._waveform_step import WaveformStep

__all__ = [
    "FixDuration",
    "HighPass",
    "LabelEncodedClassifier",
    "MixDown",
    "NormalizeAmplitude",
    "PreEmphasis",
    "Resample",
    "SequenceScaler",
    "SpeakerScaler",
    "TrimSilence",
    "WaveformStep",
]
