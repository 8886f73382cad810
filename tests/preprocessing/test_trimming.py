"""Trimming agrees with librosa to the sample, and the detector keeps short pauses."""

import librosa
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sersk import AudioClips, AudioError
from sersk.datasets import load_emodb, load_ravdess, make_emotional_speech
from sersk.preprocessing import TrimSilence
from sersk.preprocessing._trimming import find_sound, join_close

RATE = 16_000
NOISE = np.random.default_rng(0).normal(scale=0.1, size=8_192).astype(np.float32)


def _synthetic():
    corpus = make_emotional_speech(
        n_speakers=2, n_sentences=1, n_repetitions=1, random_state=0
    )
    generator = np.random.default_rng(1)
    waveforms = []
    for number, waveform in enumerate(corpus.clips):
        padded = np.pad(waveform, (1_000 * number, 777 * number))
        floor = generator.normal(scale=10.0 ** -(number % 6 + 1), size=len(padded))
        waveforms.append((padded + floor).astype(np.float32))
    return waveforms


def _trim(waveform, **parameters):
    return TrimSilence(**parameters).fit_transform([waveform])[0]


@pytest.mark.parametrize("top_db", [15, 20, 30, 40, 60, 80])
def test_edges_are_those_of_librosa(top_db):
    for waveform in _synthetic():
        expected, _ = librosa.effects.trim(waveform, top_db=top_db)
        assert_array_equal(_trim(waveform, top_db=top_db), expected)


@pytest.mark.parametrize(
    ("frame_length", "hop_length"), [(400, 160), (512, 512), (1023, 300), (256, 600)]
)
@pytest.mark.parametrize("length", [1, 255, 4_096, 9_001])
def test_edges_are_those_of_librosa_for_every_frame(frame_length, hop_length, length):
    steps = {"frame_length": frame_length, "hop_length": hop_length}
    envelope = np.linspace(0, 1, length, dtype=np.float32) ** 4
    waveform = envelope * np.resize(NOISE, length)
    expected, _ = librosa.effects.trim(waveform, top_db=25, **steps)
    stretches = find_sound(waveform, top_db=25, **steps)
    assert_array_equal(waveform[stretches[0, 0] : stretches[-1, 1]], expected)


# A part of RAVDESS will do.
@pytest.mark.filterwarnings("ignore::sersk.utils.CorpusWarning")
@pytest.mark.parametrize("loader", [load_emodb, load_ravdess])
@pytest.mark.parametrize("top_db", [20, 30, 60])
def test_edges_of_real_speech_are_those_of_librosa(loader, top_db, request):
    root = request.getfixturevalue(loader.__name__.replace("load_", "") + "_root")
    clips = loader(root).clips[::100]
    for waveform, trimmed in zip(
        clips, TrimSilence(top_db).fit_transform(clips), strict=True
    ):
        assert_array_equal(trimmed, librosa.effects.trim(waveform, top_db=top_db)[0])


def test_cuts_by_hand():
    # Frame t holds samples 512 t - 1024 to 512 t + 1023: sound lies in 7 to 17.
    waveform = np.zeros(16_000, np.float32)
    waveform[4_096:8_000] = 0.5
    assert_array_equal(find_sound(waveform), [[7 * 512, 18 * 512]])


def test_a_frame_at_the_threshold_is_silent():
    # As librosa: a level of -20 dB is not above -20 dB.
    waveform = np.repeat(np.float32([1.0, 0.1]), 1_024)
    steps = {"frame_length": 2, "hop_length": 2}
    assert find_sound(waveform, top_db=19.9, **steps)[-1, 1] == 1_026
    assert find_sound(waveform, top_db=20.1, **steps)[-1, 1] == 2_048


def test_without_pauses_it_is_the_split_of_librosa():
    waveform = np.concatenate([NOISE, np.zeros(8_192, np.float32), NOISE])
    parts = librosa.effects.split(waveform, top_db=40)
    assert len(parts) == 2
    expected = np.concatenate([waveform[first:stop] for first, stop in parts])
    trimmed = _trim(waveform, top_db=40, method="vad", max_pause=0)
    assert_array_equal(trimmed, expected)


@pytest.mark.parametrize(("max_pause", "removed"), [(0.41, 13 * 512), (0.42, 0)])
def test_short_pauses_are_kept(max_pause, removed):
    # Sound ends with frame 18 and begins again with frame 31: 0.416 s of silence.
    waveform = np.concatenate([NOISE, np.zeros(8_192, np.float32), NOISE])
    trimmed = _trim(waveform, top_db=40, method="vad", max_pause=max_pause)
    assert len(waveform) - len(trimmed) == removed


def test_close_stretches_are_joined():
    stretches = np.array([[0, 10], [15, 20], [26, 30], [30, 31]])
    assert_array_equal(join_close(stretches, 0), [[0, 10], [15, 20], [26, 31]])
    assert_array_equal(join_close(stretches, 5), [[0, 20], [26, 31]])
    assert_array_equal(join_close(stretches, np.inf), [[0, 31]])


@pytest.mark.parametrize("method", ["edges", "vad"])
@pytest.mark.parametrize(
    "waveform", [np.zeros(5_000), np.full(5_000, 0.25), np.full(5_000, 1e-7), [0.5]]
)
def test_what_is_nowhere_louder_is_kept(waveform, method):
    trimmed = _trim(waveform, method=method)
    assert_array_equal(trimmed, np.float32(waveform))


def test_a_clip_that_trimming_empties_is_named(write_wav):
    # With hops longer than half a frame, the only loud frame begins at the end.
    click = np.zeros(1_024)
    click[-10:] = 0.5
    files = [write_wav(NOISE, name="good.wav"), write_wav(click, name="bad.wav")]
    step = TrimSilence(frame_length=512, hop_length=512)
    clips = step.fit_transform(files)
    with pytest.raises(
        AudioError, match=r"Clip 1 \('.*bad.wav'\) is emptied by trimming \(top_db=60"
    ):
        clips[1]
    assert len(clips[0])


@pytest.mark.parametrize(
    "parameters",
    [
        {"top_db": 0},
        {"top_db": -20},
        {"top_db": np.nan},
        {"top_db": "60"},
        {"method": "energy"},
        {"max_pause": -0.1},
        {"max_pause": np.nan},
        {"frame_length": 0},
        {"hop_length": 0.5},
        {"max_removed": 1.5},
        {"max_removed": np.nan},
    ],
)
def test_bad_parameters_are_refused(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of TrimSilence"):
        TrimSilence(**parameters).fit([NOISE])


def test_what_cannot_change_the_samples_is_not_in_the_digest():
    clips = AudioClips.from_arrays([NOISE], sampling_rate=RATE)

    def digest(**parameters):
        return TrimSilence(**parameters).fit_transform(clips).digests

    assert digest(max_removed=0.1) == digest()
    # Pauses of any length stay where only the ends are cut.
    assert digest(max_pause=0.1) == digest()
    assert digest(max_pause=0.1, method="vad") != digest(method="vad")
    assert digest(top_db=30) != digest()
