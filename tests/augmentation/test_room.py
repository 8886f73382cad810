import numpy as np
import pytest
import scipy.signal

from sersk import AudioClips, AudioError
from sersk.augmentation import AddReverb, ApplyImpulseResponse
from sersk.augmentation._room import apply_response, make_response
from tests.augmentation.conftest import RATE


@pytest.mark.parametrize("rt60", [0.2, 0.5, 1.3])
def test_the_tail_decays_by_60_decibels(rt60):
    response = make_response(rt60, 3.0, RATE, np.random.default_rng(0))
    energy = response[1:].astype(float) ** 2
    # Schroeder's integral, fitted where it is not bent by the end of the tail.
    decay = 10 * np.log10(np.cumsum(energy[::-1])[::-1] / energy.sum())
    heard = (decay < -5) & (decay > -35)
    slope = np.polyfit(np.flatnonzero(heard) / RATE, decay[heard], 1)[0]
    assert -60 / slope == pytest.approx(rt60, rel=0.05)


@pytest.mark.parametrize("drr", [-3, 0, 10])
def test_direct_and_reverberant_energy_have_their_ratio(drr):
    response = make_response(0.4, drr, RATE, np.random.default_rng(0)).astype(float)
    ratio = 10 * np.log10(response[0] ** 2 / np.sum(response[1:] ** 2))
    assert ratio == pytest.approx(drr, abs=1e-4)


def test_a_response_is_convolved(clips):
    response = np.random.default_rng(0).normal(size=700).astype(np.float32)
    for waveform in clips:
        expected = scipy.signal.fftconvolve(waveform.astype(float), response)
        expected = expected[: len(waveform)]
        expected *= np.linalg.norm(waveform) / np.linalg.norm(expected)
        np.testing.assert_allclose(
            apply_response(waveform, response), expected, atol=1e-5
        )


@pytest.mark.parametrize(
    "augmenter",
    [AddReverb(), ApplyImpulseResponse([np.array([0.0, 0.1, 0.9, 0.3])])],
)
def test_length_and_power_stay(augmenter, clips):
    for clean, heard in zip(clips, clips.apply(augmenter.operation(0)), strict=True):
        assert len(heard) == len(clean)
        assert np.linalg.norm(heard) == pytest.approx(np.linalg.norm(clean), rel=1e-4)


def test_a_delay_is_cut_off(clips):
    delayed = AudioClips.from_arrays([[0, 0, 0, 0.5]], sampling_rate=RATE)
    heard = clips.apply(ApplyImpulseResponse(delayed).operation(0))
    np.testing.assert_allclose(heard[0], clips[0], atol=1e-6)


def test_a_silent_response_is_named_with_the_clip(clips):
    augmented = clips.apply(ApplyImpulseResponse([np.zeros(9)]).operation(0))
    with pytest.raises(
        AudioError, match=r"^Clip 2 cannot be put into the room of recording 0, which"
    ):
        augmented[2]


@pytest.mark.parametrize(
    "parameters", [{"rt60": 0}, {"rt60": -1}, {"rt60": (0.5, 0.2)}, {"drr": np.nan}]
)
def test_bad_parameters_are_named(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"^{name}="):
        AddReverb(**parameters).operation(0)


def test_no_response_is_refused():
    with pytest.raises(ValueError, match=r"^responses is empty"):
        ApplyImpulseResponse([]).operation(0)
