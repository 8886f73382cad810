"""What all waveform steps share, in pipelines, searches and workers."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk import AudioClips, AudioError, check_clips, warm_cache
from sersk.datasets import make_emotional_speech
from sersk.evaluation import evaluate
from sersk.features import AcousticFunctionals, count_extractions, plan_extractions
from sersk.model_selection import LeaveOneSpeakerOut
from sersk.preprocessing import (
    FixDuration,
    HighPass,
    MixDown,
    NormalizeAmplitude,
    PreEmphasis,
    Resample,
    TrimSilence,
    WaveformStep,
)
from sersk.utils import AudioWarning

RATE = 16_000
STEPS = [
    FixDuration(0.5, max_removed=1),
    HighPass(),
    MixDown(),
    NormalizeAmplitude(),
    NormalizeAmplitude("loudness"),
    PreEmphasis(),
    Resample(8_000),
    TrimSilence(30),
    TrimSilence(30, method="vad"),
]


@pytest.fixture(params=STEPS, ids=str)
def step(request):
    return clone(request.param)


@pytest.fixture(scope="module")
def corpus():
    return make_emotional_speech(
        n_speakers=3, n_sentences=1, n_repetitions=1, random_state=0
    )


def _chain():
    return make_pipeline(
        NormalizeAmplitude(),
        TrimSilence(30),
        FixDuration(1.0, max_removed=1),
        AcousticFunctionals(("rms", "zcr")),
        StandardScaler(),
        LogisticRegression(),
    )


def test_every_form_of_clips_gives_the_same(step, wav_files):
    expected = [*step.fit_transform([str(file) for file in wav_files])]
    waveforms = [*check_clips(wav_files)]
    table = pd.DataFrame({"file": wav_files, "speaker": list("abc")})
    clips = AudioClips.from_files(wav_files)
    for X in (wav_files, table, clips, waveforms, tuple(waveforms)):
        for waveform, other in zip(step.fit_transform(X), expected, strict=True):
            assert_array_equal(waveform, other)
    assert list(step.transform(table).speaker) == ["a", "b", "c"]


def test_a_matrix_is_clips_of_one_length(step):
    matrix = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 4_000))
    (expected, _) = step.fit_transform([*matrix])
    for X in (matrix, matrix.tolist(), pd.DataFrame(matrix)):
        assert_array_equal(step.fit_transform(X)[0], expected)
    with pytest.raises(ValueError, match="NaN"):
        step.fit(np.full((2, 4), np.nan))


def test_nothing_is_read_before_it_is_needed(step):
    clips = step.fit_transform(["no-such-file.wav"])
    with pytest.raises(AudioError, match=r"Clip 0 \('no-such-file.wav'\) cannot be"):
        clips[0]


def test_nothing_is_learned(step, wav_files):
    before = dict(vars(step))
    assert step.fit(wav_files) is step
    assert vars(step) == before
    assert_array_equal(
        clone(step).transform(wav_files)[1], step.transform(wav_files)[1]
    )


def test_parameters_set_later_are_checked(step, wav_files):
    step.fit(wav_files)
    with pytest.raises(ValueError, match="'sampling_rate' parameter"):
        step.set_params(sampling_rate=10).transform(wav_files)


def test_no_clips_are_refused(step):
    with pytest.raises(ValueError, match="X holds 0 clips"):
        step.fit(AudioClips.from_files([]))


def test_the_digest_tells_what_was_done(step, wav_files):
    clips = check_clips(wav_files)
    changed = step.fit_transform(clips)
    is_mean = isinstance(step, MixDown)
    assert (changed.digests == clips.digests) == is_mean
    assert clone(step).fit_transform(clips).digests == changed.digests
    assert step.fit_transform(clips[1:]).digests == changed.digests[1:]


def test_different_steps_have_different_digests(wav_files):
    digests = {clone(step).fit_transform(wav_files).digest(0) for step in STEPS}
    assert len(digests) == len(STEPS)


def test_clips_and_steps_can_be_pickled(step, wav_files):
    changed = step.fit_transform(wav_files)
    copy = pickle.loads(pickle.dumps(changed))
    assert_array_equal(copy[1], changed[1])
    assert copy.digests == changed.digests
    assert_array_equal(
        pickle.loads(pickle.dumps(step)).transform(wav_files)[1], copy[1]
    )


def test_the_rate_is_that_of_the_clips():
    clips = AudioClips.from_arrays([np.ones(44_100)], sampling_rate=44_100)
    assert len(FixDuration(1.0).fit_transform(clips)[0]) == 44_100
    assert len(FixDuration(1.0).fit_transform([np.ones(99)])[0]) == RATE
    slow = FixDuration(1.0, sampling_rate=8_000)
    assert slow.fit_transform(clips).sampling_rate == 8_000
    assert len(slow.fit_transform(clips)[0]) == 8_000


def test_names_pass_through_a_pipeline(corpus):
    pipeline = make_pipeline(*_chain()[:4])
    features = pipeline.fit_transform(corpus.clips)
    names = ["rms_mean", "rms_std", "zcr_mean", "zcr_std"]
    assert sorted(pipeline.get_feature_names_out()) == names
    frame = clone(pipeline).set_output(transform="pandas").fit_transform(corpus.clips)
    assert sorted(frame.columns) == names
    assert_array_equal(frame.to_numpy(), features)
    with config_context(transform_output="pandas"):
        assert isinstance(TrimSilence().fit_transform(corpus.clips), AudioClips)
        assert sorted(pipeline.fit_transform(corpus.clips).columns) == names
    assert list(TrimSilence().get_feature_names_out()) == []


def test_workers_change_nothing(corpus):
    pipeline = make_pipeline(*_chain()[:4])
    expected = pipeline.fit_transform(corpus.clips)
    parallel = clone(pipeline).set_params(acousticfunctionals__n_jobs=2)
    assert_array_equal(parallel.fit_transform(corpus.clips), expected)
    (here,) = Parallel(n_jobs=2)(
        delayed(pipeline.transform)(part) for part in [corpus.clips]
    )
    assert_array_equal(here, expected)


def test_steps_are_searched(corpus):
    search = GridSearchCV(
        _chain(), {"trimsilence__top_db": [20.0, 60.0]}, cv=LeaveOneSpeakerOut()
    )
    search.fit(corpus.clips, corpus.target)
    scores = search.cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    assert search.predict(corpus.clips).shape == corpus.target.shape


def test_the_store_knows_what_the_steps_did(corpus, tmp_path):
    clips = corpus.clips
    extractor = AcousticFunctionals(("rms",), cache=str(tmp_path))
    plain, trimmed = make_pipeline(extractor), make_pipeline(TrimSilence(20), extractor)
    before = count_extractions()
    first = plain.fit_transform(clips)
    second = trimmed.fit_transform(clips)
    assert count_extractions() - before == 2 * len(clips)
    assert_array_equal(plain.fit_transform(clips), first)
    assert_array_equal(trimmed.fit_transform(clips), second)
    assert count_extractions() - before == 2 * len(clips)
    assert (first != second).any()


def test_the_store_is_filled_behind_steps(corpus, tmp_path):
    pipeline = _chain().set_params(acousticfunctionals__cache=str(tmp_path))
    search = GridSearchCV(pipeline, {"logisticregression__C": [1.0, 2.0]}, cv=2)
    assert warm_cache(search, corpus.clips) == len(corpus.clips)
    before = count_extractions()
    pipeline.fit(corpus.clips, corpus.target)
    assert count_extractions() == before
    [(extractor, clips)] = plan_extractions(search, corpus.clips)
    assert isinstance(extractor, AcousticFunctionals)
    assert len(clips[0]) == RATE


def test_each_clip_is_extracted_once_in_an_evaluation(corpus):
    before = count_extractions()
    evaluation = evaluate({"chain": _chain()}, corpus, cv=LeaveOneSpeakerOut())
    assert count_extractions() - before == len(corpus.clips)
    assert len(evaluation.folds) == 3


# Warnings of what is removed.


@pytest.fixture
def mostly_silent(write_wav):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 8_000)
    waveforms = {"a": noise, "b": np.pad(noise, 8_000), "c": np.pad(noise, 20_000)}
    return [write_wav(wave, name=f"{name}.wav") for name, wave in waveforms.items()]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_step_that_removes_much_says_so_once(mostly_silent, n_jobs):
    pipeline = make_pipeline(TrimSilence(), AcousticFunctionals(n_jobs=n_jobs))
    with pytest.warns(AudioWarning) as caught:
        pipeline.fit_transform(mostly_silent)
    (warning,) = caught
    assert "2 of 3 clips lose more than 50 % of their length to trimming" in str(
        warning.message
    )
    assert "b.wav'), 1.50 s becomes 0.6" in str(warning.message)
    assert "Raise top_db, or raise max_removed" in str(warning.message)
    assert warning.filename == __file__


def test_each_step_speaks_for_itself(mostly_silent):
    pipeline = make_pipeline(
        TrimSilence(max_removed=0.8), FixDuration(0.1), AcousticFunctionals(("rms",))
    )
    with pytest.warns(AudioWarning) as caught:
        pipeline.fit_transform(mostly_silent)
    messages = [str(warning.message) for warning in caught]
    assert len(messages) == 1
    assert "3 of 3 clips lose more than 50 % of their length to cropping" in messages[0]


@pytest.mark.parametrize("max_removed", [0.9, 1.0])
def test_what_is_meant_is_not_warned_of(mostly_silent, max_removed):
    pipeline = make_pipeline(
        TrimSilence(max_removed=max_removed), AcousticFunctionals(("rms",))
    )
    pipeline.fit_transform(mostly_silent)


def test_filling_the_store_warns_too(mostly_silent, tmp_path):
    pipeline = make_pipeline(TrimSilence(), AcousticFunctionals(cache=str(tmp_path)))
    with pytest.warns(AudioWarning, match="2 of 3 clips lose"):
        warm_cache(pipeline, mostly_silent)
    # What comes from the store is not read again.
    pipeline.fit_transform(mostly_silent)


def test_iterating_over_clips_does_not_warn(mostly_silent):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(TrimSilence().fit_transform(mostly_silent)[2]) < 20_000


def test_a_step_that_says_nothing_has_to_be_written():
    with pytest.raises(NotImplementedError, match="WaveformStep does not define"):
        WaveformStep().fit([[0.5]])
