"""Checkpoints that cannot be used, and how they are known."""

import json
import shutil

import numpy as np
import pytest

pytest.importorskip("transformers", reason="needs torch and transformers")

import torch
from safetensors.torch import load_file, save_file

from sersk.features import SpeechEmbedding, make_random_encoder
from sersk.features._checkpoint import find_checkpoint

CLIP = [np.linspace(-0.5, 0.5, 4_000, dtype=np.float32)]


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return make_random_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture
def folder(original, tmp_path):
    return shutil.copytree(original, tmp_path / "copy")


def _change_config(folder, **changes):
    path = folder / "config.json"
    config = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(config))


def _embed(model, **parameters):
    return SpeechEmbedding(model, device="cpu", cache=False, **parameters).transform(
        CLIP
    )


def test_what_the_configuration_says(original):
    checkpoint = find_checkpoint(original)
    assert checkpoint.architecture == "wav2vec2"
    assert (checkpoint.n_layers, checkpoint.n_features) == (3, 32)
    assert checkpoint.do_normalize
    assert checkpoint.count_frames(48_000) == 149


def test_a_copy_is_the_same_checkpoint(original, folder):
    assert find_checkpoint(folder).digest == find_checkpoint(original).digest


def test_other_weights_are_another_checkpoint(folder):
    before = find_checkpoint(folder).digest
    path = folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    assert find_checkpoint(folder).digest != before


@pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json"])
def test_other_settings_are_another_checkpoint(folder, name):
    before = find_checkpoint(folder).digest
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | {"unheard": 1}))
    assert find_checkpoint(folder).digest != before


def test_the_preprocessor_says_whether_to_normalise(folder):
    path = folder / "preprocessor_config.json"
    path.write_text('{"do_normalize": false}')
    assert not find_checkpoint(folder).do_normalize
    path.unlink()
    assert find_checkpoint(folder).do_normalize
    nested = {"feature_extractor": {"do_normalize": False}}
    (folder / "processor_config.json").write_text(json.dumps(nested))
    assert not find_checkpoint(folder).do_normalize


def test_weights_in_several_files(folder, original):
    from transformers import Wav2Vec2Model

    model = Wav2Vec2Model.from_pretrained(original)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="40KB")
    parts = sorted(folder.glob("model-*.safetensors"))
    assert len(parts) > 1
    np.testing.assert_array_equal(_embed(folder), _embed(original))
    parts[0].unlink()
    with pytest.raises(ValueError, match=r"lacks 1 of \d+ parts of the weights"):
        _embed(folder)


def _cut(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1_000])


def _cut_in_header(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:200])


def _empty(folder):
    (folder / "model.safetensors").write_bytes(b"")


def _noise(folder):
    noise = np.random.default_rng(0).bytes(5_000)
    (folder / "model.safetensors").write_bytes(noise)


def _no_weights(folder):
    (folder / "model.safetensors").unlink()


def _no_config(folder):
    (folder / "config.json").unlink()


def _pointer(folder):
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 377607901\n"
    (folder / "model.safetensors").write_text(text)


