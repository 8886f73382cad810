"""Transcripts as rows: those of transformers, each text once, and no audio opened."""

import json
import pickle
import shutil

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.pipeline import make_union
from tokenizers import Tokenizer
from transformers import AutoModel, RobertaConfig, RobertaForMaskedLM

from sersk import AudioClips, AudioError, FeatureStore, warm_cache
from sersk.features import (
    AcousticFunctionals,
    TextEmbedding,
    count_extractions,
    find_extractors,
    plan_extractions,
)
from sersk.features._text_checkpoint import find_text_checkpoint
from sersk.features._torch_text import open_text_encoder
from sersk.utils import AudioWarning
from tests.features.text_encoders import write_text_encoder

TEXTS = ["what a day", "i am so very happy", "never mind", "what a day", "sad"]


@pytest.fixture(scope="module", params=["bert", "roberta"])
def folder(request, tmp_path_factory):
    return write_text_encoder(tmp_path_factory.mktemp("text"), request.param)


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return write_text_encoder(tmp_path_factory.mktemp("bert"))


@pytest.fixture
def clips():
    # None of these files exists.
    files = [f"{at}.wav" for at in range(len(TEXTS))]
    return AudioClips.from_files(files, columns={"transcript": TEXTS})


def _reference(folder, text, pooling):
    """What transformers makes of a text by itself."""
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    model = AutoModel.from_pretrained(folder, add_pooling_layer=False).eval()
    ids = torch.tensor([tokenizer.encode(text).ids])
    with torch.no_grad():
        hidden = model(ids).last_hidden_state[0]
    return (hidden[0] if pooling == "cls" else hidden.mean(0)).numpy()


@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_rows_are_those_of_transformers(folder, clips, pooling, batch_size):
    embedding = TextEmbedding(folder, pooling=pooling, max_length=16)
    rows = embedding.set_params(batch_size=batch_size).fit_transform(clips)
    assert rows.dtype == np.float32
    assert rows.shape == (5, 32)
    for text, row in zip(TEXTS, rows, strict=True):
        assert_allclose(row, _reference(folder, text, pooling), atol=1e-5)
    assert_array_equal(rows[0], rows[3])


def test_long_texts_are_cut(bert):
    clips = AudioClips.from_texts(["sad " * 40, "sad " * 6])
    rows = TextEmbedding(bert, max_length=8).fit_transform(clips)
    assert_allclose(rows[0], rows[1], atol=1e-6)
    longer = TextEmbedding(bert, max_length=50).fit_transform(clips)
    assert not np.allclose(longer[0], rows[0], atol=1e-3)


def test_words_are_not_heard(bert):
    embedding = TextEmbedding(bert, max_length=8)
    assert not any(
        hasattr(embedding, name)
        for name in (
            "extract",
            "begin_many",
            "max_duration",
            "n_jobs",
            "on_error",
            "sampling_rate",
        )
    )
    heard = AcousticFunctionals(sampling_rate=8_000)
    union = make_union(embedding, heard)
    assert [type(one) for one in find_extractors(union)] == [type(heard)]
    plan = plan_extractions(union, None)
    assert [type(one) for one, _ in plan] == [TextEmbedding, type(heard)]


def test_linear_algebra_is_kept_to_one_thread(bert, clips):
    encoder = open_text_encoder(find_text_checkpoint(bert), "cpu")
    counts = []
    hook = encoder.model.register_forward_pre_hook(
        lambda *_: counts.append(torch.get_num_threads())
    )
    n_threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        TextEmbedding(bert, max_length=16, device="cpu").fit_transform(clips)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(n_threads)
        hook.remove()
    assert set(counts) == {1}


def test_texts_can_be_cleaned(bert):
    given = AudioClips.from_texts(["so, I'm  très happy!", "don\u2019t", "don't"])
    plain = AudioClips.from_texts(["so Im trs happy", "dont", "dont"])
    cleaned = TextEmbedding(bert, clean=True, max_length=16).fit_transform(given)
    assert_allclose(
        cleaned, TextEmbedding(bert, max_length=16).fit_transform(plain), atol=1e-6
    )


def test_names(bert):
    embedding = TextEmbedding(bert, max_length=8).set_output(transform="pandas")
    frame = embedding.fit_transform(AudioClips.from_texts(["sad"]))
    assert list(frame.columns) == [f"text_{at:04}" for at in range(32)]


# The store.


def test_each_text_is_encoded_once(bert, clips, tmp_path):
    embedding = TextEmbedding(bert, max_length=16, cache=str(tmp_path))
    before = count_extractions()
    rows = embedding.fit_transform(clips)
    assert count_extractions() - before == 4
    assert_array_equal(clone(embedding).transform(clips[::-1]), rows[::-1])
    assert warm_cache(embedding, clips) == 0
    assert count_extractions() - before == 4
    assert FeatureStore(tmp_path).statistics()["writes"] == 4


