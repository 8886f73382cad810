"""The synthetic corpus: what the docstring says of it must be true."""

import pickle
import re

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import (
    LeaveOneGroupOut,
    StratifiedKFold,
    cross_val_predict,
)

from sersk.audio import AudioClips
from sersk.datasets import make_emotional_speech
from sersk.datasets._synthetic import _EXPRESSIONS

TRUTH = ["duration", "f0", "f0_range", "level", "rate", "tilt"]
CHANCE = 0.25


def spectra(clips):
    """Return mean and deviation, over the loud frames, of log energy in 20 bands."""
    window = np.hanning(512).astype(np.float32)
    rows = []
    for waveform in clips:
        frames = np.lib.stride_tricks.sliding_window_view(waveform, 512)[::256]
        power = np.abs(np.fft.rfft(frames * window)) ** 2
        edges = np.unique(np.geomspace(2, 257, 21).astype(int))
        bands = np.log(np.add.reduceat(power[:, 2:257], edges[:-1] - 2, axis=1) + 1e-9)
        loud = bands[bands.mean(axis=1) > np.median(bands.mean(axis=1))]
        rows.append(np.concatenate([loud.mean(axis=0), loud.std(axis=0)]))
    return np.array(rows)


def voices(corpus):
    """Return the true parameters as features, on scales that suit a linear model."""
    truth = corpus.frame[TRUTH].to_numpy()
    return np.concatenate([np.log(truth[:, [0, 1, 2, 4]]), truth[:, [3, 5]]], axis=1)


def per_speaker(features, speakers):
    """Return features relative to their mean over the speaker."""
    centred = features.copy()
    for speaker in np.unique(speakers):
        centred[speakers == speaker] -= features[speakers == speaker].mean(axis=0)
    return centred


def score(features, target, groups=None):
    """Return the recall averaged over classes, by groups or by a random split."""
    cv = (
        StratifiedKFold(4, shuffle=True, random_state=0)
        if groups is None
        else LeaveOneGroupOut()
    )
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.01)
    predicted = cross_val_predict(model, features, target, cv=cv, groups=groups)
    return balanced_accuracy_score(target, predicted)


@pytest.fixture(scope="module")
def corpus():
    return make_emotional_speech(random_state=0)


@pytest.fixture(scope="module")
def mute():
    """Return a corpus whose labels nothing in the sound tells."""
    return make_emotional_speech(emotion_effect=0, random_state=1)


@pytest.fixture(scope="module")
def confounded():
    """Return a corpus in which the voice tells the label, but not the emotion."""
    return make_emotional_speech(
        n_speakers=8,
        emotion_effect=0,
        speaker_effect=1.5,
        label_confounding=1,
        random_state=2,
    )


# What is returned.


def test_every_speaker_says_every_sentence_with_every_emotion(corpus):
    assert len(corpus) == 8 * 3 * 4 * 2
    cells = corpus.frame.groupby(["speaker", "sentence", "emotion"]).size()
    assert len(cells) == 8 * 3 * 4
    assert (cells == 2).all()


def test_clips_are_float32_below_one_and_not_silent(corpus):
    for waveform in corpus.clips:
        assert waveform.dtype == np.float32
        assert 0.001 < np.abs(waveform).max() < 1


def test_clips_carry_who_and_what_but_not_the_truth(corpus):
    expected = {"speaker", "session", "sentence", "gender"}
    assert set(corpus.clips.columns) == expected
    assert corpus.clips.files is None


def test_speakers_are_men_and_women_and_two_share_a_session(corpus):
    speakers = corpus.frame.groupby("speaker")[["gender", "session"]].first()
    assert speakers.index.tolist() == [f"{n:02d}" for n in range(1, 9)]
    sessions = [f"{n:02d}" for n in (1, 1, 2, 2, 3, 3, 4, 4)]
    assert speakers["session"].tolist() == sessions
    assert (speakers["gender"] == "male").sum() == 4


def test_nothing_is_amiss_with_a_synthetic_corpus(corpus):
    assert corpus.problems == []
    assert str(corpus.scheme) == "synthetic: anger, happy, neutral, sad"


def test_the_scheme_has_the_order_asked_for():
    corpus = make_emotional_speech(1, 1, 1, ["surprise", "boredom"], random_state=0)
    assert corpus.scheme.classes == ("surprise", "boredom")
    assert corpus.target.tolist() == ["surprise", "boredom"]


