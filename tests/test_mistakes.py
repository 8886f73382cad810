"""The mistakes that the library must make impossible, each with its guard.

Every test shows a mistake that published systems have made, and fails if what prevents
it here is taken away. Those of nets are here from end to end; what is inside has its
tests where it is: padding in ``tests/audio/test_frames.py``, streams that do not fit
together in ``tests/audio/test_streams.py``, masked pooling in
``tests/nets/test_pooling.py``, padding and batch mates of every net in
``tests/nets/test_every_net.py`` and ``tests/estimators/test_net_learning.py``.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk import AudioClips
from sersk.audio import FeatureStreams, make_windows
from sersk.datasets import LabelScheme, load_iemocap, make_emotional_speech
from sersk.datasets.testing import make_tree
from sersk.estimators import CNN1DClassifier, WindowedClassifier
from sersk.evaluation import evaluate, rerun
from sersk.features import (
    AcousticFunctionals,
    FeatureDict,
    LogSpectrogram,
    MelSpectrogram,
    MFCCSequence,
)
from sersk.metrics import (
    compare_systems,
    concordance_correlation_coefficient,
    define_metric,
    threshold_sweep,
    unweighted_accuracy,
    weighted_accuracy,
)
from sersk.model_selection import LeaveOneSpeakerOut, SpeakerKFold, audit_fit
from sersk.utils import CorpusWarning
from tests.evaluation.probes import RowSpy
from tests.model_selection.test_audit_fit import Greedy

RANDOM = StratifiedKFold(2, shuffle=True, random_state=0)


@pytest.fixture(scope="module")
def speech():
    """Return 32 short clips of four speakers."""
    return make_emotional_speech(
        n_speakers=4, n_sentences=2, n_repetitions=1, duration=0.5, random_state=0
    )


def _system(classifier=None):
    return make_pipeline(
        AcousticFunctionals(descriptors=("rms", "zcr")),
        StandardScaler(),
        GaussianNB() if classifier is None else classifier,
    )


# A speaker in training and test; early stopping on the test speakers; scaling,
# oversampling or augmentation before the split.


def test_a_speaker_in_training_and_test_is_refused(speech):
    with pytest.raises(
        ValueError, match=r"4 speakers are in .*'01'.*LeaveOneSpeakerOu"
    ):
        evaluate(_system(), speech, cv=RANDOM)
    said = evaluate(_system(), speech, cv=RANDOM, acknowledge_overlap=True)
    assert "4 of 4 SPEAKERS SHARED" in str(said)
    assert "4 SPEAKERS SHARED" in said.audit.line


def test_splitters_read_the_speaker_from_the_clips(speech):
    for train, test in LeaveOneSpeakerOut().split(speech.clips):
        assert not set(speech.clips.speaker[train]) & set(speech.clips.speaker[test])
    anonymous = AudioClips.from_arrays(list(speech.clips), sampling_rate=16_000)
    with pytest.raises(ValueError, match="speaker"):
        next(LeaveOneSpeakerOut().split(anonymous))


def test_a_search_that_shares_speakers_is_refused(speech):
    grid = {"gaussiannb__var_smoothing": [1e-9, 1e-3]}
    with pytest.raises(ValueError, match="selects or calibrates on splits that put"):
        evaluate(_system(), speech, search=grid, inner_cv=KFold(2))


def test_early_stopping_never_hears_test_speakers_and_is_told(speech):
    RowSpy.fitted.clear()
    stopped = SGDClassifier(early_stopping=True, validation_fraction=0.3)
    system = _system(make_pipeline(RowSpy(), stopped))
    evaluation = evaluate(system, speech)
    assert [len(rows) for rows in RowSpy.fitted] == [24] * 4
    assert "EARLY STOPPING" in evaluation.protocol
    RowSpy.fitted.clear()


def test_scaling_before_the_split_is_found(speech):
    rows = AcousticFunctionals(descriptors=("rms", "zcr")).fit_transform(speech.clips)
    scaled = StandardScaler().fit_transform(rows)
    audit = audit_fit(
        LogisticRegression(), scaled, speech.target, groups=speech.clips.speaker
    )
    assert "scaled before the split" in set(audit.leaks["check"])


def test_a_scaler_in_the_pipeline_learns_from_training_clips(speech):
    assert audit_fit(_system(), speech).is_clean
    rows = AcousticFunctionals(descriptors=("rms", "zcr")).fit_transform(speech.clips)
    kept = make_pipeline(Greedy(StandardScaler(), rows), GaussianNB())
    audit = audit_fit(kept, rows, speech.target, groups=speech.clips.speaker)
    assert set(audit.leaks["check"]) == {"fitted on test clips"}


def test_oversampling_before_the_split_is_refused(speech):
    rows = np.r_[np.arange(32), np.arange(32)]
    anonymous = AudioClips.from_arrays(list(speech.clips), sampling_rate=16_000)
    with pytest.raises(
        ValueError, match="clips of identical audio are in the training"
    ):
        evaluate(_system(), anonymous[rows], speech.target[rows], cv=RANDOM)


def test_augmentation_before_the_split_is_refused(speech):
    waveforms = [*speech.clips, *(0.5 * waveform for waveform in speech.clips)]
    clips = AudioClips.from_arrays(
        waveforms,
        sampling_rate=16_000,
        columns={"copy_of": np.r_[np.full(32, None), np.arange(32)]},
    )
    with pytest.raises(ValueError, match="augment training clips only"):
        evaluate(_system(), clips, np.tile(speech.target, 2), cv=RANDOM)


def test_a_net_does_not_stop_on_speakers_that_it_learns_from(speech):
    pytest.importorskip("torch", reason="needs torch")
    frames = MFCCSequence().fit_transform(speech.clips)
    net = CNN1DClassifier(early_stopping=True, validation_cv=RANDOM, device="cpu")
    with pytest.raises(ValueError, match=r"speakers 01, 02, 03 on both sides"):
        net.fit(frames, speech.target)


# The IEMOCAP speaker read from the dialogue instead of the turn.


def test_the_speaker_of_iemocap_is_that_of_the_turn(tmp_path):
    with pytest.warns(CorpusWarning, match="200 of 5531 clips loaded"):
        frame = load_iemocap(make_tree("iemocap", tmp_path)).frame
    turns = frame["utterance"].str.extract(r"Ses0(\d)[FM]_.*_([FM])\d+")
    assert (turns[0] + turns[1]).tolist() == frame["speaker"].tolist()
    of_dialogue = frame["dialog"].str.extract(r"Ses0(\d)([FM])")
    assert (of_dialogue[0] + of_dialogue[1] != frame["speaker"]).any()


# Class names permuted; WA and UA swapped; a head with 9189 classes.


def test_no_table_permutes_the_classes(speech):
    order = ("sad", "anger", "neutral", "happy")
    corpus = speech.with_scheme(LabelScheme("mine", order))
    evaluation = evaluate(_system(), corpus)
    confusion = evaluation.confusion("Pipeline")
    assert confusion.index.tolist() == confusion.columns.tolist() == list(order)
    own = evaluation.predictions
    for true in order:
        for answer in order:
            both = (own["target"] == true) & (own["prediction"] == answer)
            assert confusion.loc[true, answer] == both.sum()
    probabilities = own[[f"probability_{name}" for name in order]]
    likeliest = np.array(order)[probabilities.to_numpy().argmax(axis=1)]
    assert likeliest.tolist() == own["prediction"].tolist()


def test_weighted_and_unweighted_accuracy_are_not_swapped(speech):
    truth, answer = ["sad"] * 9 + ["happy"], ["sad"] * 10
    assert weighted_accuracy(truth, answer) == 0.9
    assert unweighted_accuracy(truth, answer) == 0.5
    corpus = speech[speech.target != "sad"]
    rare = corpus[(corpus.target != "happy") | (np.arange(len(corpus)) % 4 == 0)]
    evaluation = evaluate(DummyClassifier(strategy="most_frequent"), rare)
    own = evaluation.predictions
    shown = evaluation.to_frame().iloc[0]
    assert shown["WA"] == f"{(own['target'] == own['prediction']).mean():.3f}"
    assert shown["UA"] == f"{unweighted_accuracy(own['target'], own['prediction']):.3f}"
    assert shown["UA"] != shown["WA"]
    for name in ("UA", "WA"):
        assert f"{name}: {define_metric(name)}" in str(evaluation)


def test_degrees_are_not_taken_for_thousands_of_classes(speech):
    degrees = np.random.default_rng(0).uniform(1, 7, len(speech))
    with pytest.raises(TypeError, match="does not end in a regressor"):
        evaluate(_system(), speech.clips, degrees)


# Scores of windows reported as those of clips.


def test_windows_are_scored_by_clip(speech):
    system = WindowedClassifier(_system(), window=0.2, hop=0.1)
    evaluation = evaluate(system, speech)
    assert evaluation.scores()["n"].tolist() == [len(speech)]


def test_windows_given_as_clips_are_called_windows(speech):
    windows = make_windows(speech.clips, 0.25, 0.25)
    target = speech.target[windows.columns["window_of"].astype(int)]
    assert "SCORED BY WINDOW, NOT BY CLIP" in str(evaluate(_system(), windows, target))


# Padding with the loudest value; one stream padded in front, another behind; pooling
# over padding; answers that depend on the clips beside.


@pytest.mark.parametrize("extractor", [LogSpectrogram(), MelSpectrogram()], ids=repr)
def test_frames_are_padded_with_silence_at_their_end(extractor, speech):
    frames = extractor.fit_transform(speech.clips[:2])
    padded, lengths = frames.pad(frames.lengths.max() + 5)
    assert np.array_equal(padded[0, : lengths[0]], frames[0])
    assert (padded[0, lengths[0] :] == frames.pad_value).all()
    assert np.all(frames.pad_value <= frames[0].min())
    assert np.all(frames.pad_value < frames[0].max())


def test_streams_that_do_not_lie_side_by_side_are_refused(speech):
    streams = FeatureDict(
        [("mfcc", MFCCSequence()), ("spectrogram", LogSpectrogram())]
    ).fit_transform(speech.clips[:2])
    assert streams["mfcc"].lengths.tolist() == streams["spectrogram"].lengths.tolist()
    fewer = streams["spectrogram"][:1]
    with pytest.raises(ValueError, match="must hold the same clips"):
        FeatureStreams({"mfcc": streams["mfcc"], "spectrogram": fewer})
    longer = AudioClips.from_arrays([np.zeros(9_000)] * 2, sampling_rate=16_000)
    other = LogSpectrogram().fit_transform(longer)
    with pytest.raises(ValueError, match=r"Clip 0 has .* frames of mfcc but"):
        FeatureStreams({"mfcc": streams["mfcc"], "spectrogram": other})


def test_what_a_net_answers_depends_on_the_clip_alone(speech):
    pytest.importorskip("torch", reason="needs torch")
    cut = [
        waveform[: 4_000 + 500 * (place % 8)]
        for place, waveform in enumerate(speech.clips)
    ]
    frames = MFCCSequence().fit_transform(cut)
    net = CNN1DClassifier(
        summary="mean_over_time", max_epochs=1, device="cpu", random_state=0
    )
    net.fit(frames, speech.target)
    together = net.predict_proba(frames)
    alone = np.concatenate([net.predict_proba(frames[[clip]]) for clip in range(32)])
    np.testing.assert_allclose(alone, together, atol=1e-5)


# CCC on micro-batches; recall that falls as the threshold falls; systems compared on
# different test sets.


def test_concordance_is_over_the_whole_partition(speech):
    loudness = np.array([np.abs(waveform).mean() for waveform in speech.clips])
    degrees = pd.DataFrame({"arousal": loudness * 10})
    evaluation = evaluate(_system(LinearRegression()), speech.clips, degrees)
    own = evaluation.predictions
    whole = concordance_correlation_coefficient(
        own["target_arousal"], own["prediction_arousal"]
    )
    assert evaluation.scores()["ccc_arousal"].tolist() == [whole]
    assert abs(evaluation.folds["ccc_arousal"].mean() - whole) > 1e-3
    assert "no mean over folds" in str(evaluation)


def test_recall_falls_as_the_threshold_rises(speech):
    marks = pd.DataFrame({name: speech.target == name for name in ("sad", "anger")})
    system = _system(MultiOutputClassifier(GaussianNB()))
    own = evaluate(system, speech.clips, marks).predictions
    sweep = threshold_sweep(
        marks.to_numpy()[own["clip"]],
        own[["probability_sad", "probability_anger"]],
        np.linspace(0, 1, 21),
        classes=["sad", "anger"],
    )
    for _, label in sweep.groupby("label"):
        assert label.sort_values("threshold")["recall"].is_monotonic_decreasing or (
            label["label"].iloc[0] == "samples avg"
        )


def test_systems_on_different_clips_are_not_compared():
    truth, answers = ["a", "b"] * 4, {"one": ["a", "b"] * 4, "two": ["a"] * 8}
    clips = {"one": list(range(8)), "two": [*range(7), 9]}
    with pytest.raises(ValueError, match="predicted different clips"):
        compare_systems(truth, answers, list("aabbccdd"), clip=clips)


def test_a_system_that_failed_in_a_fold_has_no_score_to_compare(speech):
    class Half(DummyClassifier):
        def fit(self, X, y):
            if "01" not in X.speaker:
                raise ValueError("failed")
            return super().fit(X, y)

    with pytest.warns(UserWarning, match="1 of 8 cells failed"):
        evaluation = evaluate({"half": Half(), "all": DummyClassifier()}, speech)
    assert evaluation.to_frame()["UA"].tolist()[0] == "-"


def test_two_tables_of_one_system_are_told(speech):
    evaluation = evaluate({"one": _system(), "two": _system()}, speech)
    assert "same answers to every clip, as of one system: one, two" in str(evaluation)


def test_systems_that_hear_other_bands_are_told(speech):
    narrow = make_pipeline(
        AcousticFunctionals(("rms",), sampling_rate=8_000), GaussianNB()
    )
    evaluation = evaluate({"wide": _system(), "narrow": narrow}, speech)
    told = "wide: 16000 Hz, band to 8000 Hz; narrow: 8000 Hz, band to 4000 Hz"
    assert told in str(evaluation)


def test_a_test_set_that_was_doubled_is_told(speech):
    rows = np.r_[np.arange(32), np.arange(32)]
    evaluation = evaluate(_system(), speech.clips[rows], speech.target[rows])
    assert "32 of 64 TEST CLIPS REPEAT ANOTHER'S AUDIO" in str(evaluation)


# A result that nobody can run again.


def test_a_result_can_be_run_again_from_its_record(speech, tmp_path):
    evaluation = evaluate(
        {"mine": _system()},
        speech,
        search={"gaussiannb__var_smoothing": [1e-9, 1e-3]},
        inner_cv=SpeakerKFold(3),
    )
    folder = evaluation.save(tmp_path / "run")
    record = json.loads((tmp_path / "run" / "record.json").read_text())
    assert len(record["clips"]) == len(set(record["clips"])) == len(speech)
    assert [len(fold["test"]) for fold in record["folds"]] == [8] * 4
    assert {"sersk", "numpy", "scikit-learn"} <= set(record["versions"])
    assert record["systems"]["mine"]["class"].endswith("GridSearchCV")
    assert record["corpus_digest"]
    assert rerun(folder).is_identical


@pytest.mark.parametrize("name", ["predictions", "folds"])
def test_a_result_that_is_another_than_recorded_is_found(speech, tmp_path, name):
    path = Path(evaluate(_system(), speech).save(tmp_path / "run"), f"{name}.csv")
    table = pd.read_csv(path)
    changed = {"predictions": ("prediction", "sad"), "folds": ("macro_f1", 0.999)}
    column, value = changed[name]
    table.loc[table[column] != value, column] = value
    table.to_csv(path, index=False)
    again = rerun(path.parent)
    assert not again.is_identical
    assert (again.n_different > 0) == (name == "predictions")
