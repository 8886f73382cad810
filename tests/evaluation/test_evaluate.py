import tempfile

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

import sersk
from sersk import AudioClips
from sersk.cache import FeatureStore
from sersk.estimators import WindowedClassifier
from sersk.evaluation import Evaluation, evaluate
from sersk.features import AcousticFunctionals
from sersk.model_selection import SpeakerKFold
from sersk.preprocessing import LabelEncodedClassifier, SpeakerScaler
from sersk.utils import EvaluationWarning
from tests.evaluation.probes import Broken, Constant, RowSpy
from tests.features.probes import Level


def _system(extractor=None):
    return make_pipeline(extractor or Level(), StandardScaler(), GaussianNB())


def _by_speaker(extractor=None):
    return make_pipeline(SpeakerScaler(extractor or Level()), GaussianNB())


def _columns(evaluation: Evaluation, *names: str) -> dict:
    return evaluation.predictions[list(names)].to_dict("list")


def test_each_clip_is_tested_once_by_a_system_that_did_not_hear_the_speaker(corpus):
    evaluation = evaluate({"mine": _system()}, corpus)
    assert _columns(evaluation, "pipeline", "fold", "clip", "target", "speaker") == {
        "pipeline": ["mine"] * 12,
        "fold": [0] * 4 + [1] * 4 + [2] * 4,
        "clip": list(range(12)),
        "target": corpus.target.tolist(),
        "speaker": ["anna"] * 4 + ["bob"] * 4 + ["carl"] * 4,
    }
    # Loud from 0.26 on, between the class means; bob's first sad clip is louder.
    right = [True] * 4 + [False] + [True] * 7
    predicted = evaluation.predictions["prediction"]
    assert (predicted == corpus.target).tolist() == right


def test_folds_are_tidy(corpus):
    folds = evaluate({"mine": _system(), "yours": Constant()}, corpus).folds
    assert folds["pipeline"].tolist() == ["mine"] * 3 + ["yours"] * 3
    assert folds["fold"].tolist() == [0, 1, 2] * 2
    assert folds["test_speakers"].tolist() == ["anna", "bob", "carl"] * 2
    assert set(folds["n_train"]) == {8}
    assert set(folds["n_test"]) == {4}
    assert set(folds["extractions"]) == {0}
    assert (folds["fit_seconds"] > 0).all()
    assert (folds["predict_seconds"] > 0).all()
    np.testing.assert_allclose(
        folds["unweighted_accuracy"], [1, 0.75, 1, 0.5, 0.5, 0.5]
    )


def test_scores_are_pooled_and_by_speaker(corpus):
    scores = evaluate({"mine": _system()}, corpus).scores().iloc[0]
    assert scores["corpus"] == "loudness"
    assert scores["protocol"] == "LeaveOneSpeakerOut, 3 folds"
    assert scores["unweighted_accuracy"] == pytest.approx((5 / 6 + 1) / 2)
    assert scores["speaker_mean"] == pytest.approx((1 + 0.75 + 1) / 3)
    assert scores["chance"] == scores["majority"] == 0.5


def test_confusion_is_counted_over_all_folds(corpus):
    counts = evaluate({"mine": _system()}, corpus).confusion("mine")
    assert counts.index.tolist() == ["sad", "angry"]
    assert counts.to_numpy().tolist() == [[5, 1], [0, 6]]


def test_a_classifier_alone_has_the_name_of_its_class(corpus):
    evaluation = evaluate(DummyClassifier(), corpus)
    assert evaluation.scores()["pipeline"].tolist() == ["DummyClassifier"]
    assert evaluation.scores()["unweighted_accuracy"].tolist() == [0.5]


# Extraction.


def test_a_clip_is_extracted_once_without_any_setting(corpus, spy):
    evaluation = evaluate({"mine": _system(spy)}, corpus)
    assert len(spy.processes) == 12
    assert evaluation.scores()["extractions_per_clip"].tolist() == [1.0]


def test_systems_share_what_was_extracted(corpus, spy):
    systems = {"a": _system(spy), "b": _by_speaker(spy), "c": DummyClassifier()}
    evaluation = evaluate(systems, corpus)
    assert len(spy.processes) == 12
    assert evaluation.pipelines["extractions_per_clip"].tolist() == [1, 0, 0]


