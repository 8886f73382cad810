"""Looking at a file without decoding it."""

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from sersk.audio import RecordingHeader, inspect_recording
from sersk.audio._reading import read_recording
from sersk.utils import AudioError

RATE = 16_000
NOISE = np.random.default_rng(0).uniform(-0.5, 0.5, 24_000)
FORMATS = [
    ("WAV", "PCM_16"),
    ("WAV", "FLOAT"),
    ("WAVEX", "PCM_24"),
    ("RF64", "PCM_16"),
    ("FLAC", "PCM_16"),
    ("OGG", "VORBIS"),
    ("MP3", "MPEG_LAYER_III"),
]


@pytest.mark.parametrize(("container", "subtype"), FORMATS)
@pytest.mark.parametrize("n_channels", [1, 2])
def test_the_header_agrees_with_what_is_decoded(
    tmp_path, container, subtype, n_channels
):
    path = tmp_path / "clip"
    samples = np.repeat(NOISE[:, None], n_channels, axis=1)
    soundfile.write(path, samples, RATE, format=container, subtype=subtype)
    header = inspect_recording(path)
    recording = read_recording(path)
    assert header == (recording.samples.size, recording.sampling_rate, n_channels)
    assert header.duration == recording.samples.size / recording.sampling_rate
    assert [type(value) for value in header] == [int, int, int]


@given(n_frames=st.integers(1, 3_000), rate=st.integers(2_000, 384_000))
def test_length_and_rate_are_exact(tmp_path_factory, n_frames, rate):
    path = tmp_path_factory.mktemp("any") / "clip.wav"
    soundfile.write(path, np.zeros(n_frames), rate)
    assert inspect_recording(path) == RecordingHeader(n_frames, rate, 1)


def test_a_path_may_be_bytes(wav_files):
    path = wav_files[0]
    assert inspect_recording(str(path).encode()) == inspect_recording(path)


def truncated(path):
    path.write_bytes(path.read_bytes()[:-1_000])


def empty(path):
    path.write_bytes(b"")


def without_samples(path):
    soundfile.write(path, np.empty(0), RATE)


def foreign(path):
    path.write_bytes(b"ID3, or so one might think")


def missing(path):
    path.unlink()


def folder(path):
    path.unlink()
    path.mkdir()


def with_a_rate_of_no_speech(path):
    soundfile.write(path, NOISE, 1_000)


@pytest.mark.parametrize(
    "spoil",
    [
        truncated,
        empty,
        without_samples,
        foreign,
        missing,
        folder,
        with_a_rate_of_no_speech,
    ],
)
def test_refusals_are_those_of_reading(wav_files, spoil):
    path = wav_files[0]
    spoil(path)
    with pytest.raises(AudioError) as expected:
        read_recording(path)
    with pytest.raises(AudioError) as refused:
        inspect_recording(path)
    assert str(refused.value) == str(expected.value)


def test_nothing_is_decoded(tmp_path):
    path = tmp_path / "clip.flac"
    soundfile.write(path, NOISE, RATE)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)
    with pytest.raises(AudioError):
        read_recording(path)
    assert inspect_recording(path).n_frames == NOISE.size


@pytest.mark.parametrize("path", [3, None, ["clip.wav"]])
def test_a_path_of_a_wrong_type_is_a_type_error(path):
    with pytest.raises(TypeError):
        inspect_recording(path)
