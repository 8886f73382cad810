import pickle

import numpy as np
import pytest
import soundfile
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from sersk import AudioClips, AudioError
from sersk.audio import make_windows
from sersk.augmentation import Gain
from sersk.datasets import make_emotional_speech
from sersk.estimators import (
    AugmentedClassifier,
    WindowedClassifier,
    WindowedRegressor,
)
from sersk.evaluation import evaluate
from sersk.features import (
    AcousticFunctionals,
    BaseClipTransformer,
    MFCCSequence,
    count_extractions,
    find_extractors,
    warm_cache,
)
from sersk.model_selection import LeaveOneSpeakerOut, SpeakerKFold
from sersk.preprocessing import SpeakerScaler, TrimSilence

RATE = 16_000


class Mean(BaseClipTransformer):
    """Return the mean of a clip."""

    def _extract(self, waveform):
        return waveform.mean(keepdims=True)

    def _feature_names(self):
        return ["mean"]


class Level(ClassifierMixin, BaseEstimator):
    """Take the one feature for the probability of the second class."""

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        self.seen_ = X, np.asarray(y), sample_weight
        return self

    def predict_proba(self, X):
        return np.hstack([1 - X, X])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def _steps(*levels, seconds=0.5):
    """Return a clip whose level changes each half second."""
    return np.repeat(np.array(levels), int(seconds * RATE))


@pytest.fixture
def clips():
    waveforms = [_steps(0.9, 0.9, 0.1, 0.2), _steps(0.25, 0.5), _steps(0.75)]
    columns = {"speaker": ["anna", "bob", "bob"]}
    return AudioClips.from_arrays(waveforms, sampling_rate=RATE, columns=columns)


TARGET = np.array(["calm", "tense", "calm"])


def _windowed(**settings):
    pipeline = make_pipeline(Mean(), Level())
    return WindowedClassifier(pipeline, window=0.5, hop=0.5, **settings)


def _regressor():
    return WindowedRegressor(make_pipeline(Mean(), Ridge()))


@pytest.fixture(scope="module")
def speech():
    return make_emotional_speech(n_speakers=3, n_repetitions=1, random_state=0)


def _pipeline(**settings):
    return make_pipeline(
        AcousticFunctionals(("rms", "mfcc"), **settings),
        StandardScaler(),
        LogisticRegression(max_iter=1000),
    )


# What is fitted.


def test_windows_inherit_label_and_weight(clips):
    model = _windowed().fit(clips, TARGET, sample_weight=[1.0, 2.0, 3.0])
    X, y, weights = model.estimator_[-1].seen_
    assert_allclose(X[:, 0], [0.9, 0.9, 0.1, 0.2, 0.25, 0.5, 0.75], rtol=1e-6)
    assert y.tolist() == ["calm"] * 4 + ["tense"] * 2 + ["calm"]
    assert weights.tolist() == [1.0] * 4 + [2.0] * 2 + [3.0]
    assert model.classes_.tolist() == ["calm", "tense"]
    assert not hasattr(model, "n_features_in_")


def test_columns_reach_what_divides_windows(speech):
    # By clip, a search inside would put windows of one speaker on both sides.
    search = GridSearchCV(
        _pipeline(),
        {"logisticregression__C": [0.1, 1.0]},
        cv=LeaveOneSpeakerOut(),
        error_score="raise",
    )
    model = WindowedClassifier(search, window=0.5).fit(speech.clips, speech.target)
    assert model.estimator_.n_splits_ == 3
    weighted = clone(model).fit(
        speech.clips, speech.target, sample_weight=np.ones(len(speech))
    )
    assert_array_equal(weighted.predict(speech.clips), model.predict(speech.clips))


# What is predicted, by hand: the means of windows are probabilities of "tense".


