"""Change training clips in ways that leave their labels alone."""

from sersk.augmentation._base import BaseAugmenter
from sersk.augmentation._channel import LowRate, MuLaw
from sersk.augmentation._combine import Compose, OneOf
from sersk.augmentation._copies import add_copies
from sersk.augmentation._level import Gain, TimeShift
from sersk.augmentation._noise import AddBackgroundNoise, AddNoise
from sersk.augmentation._room import AddReverb, ApplyImpulseResponse
from sersk.augmentation._spec_augment import SpecAugment, spec_augment
from sersk.augmentation._tempo import PitchShift, SpeedPerturbation, TimeStretch

__all__ = [
    "AddBackgroundNoise",
    "AddNoise",
    "AddReverb",
    "ApplyImpulseResponse",
    "BaseAugmenter",
    "Compose",
    "Gain",
    "LowRate",
    "MuLaw",
    "OneOf",
    "PitchShift",
    "SpecAugment",
    "SpeedPerturbation",
    "TimeShift",
    "TimeStretch",
    "add_copies",
    "spec_augment",
]
