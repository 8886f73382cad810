"""Weights of nets come back as safetensors, into modules that they fit."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

import sersk
from sersk.augmentation import SpecAugment
from sersk.estimators import (
    CNN1DClassifier,
    SpeakerFoldVotingClassifier,
    SpectrogramTrunkClassifier,
    SpeechEncoderClassifier,
    load_fine_tuned,
)
from sersk.features import MFCCSequence, make_random_encoder
from sersk.persistence import read_manifest
from sersk.preprocessing import SequenceScaler
from tests.broken_package import break_package

torch = pytest.importorskip("torch")
pytest.importorskip("skorch")


def _net(**parameters):
    settings = {"n_layers": 5, "max_epochs": 2, "random_state": 0, "device": "cpu"}
    return CNN1DClassifier(**{**settings, **parameters})


@pytest.fixture(scope="module")
def fitted(corpus):
    pipeline = make_pipeline(
        MFCCSequence(13), SequenceScaler(), _net(augment=SpecAugment(), n_layers=3)
    )
    return pipeline.fit(corpus.clips, corpus.target)


@pytest.fixture
def saved(fitted, tmp_path):
    return sersk.save(fitted, tmp_path / "model")


def test_a_net_comes_back(fitted, saved, corpus):
    loaded = sersk.load(saved)
    for method in ("predict", "predict_proba"):
        np.testing.assert_array_equal(
            getattr(loaded, method)(corpus.clips),
            getattr(fitted, method)(corpus.clips),
            strict=True,
        )
    net, before = loaded[-1], fitted[-1]
    assert net.history_.equals(before.history_)
    assert not net.module_.training
    for (name, weights), (_, expected) in zip(
        net.module_.state_dict().items(),
        before.module_.state_dict().items(),
        strict=True,
    ):
        assert torch.equal(weights, expected), name


def test_the_manifest_of_a_net(saved):
    manifest = read_manifest(saved)
    assert manifest.versions["torch"].startswith(torch.__version__.partition("+")[0])
    (weights,) = (name for name in manifest.files if name.endswith(".safetensors"))
    assert weights == "net_0.safetensors"


def test_members_have_weights_of_their_own(corpus, tmp_path):
    voting = SpeakerFoldVotingClassifier(_net(early_stopping=True, max_epochs=1), cv=3)
    pipeline = make_pipeline(MFCCSequence(13), SequenceScaler(), voting)
    pipeline.fit(corpus.clips, corpus.target)
    loaded = sersk.load(sersk.save(pipeline, tmp_path / "model"))
    np.testing.assert_array_equal(
        loaded.predict(corpus.clips), pipeline.predict(corpus.clips)
    )


def test_loading_draws_no_random_number(saved):
    before = torch.random.get_rng_state()
    sersk.load(saved)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_loaded_net_can_be_fitted_again(saved, fitted, corpus):
    loaded = sersk.load(saved).fit(corpus.clips, corpus.target)
    np.testing.assert_array_equal(
        loaded.predict_proba(corpus.clips), fitted.predict_proba(corpus.clips)
    )


def test_weights_that_do_not_fit_are_refused(saved, fitted, corpus, tmp_path, resign):
    other = make_pipeline(MFCCSequence(14), SequenceScaler(), _net(n_layers=3))
    other.fit(corpus.clips, corpus.target)
    from_other = sersk.save(other, tmp_path / "other")
    shutil.copy(f"{from_other}/net_0.safetensors", saved)
    resign(saved)
    with pytest.raises(ValueError, match=r"is not loaded: .*state_dict"):
        sersk.load(saved)


def test_a_width_that_the_weights_do_not_have_takes_no_memory(saved, resign):
    path = f"{saved}/model.json"
    with open(path) as file:
        model = json.load(file)
    (net,) = (one for one in model["objects"] if "net" in one)
    net["state"]["widths_"] = {"mapping": [["x", 10**9]]}
    with open(path, "w") as file:
        json.dump(model, file)
    resign(saved)
    with pytest.raises(ValueError, match=r"is not loaded: .*state_dict"):
        sersk.load(saved)


def test_another_module_is_refused(saved, resign):
    path = f"{saved}/model.json"
    with open(path) as file:
        text = file.read().replace('"net": "CNN1D"', '"net": "CNN2D"')
    with open(path, "w") as file:
        file.write(text)
    resign(saved)
    with pytest.raises(ValueError, match="CNN1DClassifier has no module 'CNN2D'"):
        sersk.load(saved)


def test_a_trunk_comes_back_without_the_weights_that_it_began_with(
    tmp_path, monkeypatch
):
    from sersk.nets import AlexNet

    monkeypatch.setattr("sersk.nets._spectrogram_trunk._SIZE", (64, 64))
    begun = tmp_path / "alexnet.pth"
    torch.save(AlexNet(n_outputs=None).state_dict(), begun)
    X = np.random.default_rng(0).random((4, 20, 32), dtype=np.float32)
    net = SpectrogramTrunkClassifier(
        "alexnet", weights=begun, max_epochs=1, device="cpu", random_state=0
    ).fit(X, [0, 1, 0, 1])
    folder = sersk.save(net, tmp_path / "model")
    begun.unlink()
    loaded = sersk.load(folder)
    np.testing.assert_array_equal(loaded.predict_proba(X), net.predict_proba(X))
    assert loaded.weights == begun


def test_a_tuned_encoder_comes_back_without_its_checkpoint(corpus, tmp_path):
    pytest.importorskip("transformers")
    clips, target = corpus.clips[:8], corpus.target[:8]
    checkpoint = make_random_encoder(tmp_path / "encoder")
    net = SpeechEncoderClassifier(
        checkpoint, max_epochs=1, checkpoint=str(tmp_path / "kept"), random_state=0
    ).fit(clips, target)
    folder = sersk.save(net, tmp_path / "model")
    shutil.rmtree(tmp_path / "encoder")
    before = torch.random.get_rng_state()
    loaded = sersk.load(folder)
    assert torch.equal(torch.random.get_rng_state(), before)
    np.testing.assert_array_equal(
        loaded.predict_proba(clips), net.predict_proba(clips), strict=True
    )
    assert loaded.checkpoint is None
    with pytest.raises(ValueError, match=r"no saved model, but .*\.load_fine_tuned,"):
        sersk.load(tmp_path / "kept")
    kept = load_fine_tuned(tmp_path / "kept")
    again = sersk.load(sersk.save(kept, tmp_path / "from kept"))
    np.testing.assert_array_equal(again.predict_proba(clips), net.predict_proba(clips))
    assert read_manifest(folder).inputs["sampling_rate"] == 16_000


LOAD = """
import sys
sys.path.insert(0, sys.argv[2])
import sersk
try:
    sersk.load(sys.argv[1])
except ImportError as error:
    print(error)
"""


@pytest.mark.parametrize("error", ["OSError", "RuntimeError"])
def test_a_broken_neighbour_of_torch_is_not_the_model_s_fault(corpus, tmp_path, error):
    pytest.importorskip("transformers")
    checkpoint = make_random_encoder(tmp_path / "encoder")
    net = SpeechEncoderClassifier(checkpoint, max_epochs=1, random_state=0)
    folder = sersk.save(
        net.fit(corpus.clips[:8], corpus.target[:8]), tmp_path / "model"
    )
    break_package("torchvision", tmp_path, error)
    done = subprocess.run(
        [sys.executable, "-c", LOAD, folder, tmp_path],
        capture_output=True,
        text=True,
        check=True,
    )
    # A later transformers may import it no more.
    if done.stdout:
        known = f"transformers cannot import Wav2Vec2Model: {error}: nms does not exist"
        assert known in done.stdout
        assert "pip uninstall torchvision torchaudio" in done.stdout