def test_two_extractors_are_two_extractions(corpus, spy):
    system = _system(make_union(spy, AcousticFunctionals(("zcr",))))
    assert evaluate(system, corpus).pipelines["extractions_per_clip"].tolist() == [2]


def test_windows_are_extracted_once_each_whatever_the_folds(corpus):
    # Two windows of 100 samples of each clip, for two extractors.
    union = make_union(Level(), AcousticFunctionals(("zcr",)))
    system = WindowedClassifier(_system(union), window=100 / 16_000, hop=100 / 16_000)
    evaluation = evaluate(system, corpus)
    assert evaluation.pipelines["extractions_per_clip"].tolist() == [4]
    assert evaluation.folds["extractions"].tolist() == [0, 0, 0]
    (told,) = [line for line in evaluation.definitions() if "extractions/clip" in line]
    assert "counting each extractor and each window or copy of a clip" in told


def test_a_store_that_is_kept_is_warm_the_second_time(corpus, spy, tmp_path):
    for expected in (1, 0):
        evaluation = evaluate(_system(spy), corpus, cache=tmp_path / "store")
        assert evaluation.pipelines["extractions_per_clip"].tolist() == [expected]
    assert len(spy.processes) == 12


@pytest.mark.parametrize("how", ["set_config", "SERSK_CACHE", "cache"])
def test_a_store_is_used_where_one_is_set(corpus, tmp_path, monkeypatch, how):
    folder = tmp_path / "store"
    if how == "set_config":
        sersk.set_config(cache_dir=folder)
    if how == "SERSK_CACHE":
        monkeypatch.setenv("SERSK_CACHE", str(folder))
    evaluate(_system(), corpus, cache=folder if how == "cache" else None)
    assert FeatureStore(folder).statistics()["entries"] == 12


def test_the_cap_of_a_store_is_kept(corpus, tmp_path):
    waveforms = np.random.default_rng(0).uniform(-0.5, 0.5, (12, 200))
    clips = AudioClips.from_arrays(
        waveforms, sampling_rate=16_000, columns=corpus.clips.columns
    )
    store = FeatureStore(tmp_path / "store", max_bytes=8_000)
    evaluate(_system(AcousticFunctionals()), clips, corpus.target, cache=store)
    assert 0 < store.statistics()["bytes"] <= 8_000


def test_an_extractor_keeps_the_store_it_has(corpus, tmp_path):
    system = _system(Level(cache=tmp_path / "own"))
    evaluate(system, corpus, cache=tmp_path / "other")
    assert _names(tmp_path) == ["own"]


def test_nothing_stays_behind(corpus, tmp_path, monkeypatch):
    folders = {name: tmp_path / name for name in ("tmp", "here", "home")}
    for folder in folders.values():
        folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folders["tmp"]))
    monkeypatch.chdir(folders["here"])
    monkeypatch.setenv("HOME", str(folders["home"]))
    evaluate(_system(), corpus)
    with pytest.warns(EvaluationWarning):
        evaluate(make_pipeline(Broken()), corpus)
    assert [_names(folder) for folder in folders.values()] == [[], [], []]


def test_what_is_given_is_left_alone(corpus, spy):
    system = _system(spy)
    evaluate(system, corpus)
    assert spy.cache is None
    assert not hasattr(system[-1], "classes_")


# Workers.


@pytest.fixture
def systems() -> dict:
    features = AcousticFunctionals(("mfcc", "zcr"), n_mfcc=5)
    return {
        "LR": make_pipeline(features, StandardScaler(), LogisticRegression()),
        "by speaker": make_pipeline(SpeakerScaler(features), LogisticRegression()),
    }


def _told(evaluation: Evaluation) -> pd.DataFrame:
    """Return all that must not depend on who did the work."""
    seconds = ["fit_seconds", "predict_seconds"]
    return evaluation.predictions.merge(evaluation.folds.drop(columns=seconds))


