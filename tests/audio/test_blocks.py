import numpy as np
import pytest
import soundfile

from sersk.audio import _blocks
from sersk.audio._blocks import mix, read_blocks
from sersk.audio._reading import read_recording


@pytest.fixture(params=[1, 3])
def sound(request, tmp_path):
    noise = np.random.default_rng(0).uniform(-0.9, 0.9, (10_000, request.param))
    soundfile.write(tmp_path / "noise.wav", noise, 16_000, subtype="FLOAT")
    with soundfile.SoundFile(tmp_path / "noise.wav") as opened:
        yield opened


def expected(sound):
    return soundfile.read(sound.name, dtype="float32", always_2d=True)[0]


@pytest.mark.parametrize("scratch_values", [4, 1_000, 1 << 16])
def test_blocks_are_what_the_file_holds(sound, monkeypatch, scratch_values):
    monkeypatch.setattr(_blocks, "_BLOCK_VALUES", 6_000)
    monkeypatch.setattr(_blocks, "_SCRATCH_VALUES", scratch_values)
    blocks = list(read_blocks(sound, 10_000))
    assert len(blocks) == -(-10_000 // (6_000 // sound.channels))
    np.testing.assert_array_equal(np.concatenate(blocks), expected(sound))


def test_a_file_that_is_shorter_than_asked_gives_what_it_has(sound):
    (block,) = read_blocks(sound, 12_000)
    np.testing.assert_array_equal(block, expected(sound))


def test_what_was_read_outlives_the_next_file(tmp_path):
    for name, value in (("first", 0.25), ("second", 0.5)):
        soundfile.write(tmp_path / f"{name}.wav", np.full(5_000, value), 16_000)
    first = read_recording(tmp_path / "first.wav").samples
    read_recording(tmp_path / "second.wav")
    assert (first == 0.25).all()


def test_channels_are_averaged_or_chosen():
    block = np.array([[0.5, -0.25, 0.5], [0.0, 0.75, 0.0]], dtype=np.float32)
    np.testing.assert_array_equal(mix(block, None), [0.25, 0.25])
    np.testing.assert_array_equal(mix(block, 1), [-0.25, 0.75])