@pytest.mark.parametrize(
    ("aggregate", "expected", "answers"),
    [
        # (0.9 + 0.9 + 0.1 + 0.2) / 4 and (0.25 + 0.5) / 2.
        ("mean_proba", [0.525, 0.375, 0.75], "tense calm tense"),
        # Two votes of four each, and 2.1 against 1.9; 0.5 votes for the first class.
        ("vote", [0.5, 0.0, 1.0], "tense calm tense"),
        # The odds 9 and 1/9 are as wide: the first.
        ("max_confidence", [0.9, 0.25, 0.75], "tense calm tense"),
        # 0.9 against 0.9, 0.5 against 0.75.
        ("max_proba", [0.5, 0.4, 0.75], "calm calm tense"),
        # The root of odds 9 * 9 / 9 / 4 = 2.25; of 1/3 * 1.
        (
            "mean_logproba",
            [2.25**0.25 / (1 + 2.25**0.25), 1 / (1 + 3**0.5), 0.75],
            "tense calm tense",
        ),
    ],
)
def test_aggregation(aggregate, expected, answers, clips):
    # As float64, in which 0.9 and 0.1 are as far from 0.5.
    pipeline = make_pipeline(Mean(), _Rounded(), Level())
    model = WindowedClassifier(pipeline, 0.5, 0.5, aggregate=aggregate)
    model.fit(clips, TARGET)
    probabilities = model.predict_proba(clips)
    assert_allclose(probabilities[:, 1], expected, rtol=1e-6)
    assert_allclose(probabilities.sum(axis=1), 1.0)
    assert model.predict(clips).tolist() == answers.split()


class _Rounded(BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.round(X.astype(np.float64), 6)


def test_scores_of_windows_are_exposed(clips):
    table = _windowed().fit(clips, TARGET).predict_windows(clips)
    assert table["clip"].tolist() == [0, 0, 0, 0, 1, 1, 2]
    assert table["start"].tolist() == [0.0, 0.5, 1.0, 1.5, 0.0, 0.5, 0.0]
    assert table["end"].tolist() == [0.5, 1.0, 1.5, 2.0, 0.5, 1.0, 0.5]
    expected = [0.9, 0.9, 0.1, 0.2, 0.25, 0.5, 0.75]
    assert_allclose(table["tense"], expected, rtol=1e-6)
    assert_allclose(table["calm"] + table["tense"], 1.0)


def test_clips_that_are_shorter_than_a_window_are_padded(clips):
    model = WindowedClassifier(make_pipeline(Mean(), Level()), window=2.0)
    probabilities = model.fit(clips, TARGET).predict_proba(clips)
    # A quarter of the window is the clip.
    assert_allclose(probabilities[2, 1], 0.75 / 4, rtol=1e-6)


def test_votes_need_no_probabilities(speech):
    pipeline = make_pipeline(AcousticFunctionals(("rms",)), LinearSVC(random_state=0))
    model = WindowedClassifier(pipeline, window=0.5, aggregate="vote")
    model.fit(speech.clips, speech.target)
    shares = model.predict_proba(speech.clips)
    assert_allclose(shares.sum(axis=1), 1.0)
    assert set(model.predict(speech.clips)) <= set(speech.target)
    table = model.predict_windows(speech.clips)
    assert set(table[model.classes_].to_numpy().ravel()) == {0.0, 1.0}
    for aggregate in ("mean_proba", "mean_logproba", "max_confidence", "max_proba"):
        other = clone(model).set_params(aggregate=aggregate)
        assert not hasattr(other, "predict_proba")
        with pytest.raises(ValueError, match=f"{aggregate}.* Pass aggregate='vote'"):
            other.fit(speech.clips, speech.target)


# Several labels, attributes.


@pytest.mark.parametrize(
    "classifier",
    [
        RandomForestClassifier(5, random_state=0),
        OneVsRestClassifier(LogisticRegression()),
    ],
)
def test_several_labels(classifier, clips):
    target = np.array([[1, 0], [0, 1], [1, 1]])
    model = WindowedClassifier(make_pipeline(Mean(), classifier), 0.5, 0.5)
    model.fit(clips, target)
    windows = model.predict_windows(clips)[[0, 1]].to_numpy()
    mean = np.array([windows[:4].mean(0), windows[4:6].mean(0), windows[6]])
    largest = np.array([windows[:4].max(0), windows[4:6].max(0), windows[6]])
    assert_allclose(model.predict_proba(clips), mean)
    assert_array_equal(model.predict(clips), mean >= 0.5)
    model.set_params(aggregate="max_proba", threshold=[0.9, 0.2])
    assert_allclose(model.predict_proba(clips), largest)
    assert_array_equal(model.predict(clips), largest >= [0.9, 0.2])


def test_a_label_that_no_training_clip_has_is_improbable(clips):
    forest = RandomForestClassifier(5, random_state=0)
    model = WindowedClassifier(make_pipeline(Mean(), forest), 0.5)
    model.fit(clips, np.array([[1, 0], [0, 0], [1, 0]]))
    assert_array_equal(model.predict_proba(clips)[:, 1], 0.0)


def test_labels_are_not_voted_on(clips):
    target = np.array([[1, 0], [0, 1], [1, 1]])
    with pytest.raises(ValueError, match="'vote' chooses one class, but y has 2 lab"):
        _windowed(aggregate="vote").fit(clips, target)
    with pytest.raises(ValueError, match="threshold holds 3 values for 2 labels"):
        _windowed(threshold=[0.1, 0.2, 0.3]).fit(clips, target)


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [("mean", [0.525, 0.375, 0.75]), ("max", [0.9, 0.5, 0.75])],
)
def test_regression(aggregate, expected, clips):
    # A line through the means themselves.
    pipeline = make_pipeline(Mean(), LinearRegression())
    model = WindowedRegressor(pipeline, 0.5, 0.5, aggregate=aggregate)
    flat = AudioClips.from_arrays(
        [_steps(0.1), _steps(0.4), _steps(0.8)], sampling_rate=RATE
    )
    model.fit(flat, [0.1, 0.4, 0.8])
    assert_allclose(model.predict(clips), expected, rtol=1e-5)
    assert_allclose(
        model.predict_windows(clips)["prediction"],
        [0.9, 0.9, 0.1, 0.2, 0.25, 0.5, 0.75],
        rtol=1e-5,
    )
    model.fit(flat, [[0.1, -1.0], [0.4, -4.0], [0.8, -8.0]])
    predicted = model.predict(clips)
    assert_allclose(predicted[:, 0], expected, rtol=1e-5)
    if aggregate == "max":
        assert_allclose(predicted[:, 1], [-1.0, -2.5, -7.5], rtol=1e-5)
    names = ["clip", "start", "end", "prediction_0", "prediction_1"]
    assert model.predict_windows(clips).columns.tolist() == names