def test_the_number_of_workers_changes_nothing(corpus, systems):
    alone = evaluate(systems, corpus, n_jobs=1)
    pd.testing.assert_frame_equal(
        _told(evaluate(systems, corpus, n_jobs=2)), _told(alone)
    )
    with parallel_config("threading", n_jobs=2):
        pd.testing.assert_frame_equal(_told(evaluate(systems, corpus)), _told(alone))


def test_a_dask_cluster_changes_nothing(corpus, systems):
    distributed = pytest.importorskip("distributed", reason="needs Dask")
    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(processes=True, **settings) as cluster,
        distributed.Client(cluster),
        parallel_config("dask"),
    ):
        evaluation = evaluate(systems, corpus)
    pd.testing.assert_frame_equal(_told(evaluation), _told(evaluate(systems, corpus)))
    assert evaluation.pipelines["extractions_per_clip"].tolist() == [1, 0]


def test_workers_extract_too(corpus, spy):
    evaluation = evaluate(_system(spy.set_params(seconds=0.05)), corpus, n_jobs=2)
    assert len(spy.processes) == 12
    assert len(set(spy.processes)) == 2
    assert evaluation.pipelines["extractions_per_clip"].tolist() == [1]


# What stands inside a pipeline.


def test_systems_vote(corpus, spy):
    members = [("plain", _system(spy)), ("by speaker", _by_speaker(spy))]
    evaluation = evaluate(VotingClassifier(members, voting="soft"), corpus)
    assert evaluation.scores()["unweighted_accuracy"].iloc[0] > 0.8
    assert len(spy.processes) == 12


def test_normalisation_by_speaker_is_called_transductive(corpus):
    systems = {"plain": _system(), "by speaker": _by_speaker()}
    evaluation = evaluate(systems, corpus)
    # Within a speaker the loud clips are the angry ones, whatever the speaker.
    assert evaluation.scores()["unweighted_accuracy"].tolist()[1] == 1
    plain, by_speaker = str(evaluation).splitlines()[4:6]
    assert "transductive" not in plain
    assert by_speaker.endswith("LeaveOneSpeakerOut, 3 folds, transductive")
    assert "transductive: features were normalised" in evaluation.to_markdown()
    assert "transductive" not in str(evaluate(_system(), corpus))


def test_a_class_that_a_training_fold_lacks_is_no_error(corpus):
    xgboost = pytest.importorskip("xgboost", reason="needs XGBoost")
    target = np.array(["sad", "angry", "fear", "fear"] + ["sad", "angry"] * 4)
    classifier = LabelEncodedClassifier(xgboost.XGBClassifier(n_estimators=3))
    evaluation = evaluate(make_pipeline(Level(), classifier), corpus.clips, target)
    assert "fear" not in evaluation.predictions["prediction"][:4].tolist()
    assert evaluation.folds["n_classes"].tolist() == [3, 2, 2]
    assert evaluation.confusion("Pipeline").shape == (3, 3)
    assert evaluation.scores()["chance"].tolist() == [1 / 3]


def test_a_system_may_answer_what_no_test_clip_is(corpus):
    target = ["sad", "angry"] * 2 + ["sad", "angry", "fear", "fear"] * 2
    cv = [(range(4, 12), range(4))]
    evaluation = evaluate(_system(), corpus.clips, target, cv=cv)
    assert "fear" in evaluation.predictions["prediction"].tolist()
    assert evaluation.scores()["n_classes"].tolist() == [2]
    assert evaluation.confusion("Pipeline")["fear"].sum() > 0


def test_statistics_are_learned_on_training_clips_only(corpus):
    system = make_pipeline(Level(), RowSpy(), GaussianNB())
    evaluate(system, corpus)
    features = Level().fit_transform(corpus.clips)
    for number, fitted in enumerate(RowSpy.fitted):
        tested = np.arange(4 * number, 4 * number + 4)
        np.testing.assert_array_equal(fitted, np.delete(features, tested, axis=0))
        # Once for the predictions, and once for the probabilities.
        for transformed in RowSpy.transformed[2 * number : 2 * number + 2]:
            np.testing.assert_array_equal(transformed, features[tested])
    assert len(RowSpy.fitted) == 3
    assert len(RowSpy.transformed) == 6


