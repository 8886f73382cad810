"""What a frozen speech encoder costs beside transformers' own, one clip after another.

The encoder has the size of the published base models and random weights, which cost the
same.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from transformers import AutoModel

from benchmarks.speed.measure import Figure, Times, compare
from benchmarks.speed.measure import seconds as time_call
from sersk import AudioClips
from sersk.datasets import Corpus
from sersk.evaluation import evaluate
from sersk.features import SpeechEmbedding, make_random_encoder
from sersk.model_selection import LeaveOneSpeakerOut

_N_CLIPS, _ROUNDS = 12, 3
# Seconds of a clip on a GPU.
_SECONDS = 3.0
_RATE = 16_000


def embedding_figures(corpus: Corpus, *, quick: bool = False) -> Iterator[Figure]:
    """Measure seconds of audio per second on a CPU and, if there is one, on a GPU."""
    size = "tiny" if quick else "base"
    with tempfile.TemporaryDirectory() as folder:
        make_random_encoder(folder, size=size)
        clips = corpus.clips[:: max(len(corpus) // _N_CLIPS, 1)][:_N_CLIPS]
        yield from _on_cpu(folder, size, clips)
        yield _one_pass(folder, size, corpus)
        yield from _on_gpu(folder, size, 64 if quick else 512)


def _on_cpu(folder: str, size: str, clips: AudioClips) -> Iterator[Figure]:
    waveforms = [np.asarray(clip) for clip in clips]
    seconds = sum(map(len, waveforms)) / _RATE
    model = AutoModel.from_pretrained(folder).eval()
    torch.set_num_threads(1)
    expected = _plain_loop(model, waveforms)
    operations = sum(_count_operations(folder, len(one)) for one in waveforms)
    floor = operations / _cpu_rate()
    for name, parameters, asked, limit, error in (
        ("torch, float32", {}, "the same numbers", 0.0, 1e-5),
        ("ONNX, float32", {"backend": "onnx"}, "1.8 times, equal to 1e-5", 1.8, 1e-5),
        ("torch, bfloat16", {"dtype": "bfloat16"}, "faster, error stated", 1.0, 0.1),
    ):
        embedding = SpeechEmbedding(folder, device="cpu", cache=False, **parameters)
        actual = embedding.fit(waveforms).transform(waveforms)
        times = compare(
            lambda embedding=embedding: embedding.transform(waveforms),
            lambda: _plain_loop(model, waveforms),
            rounds=_ROUNDS,
        )
        off = _error(actual, expected)
        what = f"speech embedding, {size} size: {name}, CPU"
        yield _figure(what, times, seconds, off, floor, asked, limit, error)


def _figure(
    what: str,
    times: Times,
    seconds: float,
    off: float,
    floor: float,
    asked: str,
    limit: float,
    error: float,
) -> Figure:
    return Figure(
        f"{what}, seconds of audio per second",
        f"{seconds / times.ours:.2f}",
        f"{seconds / times.theirs:.2f}",
        f"{times.ratio:.2f} times transformers one clip at a time; relative error "
        f"{off:.1e}; at the rate of products of matrices in float32 it would be "
        f"{seconds / floor:.2f}",
        asked,
        times.ratio >= limit and off <= error,
    )


def _plain_loop(model: torch.nn.Module, waveforms: list[np.ndarray]) -> np.ndarray:
    device = next(model.parameters()).device
    rows = []
    with torch.inference_mode():
        for waveform in waveforms:
            normal = (waveform - waveform.mean()) / np.sqrt(waveform.var() + 1e-7)
            samples = torch.from_numpy(normal)[None].to(device)
            rows.append(model(samples).last_hidden_state[0].mean(dim=0).cpu().numpy())
    return np.stack(rows)


def _error(actual: np.ndarray, expected: np.ndarray) -> float:
    errors = np.linalg.norm(actual - expected, axis=1)
    return float((errors / np.linalg.norm(expected, axis=1)).max())


def _one_pass(folder: str, size: str, corpus: Corpus) -> Figure:
    """Leave one speaker out with all layers, and count how often clips are encoded."""
    pipeline = make_pipeline(
        SpeechEmbedding(folder, layer="all", backend="onnx"),
        StandardScaler(),
        LogisticRegression(max_iter=200),
    )
    began = time.perf_counter()
    result = evaluate(pipeline, corpus, cv=LeaveOneSpeakerOut(), cache=False)
    passes = result.pipelines["extractions_per_clip"].item()
    return Figure(
        f"speech embedding, {size} size with random weights: passes a clip over all "
        "folds of leave-one-speaker-out",
        f"{passes:.1f}",
        "",
        f"{len(corpus)} clips, {len(result.folds)} folds in "
        f"{time.perf_counter() - began:.0f} s",
        "1.0",
        passes == 1.0,
    )


def _on_gpu(folder: str, size: str, n_clips: int) -> Iterator[Figure]:
    what = f"speech embedding, {size} size, clips of 3 s: bfloat16 in batches, GPU"
    if not torch.cuda.is_available():
        yield Figure(
            what,
            "",
            "",
            "not run: torch sees no GPU",
            "20 times the plain loop, 40 % of the matrix rate",
            False,
        )
        return
    generator = np.random.default_rng(0)
    spread = generator.uniform(0.8, 1.2, n_clips)
    waveforms = [
        generator.normal(0, 0.1, round(_SECONDS * _RATE * part)).astype(np.float32)
        for part in spread
    ]
    seconds = sum(map(len, waveforms)) / _RATE
    model = AutoModel.from_pretrained(folder).eval().cuda()
    ours = SpeechEmbedding(folder, device="cuda", dtype="bfloat16", cache=False)
    exact = SpeechEmbedding(folder, device="cuda", cache=False)
    few = waveforms[:64]
    expected = _plain_loop(model, few)
    off = _error(ours.fit(few).transform(few), expected)
    exact_off = _error(exact.fit(few).transform(few), expected)
    took = _best(lambda: ours.transform(waveforms))
    plain = _best(lambda: _plain_loop(model, few)) * len(waveforms) / len(few)
    rate = _matrix_rate()
    operations = sum(_count_operations(folder, len(one)) for one in waveforms)
    share = operations / took / rate
    yield Figure(
        f"{what}, seconds of audio per second",
        f"{seconds / took:.0f}",
        f"{seconds / plain:.0f}",
        f"{plain / took:.1f} times transformers one clip at a time in float32; "
        f"{share:.0%} of {rate / 1e12:.0f} tera-operations per second, measured; "
        f"relative error {off:.1e}, in float32 {exact_off:.1e}",
        "20 times the plain loop, 40 % of the matrix rate",
        plain / took >= 20 and share >= 0.4,
    )


def _best(function: Callable[[], object]) -> float:
    function()
    times = []
    for _ in range(_ROUNDS):
        torch.cuda.synchronize()
        began = time.perf_counter()
        function()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - began)
    return min(times)


def _cpu_rate(size: int = 2048) -> float:
    """Return how many operations a second torch reaches on one thread in float32."""
    left, right = torch.randn(size, size), torch.randn(size, size)
    return 2 * size**3 / min(time_call(lambda: left @ right) for _ in range(5))


def _matrix_rate(size: int = 8192, repeats: int = 20) -> float:
    """Return how many operations a second products of matrices reach in bfloat16."""
    left, right = (
        torch.randn(size, size, device="cuda", dtype=torch.bfloat16) for _ in range(2)
    )

    def multiply() -> None:
        for _ in range(repeats):
            left @ right

    return 2 * size**3 * repeats / _best(multiply)


def _count_operations(folder: str, n_samples: int) -> float:
    """Return the additions and multiplications of one clip, but for what is small."""
    config = json.loads(Path(folder, "config.json").read_text())
    operations, before = 0.0, 1
    for kernel, stride, width in zip(
        config["conv_kernel"], config["conv_stride"], config["conv_dim"], strict=True
    ):
        n_samples = (n_samples - kernel) // stride + 1
        operations += 2.0 * n_samples * kernel * before * width
        before = width
    frames, hidden = n_samples, config["hidden_size"]
    operations += 2.0 * frames * before * hidden
    per_group = hidden // config["num_conv_pos_embedding_groups"]
    operations += 2.0 * frames * hidden * per_group * config["num_conv_pos_embeddings"]
    products = 4 * hidden**2 + 2 * hidden * config["intermediate_size"]
    layer = 2.0 * frames * products + 4.0 * frames**2 * hidden
    return operations + config["num_hidden_layers"] * layer
