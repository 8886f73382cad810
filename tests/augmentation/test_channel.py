import librosa
import numpy as np
import pytest

from sersk import AudioClips
from sersk.augmentation import LowRate, MuLaw
from tests.augmentation.conftest import RATE


@pytest.mark.parametrize("bits", [4, 8, 12])
def test_mu_law_agrees_with_librosa(clips, bits):
    mu = 2**bits - 1
    for clean, coded in zip(clips, clips.apply(MuLaw(bits).operation(0)), strict=True):
        assert len(np.unique(coded)) <= mu + 1
        theirs = librosa.mu_expand(
            librosa.mu_compress(clean, mu=mu, quantize=False), mu=mu, quantize=False
        )
        # Half a step of the compressed scale, which is steepest at full scale.
        widest = np.log1p(mu) * (1 + mu * np.abs(clean)) / mu**2
        assert np.all(np.abs(coded - theirs) <= 1.2 * widest + 1e-6)


def test_mu_law_by_hand():
    clips = AudioClips.from_arrays([[-2.0, -1.0, 1.0, 2.0]], sampling_rate=RATE)
    np.testing.assert_allclose(
        clips.apply(MuLaw().operation(0))[0], [-1, -1, 1, 1], rtol=1e-6
    )


def test_nothing_is_left_above_half_the_rate(clips):
    for clean, low in zip(clips, clips.apply(LowRate(4_000).operation(0)), strict=True):
        assert len(low) == len(clean)
        spectrum = np.abs(np.fft.rfft(low)) ** 2
        hertz = np.fft.rfftfreq(len(low), 1 / RATE)
        assert spectrum[hertz > 2_200].sum() < 1e-4 * spectrum.sum()


@pytest.mark.parametrize("rate", [16_000, 22_050])
def test_a_rate_that_is_not_lower_changes_nothing(clips, rate):
    same = clips.apply(LowRate(rate).operation(0))
    np.testing.assert_array_equal(same[0], clips[0])


@pytest.mark.parametrize(
    "augmenter", [MuLaw(0), MuLaw(8.0), LowRate(0), LowRate(-8_000), LowRate("8k")]
)
def test_bad_parameters_are_refused(augmenter):
    (name,) = augmenter.get_params()
    with pytest.raises(ValueError, match=name):
        augmenter.operation(0)