def test_clips_and_target_can_be_had_alone(corpus):
    clips, target = make_emotional_speech(n_speakers=1, random_state=0, return_X_y=True)
    first = corpus.select(speaker="01")
    assert isinstance(clips, AudioClips)
    assert clips.digests == first.clips.digests
    assert target.tolist() == first.target.tolist()


@pytest.mark.parametrize("sampling_rate", [8_000, 22_050])
def test_the_rate_asked_for(sampling_rate):
    corpus = make_emotional_speech(1, 1, 1, sampling_rate=sampling_rate, random_state=0)
    lengths = [len(waveform) / sampling_rate for waveform in corpus.clips]
    assert corpus.clips.sampling_rate == sampling_rate
    assert lengths == pytest.approx(corpus.frame["duration"].tolist())


def test_a_neutral_clip_lasts_about_as_long_as_asked_for():
    for duration in (0.8, 3.0):
        corpus = make_emotional_speech(4, 2, 2, duration=duration, random_state=0)
        neutral = corpus.select(emotion="neutral").frame["duration"]
        assert neutral.median() == pytest.approx(duration, rel=0.2)


def test_a_corpus_survives_pickling(corpus):
    again = pickle.loads(pickle.dumps(corpus))
    assert again.clips.digests == corpus.clips.digests


# Randomness.


def test_the_same_seed_gives_the_same_corpus(corpus):
    again = make_emotional_speech(random_state=0)
    assert again.clips.digests == corpus.clips.digests
    assert again.frame.equals(corpus.frame)


def test_another_seed_gives_another_corpus():
    digests = [
        digest
        for seed in (0, 1, None, None)
        for digest in make_emotional_speech(1, 1, 1, random_state=seed).clips.digests
    ]
    assert len(set(digests)) == len(digests) == 16


@pytest.mark.parametrize("make", [np.random.RandomState, np.random.default_rng])
def test_a_generator_is_a_seed_that_moves_on(make):
    first, same, state = make(3), make(3), make(4)
    one = make_emotional_speech(1, 1, 1, random_state=first)
    assert one.clips.digests == (
        make_emotional_speech(1, 1, 1, random_state=same).clips.digests
    )
    assert one.clips.digests != (
        make_emotional_speech(1, 1, 1, random_state=first).clips.digests
    )
    assert one.clips.digests != (
        make_emotional_speech(1, 1, 1, random_state=state).clips.digests
    )


@pytest.mark.parametrize("seed", [0, None])
def test_the_global_generator_is_left_alone(seed):
    np.random.seed(0)  # noqa: NPY002 -- the global generator is what is tested
    before = np.random.get_state()[1:3]  # noqa: NPY002 -- as above
    make_emotional_speech(1, 1, 1, random_state=seed)
    after = np.random.get_state()[1:3]  # noqa: NPY002 -- as above
    assert np.array_equal(before[0], after[0])
    assert before[1] == after[1]


def test_a_smaller_corpus_is_a_part_of_a_larger_one(corpus):
    small = make_emotional_speech(3, 2, 1, random_state=0)
    part = corpus.select(
        speaker=["01", "02", "03"], sentence=["s01", "s02"], repetition=1
    )
    assert part.clips.digests == small.clips.digests
    assert part.frame.equals(small.frame)


# The truth of each clip.


def test_the_level_is_that_of_the_waveform(corpus):
    heard = [10 * np.log10(np.mean(waveform**2)) for waveform in corpus.clips]
    np.testing.assert_allclose(heard, corpus.frame["level"], atol=0.01)


def test_the_duration_is_that_of_six_syllables_at_the_rate(corpus):
    expected = 6 / corpus.frame["rate"] + 0.12
    np.testing.assert_allclose(corpus.frame["duration"], expected, atol=1e-4)


