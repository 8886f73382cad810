"""Clips to augment, and one augmenter of each kind."""

import numpy as np
import pytest

from sersk import AudioClips
from sersk.augmentation import (
    AddBackgroundNoise,
    AddNoise,
    AddReverb,
    ApplyImpulseResponse,
    Compose,
    Gain,
    LowRate,
    MuLaw,
    OneOf,
    PitchShift,
    SpeedPerturbation,
    TimeShift,
    TimeStretch,
)

RATE = 16_000


def noises(rate: int = RATE) -> AudioClips:
    """Return three recordings of noise, two shorter than most clips."""
    rng = np.random.default_rng(1)
    waveforms = [rng.normal(scale=0.1, size=n) for n in (rate, rate // 2, rate // 8)]
    return AudioClips.from_arrays(waveforms, sampling_rate=rate)


def every_augmenter() -> dict:
    """Return one augmenter of each class, with a range where there is one."""
    return {
        "AddBackgroundNoise": AddBackgroundNoise(noises()),
        "AddNoise": AddNoise(),
        "AddReverb": AddReverb(),
        "ApplyImpulseResponse": ApplyImpulseResponse(noises()),
        "Compose": Compose([Gain(), AddNoise()]),
        "Gain": Gain(),
        "LowRate": LowRate(),
        "MuLaw": MuLaw(),
        "OneOf": OneOf([Gain(), PitchShift()]),
        "PitchShift": PitchShift(),
        "SpeedPerturbation": SpeedPerturbation(),
        "TimeShift": TimeShift(),
        "TimeStretch": TimeStretch(),
    }


@pytest.fixture
def clips() -> AudioClips:
    """Return three clips that look a little like speech, with speakers."""
    rng = np.random.default_rng(0)
    waveforms = []
    for length, pitch in ((9_000, 110), (12_345, 180), (16_000, 230)):
        seconds = np.arange(length) / RATE
        envelope = 0.2 * (1.2 + np.sin(2 * np.pi * 3 * seconds))
        pulses = np.sin(2 * np.pi * pitch * seconds) ** 9
        waveforms.append(envelope * pulses + rng.normal(scale=1e-3, size=length))
    return AudioClips.from_arrays(
        waveforms, sampling_rate=RATE, columns={"speaker": ["a", "b", "b"]}
    )
