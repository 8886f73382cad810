"""Speech encoders run by ONNX Runtime; imported only when one is needed."""

import functools
import tempfile
import threading
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sersk.features._checkpoint import Checkpoint
from sersk.features._torch_encoder import TorchEncoder, load_encoder
from sersk.utils import import_optional

_loading = threading.Lock()


class OnnxEncoder:
    """Compute the frames of one clip at some layers on the CPU."""

    def __init__(self, session: Any) -> None:
        self.session = session

    def frames(
        self, waveforms: Sequence[np.ndarray], layers: Sequence[int]
    ) -> tuple[Tensor, Tensor]:
        """Return the frames of one normalised clip, as ``TorchEncoder.frames`` does."""
        (waveform,) = waveforms
        names = [f"layer_{layer}" for layer in layers]
        states = self.session.run(names, {"samples": waveform[None]})
        frames = torch.from_numpy(np.stack(states))
        return frames, torch.tensor([frames.shape[2]])


class _Traced(nn.Module):
    """The whole way from samples to some layers, for one clip."""

    def __init__(self, encoder: TorchEncoder, layers: Sequence[int]) -> None:
        super().__init__()
        self.model = encoder.model
        self.encoder = encoder
        self.chosen = layers

    def forward(self, samples: Tensor) -> tuple[Tensor, ...]:
        """Return the layers."""
        hidden = self.encoder.project(self.model.feature_extractor(samples))
        return tuple(self.encoder.layers(hidden, None, self.chosen))


def load_onnx_encoder(checkpoint: Checkpoint, layers: tuple[int, ...]) -> OnnxEncoder:
    """Return this process's own session, which is made when it is first asked for.

    Parameters
    ----------
    checkpoint : Checkpoint
        Where it lies.
    layers : tuple of int
        Which layers it gives.

    Returns
    -------
    encoder : OnnxEncoder
        In float32, on one thread.
    """
    with _loading:
        return _load(checkpoint, layers)


@functools.lru_cache(maxsize=2)
def _load(checkpoint: Checkpoint, layers: tuple[int, ...]) -> OnnxEncoder:
    runtime = import_optional("onnxruntime", extra="onnx")
    import_optional("onnx", extra="onnx")
    encoder = load_encoder(checkpoint, max(layers), "cpu", "float32")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Of the graph's own constants it says that they are not used.
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory(prefix="sersk-") as folder:
        path = f"{folder}/encoder.onnx"
        _export(_Traced(encoder, layers).eval(), checkpoint, path)
        session = runtime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
    return OnnxEncoder(session)


def _export(module: _Traced, checkpoint: Checkpoint, path: str) -> None:
    names = [f"layer_{layer}" for layer in module.chosen]
    example = torch.zeros(1, checkpoint.receptive_field + 31 * checkpoint.hop_length)
    with torch.no_grad(), warnings.catch_warnings():
        # The newer exporter needs another package, and does not give the lengths free.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (example,),
            path,
            input_names=["samples"],
            output_names=names,
            dynamic_axes={"samples": {1: "n_samples"}}
            | {name: {1: "n_frames"} for name in names},
            opset_version=17,
            dynamo=False,
        )
