"""Windows of files are those of arrays, in whatever order they are read."""

import tracemalloc

import numpy as np
import pytest
import soundfile
from numpy.testing import assert_allclose, assert_array_equal

from sersk import AudioClips, AudioError
from sersk.audio import _window_source as window_source
from sersk.audio import make_windows
from sersk.audio._windows import window_starts
from tests.audio.toy import RATE, noise

# Files.

FORMATS = [
    ("one.wav", {"subtype": "PCM_16"}),
    ("one.wav", {"subtype": "FLOAT"}),
    ("one.flac", {"subtype": "PCM_16"}),
    ("one.ogg", {"subtype": "VORBIS"}),
    ("one.mp3", {}),
]


@pytest.mark.parametrize("tail", ["drop", "shift", "pad"])
@pytest.mark.parametrize(("name", "settings"), FORMATS)
def test_windows_of_a_file_are_those_of_its_array(name, settings, tail, write):
    files = AudioClips.from_files([write(name, 3.3, **settings)])
    arrays = AudioClips.from_arrays(list(files), sampling_rate=RATE)
    ours = make_windows(files, 1.0, 0.25, tail=tail)
    theirs = make_windows(arrays, 1.0, 0.25, tail=tail)
    for key in ("window_of", "window_start"):
        assert_array_equal(ours.columns[key], theirs.columns[key])
    for window, expected in zip(ours, theirs, strict=True):
        assert_array_equal(window, expected)


@pytest.mark.parametrize("name", ["one.flac", "one.ogg", "one.mp3"])
def test_the_order_of_reading_changes_nothing(name, write, monkeypatch):
    monkeypatch.setattr(window_source, "_CHUNK", 10_000)
    files = AudioClips.from_files([write(name, 2.6), write(f"other_{name}", 1.2)])
    expected = [
        wave[first : first + 8_000]
        for wave in files
        for first in range(0, len(wave) - 8_000 + 1, 4_000)
    ]
    windows = make_windows(files, 0.5, 0.25)
    assert len(windows) == len(expected)
    for index in np.random.default_rng(0).permutation(len(windows)).tolist():
        assert_array_equal(windows[index], expected[index])


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("name", ["one.wav", "one.ogg"])
def test_windows_of_a_resampled_file_are_those_of_the_whole(name, rate, write):
    clips = AudioClips.from_files([write(name, 2.9, rate)], start=[0.3])
    whole = clips[0]
    windows = make_windows(clips, 0.5, 0.2, tail="shift")
    starts = window_starts(len(whole), 8_000, 3_200, "shift")
    assert len(windows) == len(starts)
    for window, first in zip(windows, starts, strict=True):
        assert_allclose(window, whole[first : first + 8_000], rtol=0, atol=1e-6)


def test_an_odd_rate_is_resampled_nearly_as_well(write):
    clips = AudioClips.from_files([write("one.wav", 4.0, 44_100)], sampling_rate=16_001)
    whole = clips[0]
    windows = make_windows(clips, 0.5, 0.5)
    for index, window in enumerate(windows):
        first = index * 8_000  # half a sample is rounded to the even number
        assert_allclose(window, whole[first : first + 8_000], rtol=0, atol=1e-5)


def test_parts_of_files(write):
    path = write("one.wav", 4.0)
    clips = AudioClips.from_files([path, path], start=[0.5, 2.0], end=[2.0, np.nan])
    windows = make_windows(clips, 1.0, 0.5)
    whole = soundfile.read(path, dtype="float32")[0]
    assert len(windows) == 2 + 3
    assert_array_equal(windows[1], whole[16_000:32_000])
    assert_array_equal(windows[4], whole[48_000:])
    frame = windows.to_frame()
    assert frame["start"].tolist() == [0.5, 1.0, 2.0, 2.5, 3.0]
    assert frame["end"].tolist() == [1.5, 2.0, 3.0, 3.5, 4.0]
    assert set(frame["file"]) == {str(path)}


def test_an_mp3_file_without_a_count_is_counted(tmp_path, write):
    settings = {"bitrate_mode": "CONSTANT", "compression_level": 0.4}
    content = write("one.mp3", 3.0, **settings).read_bytes()
    path = tmp_path / "uncounted.mp3"
    path.write_bytes(content[content.index(content[:2], 60) :])  # without its tag
    clips = AudioClips.from_files([path])
    n_samples = len(clips[0])
    windows = make_windows(clips, 0.5, 0.1, tail="shift")
    assert windows.columns["window_start"][-1] == (n_samples - 8_000) / RATE
    assert_array_equal(windows[len(windows) - 1], clips[0][-8_000:])


def test_only_the_window_is_held_to_the_longest_duration(write):
    clips = AudioClips.from_files([write("one.wav", 5.0)], max_duration=1.0)
    with pytest.raises(AudioError, match="longer than max_duration"):
        clips[0]
    assert make_windows(clips, 1.0, 1.0)[4].shape == (16_000,)
    with pytest.raises(ValueError, match=r"window=2.0 s is longer than max_dur.*=1 s"):
        make_windows(clips, 2.0, 1.0)
    windows = make_windows(clips.with_max_duration(2), 2.0, 1.0).with_max_duration(1)
    with pytest.raises(AudioError, match=r"one.wav, from 2 s'\) is a window of 2\.000"):
        windows[2]


def test_a_file_is_named_with_the_time_at_which_it_is_bad(tmp_path):
    wave = noise(32_000)
    wave[20_000] = np.nan
    soundfile.write(tmp_path / "one.wav", wave, RATE, subtype="FLOAT")
    windows = make_windows(AudioClips.from_files([tmp_path / "one.wav"]), 0.5, 0.5)
    assert windows[0].shape == (8_000,)
    with pytest.raises(
        AudioError, match=r"Clip 2 \('.*one.wav, from 1 s'\) holds 1 no"
    ):
        windows[2]


def test_channels_are_kept(tmp_path):
    from sersk.audio import select_channel

    stereo = np.stack([noise(32_000), noise(32_000, 1)], axis=1)
    soundfile.write(tmp_path / "two.wav", stereo, RATE, subtype="FLOAT")
    clips = AudioClips.from_files([tmp_path / "two.wav"])
    right = make_windows(select_channel(clips, 1), 1.0, 0.5)
    assert_array_equal(right[1], stereo[8_000:24_000, 1])
    assert_array_equal(make_windows(clips, 1.0, 0.5)[1], clips[0][8_000:24_000])
    with pytest.raises(AudioError, match=r"Clip 0 .* has 2 channels"):
        make_windows(select_channel(clips, 2), 1.0, 0.5)


# Memory.


@pytest.mark.parametrize("sampling_rate", [8_000, 6_000])
def test_a_long_file_is_never_held(sampling_rate, tmp_path):
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 8_000, 1, subtype="PCM_16") as file:
        for seed in range(60):
            file.write(noise(80_000, seed))  # ten minutes, 19 MB as float32
    clips = AudioClips.from_files([path], sampling_rate=sampling_rate)
    make_windows(clips, 1.0, 0.5)[0]  # what is imported, and kept, at the first use
    tracemalloc.start()
    try:
        windows = make_windows(clips, 1.0, 0.25)
        for index in range(0, len(windows), 40):
            assert windows[index].shape == (sampling_rate,)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(windows) == 2_397
    assert peak < 2e6