# Windows as X.


def test_windows_are_taken_as_they_are(clips):
    model = _windowed().fit(clips, TARGET)
    windows = make_windows(clips, 0.5, 0.5)
    rows = windows.columns["window_of"]
    again = clone(model).fit(windows, TARGET[rows])
    assert_array_equal(again.predict_proba(clips), model.predict_proba(clips))
    assert_array_equal(again.predict(windows), model.predict(clips)[rows])
    # Only windows that are there count, in whatever order.
    some = windows[[6, 2, 3]]
    assert_allclose(again.predict_proba(some)[:, 1], [0.75, 0.15, 0.15], rtol=1e-6)
    assert again.predict_windows(some)["clip"].tolist() == [2, 0, 0]


def test_windows_of_a_clip_have_one_label(clips):
    windows = make_windows(clips, 0.5, 0.5)
    target = TARGET[windows.columns["window_of"]]
    target[5] = "calm"
    with pytest.raises(ValueError, match="y differs within clip 1: window 5 of X has"):
        _windowed().fit(windows, target)


def test_windows_without_a_clip_are_refused(clips):
    strays = clips.with_columns({"window_of": [0, None, 1]})
    with pytest.raises(ValueError, match="'window_of' of X lacks the clip of window 1"):
        _windowed().fit(strays, TARGET)


# With the rest of the library.


def test_a_search_chooses_windows(speech):
    model = WindowedClassifier(_pipeline(), tail="pad")
    grid = {"window": [0.5, 1.0], "estimator__logisticregression__C": [0.1, 1.0]}
    search = GridSearchCV(model, grid, cv=SpeakerKFold(3), error_score="raise")
    search.fit(speech.clips, speech.target)
    assert set(search.best_params_) == set(grid)
    assert search.predict(speech.clips).shape == (len(speech),)


