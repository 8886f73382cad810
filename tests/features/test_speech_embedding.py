"""The numbers of frozen encoders: those of transformers, alone and in batches."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk import AudioClips, AudioError
from sersk.cache import FeatureStore
from sersk.datasets import make_emotional_speech
from sersk.evaluation import evaluate
from sersk.features import (
    LayerSelect,
    SpeechEmbedding,
    SpeechEmbeddingSequence,
    count_extractions,
    make_random_encoder,
    make_random_text_encoder,
    warm_cache,
)
from sersk.model_selection import SpeakerKFold
from tests.broken_package import break_package

torch = pytest.importorskip("torch", reason="needs torch")
pytest.importorskip("transformers", reason="needs transformers")
safetensors = pytest.importorskip("safetensors.torch", reason="needs safetensors")

KINDS = [
    (architecture, layer_norm)
    for architecture in ("wav2vec2", "hubert", "wavlm")
    for layer_norm in (False, True)
]
# One is a single frame, and one is shorter than that.
LENGTHS = [8_000, 400, 12_345, 5_000, 100, 5_000]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: "{}-{}".format(*kind))
def kind(request, tmp_path_factory):
    architecture, layer_norm = request.param
    folder = tmp_path_factory.mktemp("encoder")
    return make_random_encoder(folder, architecture, layer_norm=layer_norm)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_random_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def clips():
    generator = np.random.default_rng(0)
    return [generator.normal(0.1, 0.2, length).astype(np.float32) for length in LENGTHS]


def _rows(folder, **parameters):
    return SpeechEmbedding(folder, **{"device": "cpu", "cache": False} | parameters)


def _frames(folder, **parameters):
    parameters = {"device": "cpu", "cache": False} | parameters
    return SpeechEmbeddingSequence(folder, **parameters)


def _reference(folder, clips):
    """What transformers gives for one clip at a time: frames by clip and layer."""
    from transformers import AutoFeatureExtractor, AutoModel

    prepare = AutoFeatureExtractor.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()
    outputs = []
    for clip in clips:
        samples = prepare(clip, sampling_rate=16_000, return_tensors="pt").input_values
        with torch.inference_mode():
            output = model(samples, output_hidden_states=True)
        states = [*output.hidden_states[:-1], output.last_hidden_state]
        outputs.append([state[0].numpy() for state in states])
    return outputs


# The numbers are those of transformers, and do not depend on other clips.


def test_every_layer_is_that_of_transformers(kind, clips):
    long = [clip for clip in clips if len(clip) >= 400]
    expected = _reference(kind, long)
    means = [np.concatenate([x.mean(axis=0) for x in layers]) for layers in expected]
    assert_allclose(_rows(kind, layer="all").transform(long), means, atol=1e-6)
    for layer in (0, 1, 3, -1):
        for frames, layers in zip(
            _frames(kind, layer=layer).transform(long), expected, strict=True
        ):
            assert_allclose(frames, layers[layer], atol=2e-6)


@pytest.mark.parametrize("batch_size", [2, 4, 6])
def test_a_batch_gives_what_single_clips_do(kind, clips, batch_size):
    single = _rows(kind, layer="all", pooling="mean_std").transform(clips)
    several = _rows(
        kind, layer="all", pooling="mean_std", batch_size=batch_size
    ).transform(clips)
    assert_allclose(several, single, atol=1e-5)


def test_a_batch_of_clips_far_from_zero_gives_what_single_clips_do(kind, clips):
    # Of a constant, what is left when its mean is taken is rounding, or nothing.
    offset = [0.9 + 1e-3 * clips[0], np.full(9_000, 1e-4, dtype=np.float32), clips[3]]
    several = _rows(kind, batch_size=3).transform(offset)
    assert_allclose(several, _rows(kind).transform(offset), atol=1e-5)


def test_frames_of_a_batch_are_those_of_single_clips(kind, clips):
    single = _frames(kind).transform(clips)
    several = _frames(kind, batch_size=4).transform(clips)
    assert_array_equal(several.lengths, single.lengths)
    for one, other in zip(several, single, strict=True):
        assert_allclose(one, other, atol=1e-5)


def test_onnx_gives_the_same(kind, clips):
    pytest.importorskip("onnx", reason="needs onnx")
    pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    expected = _rows(kind, layer="all").transform(clips)
    actual = _rows(kind, layer="all", backend="onnx").transform(clips)
    assert_allclose(actual, expected, atol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 2])
def test_what_half_precision_cannot_hold_is_told(folder, clips, tmp_path, batch_size):
    loud = shutil.copytree(folder, tmp_path / "loud")
    weights = safetensors.load_file(loud / "model.safetensors")
    weights["encoder.layer_norm.weight"] *= 1e6
    weights["encoder.layers.2.final_layer_norm.weight"] *= 1e6
    safetensors.save_file(weights, loud / "model.safetensors", {"format": "pt"})
    rows = _rows(loud, batch_size=batch_size)
    with pytest.raises(AudioError, match=r'not finite\. Pass dtype="bfloat16"\. Drop'):
        rows.set_params(dtype="float16").transform(clips[:2])
    assert np.isfinite(rows.set_params(dtype="bfloat16").transform(clips[:2])).all()


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_is_close(kind, clips, dtype):
    expected = _rows(kind).transform(clips)
    for batch_size in (1, 3):
        actual = _rows(kind, dtype=dtype, batch_size=batch_size).transform(clips)
        assert actual.dtype == np.float32
        error = np.linalg.norm(actual - expected) / np.linalg.norm(expected)
        assert 0 < error < 0.05


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gives_the_same(kind, clips):
    expected = _rows(kind, layer="all").transform(clips)
    for batch_size in (1, None):
        actual = _rows(kind, layer="all", device="cuda", batch_size=batch_size)
        assert_allclose(actual.transform(clips), expected, atol=1e-4)


def test_lengths_follow_the_convolutions(folder):
    clips = [np.ones(length) for length in (16_000, 48_000, 64_000, 192_000)]
    sequences = _frames(folder).transform(clips)
    assert sequences.lengths.tolist() == [49, 149, 199, 599]
    assert sequences.period == 0.02


def test_without_normalisation_loudness_counts(folder, clips, tmp_path):
    loud = [2 * clip for clip in clips[:1]]
    rows = _rows(folder)
    assert_allclose(rows.transform(loud), rows.transform(clips[:1]), atol=1e-5)
    plain = shutil.copytree(folder, tmp_path / "plain")
    (plain / "preprocessor_config.json").write_text('{"do_normalize": false}')
    expected = _reference(plain, clips[:1])[0][-1].mean(axis=0)
    assert_allclose(_rows(plain).transform(clips[:1])[0], expected, atol=1e-6)


def test_clips_of_another_rate_are_resampled(folder, clips):
    fast = AudioClips.from_arrays([np.repeat(clips[0], 2)], sampling_rate=32_000)
    assert _frames(folder).transform(fast).lengths.tolist() == [24]


# Pooling, layers, names.


def test_pooling_is_over_the_frames(folder, clips):
    frames = [*_frames(folder).transform(clips)]
    by_hand = {
        "mean": [x.mean(axis=0) for x in frames],
        "mean_std": [np.concatenate([x.mean(axis=0), x.std(axis=0)]) for x in frames],
        "max": [x.max(axis=0) for x in frames],
        "first": [x[0] for x in frames],
    }
    for pooling, expected in by_hand.items():
        for batch_size in (1, 4):
            rows = _rows(folder, pooling=pooling, batch_size=batch_size)
            assert_allclose(rows.transform(clips), expected, atol=1e-5)


@pytest.mark.parametrize("n_first", [1, 2, 20])
def test_the_first_frames_of_each_clip(kind, clips, n_first):
    frames = [*_frames(kind).transform(clips)]
    # Some have one frame, and some fewer than twenty: these give what they have.
    assert {1, 15} < {len(x) for x in frames}
    expected = [x[:n_first].mean(axis=0) for x in frames]
    for batch_size in (1, 4):
        rows = _rows(kind, pooling="first", n_first=n_first, batch_size=batch_size)
        assert_allclose(rows.transform(clips), expected, atol=1e-5)


def test_the_first_frames_of_a_long_clip_are_those_of_its_first_chunk(folder, clips):
    long = [np.concatenate([clips[0], clips[2], clips[3], clips[0]])]
    chunks = {"chunk_duration": 1.0, "chunk_overlap": 0.2}
    (frames,) = _frames(folder, **chunks).transform(long)
    rows = _rows(folder, pooling="first", n_first=60, **chunks).transform(long)
    assert_allclose(rows[0], frames[:60].mean(axis=0), atol=1e-6)


def test_the_number_of_first_frames_does_not_concern_the_mean(folder, clips, tmp_path):
    store = FeatureStore(tmp_path)
    _rows(folder, cache=store).transform(clips)
    before = count_extractions()
    _rows(folder, cache=store, n_first=3).transform(clips)
    assert count_extractions() == before


def test_names_say_layer_number_and_statistic(folder):
    names = _rows(folder, layer="all", pooling="mean_std").get_feature_names_out()
    assert len(names) == 4 * 2 * 32
    assert names[0] == "layer_00_0000_mean"
    assert names[32] == "layer_00_0000_std"
    assert names[-1] == "layer_03_0031_std"
    assert _rows(folder).get_feature_names_out()[5] == "layer_03_0005_mean"
    assert _frames(folder, layer=1).get_feature_names_out()[5] == "layer_01_0005"


def test_one_layer_is_its_part_of_all(folder, clips):
    every = _rows(folder, layer="all").transform(clips)
    for layer in range(4):
        chosen = LayerSelect(layer, n_layers=4).fit_transform(every)
        # Fewer layers are loaded; the numbers are the same.
        assert_array_equal(_rows(folder, layer=layer).transform(clips), chosen)


@pytest.mark.parametrize("backend", ["torch", "onnx"])
def test_several_layers_are_side_by_side_in_their_order(folder, clips, backend):
    if backend == "onnx":
        pytest.importorskip("onnx", reason="needs onnx")
        pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    rows = _rows(folder, layer=(-1, 0, -3), backend=backend)
    chosen = [_rows(folder, layer=at).transform(clips) for at in (3, 0, 1)]
    assert_allclose(rows.transform(clips), np.hstack(chosen), atol=1e-5)
    names = rows.get_feature_names_out()
    assert [names[at] for at in (0, 32, 64)] == [
        "layer_03_0000_mean",
        "layer_00_0000_mean",
        "layer_01_0000_mean",
    ]


def test_several_layers_in_batches_and_frames(folder, clips):
    every = _frames(folder, layer=[1, 3], batch_size=3)
    first, last = (_frames(folder, layer=at).transform(clips) for at in (1, 3))
    for frames, one, other in zip(every.transform(clips), first, last, strict=True):
        assert_allclose(frames, np.hstack([one, other]), atol=1e-5)
    assert every.get_feature_names_out()[[0, 32]].tolist() == [
        "layer_01_0000",
        "layer_03_0000",
    ]
    assert len(_frames(folder, layer="all").get_feature_names_out()) == 4 * 32


def test_a_layer_of_several_is_chosen_by_its_number(folder, clips):
    several = _rows(folder, layer=[1, 3]).set_output(transform="pandas")
    rows = several.transform(clips)
    for layer, number in ((1, 1), (3, 3), (-1, 3)):
        expected = _rows(folder, layer=number).transform(clips)
        assert_array_equal(LayerSelect(layer).fit_transform(rows), expected)
        select = LayerSelect(layer, layers=[1, 3])
        assert_array_equal(select.fit_transform(rows.to_numpy()), expected)
    with pytest.raises(ValueError, match=r"layer=2, but there are layers 1, 3\."):
        LayerSelect(2).fit(rows)


def test_however_layers_are_named_they_are_kept_once(folder, clips, tmp_path):
    store = FeatureStore(tmp_path)
    before = count_extractions()
    for same in (3, -1, [3], (-1,)):
        _rows(folder, cache=store, layer=same).transform(clips)
    for same in ("all", [0, 1, 2, 3], (0, 1, 2, -1)):
        _rows(folder, cache=store, layer=same).transform(clips)
    # Two of the clips have the same length, but not the same samples.
    assert count_extractions() - before == 2 * len(clips)
    _rows(folder, cache=store, layer=[3, 2, 1, 0]).transform(clips)
    assert count_extractions() - before == 3 * len(clips)


# Long clips.


def test_a_long_clip_is_cut_into_chunks(folder, clips):
    long = np.concatenate([clips[0], clips[2], clips[3], clips[0]])
    normal = (long - long.mean()) / np.sqrt(long.var() + 1e-7)
    sequence = _frames(folder, chunk_duration=1.0, chunk_overlap=0.2)
    (frames,) = sequence.transform([long])
    assert len(frames) == (len(long) - 400) // 320 + 1
    (whole,) = _frames(folder).transform([long])
    # A chunk of the layer-by-layer numbers, by hand: frames 0 to 43 are of the first.
    from transformers import Wav2Vec2Model

    model = Wav2Vec2Model.from_pretrained(folder).eval()
    with torch.inference_mode():
        first = model(torch.from_numpy(normal[: 48 * 320 + 400])[None])
        rest = model(
            torch.from_numpy(normal[39 * 320 : 39 * 320 + 48 * 320 + 400])[None]
        )
    assert_allclose(frames[:44], first.last_hidden_state[0, :44], atol=1e-5)
    assert_allclose(frames[44:83], rest.last_hidden_state[0, 5:44], atol=1e-5)
    assert whole.shape == frames.shape
    assert not np.allclose(frames, whole, atol=1e-3)


def test_a_long_clip_among_others_in_batches(folder, clips):
    long = np.concatenate([clips[2], clips[2]])
    mixed = [clips[0], long, clips[3]]
    single = _rows(folder, chunk_duration=1.0, chunk_overlap=0.5)
    several = _rows(folder, chunk_duration=1.0, chunk_overlap=0.5, batch_size=3)
    assert_allclose(several.transform(mixed), single.transform(mixed), atol=1e-5)


# The store, workers, folds.


def test_the_store_does_not_care_where_a_checkpoint_lies(folder, clips, tmp_path):
    store = FeatureStore(tmp_path / "store")
    _rows(folder, cache=store).transform(clips)
    moved = shutil.copytree(folder, tmp_path / "elsewhere")
    before = count_extractions()
    _rows(moved, cache=store, layer=3, batch_size=2).transform(clips)
    assert count_extractions() == before
    make_random_encoder(moved, random_state=1)
    _rows(moved, cache=store).transform(clips)
    assert count_extractions() == before + len(clips)


def test_batches_are_kept_and_bad_clips_named(folder, wav_files, tmp_path):
    store = FeatureStore(tmp_path / "store")
    rows = _rows(folder, cache=store, batch_size=2)
    files = [*wav_files[:2], tmp_path / "gone.wav", wav_files[2]]
    with pytest.raises(AudioError, match=r"Clip 2 .* cannot be read"):
        rows.transform(files)
    assert store.statistics()["writes"] == 3
    before = count_extractions()
    rows.transform(wav_files)
    assert count_extractions() == before


def test_a_model_is_not_part_of_the_estimator(folder, clips):
    rows = _rows(folder).fit(clips)
    before = dict(vars(rows))
    rows.transform(clips)
    assert vars(rows) == before


def test_a_model_is_loaded_once(folder, clips):
    from sersk.features._torch_encoder import _load

    _rows(folder).transform(clips)
    before = _load.cache_info()
    _rows(folder, pooling="max").transform(clips)
    _frames(folder).transform(clips)
    assert _load.cache_info().misses == before.misses


def test_every_clip_goes_through_the_encoder_once(folder, tmp_path):
    corpus = make_emotional_speech(n_speakers=3, n_repetitions=1, random_state=0)
    pipeline = make_pipeline(
        _rows(folder, layer="all", cache=None),
        LayerSelect(n_layers=4),
        StandardScaler(),
        LogisticRegression(max_iter=1_000),
    )
    before = count_extractions()
    result = evaluate(
        pipeline,
        corpus,
        search={"layerselect__layer": [0, 1, 2, 3]},
        inner_cv=SpeakerKFold(2),
    )
    assert count_extractions() - before == len(corpus.clips)
    assert result.pipelines["extractions_per_clip"].tolist() == [1.0]


def test_a_search_over_layers_reads_the_store(folder, tmp_path):
    corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    pipeline = make_pipeline(
        _rows(folder, layer="all", cache=tmp_path),
        LayerSelect(n_layers=4),
        LogisticRegression(max_iter=1_000),
    )
    grid = {"layerselect__layer": [0, 3]}
    search = GridSearchCV(pipeline, grid, cv=SpeakerKFold(2))
    assert warm_cache(search, corpus.clips) == len(corpus.clips)
    before = count_extractions()
    search.fit(corpus.clips, corpus.target)
    assert count_extractions() == before


# What cannot be.


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"layer": 4}, "layer=4, but .* has layers 0 to 3"),
        ({"layer": -5}, "layer=-5, but .* has layers 0 to 3"),
        ({"layer": "last"}, "The 'layer' parameter"),
        ({"layer": [0, 4, -5]}, r"layer=\[0, 4, -5\], .* 0 to 3 and no 4, -5\."),
        ({"layer": (1, 1)}, r"layer=\(1, 1\) holds 1 twice\. Name each layer once"),
        ({"layer": [3, -1]}, r"names layer 3 of .* from the start and from the end"),
        ({"layer": []}, r"layer=\[\] holds no layer\. Name one at least"),
        ({"pooling": "first", "n_first": 0}, "The 'n_first' parameter"),
        ({"pooling": "median"}, "The 'pooling' parameter"),
        ({"dtype": "int8"}, "The 'dtype' parameter"),
        ({"device": "gpu"}, "device='gpu' cannot be used: .* Pass"),
        ({"batch_size": 0}, "The 'batch_size' parameter"),
        ({"chunk_duration": 0.5}, "The 'chunk_duration' parameter"),
        ({"chunk_overlap": 16.0}, "chunk_overlap=16.0 must be at most half of"),
        ({"backend": "onnx", "device": "cuda"}, "device='cuda' does not go with"),
        ({"backend": "onnx", "dtype": "bfloat16"}, "dtype='bfloat16' does not go with"),
        ({"backend": "onnx", "batch_size": 2}, "batch_size=2 does not go with"),
    ],
)
def test_bad_parameters(folder, clips, parameters, message):
    with pytest.raises(ValueError, match=message):
        _rows(folder, **parameters).fit(clips).transform(clips)


@pytest.mark.parametrize("layer", [[1, "2"], [1, 2.0], [True]])
def test_a_layer_that_is_no_integer(folder, clips, layer):
    with pytest.raises(TypeError, match=r"layer=\[.*, which is no integer\."):
        _rows(folder, layer=layer).fit(clips)


def test_weights_that_are_no_numbers(folder, clips, tmp_path):
    from safetensors.torch import load_file, save_file

    broken = shutil.copytree(folder, tmp_path / "broken")
    weights = load_file(broken / "model.safetensors")
    weights["encoder.layers.2.final_layer_norm.bias"][3] = torch.nan
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    for batch_size in (1, 3):
        with pytest.raises(AudioError, match="gives values of layer_03_0003_mean that"):
            _rows(broken, batch_size=batch_size).transform(clips)


TRY_ENCODERS = """
import sys
speech, text, broken = sys.argv[1:]
sys.path.insert(0, broken)
import numpy as np
from sersk import AudioClips
from sersk.features import SpeechEmbedding, TextEmbedding
for embedding, clips in [
    (SpeechEmbedding(speech, device="cpu"), [np.ones(4_000)]),
    (TextEmbedding(text, device="cpu"), AudioClips.from_texts(["a day"])),
]:
    try:
        print(np.isfinite(embedding.fit_transform(clips)).all())
    except ImportError as error:
        print(error)
"""


@pytest.mark.parametrize("error", ["RuntimeError", "OSError"])
@pytest.mark.parametrize("name", ["torchaudio", "torchvision"])
def test_a_broken_neighbour_of_torch_is_named(folder, tmp_path, name, error):
    text = make_random_text_encoder(tmp_path / "text", ["a day"])
    break_package(name, tmp_path, error)
    done = subprocess.run(
        [sys.executable, "-c", TRY_ENCODERS, folder, text, tmp_path],
        capture_output=True,
        text=True,
        check=True,
    )
    for line, model in zip(
        done.stdout.splitlines(), ["Wav2Vec2Model", "BertModel"], strict=True
    ):
        if line != "True":
            assert f"cannot import {model}: {error}: nms does not exist" in line
            assert "pip uninstall torchvision torchaudio" in line
