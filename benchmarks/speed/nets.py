"""What the nets' estimators cost beside a plain loop in torch, and what they hold."""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from benchmarks.speed.measure import Figure, compare, run_python
from sersk.audio import FrameSequences, FrameWriter
from sersk.estimators import (
    BaseNetClassifier,
    CNN1DClassifier,
    CNN2DClassifier,
    CRNNClassifier,
    MelCNNClassifier,
)
from sersk.nets import CNN1D, CNN2D, CRNN, MelCNN

_BATCH = 32
_N_CLASSES = 4
_ASKED = 1.15


class _Net(NamedTuple):
    """An estimator, its torch module, what both are given, and the shape of frames."""

    estimator: type[BaseNetClassifier]
    module: type[nn.Module]
    options: dict[str, Any]
    n_features: int
    # None: as many as the clip has.
    n_frames: int | None = None


_NETS = {
    "1D CNN, 3 layers": _Net(CNN1DClassifier, CNN1D, {"n_layers": 3}, 40, 300),
    "1D CNN, 5 layers": _Net(CNN1DClassifier, CNN1D, {"n_layers": 5}, 40),
    "1D CNN, 8 layers": _Net(CNN1DClassifier, CNN1D, {"n_layers": 8}, 40),
    "2D CNN, 2 layers": _Net(CNN2DClassifier, CNN2D, {"n_layers": 2}, 40, 300),
    "2D CNN, 6 layers": _Net(CNN2DClassifier, CNN2D, {"n_layers": 6}, 40),
    "mel CNN": _Net(MelCNNClassifier, MelCNN, {}, 128, 94),
    "CNN+LSTM": _Net(CRNNClassifier, CRNN, {}, 128),
    "CNN+LSTM+attention": _Net(CRNNClassifier, CRNN, {"attention": "additive"}, 128),
}

# Lengths as IEMOCAP's: log-normal, 4.55 s on average, from 0.6 to 34 s.
_MEMORY_PROGRAM = """
import json, os, resource, sys, tempfile, time
import numpy as np
from sersk.audio import FeatureStreams, FrameSequences, FrameWriter
from sersk.estimators import CoAttentionClassifier

N_CLIPS, BATCH, N_STEPS = map(int, sys.argv[1:])
rng = np.random.default_rng(0)
durations = np.clip(rng.lognormal(1.31, 0.65, N_CLIPS), 0.585, 34.14)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9

def stream(n_features, rate, period):
    writer = FrameWriter(n_features)
    noise = rng.random((4_000, n_features), dtype=np.float32)
    for duration in durations:
        writer.append(noise[: int(duration * rate)])
    return FrameSequences.from_writer(writer, period=period)

X = FeatureStreams({
    "mfcc": stream(40, 100, 0.01),
    "spectrogram": stream(200, 100, 0.01),
    "w2e": stream(768, 49.9, None),
})
gathered = peak()

class Stop:
    left = BATCH * N_STEPS
    def __call__(self, frames, rng, *, length, pad_value):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return frames

import warnings
warnings.simplefilter("ignore")
net = CoAttentionClassifier(
    max_epochs=1, batch_size=BATCH, device="cpu", augment=Stop(), random_state=0
)
began = time.perf_counter()
net.fit(X, np.arange(N_CLIPS) % 4)
sizes = sum(int(X[name].lengths.sum()) * X[name].n_features * 4 for name in X.keys())
print(json.dumps({
    "gathered": gathered, "peak": peak(), "features": sizes / 1e9,
    "seconds": time.perf_counter() - began, "mean": float(durations.mean()),
}))
"""