def _pickle(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _half_config(folder):
    path = folder / "config.json"
    path.write_text(path.read_text()[:100])


def _listed_config(folder):
    (folder / "config.json").write_text("[]")


def _other_architecture(folder):
    _change_config(folder, model_type="bert")


def _own_code(folder):
    _change_config(folder, auto_map={"AutoModel": "modeling.Evil"})
    (folder / "modeling.py").write_text("raise SystemExit('run')")


def _small_config(folder):
    (folder / "config.json").write_text('{"model_type": "wav2vec2"}')


def _other_rate(folder):
    (folder / "preprocessor_config.json").write_text('{"sampling_rate": 8000}')


def _more_layers(folder):
    _change_config(folder, num_hidden_layers=4)


def _wider(folder):
    _change_config(folder, intermediate_size=80)


def _nested(name):
    return lambda folder: (folder / name).write_text("[" * 100_000)


def _nested_header(folder):
    header = b"[" * 100_000
    weights = len(header).to_bytes(8, "little") + header
    (folder / "model.safetensors").write_bytes(weights)


def _large_config(folder):
    with (folder / "config.json").open("wb") as file:
        file.truncate(10**9)


def _config(**changes):
    return lambda folder: _change_config(folder, **changes)


def _index(**content):
    def damage(folder):
        _no_weights(folder)
        path = folder / "model.safetensors.index.json"
        path.write_text(json.dumps(content))

    return damage


def _odd_processor(folder):
    (folder / "preprocessor_config.json").unlink()
    (folder / "processor_config.json").write_text('{"feature_extractor": [1]}')


def _quantised(folder):
    path = folder / "model.safetensors"
    weights = {name: one.to(torch.int8) for name, one in load_file(path).items()}
    save_file(weights, path, metadata={"format": "pt"})


def _shifted(folder):
    path = folder / "model.safetensors"
    lie = path.read_bytes().replace(b'"data_offsets":[0,', b'"data_offsets":[4,', 1)
    path.write_bytes(lie)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_cut, r"not downloaded to its end: it holds \d+ bytes of \d+\. Download"),
        (_cut_in_header, "its header is longer than the file. Download it again"),
        (_empty, "is damaged or was not downloaded to its end"),
        (_noise, "is damaged or was not downloaded to its end"),
        (_no_weights, "holds no model.safetensors: the download did not get that far"),
        (_no_config, "holds no config.json"),
        (_pointer, "is a pointer of git-lfs and not the weights. Run `git lfs pull`"),
        (_pickle, "as a pickle only, which can run code .* save_pretrained"),
        (_half_config, "config.json is no JSON: .* Download it again"),
        (_listed_config, "config.json holds no object of JSON"),
        (_other_architecture, "of the architecture 'bert', and no speech encoder"),
        (_own_code, "asks for code of its own .* which is never run"),
        (_small_config, "lacks conv_kernel, conv_stride, hidden_size, num_hidden"),
        (_other_rate, "made for sampling_rate=8000. Only encoders of 16000 Hz"),
        (_more_layers, r"lacks 16 weights, such as encoder\.layers\.3\..*be random"),
        (_wider, "has other shapes for 9 weights, such as encoder.layers.0.feed_for"),
        (_nested("config.json"), "config.json is no JSON: maximum recursion"),
        (_nested_header, "is damaged .* maximum recursion"),
        (_large_config, "config.json is no JSON: it is larger than any such file"),
        (_config(model_type=["wav2vec2"]), r"architecture \['wav2vec2'\], and no sp"),
        (_config(num_hidden_layers="3"), "has num_hidden_layers='3', where a whole"),
        (_config(num_hidden_layers=0), "has num_hidden_layers=0, where a whole"),
        (_config(num_hidden_layers=10**9), "=1000000000, where a whole number from 1"),
        (_config(hidden_size=None), "has hidden_size=None, where a whole number"),
        (_config(conv_kernel=5), "has conv_kernel=5 and conv_stride="),
        (_config(conv_stride=[0] * 7), "as many whole numbers above 0 each"),
        (_config(conv_kernel=[10, 3]), r"has conv_kernel=\[10, 3\] and conv_stride="),
        (_config(num_attention_heads=7), "cannot be loaded: ValueError: embed_dim"),
        (_config(hidden_act="none"), "cannot be loaded: KeyError: 'none'. Download"),
        (_odd_processor, "feature_extractor that is no object of JSON"),
        (_index(), "names no files of weights"),
        (_index(weight_map=[1]), "names no files of weights"),
        (_index(weight_map={"a": 1, "b": "c"}), "names no files of weights"),
        (_index(weight_map={"a": "../b"}), r"lacks 1 of 1 parts .* as \.\./b"),
        (_quantised, r"holds \d+ weights as I8.*checkpoint that is not quantised"),
        (_shifted, "cannot be loaded: SafetensorError: .* invalid offset"),
    ],
)
def test_a_checkpoint_that_cannot_be_used(folder, damage, message):
    damage(folder)
    with pytest.raises(ValueError, match=message):
        _embed(folder)


def test_bert_is_no_speech_encoder(tmp_path):
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=10, hidden_size=8, num_hidden_layers=1, num_attention_heads=1
    )
    BertModel(config).save_pretrained(tmp_path)
    with pytest.raises(
        ValueError, match=r"'bert', and no speech encoder\. Pass one of h"
    ):
        _embed(tmp_path)


def test_no_folder(tmp_path):
    with pytest.raises(ValueError, match=r"is no folder\. Pass the folder that save_"):
        _embed(tmp_path / "gone")
    with pytest.raises(ValueError, match="is no folder"):
        _embed("./gone/there/is/none")


def test_a_file_is_no_folder(original):
    with pytest.raises(ValueError, match=r"is a file\. Pass the folder in which it"):
        _embed(f"{original}/model.safetensors")


@pytest.mark.parametrize("switch", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_the_hub_is_not_asked_when_it_must_not_be(switch, monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv(switch, "1")
    with pytest.raises(
        ValueError, match="TRANSFORMERS_OFFLINE is set, and not all of it was down"
    ):
        _embed("somebody/wav2vec2", revision="abc")


def test_a_checkpoint_of_the_hub_is_taken_from_its_cache(
    original, monkeypatch, tmp_path
):
    commit = "0123456789012345678901234567890123456789"
    home = tmp_path / "models--somebody--tiny"
    shutil.copytree(original, home / "snapshots" / commit)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for revision in (None, commit):
        features = _embed("somebody/tiny", revision=revision)
        np.testing.assert_array_equal(features, _embed(original))