def test_the_store_knows_encoder_and_parameters(bert, clips, tmp_path):
    cache = str(tmp_path / "store")
    embedding = TextEmbedding(bert, max_length=16, cache=cache)
    embedding.fit_transform(clips)
    other = write_text_encoder(tmp_path / "other", seed=1)
    moved = shutil.copytree(bert, tmp_path / "moved")
    changed = [{"pooling": "mean"}, {"max_length": 8}, {"model": other}]
    same = [{"batch_size": 1}, {"on_missing": "nan"}, {"model": str(moved)}]
    for n_keys, changes in enumerate(changed, start=2):
        clone(embedding).set_params(**changes).fit_transform(clips)
        assert len(FeatureStore(cache).statistics()["extractors"]) == n_keys
    before = count_extractions()
    for changes in same:
        clone(embedding).set_params(**changes).fit_transform(clips)
    assert count_extractions() == before


def test_pickles_hold_no_encoder(bert, clips):
    embedding = TextEmbedding(bert, max_length=16).fit(clips)
    rows = embedding.transform(clips)
    data = pickle.dumps(embedding)
    assert len(data) < 10_000
    assert_array_equal(pickle.loads(data).transform(clips), rows)


# Nothing was said.


@pytest.mark.parametrize("missing", [None, np.nan, "", "  "])
def test_missing_transcripts(bert, missing):
    clips = AudioClips.from_files(
        ["a.wav", "b.wav"], columns={"transcript": ["sad", missing]}
    )
    embedding = TextEmbedding(bert, max_length=8)
    with pytest.raises(AudioError, match=r"Clip 1 \('b\.wav'\) has no word"):
        embedding.fit_transform(clips)
    with pytest.warns(AudioWarning, match=r"Clip 1 \('b\.wav'\) has no word"):
        rows = clone(embedding).set_params(on_missing="nan").fit_transform(clips)
    assert np.isfinite(rows[0]).all()
    assert np.isnan(rows[1]).all()
    empty = clone(embedding).set_params(on_missing="empty").fit_transform(clips)
    assert_allclose(empty[1], _reference(bert, "", "cls"), atol=1e-5)


@pytest.mark.parametrize("X", [["a.wav"], np.zeros((2, 400))])
def test_clips_without_transcripts(bert, X):
    with pytest.raises(ValueError, match="X carries no column 'transcript'"):
        TextEmbedding(bert, max_length=8).fit(X)


# Checkpoints that cannot be used.


@pytest.fixture
def copy(bert, tmp_path):
    return shutil.copytree(bert, tmp_path / "copy")


def _change_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def _shorten(path):
    path.write_bytes(path.read_bytes()[:-9])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda at: (at / "tokenizer.json").unlink(), r"holds no tokenizer\.json"),
        (lambda at: _shorten(at / "tokenizer.json"), "is no JSON"),
        (lambda at: (at / "tokenizer.json").write_text("{}"), "as a tokenizer"),
        (lambda at: _shorten(at / "model.safetensors"), "is damaged"),
        (lambda at: (at / "model.safetensors").unlink(), r"no model\.safetensors"),
        (lambda at: (at / "config.json").unlink(), r"holds no config\.json"),
        (lambda at: _change_config(at, auto_map={}), "code of its own"),
        (lambda at: _change_config(at, model_type="wavlm"), "no text encoder"),
        (lambda at: _change_config(at, hidden_size=8), "has other shapes"),
        (lambda at: _change_config(at, vocab_size=5), "knows 18 words"),
        (lambda at: _change_config(at, num_hidden_layers=3), "lacks 16 weights"),
    ],
)
def test_bad_checkpoints(copy, clips, spoil, message):
    spoil(copy)
    with pytest.raises(ValueError, match=message):
        TextEmbedding(copy, max_length=16).fit_transform(clips)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "no/such/folder"}, "no folder"),
        ({"max_length": 65}, "takes 64 tokens"),
        ({"pooling": "max"}, "'pooling' parameter"),
        ({"device": "cuda:9"}, "device='cuda:9'"),
        ({"device": "cuda:x"}, "device='cuda:x' cannot be used: .* Pass"),
    ],
)
def test_bad_parameters(bert, clips, changes, message):
    embedding = TextEmbedding(bert, max_length=16).set_params(**changes)
    with pytest.raises(ValueError, match=message):
        embedding.fit_transform(clips)


def test_a_checkpoint_with_another_head_is_taken(tmp_path):
    folder = write_text_encoder(tmp_path, "roberta")
    config = RobertaConfig.from_pretrained(folder)
    RobertaForMaskedLM(config).save_pretrained(folder)
    rows = TextEmbedding(folder, max_length=8).fit_transform(
        AudioClips.from_texts(["sad"])
    )
    assert np.isfinite(rows).all()