def net_figures(*, quick: bool = False) -> Iterator[Figure]:
    """Compare an epoch of each net with a plain loop, and measure the rest."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for name, net in _NETS.items():
            yield _epoch(name, net, *((4, 1) if quick else (64, 3)))
        yield _predict(*((32, 1) if quick else (1_000, 3)))
    finally:
        torch.set_num_threads(threads)
    yield _memory(*((4, 1) if quick else (5_531, 8)))


def _clips(n_clips: int, n_features: int, longest: int) -> FrameSequences:
    """Return frames, kept in a file, of a third of a length to the whole of it."""
    rng = np.random.default_rng(0)
    writer = FrameWriter(n_features, memory_limit=0)
    for length in rng.integers(longest // 3, longest, size=n_clips, endpoint=True):
        writer.append(rng.normal(size=(length, n_features)))
    return FrameSequences.from_writer(writer)


def _epoch(name: str, net: _Net, n_clips: int, rounds: int) -> Figure:
    """Time fits of two epochs; the loop makes its net and trains it as long."""
    X = _clips(n_clips, net.n_features, min(net.n_frames or 200, 200))
    y = np.arange(n_clips) % _N_CLASSES
    epochs = 2
    ours = net.estimator(
        **net.options,
        max_epochs=epochs,
        batch_size=_BATCH,
        device="cpu",
        random_state=0,
    )
    ours.fit(X, y)  # what is imported or compiled at first use counts for nobody
    frames, lengths = X.pad(net.n_frames)
    tensors = torch.from_numpy(frames), torch.from_numpy(lengths), torch.from_numpy(y)
    given = None if net.n_frames else tensors[1]

    def plain() -> nn.Module:
        module = net.module(net.n_features, _N_CLASSES, **net.options)
        _plain_loop(module, tensors[0], given, tensors[2], epochs)
        return module

    if repr(plain()) != repr(ours.module_):
        raise RuntimeError(f"{name}: the two sides train nets that differ.")
    times = compare(
        lambda: ours.fit(X, y), plain, rounds=rounds, clock=time.process_time
    )
    ratio = 1 / times.ratio
    return Figure(
        f"{name}, an epoch of {n_clips} clips read from a file, CPU s",
        f"{times.ours / epochs:.3f}",
        f"{times.theirs / epochs:.3f} (torch)",
        f"{ratio:.2f}x the time of a plain loop in memory, building the net included",
        f"at most {_ASKED}x",
        ratio <= _ASKED,
    )


def _plain_loop(
    module: nn.Module,
    x: torch.Tensor,
    lengths: torch.Tensor | None,
    y: torch.Tensor,
    epochs: int,
) -> None:
    """Train as whoever has no library: batches are cut to their longest clip."""
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(_BATCH):
            given = None if lengths is None else lengths[batch]
            frames = x[batch] if given is None else x[batch, : int(given.max())]
            optimizer.zero_grad()
            loss = criterion(module(frames, given), y[batch])
            loss.backward()
            optimizer.step()


def _predict(n_clips: int, rounds: int) -> Figure:
    """Time predictions for clips of many lengths."""
    X = _clips(n_clips, 40, 300)
    net = CNN1DClassifier(8, max_epochs=1, device="cpu", random_state=0)
    some = X[:64]
    net.fit(some, np.arange(len(some)) % _N_CLASSES)
    frames, lengths = X.pad()

    def plain() -> None:
        with torch.inference_mode():
            for first in range(0, len(X), _BATCH):
                part = slice(first, first + _BATCH)
                cut = lengths[part]
                net.module_(
                    torch.from_numpy(frames[part, : cut.max()]), torch.from_numpy(cut)
                )

    times = compare(
        lambda: net.predict(X), plain, rounds=rounds, clock=time.process_time
    )
    ratio = 1 / times.ratio
    return Figure(
        f"1D CNN, 8 layers, predictions for {n_clips:,} clips read from a file, CPU s",
        f"{times.ours:.2f}",
        f"{times.theirs:.2f} (torch)",
        f"{ratio:.2f}x the time of a plain loop in memory, in the clips' order",
        f"at most {_ASKED}x",
        ratio <= _ASKED,
    )


def _memory(n_clips: int, batch: int) -> Figure:
    """Measure the most that co-attention training on IEMOCAP's lengths holds."""
    held = run_python(_MEMORY_PROGRAM, str(n_clips), str(batch), "2")
    return Figure(
        f"co-attention, {n_clips:,} clips of IEMOCAP's lengths, peak memory, GB",
        f"{held['peak']:.2f}",
        "",
        f"{held['peak']:.2f} GB of the whole process after two steps of {batch} "
        f"clips; {held['gathered']:.2f} GB while {held['features']:.1f} GB of "
        f"synthetic features ({held['mean']:.2f} s a clip) went into files",
        "less than 4 GB",
        held["peak"] < 4,
    )
