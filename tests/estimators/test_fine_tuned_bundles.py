"""What a training writes down: to be used elsewhere, and to go on with it."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sersk.audio import Operation
from sersk.datasets import make_emotional_speech
from sersk.estimators import (
    SpeechEncoderClassifier,
    SpeechEncoderRegressor,
    load_fine_tuned,
)
from sersk.utils import EvaluationWarning
from tests.estimators.encoders import write_encoder


@dataclass(frozen=True)
class Interrupted(Operation):
    """Interrupt the program when a number of clips has been read."""

    left: Path = field(compare=False)

    def __call__(self, waveform, sampling_rate):
        n_left = int(self.left.read_text())
        if n_left == 0:
            raise KeyboardInterrupt
        self.left.write_text(str(n_left - 1))
        return waveform


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoder")
    return write_encoder(folder, dropout=True, layerdrop=0.1)


@pytest.fixture(scope="module")
def corpus():
    return make_emotional_speech(
        n_speakers=3, n_sentences=1, n_repetitions=1, duration=0.5, random_state=0
    )


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "checkpoint"


@pytest.fixture
def net(encoder, folder):
    return SpeechEncoderClassifier(
        encoder,
        lr=1e-3,
        batch_size=4,
        micro_batch_size=2,
        max_epochs=4,
        scheduler="linear",
        checkpoint=folder,
        random_state=0,
    )


def _state(net):
    return net.module_.state_dict()


def _assert_same(one, other):
    assert all(
        torch.equal(_state(one)[name], _state(other)[name]) for name in _state(one)
    )
    assert one.best_epoch_ == other.best_epoch_
    assert one.history_.equals(other.history_)


# What is interrupted goes on.


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_what_is_interrupted_and_resumed_is_the_whole(
    net, corpus, tmp_path, early_stopping, precision
):
    net.set_params(early_stopping=early_stopping, precision=precision)
    whole = clone(net).set_params(checkpoint=None).fit(corpus.clips, corpus.target)
    left = tmp_path / "left"
    # The survey, two epochs, and a part of the third.
    n_surveyed = 8 if early_stopping else 12
    left.write_text(str(n_surveyed + 2 * 12 + 6))
    clips = corpus.clips.apply(Interrupted(left))
    with pytest.warns(EvaluationWarning, match="interrupted after 2 of 4 epochs"):
        net.fit(clips, corpus.target)
    assert len(net.history_) == 2
    left.write_text("-1")
    resumed = clone(net).set_params(resume=True).fit(clips, corpus.target)
    _assert_same(resumed, whole)


def test_a_training_that_came_to_its_end_is_not_repeated(net, corpus, tmp_path):
    left = tmp_path / "left"
    left.write_text("-1")
    clips = corpus.clips.apply(Interrupted(left))
    net.fit(clips, corpus.target)
    # The survey is all that is left to be read.
    left.write_text("12")
    again = clone(net).set_params(resume=True).fit(clips, corpus.target)
    _assert_same(again, net)


def test_a_training_without_a_seed_goes_on_with_its_own(net, corpus, tmp_path):
    net.set_params(random_state=None, max_epochs=2)
    left = tmp_path / "left"
    left.write_text(str(12 + 12 + 6))
    clips = corpus.clips.apply(Interrupted(left))
    with pytest.warns(EvaluationWarning, match="interrupted"):
        net.fit(clips, corpus.target)
    left.write_text("-1")
    seed = json.loads((net.checkpoint / "bundle.json").read_text())["seed"]
    resumed = clone(net).set_params(resume=True).fit(clips, corpus.target)
    whole = clone(net).set_params(random_state=None, checkpoint=None)
    whole._seed = lambda: seed
    _assert_same(resumed, whole.fit(clips, corpus.target))


def test_what_was_interrupted_before_an_epoch_can_be_used(net, corpus, tmp_path):
    left = tmp_path / "left"
    left.write_text("15")
    clips = corpus.clips.apply(Interrupted(left))
    with pytest.warns(EvaluationWarning, match="after 0 of 4 epochs"):
        net.fit(clips, corpus.target)
    left.write_text("-1")
    assert len(net.predict(clips)) == len(clips)
    with pytest.raises(ValueError, match=r"holds no bundle\.json"):
        load_fine_tuned(net.checkpoint)


def test_without_resume_training_begins_again(net, corpus):
    net.fit(corpus.clips, corpus.target)
    _assert_same(clone(net).fit(corpus.clips, corpus.target), net)


def test_what_is_overwritten_though_training_could_go_on_is_told(net, corpus, tmp_path):
    left = tmp_path / "left"
    left.write_text(str(12 + 2 * 12 + 6))
    clips = corpus.clips.apply(Interrupted(left))
    with pytest.warns(EvaluationWarning, match="interrupted after 2 of 4 epochs"):
        net.fit(clips, corpus.target)
    left.write_text("-1")
    with pytest.warns(EvaluationWarning, match=r"holds 2 of 4 .* resume=True"):
        whole = clone(net).fit(clips, corpus.target)
    assert len(whole.history_) == 4
    # Nothing could go on from what is damaged.
    (net.checkpoint / "training.safetensors").write_bytes(b"{")
    _assert_same(clone(net).fit(clips, corpus.target), whole)


def test_folders_may_lie_in_that_of_the_user(net, corpus, tmp_path, monkeypatch):
    shutil.copytree(net.model, tmp_path / "pretrained")
    monkeypatch.setenv("HOME", str(tmp_path))
    net.set_params(model="~/pretrained", checkpoint="~/trained", max_epochs=1)
    net.fit(corpus.clips, corpus.target)
    loaded = load_fine_tuned("~/trained")
    assert (loaded.predict(corpus.clips) == net.predict(corpus.clips)).all()


def test_the_folder_of_a_pretrained_encoder_is_not_written_to(net, corpus):
    net.set_params(checkpoint=net.model)
    with pytest.raises(ValueError, match="is the folder of a pretrained encoder"):
        net.fit(corpus.clips, corpus.target)


def test_the_training_of_something_else_is_not_overwritten(net, corpus):
    net.set_params(max_epochs=1).fit(corpus.clips, corpus.target)
    for other in (clone(net).set_params(lr=1e-4), clone(net).set_params(resume=True)):
        with pytest.raises(ValueError, match="trained on other clips, or with other"):
            other.fit(corpus.clips[1:], corpus.target[1:])
    longer = clone(net).set_params(max_epochs=2, micro_batch_size=4)
    with pytest.raises(ValueError, match=r"parameters \(max_epochs=1, now 2\)\. Pass"):
        longer.fit(corpus.clips, corpus.target)
    clone(net).set_params(micro_batch_size=4).fit(corpus.clips, corpus.target)


# What is written down can be loaded.


def test_a_bundle_is_all_that_is_needed(net, corpus, folder):
    net.fit(corpus.clips, corpus.target)
    loaded = load_fine_tuned(folder)
    assert_array_equal(
        loaded.predict_proba(corpus.clips), net.predict_proba(corpus.clips)
    )
    assert_array_equal(loaded.classes_, net.classes_)
    assert loaded.classes_.dtype.kind == "U"
    assert loaded.get_params()["lr"] == 1e-3
    assert loaded.get_params()["checkpoint"] is None
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["bundle.json", "training.safetensors", "weights-0004.safetensors"]


def test_a_bundle_says_what_it_is(net, corpus, folder):
    net.fit(corpus.clips, corpus.target)
    bundle = json.loads((folder / "bundle.json").read_text())
    assert bundle["target"] == {
        "classes": ["anger", "happy", "neutral", "sad"],
        "is_multilabel": False,
    }
    assert bundle["normalizer"]["deviation"] == net.deviation_
    assert bundle["encoder"]["model_type"] == "wav2vec2"
    assert bundle["sampling_rate"] == 16_000
    assert "torch" in bundle["versions"]


def test_the_best_epoch_is_what_a_bundle_holds(net, corpus, folder):
    net.set_params(early_stopping=True, lr=1e-2).fit(corpus.clips, corpus.target)
    loaded = load_fine_tuned(folder)
    assert_array_equal(
        loaded.predict_proba(corpus.clips), net.predict_proba(corpus.clips)
    )
    assert (folder / f"weights-{net.best_epoch_:04d}.safetensors").exists()


def test_a_regressor_is_loaded(encoder, corpus, folder):
    y = np.column_stack([np.arange(12.0), np.arange(12.0)[::-1]])
    net = SpeechEncoderRegressor(encoder, max_epochs=1, checkpoint=folder)
    net.fit(corpus.clips, y)
    loaded = load_fine_tuned(folder)
    assert_array_equal(loaded.predict(corpus.clips), net.predict(corpus.clips))


def test_several_labels_are_loaded(encoder, corpus, folder):
    y = np.column_stack([np.arange(12) % 2, np.arange(12) % 3 > 0])
    net = SpeechEncoderClassifier(encoder, max_epochs=1, checkpoint=folder)
    net.fit(corpus.clips, y)
    assert_array_equal(
        load_fine_tuned(folder).predict(corpus.clips), net.predict(corpus.clips)
    )


# Damage.


@pytest.fixture
def kept(net, corpus, folder):
    net.set_params(max_epochs=1).fit(corpus.clips, corpus.target)
    return folder


def _cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def _change(path, **changes):
    bundle = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(bundle))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: (path / "bundle.json").unlink(), r"holds no bundle\.json"),
        (lambda path: _cut(path / "bundle.json"), "is damaged"),
        (lambda path: _cut(path / "weights-0001.safetensors"), "is not the file that"),
        (lambda path: (path / "weights-0001.safetensors").unlink(), "lacks weights-"),
        (lambda path: _change(path / "bundle.json", format=9), "another format"),
        (lambda path: _change(path / "bundle.json", estimator="os"), "was changed"),
        (lambda path: _change(path / "bundle.json", target={}), "was changed"),
        (lambda path: _change(path / "bundle.json", weights="../x"), "lacks x"),
        (lambda path: _change(path / "bundle.json", weights=5), "it lacks weights"),
        (lambda path: _change(path / "bundle.json", sha256=None), "it lacks sha256"),
        (
            lambda path: _change(
                path / "bundle.json", encoder={"model_type": "x"}, versions=[1]
            ),
            "was changed: Unrecognized .*that wrote it: not known",
        ),
        (
            lambda path: _change(
                path / "bundle.json", normalizer={"mean": "a", "deviation": 1}
            ),
            "was changed: could not convert string to float",
        ),
        (lambda path: (path / "bundle.json").write_text("[" * 10**5), "is damaged"),
        (lambda path: (path / "weights-0001.safetensors").write_bytes(b""), "is not"),
    ],
)
def test_damaged_bundles(kept, spoil, message):
    spoil(kept)
    with pytest.raises(ValueError, match=message):
        load_fine_tuned(kept)


def test_a_file_is_no_bundle(kept):
    with pytest.raises(ValueError, match=r"holds no bundle\.json"):
        load_fine_tuned(kept / "bundle.json")


def test_a_file_is_no_checkpoint(net, corpus, folder):
    folder.write_text("taken")
    with pytest.raises(ValueError, match=r"checkpoint='.*' cannot be made a folder"):
        net.fit(corpus.clips, corpus.target)


def test_damaged_training(kept, net, corpus):
    _cut(kept / "training.safetensors")
    with pytest.raises(ValueError, match=r"safetensors is damaged .* resume=False"):
        clone(net).set_params(resume=True).fit(corpus.clips, corpus.target)


def test_what_is_not_fitted_is_refused(net, corpus):
    with pytest.raises(NotFittedError):
        net.predict(corpus.clips)
