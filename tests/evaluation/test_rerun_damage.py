"""Records that were damaged or tampered with, odd names in them, and bad disks."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from sersk.__main__ import main
from sersk.datasets import Corpus, LabelScheme, make_emotional_speech
from sersk.evaluation import evaluate, rerun
from sersk.utils import CacheWarning


@pytest.fixture(scope="module")
def speech():
    return make_emotional_speech(
        n_speakers=2, n_sentences=1, n_repetitions=2, duration=0.5, random_state=0
    )


@pytest.fixture
def folder(speech, tmp_path):
    return Path(evaluate({"guess": DummyClassifier()}, speech).save(tmp_path / "run"))


@pytest.mark.parametrize("names", [("01", "1"), ("NA", "None"), ("nan", "1.0")])
def test_names_that_look_like_numbers_or_gaps_come_back(corpus, tmp_path, names):
    words = dict(zip(("sad", "angry"), names, strict=True))
    target = np.array([words[name] for name in corpus.target], dtype=object)
    frame = corpus.frame.assign(emotion=target, speaker=np.repeat([*names, ""], 4))
    odd = Corpus(frame, corpus.clips, LabelScheme("odd", names), name="odd")
    guess = DummyClassifier(strategy="stratified", random_state=0)
    systems = {names[0]: DummyClassifier(), names[1]: guess}
    again = rerun(evaluate(systems, odd).save(tmp_path / "run"), corpus=odd)
    assert again.is_identical
    assert again.n_predictions == 24


@pytest.mark.parametrize(
    "content", [None, b"", b"\xff\xfe", b"pipeline,fold\nguess,0\n"]
)
@pytest.mark.parametrize("name", ["folds.csv", "predictions.csv"])
def test_tables_that_were_damaged_are_named(folder, name, content):
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(ValueError, match="as it was written"):
        rerun(folder)
    assert main(["rerun", str(folder)]) == 2


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("systems",), [], "AttributeError"),
        (("systems", "guess"), None, "TypeError"),
        (("systems", "guess"), {"x": 1}, "KeyError: 'class'"),
        (("systems", "guess", "class"), "sklearn.nope:Thing", "No module named"),
        (("systems", "guess", "parameters"), {"nope": 1}, "unexpected keyword"),
        (
            ("systems", "guess", "parameters", "constant"),
            {"scorer": "__builtins__"},
            "no metric of sersk",
        ),
        (("origin",), {"function": "make_emotional_speech"}, "KeyError: 'arguments'"),
        (("origin", "function"), "fetch_emodb", "no loader"),
        (("origin", "arguments", "nope"), 1, "unexpected keyword"),
        (("scheme",), {"scheme": "LabelScheme"}, "KeyError: 'fields'"),
        (("folds",), [{"number": 0}], "KeyError: 'train'"),
        (("folds", 0, "test"), [999], "does not fit 16 clips"),
    ],
)
def test_records_that_were_tampered_with_say_what_is_wrong(
    folder, capsys, path, value, message
):
    record = json.loads((folder / "record.json").read_text())
    part = record
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    (folder / "record.json").write_text(json.dumps(record))
    with pytest.raises(ValueError, match=message):
        rerun(folder)
    assert main(["rerun", str(folder)]) == 2
    assert message in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_runs(
    spy, corpus, tmp_path
):
    (tmp_path / "file").touch()
    system = make_pipeline(spy, GaussianNB())
    with pytest.raises(ValueError, match=r"resume='.*file' cannot hold results"):
        evaluate(system, corpus, resume=tmp_path / "file", cache=False)
    with pytest.raises(OSError, match="file"):
        evaluate(DummyClassifier(), corpus).save(tmp_path / "file" / "run")


class Remover(DummyClassifier):
    """Take away, in training, the folder that results are kept in."""

    def __init__(self, folder=""):
        super().__init__()
        self.folder = folder

    def fit(self, X, y):
        shutil.rmtree(self.folder, ignore_errors=True)
        return super().fit(X, y)


def test_a_result_that_cannot_be_kept_is_not_lost(corpus, tmp_path):
    folder = str(tmp_path / "cells")
    with pytest.warns(CacheWarning, match=r"not kept in .*No such file"):
        evaluation = evaluate(Remover(folder), corpus, resume=folder)
    assert len(evaluation.predictions) == 12


def test_a_save_that_is_interrupted_leaves_nothing(speech, tmp_path, monkeypatch):
    evaluation = evaluate(DummyClassifier(), speech)

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", interrupt)
        with pytest.raises(KeyboardInterrupt):
            evaluation.save(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []
    assert rerun(evaluation.save(tmp_path / "run")).is_identical