def test_probabilities_stand_beside_the_predictions(corpus):
    systems = {"bayes": _system(), "none": Constant()}
    predictions = evaluate(systems, corpus).predictions.set_index("pipeline")
    columns = ["probability_sad", "probability_angry"]
    given = predictions.loc["bayes", columns]
    np.testing.assert_allclose(given.sum(axis=1), 1.0, atol=1e-6)
    likeliest = given.idxmax(axis=1).str.removeprefix("probability_")
    assert (likeliest == predictions.loc["bayes", "prediction"]).all()
    assert predictions.loc["none", columns].isna().all(axis=None)


def test_a_class_that_training_lacks_has_probability_0(corpus):
    folds = [([0, 1, 4, 5], [8, 9, 10])]
    evaluation = evaluate(DummyClassifier(), corpus, cv=folds)
    assert evaluation.predictions["probability_angry"].tolist() == [0.0] * 3
    assert evaluation.predictions["probability_sad"].tolist() == [1.0] * 3


# How clips are divided.


def test_the_table_says_what_training_and_test_have_in_common(corpus):
    evaluation = evaluate(_system(), corpus)
    assert evaluation.audit.is_clean
    assert evaluation.audit.line in str(evaluation)
    assert evaluation.audit.line in evaluation.to_markdown()


def test_one_recording_under_two_speakers_is_refused(corpus):
    waveforms = list(corpus.clips)
    waveforms[11] = waveforms[2]
    clips = AudioClips.from_arrays(
        waveforms, sampling_rate=16_000, columns=corpus.clips.columns
    )
    with pytest.raises(ValueError, match="acknowledge_overlap"):
        evaluate(_system(), clips, corpus.target)
    evaluation = evaluate(_system(), clips, corpus.target, acknowledge_overlap=True)
    assert "2 CLIPS OF IDENTICAL AUDIO" in evaluation.audit.line


def test_how_speakers_are_normalised_stands_in_every_row(corpus):
    systems = {
        mode: make_pipeline(SpeakerScaler(Level(), mode=mode, **options), GaussianNB())
        for mode, options in (
            ("transductive", {}),
            ("train", {}),
            ("enrol", {"enrol": 2}),
        )
    }
    evaluation = evaluate({**systems, "plain": _system()}, corpus)
    scores = evaluation.scores().set_index("pipeline")
    assert scores["normalisation"].to_dict() == {
        "transductive": "transductive by speaker",
        "train": "speakers scaled by training clips",
        "enrol": "enrolled on 2 clips a speaker",
        "plain": "",
    }
    assert scores["transductive"].tolist() == [True, False, False, False]
    assert "3 folds, enrolled on 2 clips a speaker" in str(evaluation)


def test_folds_of_several_speakers(corpus):
    evaluation = evaluate(_system(), corpus, cv=SpeakerKFold(2))
    assert evaluation.folds["test_speakers"].tolist() == ["anna carl", "bob"]
    assert evaluation.protocol == "SpeakerKFold, 2 folds"


@pytest.mark.parametrize("cv", [2, KFold(5), ShuffleSplit(2, random_state=0)])
def test_folds_that_share_speakers_are_refused(corpus, spy, cv):
    with pytest.raises(
        ValueError, match=r"(speaker is|speakers are) in .*'bob'.*acknowledge"
    ):
        evaluate(_system(spy), corpus, cv=cv)
    # Nothing is extracted for a split that will not be run.
    assert spy.processes == []


def test_the_table_shows_that_speakers_are_shared(corpus):
    evaluation = evaluate(_system(), corpus, cv=2, acknowledge_overlap=True)
    # The folds are halves of the corpus, and bob is in the middle.
    expected = "StratifiedKFold, 2 folds, 1 of 3 SPEAKERS SHARED"
    assert evaluation.protocol == expected
    assert evaluation.scores()["protocol"].tolist() == [expected]
    assert expected in str(evaluation)
    assert expected in evaluation.to_markdown()


def test_folds_may_be_given(corpus):
    cv = [(range(4, 12), [0, 1]), (np.arange(8), np.arange(12) > 9)]
    evaluation = evaluate(_system(), corpus, cv=cv)
    assert evaluation.predictions["clip"].tolist() == [0, 1, 10, 11]
    assert evaluation.protocol == "given folds, 2 folds"
    assert str(evaluation).startswith("loudness: 4 clips")


