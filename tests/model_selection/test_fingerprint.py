"""Copies are near their original, and other recordings are not."""

import io

import numpy as np
import pytest
import soundfile
import soxr

from sersk import AudioClips
from sersk.datasets import load_emodb, make_emotional_speech
from sersk.model_selection._fingerprint import (
    THRESHOLD,
    Fingerprint,
    confirm,
    correlate,
    find_near_copies,
    listen,
    make_fingerprint,
)

RATE = 16_000


def _noise(wave, level=-40):
    noise = np.random.default_rng(0).normal(0, 10 ** (level / 20), len(wave))
    return wave + noise * np.sqrt(np.mean(wave**2))


def _encode(wave, name):
    file = io.BytesIO()
    soundfile.write(file, wave, RATE, format=name)
    file.seek(0)
    return soundfile.read(file)[0]


COPIES = {
    "gain": lambda wave: 0.5 * wave,
    "negative": lambda wave: -wave,
    "noise": _noise,
    "trim": lambda wave: wave[320:-320],
    "pad": lambda wave: np.pad(wave, 1600),
    "rate": lambda wave: soxr.resample(soxr.resample(wave, RATE, 8000), 8000, RATE),
    "mp3": lambda wave: _encode(wave, "MP3"),
    "ogg": lambda wave: _encode(wave, "OGG"),
    "all": lambda wave: 0.5 * _noise(wave[320:-320]),
}


@pytest.fixture(scope="module")
def voices() -> AudioClips:
    options = {"n_repetitions": 1, "random_state": 0}
    return make_emotional_speech(n_speakers=4, n_sentences=6, **options).clips


def _distance(one: Fingerprint, other: Fingerprint) -> float:
    return float(np.min(1 - np.sum(one.shapes * other.shapes, axis=1)))


@pytest.mark.parametrize("name", COPIES)
def test_copies_are_near(name, voices):
    for wave in voices[::6]:
        copy = make_fingerprint(COPIES[name](wave).astype(np.float32))
        pairs = find_near_copies([make_fingerprint(wave), copy])
        assert [pair[:2] for pair in pairs] == [(0, 1)]
        assert pairs[0][2] == pytest.approx(
            _distance(make_fingerprint(wave), copy), abs=1e-5
        )
        clips = AudioClips.from_arrays(
            [wave, COPIES[name](wave).astype(np.float32)], sampling_rate=RATE
        )
        assert len(confirm(clips, pairs)) == 1


def test_other_recordings_are_not(voices):
    pairs = find_near_copies(listen(voices))
    # Synthetic voices are more alike than people's.
    assert pairs
    assert confirm(voices, pairs) == []


def test_a_waveform_is_found_again_wherever_it_is():
    noise = np.random.default_rng(0).normal(size=1000)
    assert correlate(noise, -3 * noise) == pytest.approx(1)
    # The half of a waveform has half of its energy.
    assert correlate(noise, noise[500:]) == pytest.approx(np.sqrt(0.5), abs=0.05)
    assert correlate(noise, np.pad(noise, (700, 0))) == pytest.approx(1)
    assert correlate(noise, noise[::-1]) < 0.2
    assert correlate(noise, np.zeros(10)) == 0


def test_all_pairs_are_compared(voices):
    """Sorting and blocks lose no pair: the same as comparing each with each."""
    heard = listen(voices)
    found = find_near_copies(heard, threshold=0.5)
    for first, second, distance in found:
        assert first < second
        assert distance <= 0.5
    nearest = {
        (i, j): _distance(heard[i], heard[j])
        for i in range(len(heard))
        for j in range(i + 1, len(heard))
    }
    lasting = {
        pair
        for pair, distance in nearest.items()
        if distance < 0.5
        and np.all(np.abs(heard[pair[0]].n_frames - heard[pair[1]].n_frames) < 5)
    }
    assert lasting
    assert lasting <= {pair[:2] for pair in found}


def test_a_shape_has_the_length_of_one(voices):
    shapes = make_fingerprint(voices[0]).shapes
    assert shapes.shape == (2, 32 * 24)
    assert shapes.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(shapes, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(shapes.mean(axis=1), 0, atol=1e-6)


@pytest.mark.parametrize("length", [1, 10, 100, 16_000])
def test_silence_has_no_shape(length):
    assert make_fingerprint(np.zeros(length, dtype=np.float32)) is None


@pytest.mark.parametrize("length", [1, 10, 300])
def test_short_clips_have_one_or_none(length):
    wave = np.random.default_rng(0).uniform(-1, 1, length).astype(np.float32)
    result = make_fingerprint(wave)
    assert result is None or np.isfinite(result.shapes).all()


def test_workers_change_nothing(voices):
    alone, together = listen(voices[:20]), listen(voices[:20], n_jobs=2)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one.shapes, other.shapes)


def test_clips_that_cannot_be_read_say_why(wav_files):
    heard = listen(AudioClips.from_files([wav_files[0], "gone.wav"]))
    assert "no such file" in heard[1]
    assert find_near_copies(heard) == []


def test_clips_of_another_rate_are_resampled(voices):
    low = voices.resample(8_000)
    again = listen(low[:4])
    for one, other in zip(listen(voices[:4]), again, strict=True):
        assert _distance(one, other) < THRESHOLD


def test_copies_of_emodb_are_near_and_nothing_else_is(emodb_root):
    clips = load_emodb(emodb_root).clips
    heard = listen(clips)
    assert find_near_copies(heard, threshold=0.11) == []
    some = range(0, len(clips), 20)
    changed = [clips[i] for i in some]
    copies = [
        make_fingerprint(COPIES["all"](wave).astype(np.float32)) for wave in changed
    ]
    pairs = find_near_copies([*heard, *copies])
    expected = [(i, len(heard) + at) for at, i in enumerate(some)]
    assert [pair[:2] for pair in pairs] == expected