def test_each_window_is_extracted_once(speech, tmp_path):
    model = WindowedClassifier(_pipeline(cache=str(tmp_path)), window=0.5)
    n_windows = len(make_windows(speech.clips, 0.5, 0.25))
    before = count_extractions()
    assert warm_cache(model, speech.clips) == n_windows
    model.fit(speech.clips, speech.target).predict_proba(speech.clips)
    cross_val_score(
        model, speech.clips, speech.target, cv=SpeakerKFold(3), error_score="raise"
    )
    assert count_extractions() - before == n_windows


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_evaluation_scores_clips(n_jobs, speech):
    systems = {"windows": WindowedClassifier(_pipeline(), window=0.5)}
    result = evaluate(systems, speech, cv=LeaveOneSpeakerOut(), n_jobs=n_jobs)
    assert len(result.predictions) == len(speech)
    n_windows = len(make_windows(speech.clips, 0.5, 0.25))
    per_clip = result.pipelines["extractions_per_clip"].tolist()
    assert per_clip == [n_windows / len(speech)]
    assert result.folds["extractions"].sum() == 0


def test_extractors_inside_are_found():
    extractor = AcousticFunctionals(("rms",))
    model = WindowedClassifier(make_pipeline(SpeakerScaler(extractor), Level()))
    assert find_extractors(model) == [extractor]


def test_trimming_before_and_inside(speech):
    rms = AcousticFunctionals(("rms",))
    inside = WindowedClassifier(make_pipeline(TrimSilence(), rms, StandardScaler()))
    before = make_pipeline(TrimSilence(), WindowedClassifier(_pipeline(), window=0.5))
    before.fit(speech.clips, speech.target)
    assert before.predict(speech.clips).shape == (len(speech),)
    trimmed = before[0].transform(speech.clips)
    windows = make_windows(trimmed, 0.5, 0.25)
    assert len(before[1].cut_windows(trimmed)) == len(windows)
    assert len(inside.cut_windows(speech.clips)) == len(
        make_windows(speech.clips, 1.0, 0.25)
    )


def test_the_rate_is_that_of_the_extractors(speech):
    pipeline = make_pipeline(AcousticFunctionals(("rms",), sampling_rate=8_000))
    assert WindowedClassifier(pipeline).cut_windows(speech.clips).sampling_rate == 8_000
    model = WindowedClassifier(pipeline, sampling_rate=11_025)
    assert model.cut_windows(speech.clips).sampling_rate == 11_025
    resampled = speech.clips.resample(12_000)
    bare = WindowedClassifier(Level()).cut_windows
    assert bare(resampled).sampling_rate == 12_000
    assert bare(np.zeros((2, 100))).sampling_rate == RATE


def test_arrays_before_a_step_have_the_rate_of_the_step():
    extractor = AcousticFunctionals(("rms",), sampling_rate=8_000)
    pipeline = make_pipeline(TrimSilence(), extractor)
    windows = WindowedClassifier(pipeline).cut_windows([np.ones(RATE)])
    assert (len(windows), windows.sampling_rate) == (1, RATE)


def test_files_and_pickles(speech, tmp_path):
    paths = []
    for index, wave in enumerate(speech.clips[:8]):
        paths.append(tmp_path / f"{index}.wav")
        soundfile.write(paths[-1], wave, RATE, subtype="FLOAT")
    y = speech.target[:8]
    model = WindowedClassifier(_pipeline(), window=0.5)
    expected = clone(model).fit(speech.clips[:8], y).predict_proba(speech.clips[:8])
    fitted = pickle.loads(pickle.dumps(model.fit(paths, y)))
    assert_allclose(fitted.predict_proba(paths), expected)
    parallel = clone(model).set_params(estimator__acousticfunctionals__n_jobs=2)
    assert_allclose(parallel.fit(paths, y).predict_proba(paths), expected)


# Bad input.