def test_a_clip_may_be_tested_several_times(corpus):
    cv = [(range(4, 12), range(4))] * 2
    evaluation = evaluate(_system(), corpus, cv=cv)
    assert evaluation.scores()["n"].tolist() == [8]
    assert str(evaluation).startswith("loudness: 4 clips")


def test_splitters_that_need_groups_say_so(corpus):
    with pytest.raises(ValueError, match="groups"):
        evaluate(_system(), corpus, cv=GroupKFold(2))


# Clips and labels instead of a corpus.


def test_clips_and_labels_do_as_well(corpus):
    expected = evaluate(_system(), corpus)
    evaluation = evaluate(_system(), corpus.clips, corpus.target)
    pd.testing.assert_frame_equal(evaluation.predictions, expected.predictions)
    assert evaluation.corpus == "clips"
    assert evaluation.classes == ("angry", "sad")


def test_files_carry_their_path_into_the_predictions(write_wav):
    files = [
        str(write_wav(np.full(400, level), name=f"{number}.wav"))
        for number, level in enumerate([0.1, 0.6, 0.2, 0.5])
    ]
    table = pd.DataFrame({"file": files, "speaker": ["a", "a", "b", "b"]})
    evaluation = evaluate(_system(), table, ["sad", "angry"] * 2)
    assert evaluation.predictions["file"].tolist() == files
    assert evaluation.scores()["unweighted_accuracy"].tolist() == [1]


def test_without_speakers_a_splitter_must_be_chosen(corpus):
    waveforms = list(corpus.clips)
    with pytest.raises(ValueError, match="needs the speaker of each clip"):
        evaluate(_system(), waveforms, corpus.target)
    evaluation = evaluate(_system(), waveforms, corpus.target, cv=3)
    assert evaluation.protocol == "StratifiedKFold, 3 folds, SPEAKERS UNKNOWN"
    assert "speaker" not in evaluation.predictions
    assert evaluation.folds["test_speakers"].tolist() == [""] * 3
    assert evaluation.speakers.empty


def test_arrays_are_at_the_rate_of_the_extractor():
    # A tone at 3 kHz, if the arrays are at 8 kHz: 2 * 3 / 8 crossings a sample.
    tone = np.sin(2 * np.pi * 3 / 8 * np.arange(4_000) + 0.1)
    X = np.vstack([tone, tone / 2, tone / 3, tone / 4])
    functionals = AcousticFunctionals(("zcr",), ("max",), sampling_rate=8_000)
    system = make_pipeline(functionals, RowSpy(), DummyClassifier())
    evaluate(system, X, ["a", "b"] * 2, cv=2)
    np.testing.assert_allclose(RowSpy.fitted[0], 0.75, atol=1e-3)


def test_labels_may_be_numbers(corpus):
    target = np.where(corpus.target == "sad", 10, 2)
    evaluation = evaluate(_system(), corpus.clips, target)
    assert evaluation.classes == (2, 10)
    assert evaluation.predictions["prediction"].tolist().count(10) == 5
    assert evaluation.confusion("Pipeline").loc[10, 2] == 1


def test_predictions_may_be_a_column(corpus):
    evaluation = evaluate({"sad": Constant()}, corpus)
    assert evaluation.predictions["prediction"].tolist() == ["sad"] * 12


def test_a_part_of_a_corpus_keeps_the_classes(corpus):
    part = corpus.select(speaker=["anna", "bob"])
    evaluation = evaluate(_system(), part)
    assert evaluation.classes == ("sad", "angry")
    assert evaluation.folds["test_speakers"].tolist() == ["anna", "bob"]


def test_a_class_that_no_clip_has_is_shown_and_not_counted(corpus):
    part = corpus.select(emotion="sad")
    evaluation = evaluate(DummyClassifier(), part)
    assert evaluation.confusion("DummyClassifier").to_numpy().tolist() == [
        [6, 0],
        [0, 0],
    ]
    assert evaluation.scores()["chance"].tolist() == [1]
    assert "1 of 2 classes" in str(evaluation)


def _names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
