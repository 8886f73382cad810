"""Trees that stand for corpora: every loader reads its own, odd ones too."""

import pytest

from benchmarks.corpora import LOADERS
from sersk import AudioError
from sersk.datasets import load_emodb
from sersk.datasets.testing import make_tree

pytestmark = pytest.mark.filterwarnings("ignore::sersk.utils.CorpusWarning")


@pytest.mark.parametrize("quirks", [False, True])
@pytest.mark.parametrize("name", LOADERS)
def test_each_tree_is_loaded_by_its_loader(name, quirks, tmp_path):
    corpus = LOADERS[name](make_tree(name, tmp_path / "tree", quirks=quirks))
    assert corpus.name == name
    assert len(corpus) > 1
    assert corpus.frame["utterance"].is_unique
    assert {"label", "emotion"} <= set(corpus.frame)
    for column in ("label", "emotion", "arousal", "valence", "intensity"):
        assert column not in corpus.clips.columns


@pytest.mark.parametrize("name", LOADERS)
def test_folders_may_have_any_name(name, tmp_path):
    root = make_tree(name, tmp_path / "-data [1] é ü" / "my corpus")
    assert len(LOADERS[name](root)) > 1


@pytest.mark.parametrize("name", LOADERS)
def test_the_recordings_of_each_tree_can_be_read(name, tmp_path):
    corpus = LOADERS[name](make_tree(name, tmp_path))
    if corpus.clips.files is None:
        pytest.skip("a corpus of texts")
    if corpus.frame["file"].str.endswith(".avi").any():
        with pytest.raises(AudioError, match=r"Clip 0 \('.*avi'\)"):
            corpus.clips[0]
        return
    assert len(corpus.clips[0]) > 100


@pytest.mark.parametrize("name", LOADERS)
def test_the_path_is_all_that_differs_between_two_trees(name, tmp_path):
    first, second = (
        LOADERS[name](make_tree(name, tmp_path / folder)) for folder in ("a", "b")
    )
    assert first.frame.drop(columns="file").equals(second.frame.drop(columns="file"))


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(ValueError, match="is not empty"):
        make_tree("emodb", tmp_path)


def test_an_unknown_tree_is_named_with_those_there_are(tmp_path):
    with pytest.raises(ValueError, match=r"no tree for 'other'.*iemocap"):
        make_tree("other", tmp_path)


def test_the_paths_of_a_home_folder_are_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert make_tree("emodb", "~/emodb") == str(tmp_path / "emodb")
    assert len(load_emodb("~/emodb")) == 70