@pytest.mark.parametrize("kind", [_windowed, _regressor])
@pytest.mark.parametrize("name", ["window", "hop"])
@pytest.mark.parametrize("value", [0, -1, np.nan, "1"])
def test_impossible_windows_are_refused(kind, name, value, clips):
    model = (
        WindowedRegressor(make_pipeline(Mean(), Ridge())) if kind is None else kind()
    )
    with pytest.raises(ValueError, match=name):
        model.set_params(**{name: value}).fit(clips, [0, 1, 0])


@pytest.mark.parametrize(
    ("fit", "message"),
    [
        (lambda fit, clips: fit(clips[:0], []), "0 clips"),
        (lambda fit, clips: fit(clips, TARGET[:2]), "inconsistent numbers of samples"),
        (lambda fit, clips: fit(clips, TARGET, [1.0]), "inconsistent numbers of sampl"),
        (lambda fit, clips: fit(clips, ["a", None, "b"]), "lacks 1 labels"),
        (lambda fit, clips: fit(clips, ["a"] * 3), "one class only"),
        (lambda fit, clips: fit(clips, [[0, 1], [2, 3], [4, 5]]), "y has 2 columns"),
        (lambda fit, clips: fit(clips, None), "requires y"),
    ],
)
def test_bad_targets_are_refused(fit, message, clips):
    with pytest.raises(ValueError, match=message):
        fit(_windowed().fit, clips)


def test_weights_need_an_estimator_that_takes_them(clips):
    class Plain(Level):
        def fit(self, X, y):
            return super().fit(X, y)

    model = WindowedClassifier(make_pipeline(Mean(), Plain()))
    with pytest.raises(ValueError, match="takes no sample_weight"):
        model.fit(clips, TARGET, sample_weight=[1, 1, 1])


def test_a_bad_clip_is_named(clips):
    waves = [np.array(wave) for wave in clips]
    waves[1][12_000] = np.nan
    bad = AudioClips.from_arrays(waves, sampling_rate=RATE)
    with pytest.raises(
        AudioError, match=r"5 is the one from 0\.5 s of clip 1\.\)"
    ) as caught:
        _windowed().fit(bad, TARGET)
    assert caught.value.indices == (1,)


def test_a_missing_file_is_named(write_wav):
    files = [write_wav(_steps(0.5)), "gone.wav"]
    with pytest.raises(AudioError, match=r"Clip 1 \('gone.wav'\) cannot be read") as c:
        _windowed().fit(files, TARGET[:2])
    assert c.value.indices == (1,)


def test_another_number_of_classes_is_refused(clips):
    class Fixed(Level):
        def predict_proba(self, X):
            return np.full((len(X), 4), 0.25)

    model = WindowedClassifier(make_pipeline(Mean(), Fixed())).fit(clips, TARGET)
    with pytest.raises(ValueError, match="was fitted on 2 classes"):
        model.predict(clips)


# Around and inside of other estimators of clips.


def test_augmented_clips_have_windows_of_their_own(speech):
    inner = WindowedClassifier(_pipeline(), window=0.5)
    outer = AugmentedClassifier(inner, Gain(-6), random_state=0)
    outer.fit(speech.clips, speech.target)
    augmented = outer.augment(speech.clips)
    windows = inner.cut_windows(augmented)
    n_windows = len(inner.cut_windows(speech.clips))
    assert len(windows) == 2 * n_windows
    assert_allclose(windows[n_windows], windows[0] * 10 ** (-6 / 20), rtol=1e-5)
    assert outer.predict(speech.clips).shape == (len(speech),)


def test_windows_may_be_augmented(speech):
    augmented = AugmentedClassifier(_pipeline(), Gain(-6), random_state=0)
    model = WindowedClassifier(augmented, window=0.5, hop=0.5)
    model.fit(speech.clips, speech.target, sample_weight=np.ones(len(speech)))
    assert model.predict_proba(speech.clips).shape == (len(speech), 4)


def test_frames_of_windows_have_one_length(speech):
    windows = WindowedClassifier(_pipeline(), window=0.5).cut_windows(speech.clips)
    frames = MFCCSequence().fit_transform(windows)
    assert len(frames) == len(windows)
    assert len(set(frames.lengths.tolist())) == 1
    assert frames.columns["speaker"].tolist() == windows.speaker.tolist()
