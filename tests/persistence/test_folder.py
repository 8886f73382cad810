"""A folder appears at once, and replaces nothing but a model that may be replaced."""

import os

import pytest
from sklearn.dummy import DummyClassifier

import sersk


@pytest.fixture
def model():
    return DummyClassifier().fit([[0.0], [1.0]], ["a", "b"])


def test_folders_on_the_way_are_made(model, tmp_path):
    path = sersk.save(model, tmp_path / "one" / "two")
    assert path == os.path.realpath(tmp_path / "one" / "two")
    assert sorted(os.listdir(path)) == ["arrays.bin", "manifest.json", "model.json"]
    assert os.listdir(tmp_path / "one") == ["two"]


def test_an_empty_folder_is_filled(model, tmp_path):
    assert sersk.load(sersk.save(model, tmp_path)).classes_.tolist() == ["a", "b"]


def test_a_model_is_replaced_only_if_asked(model, tmp_path):
    path = sersk.save(model, tmp_path / "model")
    other = DummyClassifier().fit([[0.0], [1.0]], ["c", "d"])
    with pytest.raises(ValueError, match="overwrite=True where it is a saved model"):
        sersk.save(other, path)
    assert sersk.load(path).classes_.tolist() == ["a", "b"]
    sersk.save(other, path, overwrite=True)
    assert sersk.load(path).classes_.tolist() == ["c", "d"]


@pytest.mark.parametrize("overwrite", [True, False])
def test_nothing_else_is_replaced(model, tmp_path, overwrite):
    (tmp_path / "thesis.txt").write_text("all of it")
    with pytest.raises(ValueError, match="folder="):
        sersk.save(model, tmp_path, overwrite=overwrite)
    with pytest.raises(ValueError, match="folder="):
        sersk.save(model, tmp_path / "thesis.txt", overwrite=overwrite)
    assert (tmp_path / "thesis.txt").read_text() == "all of it"


def test_a_file_beside_the_model_keeps_it_from_being_replaced(model, tmp_path):
    path = sersk.save(model, tmp_path / "model")
    (tmp_path / "model" / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"holds 'notes.txt'"):
        sersk.save(model, path, overwrite=True)


def test_a_model_that_cannot_be_saved_leaves_the_old_one(model, tmp_path):
    path = sersk.save(model, tmp_path / "model")
    model.constant = lambda: None
    with pytest.raises(TypeError, match=r"pipeline\.constant"):
        sersk.save(model, path, overwrite=True)
    assert sersk.load(path).classes_.tolist() == ["a", "b"]
    assert os.listdir(tmp_path) == ["model"]


def test_what_is_no_folder_is_told(tmp_path):
    with pytest.raises(ValueError, match=r"is no folder. Pass the folder that sersk"):
        sersk.load(tmp_path / "nothing")
    with pytest.raises(ValueError, match=r"'manifest.json' cannot be read"):
        sersk.load(tmp_path)
