"""Evaluations that are written down, run again, and go on where they were cut short."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sersk.__main__ import main
from sersk.datasets import load_emodb, make_emotional_speech
from sersk.datasets.testing import make_tree
from sersk.evaluation import Evaluation, evaluate, rerun
from sersk.evaluation._description import Undescribable, describe, restore
from sersk.features import AcousticFunctionals
from sersk.metrics import unweighted_accuracy_scorer
from sersk.model_selection import SpeakerKFold
from sersk.preprocessing import SpeakerScaler
from sersk.utils import CacheWarning
from tests.evaluation.probes import Broken
from tests.features.probes import Level

REPOSITORY = Path(__file__).parents[2]


def system():
    extractor = AcousticFunctionals(("zcr", "rms"), cache=False, n_jobs=1)
    return make_pipeline(extractor, StandardScaler(), LogisticRegression())


@pytest.fixture
def speech():
    return make_emotional_speech(n_speakers=3, n_repetitions=1, random_state=0)


# Estimators as data.


@pytest.mark.parametrize(
    "estimator",
    [
        system(),
        make_pipeline(SpeakerScaler(AcousticFunctionals()), GaussianNB()),
        GridSearchCV(
            system(),
            {"logisticregression__C": np.array([0.1, 1.0]), "standardscaler": [None]},
            cv=SpeakerKFold(2),
            scoring=unweighted_accuracy_scorer,
        ),
    ],
)
def test_an_estimator_comes_back_from_json(estimator):
    described = json.loads(json.dumps(describe(estimator), allow_nan=False))
    again = restore(described)
    assert type(again) is type(estimator)
    assert describe(again) == describe(estimator)


def test_where_and_how_fast_it_runs_is_left_out():
    other = system().set_params(acousticfunctionals__cache="/x")
    assert describe(system()) == describe(other)
    other.set_params(logisticregression__C=2.0)
    assert describe(system()) != describe(other)


@pytest.mark.parametrize(
    "value", [print, object(), {1, 2}, FunctionTransformer(np.log)]
)
def test_what_is_no_data_is_refused(value):
    with pytest.raises(Undescribable, match="cannot be written down as plain data"):
        describe(value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("os:system", "only classes of"),
        ("subprocess:Popen", "only classes of"),
        ("sklearn.utils:Bunch", "no estimator or splitter"),
        ("sersk.evaluation:evaluate", "no estimator or splitter"),
        ("sklearn.pipeline:NoSuchThing", "no estimator or splitter"),
    ],
)
def test_a_record_imports_and_calls_nothing_else(name, message):
    with pytest.raises(ValueError, match=message):
        restore({"class": name, "parameters": {"args": "touch marker"}})


# Records.


def test_a_saved_evaluation_is_files_that_anybody_can_read(speech, tmp_path):
    evaluation = evaluate({"LR": system()}, speech)
    folder = Path(evaluation.save(tmp_path / "runs" / "first"))
    assert sorted(path.name for path in folder.iterdir()) == [
        "folds.csv",
        "predictions.csv",
        "record.json",
        "scores.csv",
        "speakers.csv",
        "table.md",
    ]
    record = json.loads((folder / "record.json").read_text())
    assert record["clips"] == speech.clips.digests
    assert record["origin"]["function"] == "make_emotional_speech"
    assert record["folds"][0]["test"] == list(range(12))
    assert record["versions"]["scikit-learn"]
    assert record["systems"]["LR"]["class"] == "sklearn.pipeline:Pipeline"
    predictions = pd.read_csv(folder / "predictions.csv")
    assert len(predictions) == len(speech)
    assert (folder / "table.md").read_text() == evaluation.to_markdown() + "\n"


def test_nothing_is_written_over(speech, tmp_path):
    evaluation = evaluate(DummyClassifier(), speech)
    evaluation.save(tmp_path / "run")
    with pytest.raises(ValueError, match="exists and is not empty"):
        evaluation.save(tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_an_evaluation_made_by_hand_has_no_record(tmp_path):
    predictions = pd.DataFrame(
        {"pipeline": "a", "fold": [0], "clip": [0], "target": ["x"], "prediction": "x"}
    )
    evaluation = Evaluation(
        corpus="toy",
        classes=("x", "y"),
        protocol="",
        folds=pd.DataFrame({"pipeline": ["a"], "fold": [0]}),
        predictions=predictions,
        pipelines=pd.DataFrame({"pipeline": ["a"], "transductive": [False]}),
    )
    with pytest.raises(ValueError, match="has no record"):
        evaluation.save(tmp_path / "run")


# Again.


def test_a_rerun_gives_the_same_cell_by_cell(speech, tmp_path):
    grid = {"logisticregression__C": [0.1, 1.0]}
    evaluation = evaluate(
        {"LR": system()}, speech, search=grid, inner_cv=SpeakerKFold(2)
    )
    again = rerun(evaluation.save(tmp_path / "run"))
    assert again.is_identical
    assert str(again) == "12 of 12 scores and 36 of 36 predictions are the same."
    assert len(again.frame) == 12


def test_a_corpus_on_disk_is_loaded_again_wherever_it_lies(tmp_path, capsys):
    with pytest.warns(match="not as published"):
        corpus = load_emodb(make_tree("emodb", tmp_path / "here"))
    some = corpus.select(speaker=["03", "08", "16"], emotion=["anger", "sad"])
    folder = evaluate(
        DummyClassifier(strategy="stratified", random_state=0), some
    ).save(tmp_path / "run")
    (tmp_path / "here").rename(tmp_path / "there")
    assert main(["rerun", folder]) == 2
    assert "does not exist" in capsys.readouterr().err
    assert main(["rerun", folder, "--root", str(tmp_path / "there")]) == 0
    printed = capsys.readouterr()
    (warned,) = printed.err.splitlines()
    assert warned.startswith("Warning: EmoDB in ")
    assert "is not as published" in warned
    assert "6 of 6 predictions are the same" in printed.out


def test_what_differs_is_shown(speech, tmp_path):
    folder = evaluate({"LR": system()}, speech).save(tmp_path / "run")
    path = Path(folder, "predictions.csv")
    table = pd.read_csv(path)
    wrong = table["prediction"] != table["target"]
    table.loc[wrong.idxmin(), "prediction"] = "somebody's own"
    table.to_csv(path, index=False)
    folds = Path(folder, "folds.csv")
    scores = pd.read_csv(folds)
    scores.loc[1, "macro_f1"] += 0.001
    scores.to_csv(folds, index=False)
    again = rerun(folder)
    assert not again.is_identical
    assert again.n_different == 1
    assert "11 of 12 scores and 35 of 36 predictions are the same" in str(again)
    assert main(["rerun", folder]) == 1


def test_other_recordings_are_not_taken_for_those_of_then(speech, tmp_path):
    folder = evaluate({"LR": system()}, speech).save(tmp_path / "run")
    other = make_emotional_speech(n_speakers=3, n_repetitions=1, random_state=1)
    with pytest.raises(ValueError, match="36 of the 36 clips of the record are not in"):
        rerun(folder, corpus=other)
    assert rerun(folder, corpus=speech).is_identical


def test_a_system_that_is_no_data_cannot_be_made_again(speech, tmp_path):
    own = make_pipeline(
        AcousticFunctionals(("zcr",)), FunctionTransformer(np.log1p), GaussianNB()
    )
    folder = evaluate({"own": own}, speech).save(tmp_path / "run")
    with pytest.raises(ValueError, match=r"'own' cannot be made again: .*log1p"):
        rerun(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("{", "no record of an evaluation"),
        ('{"corpus": "x"}', "no record of an evaluation"),
    ],
)
def test_a_folder_without_a_record_is_named(tmp_path, content, message):
    if content is not None:
        (tmp_path / "record.json").write_text(content)
    with pytest.raises(ValueError, match=message):
        rerun(tmp_path)


def test_it_is_a_command(tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "sersk", "rerun", str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert "cannot be read" in result.stderr


# Going on.


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_finished_folds_are_not_run_again(corpus, tmp_path, n_jobs):
    run = {"n_jobs": n_jobs, "resume": tmp_path}
    steps = (Level(), StandardScaler(), GaussianNB())
    first = evaluate({"a": make_pipeline(*steps)}, corpus, **run)
    assert len(list(tmp_path.glob("*.json"))) == 3
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    systems = {"again": make_pipeline(*steps), "more": DummyClassifier()}
    second = evaluate(systems, corpus, **run)
    after = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(after) == 6
    assert before.items() <= after.items()
    old, new = first.predictions, second.predictions.query("pipeline == 'again'")
    columns = ["clip", "prediction", "probability_sad"]
    pd.testing.assert_frame_equal(old[columns], new[columns])


def test_a_fold_that_failed_is_run_again(corpus, tmp_path):
    with pytest.warns(match="1 of 3 cells failed"):
        evaluate({"bad": Broken("carl")}, corpus, resume=tmp_path)
    assert len(list(tmp_path.glob("*.json"))) == 2


def test_a_cell_belongs_to_its_clips_labels_and_parameters(corpus, tmp_path):
    evaluate(DummyClassifier(), corpus, resume=tmp_path)
    target = np.where(np.arange(12) == 3, "sad", corpus.target)
    evaluate(DummyClassifier(), corpus.clips, target, resume=tmp_path)
    evaluate(DummyClassifier(strategy="stratified"), corpus, resume=tmp_path)
    moved = corpus.clips.with_columns({"gender": ["x"] * 12})
    evaluate(DummyClassifier(), moved, corpus.target, resume=tmp_path)
    assert len(list(tmp_path.glob("*.json"))) == 12


@pytest.mark.parametrize(
    "damage", [b"", b"{}", b"\xff", b'{"result": "{}", "sha256": ""}']
)
def test_a_damaged_cell_is_run_again(corpus, tmp_path, damage):
    evaluate(DummyClassifier(), corpus, resume=tmp_path)
    path = sorted(tmp_path.glob("*.json"))[0]
    whole = path.read_bytes()
    path.write_bytes(damage)
    with pytest.warns(CacheWarning, match="the fold is run"):
        evaluate(DummyClassifier(), corpus, resume=tmp_path)
    assert json.loads(path.read_bytes()).keys() == json.loads(whole).keys()


def test_a_system_without_a_key_cannot_be_resumed(corpus, tmp_path):
    own = make_pipeline(Level(), FunctionTransformer(np.log1p), GaussianNB())
    with pytest.raises(ValueError, match="'Pipeline' cannot be resumed"):
        evaluate(own, corpus, resume=tmp_path)