def test_the_f0_is_that_of_the_waveform(corpus):
    part = corpus.select(sentence="s01", repetition=1)
    heard = []
    for waveform in part.clips:
        frames = np.lib.stride_tricks.sliding_window_view(waveform, 800)[::400]
        loud = frames[np.std(frames, axis=1) > 0.5 * np.std(waveform)]
        power = np.abs(np.fft.rfft(loud * np.hanning(800), 3_200)) ** 2
        correlation = np.fft.irfft(power)[:, 16_000 // 500 : 16_000 // 60]
        pitches = 16_000 / (16_000 // 500 + correlation.argmax(axis=1))
        heard.append(np.median(pitches))
    # In semitones; the median of the loud frames is not the mean over the speech.
    errors = 12 * np.log2(heard / part.frame["f0"])
    assert np.median(np.abs(errors)) < 1.0
    assert np.corrcoef(np.log(heard), np.log(part.frame["f0"]))[0, 1] > 0.9


def test_emotions_change_the_voice_by_the_table():
    emotions = tuple(_EXPRESSIONS)
    options = {"emotions": emotions, "random_state": 5}
    none = make_emotional_speech(2, 1, 1, emotion_effect=0, **options).frame
    full = make_emotional_speech(2, 1, 1, emotion_effect=1, **options).frame
    half = make_emotional_speech(2, 1, 1, emotion_effect=0.5, **options).frame
    for row, emotion in enumerate(none["emotion"]):
        played = _EXPRESSIONS[emotion]
        for effect, frame in [(1, full), (0.5, half)]:
            factor = frame.loc[row, TRUTH] / none.loc[row, TRUTH]
            added = frame.loc[row, TRUTH] - none.loc[row, TRUTH]
            assert factor["f0"] == pytest.approx(2 ** (effect * played.f0 / 12))
            assert factor["f0_range"] == pytest.approx(played.f0_range**effect)
            assert factor["rate"] == pytest.approx(played.rate**effect)
            assert added["level"] == pytest.approx(effect * played.level, abs=1e-3)
            assert added["tilt"] == pytest.approx(effect * played.tilt)


def test_the_table_in_the_docstring_is_the_one_in_use():
    rows = re.findall(
        r"^ +(\w+) +([+-]?[\d.]+) +([\d.]+) +([+-]?[\d.]+) +([\d.]+) +([+-]?[\d.]+)$",
        make_emotional_speech.__doc__,
        flags=re.MULTILINE,
    )
    printed = {name: tuple(map(float, numbers)) for name, *numbers in rows}
    used = {
        name: (played.f0, played.f0_range, played.level, played.rate, played.tilt)
        for name, played in _EXPRESSIONS.items()
    }
    assert printed == used


# The effects, one at a time.


@pytest.mark.parametrize(
    ("effect", "column"),
    [
        ("emotion_effect", "emotion"),
        ("speaker_effect", "speaker"),
        ("session_effect", "session"),
        ("script_effect", "sentence"),
    ],
)
def test_an_effect_is_heard_and_without_it_nothing_is(effect, column):
    effects = dict.fromkeys(
        ["emotion_effect", "speaker_effect", "session_effect", "script_effect"], 0.0
    )
    scores = []
    for strength in (0.0, 2.0):
        corpus = make_emotional_speech(
            4, 3, 2, random_state=3, **{**effects, effect: strength}
        )
        features = np.concatenate([spectra(corpus.clips), voices(corpus)], axis=1)
        scores.append(score(features, corpus.frame[column].to_numpy()))
    chance = 1 / corpus.frame[column].nunique()
    assert scores[0] < chance + 0.15
    assert scores[1] > chance + 0.4


def test_sessions_do_not_sound_unless_asked_to(corpus):
    quiet = make_emotional_speech(2, 1, 1, random_state=0)
    loud = make_emotional_speech(2, 1, 1, session_effect=1.0, random_state=0)
    assert quiet.frame["f0"].equals(loud.frame["f0"])
    tilt = loud.frame["tilt"] - quiet.frame["tilt"]
    assert tilt.nunique() <= 2  # one session, up to rounding
    assert abs(tilt[0]) > 0


def test_women_have_higher_voices_and_formants(corpus):
    pitches = corpus.frame.groupby("gender")["f0"].median()
    assert pitches["female"] > 1.3 * pitches["male"]


# What a protocol must find.


def test_the_task_is_neither_trivial_nor_hopeless(corpus):
    features = np.concatenate([spectra(corpus.clips), voices(corpus)], axis=1)
    heard = score(spectra(corpus.clips), corpus.target, corpus.clips.speaker)
    known = score(features, corpus.target, corpus.clips.speaker)
    assert CHANCE + 0.15 < heard < 0.9
    assert known < 1


def test_normalising_speakers_helps(corpus):
    speakers = corpus.clips.speaker
    features = spectra(corpus.clips)
    raw = score(features, corpus.target, speakers)
    normalised = score(per_speaker(features, speakers), corpus.target, speakers)
    assert normalised > raw + 0.05


def test_without_an_effect_nothing_beats_chance(mute):
    for features in (spectra(mute.clips), voices(mute)):
        assert score(features, mute.target, mute.clips.speaker) < CHANCE + 0.12
        assert score(features, mute.target) < CHANCE + 0.12


def test_a_random_split_takes_the_voice_for_the_emotion(confounded):
    features = np.concatenate([spectra(confounded.clips), voices(confounded)], axis=1)
    random = score(features, confounded.target)
    honest = score(features, confounded.target, confounded.clips.speaker)
    assert random > 0.7
    assert honest < CHANCE + 0.1


def test_a_confounded_speaker_has_one_label(confounded):
    labels = confounded.frame.groupby("speaker")["emotion"].unique()
    assert [list(values) for values in labels] == 2 * [
        ["anger"],
        ["happy"],
        ["neutral"],
        ["sad"],
    ]


def test_a_favourite_belongs_to_neither_sex(confounded):
    counts = confounded.frame.groupby(["emotion", "gender"])["speaker"].nunique()
    assert len(counts) == 8
    assert (counts == 1).all()


def test_confounding_is_a_probability():
    corpus = make_emotional_speech(
        4, 5, 4, duration=0.5, label_confounding=0.4, random_state=0
    )
    favourite = dict(zip(["01", "02", "03", "04"], corpus.scheme.classes, strict=True))
    share = np.mean(corpus.frame["speaker"].map(favourite) == corpus.target)
    # The favourite's own turn comes once in four of the other clips.
    assert share == pytest.approx(0.4 + 0.6 / 4, abs=0.08)


def test_a_confounded_clip_plays_the_emotion_of_its_label():
    corpus = make_emotional_speech(4, 2, 1, label_confounding=1, random_state=0)
    plain = make_emotional_speech(
        4, 2, 1, label_confounding=1, emotion_effect=0, random_state=0
    )
    added = corpus.frame["level"] - plain.frame["level"]
    by_label = added.groupby(corpus.frame["emotion"]).median()
    assert by_label["anger"] == pytest.approx(_EXPRESSIONS["anger"].level, abs=0.01)
    assert by_label["sad"] == pytest.approx(_EXPRESSIONS["sad"].level, abs=0.01)


# Bad parameters.


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_speakers", 0),
        ("n_speakers", 2.0),
        ("n_sentences", -1),
        ("n_repetitions", "2"),
        ("emotion_effect", -0.1),
        ("emotion_effect", float("nan")),
        ("emotion_effect", None),
        ("speaker_effect", float("inf")),
        ("session_effect", 6),
        ("script_effect", 2.5),
        ("label_confounding", 1.01),
        ("duration", 0),
        ("sampling_rate", 4_000),
        ("sampling_rate", 16_000.0),
        ("random_state", -1),
        ("random_state", "seed"),
    ],
)
def test_a_bad_parameter_is_named_with_its_value(name, value):
    with pytest.raises(ValueError, match=rf"{name} must be .*{re.escape(repr(value))}"):
        make_emotional_speech(**{name: value})


@pytest.mark.parametrize(
    "emotions", [(), ("anger",), ("anger", "anger"), ("anger", "joy"), ("sad", 3)]
)
def test_emotions_are_some_of_those_there_are(emotions):
    with pytest.raises(ValueError, match="at least two different names out of anger"):
        make_emotional_speech(emotions=emotions)


def test_emotions_are_not_one_word():
    with pytest.raises(TypeError, match="sequence of names, got 'anger'"):
        make_emotional_speech(emotions="anger")


@pytest.mark.parametrize("effect", [0, 5])
def test_the_most_extreme_effects_still_give_sound(effect):
    corpus = make_emotional_speech(
        4,
        1,
        1,
        tuple(_EXPRESSIONS),
        emotion_effect=effect,
        speaker_effect=effect,
        session_effect=effect,
        script_effect=min(effect, 2),
        random_state=0,
    )
    for waveform in corpus.clips:
        assert np.isfinite(waveform).all()
        assert 1e-6 < np.abs(waveform).max() < 1
