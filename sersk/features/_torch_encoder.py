"""Speech encoders of transformers, run by torch; imported only when one is needed."""

import functools
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sersk.features._checkpoint import ARCHITECTURES, Checkpoint
from sersk.utils import (
    AudioError,
    count_frames,
    import_from_transformers,
    seeded_torch,
)

OutOfMemory = torch.OutOfMemoryError

# Added to the variance by transformers' feature extractor.
_EPSILON = 1e-7
# A network whose weights are not all in the checkpoint would run with random ones;
# this one is used in training only.
_NOT_NEEDED = {"masked_spec_embed"}
_loading = threading.Lock()


class TorchEncoder:
    """Compute the frames of clips at some layers; one for all threads of a process."""

    def __init__(self, model: Any, checkpoint: Checkpoint, device: str) -> None:
        self.model = model
        self.checkpoint = checkpoint
        self.device = torch.device(device)
        self._found = threading.local()
        self.model.encoder.layers[0].register_forward_pre_hook(self._begin)
        for layer in self.model.encoder.layers:
            layer.register_forward_hook(self._note)

    def frames(
        self, waveforms: Sequence[np.ndarray], layers: Sequence[int]
    ) -> tuple[Tensor, Tensor]:
        """Return the frames of normalised clips, and how many each has.

        Parameters
        ----------
        waveforms : sequence of ndarray of float32 of shape (n_samples,)
            None shorter than one frame.
        layers : sequence of int
            Which layers; 0 is what goes into the first.

        Returns
        -------
        frames : Tensor of shape (n_layers, n_clips, n_frames, n_features)
            On the device; beyond a clip's own frames stands anything.
        n_frames : Tensor of int64 of shape (n_clips,)
            On the device.
        """
        samples, n_samples = self._pad(waveforms, [0.0] * len(waveforms))
        is_ragged = len({len(waveform) for waveform in waveforms}) > 1
        return self._frames(samples, n_samples, layers, is_ragged)

    def frames_of_clips(
        self, waveforms: Sequence[np.ndarray], layers: Sequence[int]
    ) -> tuple[Tensor, Tensor]:
        """Return the frames of clips as they were read, which the device scales.

        One processor would take longer over that than a GPU over all the rest. Of a
        clip that lies far from zero its mean takes most digits, and what is left of
        them must be what ``normalise`` leaves: encoders amplify it.

        Parameters
        ----------
        waveforms : sequence of ndarray of float32 of shape (n_samples,)
            Of any length.
        layers : sequence of int
            Which layers.

        Returns
        -------
        frames, n_frames : Tensor
            As ``frames`` gives them, but for rounding. A GPU may not be done with them.
        """
        shortest = self.checkpoint.receptive_field
        lengths = {max(len(waveform), shortest) for waveform in waveforms}
        is_scaled = self.checkpoint.do_normalize
        means = [one.mean() if is_scaled else 0.0 for one in waveforms]
        with torch.inference_mode():
            samples, n_samples = self._pad(waveforms, means, shortest)
            if is_scaled:
                samples = _scale(samples, n_samples)
            n_samples = n_samples.clamp(min=shortest)
        return self._frames(samples, n_samples, layers, len(lengths) > 1)

    def _frames(
        self, samples: Tensor, n_samples: Tensor, layers: Sequence[int], is_ragged: bool
    ) -> tuple[Tensor, Tensor]:
        with torch.inference_mode(), _exact(self.device, self.model.dtype):
            n_frames = self.checkpoint.count_frames(n_samples)
            samples = samples.to(self.model.dtype)
            hidden = self._front(samples, n_samples, is_ragged)
            mask = _valid(n_frames, hidden.shape[1]) if is_ragged else None
            return torch.stack(self.layers(hidden, mask, layers)), n_frames

    def layers(
        self, hidden: Tensor, mask: Tensor | None, layers: Sequence[int]
    ) -> list[Tensor]:
        """Return the output of some layers, of shape (n_clips, n_frames, n_features).

        The last one is transformers' ``last_hidden_state``.
        """
        with warnings.catch_warnings():
            # WavLM gives its attention a mask of another type than its biases.
            warnings.filterwarnings("ignore", "Support for mismatched key_padding_mask")
            last = self.model.encoder(hidden, attention_mask=mask).last_hidden_state
        states = self._found.states
        self._found.states = []
        if len(states) > self.checkpoint.n_layers:
            states[-1] = last
        return [states[layer] for layer in layers]

    def project(self, features: Tensor) -> Tensor:
        """Return what goes into the transformer, of shape (n_clips, n_frames, n)."""
        projected = self.model.feature_projection(features.transpose(1, 2))
        # HuBERT's gives nothing beside it.
        return projected[0] if isinstance(projected, tuple) else projected

    def _begin(self, _: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self._found.states = [inputs[0]]

    def _note(self, _: nn.Module, __: Any, output: Any) -> None:
        state = output[0] if isinstance(output, tuple) else output
        self._found.states.append(state)

    def _pad(
        self,
        waveforms: Sequence[np.ndarray],
        means: Sequence[float],
        shortest: int = 0,
    ) -> tuple[Tensor, Tensor]:
        """Return samples (n_clips, longest) without means, and how many are a clip's.

        Both are on the device, or on their way.
        """
        on_gpu = self.device.type == "cuda"
        lengths = [len(waveform) for waveform in waveforms]
        longest = max(shortest, *lengths)
        samples = torch.empty(len(waveforms), longest, pin_memory=on_gpu)
        rows = zip(samples.numpy(), waveforms, means, strict=True)
        for row, waveform, mean in rows:
            np.subtract(waveform, mean, out=row[: len(waveform)])
            row[len(waveform) :] = 0.0
        # What is not pinned would be waited for, and all that came before it.
        n_samples = torch.tensor(lengths, pin_memory=on_gpu)
        return (
            samples.to(self.device, non_blocking=on_gpu),
            n_samples.to(self.device, non_blocking=on_gpu),
        )

    def _front(self, samples: Tensor, n_samples: Tensor, is_ragged: bool) -> Tensor:
        """Return what goes into the transformer, as if every clip were alone."""
        if not is_ragged:
            return self.project(self.model.feature_extractor(samples))
        hidden = samples[:, None]
        convolutions = self.model.feature_extractor.conv_layers
        for layer in convolutions:
            n_samples = count_frames(
                n_samples, layer.conv.kernel_size, layer.conv.stride
            )
            norm = getattr(layer, "layer_norm", None)
            if isinstance(norm, nn.GroupNorm):
                normed = _masked_group_norm(norm, layer.conv(hidden), n_samples)
                hidden = layer.activation(normed)
            else:
                hidden = layer(hidden)
        return self.project(hidden)


def load_encoder(
    checkpoint: Checkpoint, depth: int, device: str, dtype: str
) -> TorchEncoder:
    """Return this process's own encoder, which is loaded when it is first asked for.

    Parameters
    ----------
    checkpoint : Checkpoint
        Where it lies.
    depth : int
        How many layers of the transformer are needed.
    device, dtype : str
        Where it runs, and in which precision.

    Returns
    -------
    encoder : TorchEncoder
        Shared by all that ask for the same.

    Raises
    ------
    ValueError
        If weights are missing from the checkpoint or have the wrong shape.
    ImportError
        If transformers cannot be imported.
    """
    # Two threads would load it twice.
    with _loading:
        return _load(checkpoint, max(depth, 1), device, dtype)


@functools.lru_cache(maxsize=2)
def _load(checkpoint: Checkpoint, depth: int, device: str, dtype: str) -> TorchEncoder:
    model = load_model(checkpoint, depth, dtype).requires_grad_(False)
    return TorchEncoder(model.to(device), checkpoint, device)


def load_model(checkpoint: Checkpoint, depth: int, dtype: str) -> nn.Module:
    """Return an encoder that nobody else has, in evaluation mode."""
    name = ARCHITECTURES[checkpoint.architecture]
    return load_pretrained(name, checkpoint, dtype, {"num_hidden_layers": depth})


def complete_config(name: str, checkpoint: Any) -> Any:
    """Return the configuration of a checkpoint, as a model's class completes it."""
    architecture = import_from_transformers(name)
    with _explained(checkpoint):
        return architecture.config_class.from_pretrained(
            checkpoint.folder, local_files_only=True
        )


def load_pretrained(
    name: str,
    checkpoint: Any,
    dtype: str,
    changes: Mapping[str, Any],
    **arguments: Any,
) -> nn.Module:
    """Return a model of transformers that nobody else has, in evaluation mode."""
    architecture = import_from_transformers(name)
    config = complete_config(name, checkpoint)
    with _explained(checkpoint):
        config.update(changes)
        # What a checkpoint need not have is drawn. Who draws is alone, and so is
        # who keeps transformers quiet.
        with seeded_torch(0), quiet():
            model, info = architecture.from_pretrained(
                checkpoint.folder,
                config=config,
                dtype=getattr(torch, dtype),
                local_files_only=True,
                use_safetensors=True,
                output_loading_info=True,
                ignore_mismatched_sizes=True,
                **arguments,
            )
    _check_loaded(checkpoint, info)
    return model.eval()


@contextmanager
def _explained(checkpoint: Any) -> Iterator[None]:
    """Say which checkpoint it is that transformers makes nothing of."""
    try:
        yield
    except (ImportError, MemoryError, OutOfMemory):
        raise
    # Its configurations, its layers and safetensors all have errors of their own.
    except Exception as error:
        reason = " ".join(str(error).split()).rstrip(".") or "no reason given"
        raise ValueError(
            f"The checkpoint in {checkpoint.folder} cannot be loaded: "
            f"{type(error).__name__}: {reason}. Download it again, or write it with "
            "save_pretrained."
        ) from error


def _check_loaded(checkpoint: Any, info: dict[str, Any]) -> None:
    missing = sorted(set(info["missing_keys"]) - _NOT_NEEDED)
    # Of each, the name comes first, before the two shapes.
    wrong = sorted(entry[0] for entry in info["mismatched_keys"])
    for names, problem in ((missing, "lacks"), (wrong, "has other shapes for")):
        if names:
            raise ValueError(
                f"The checkpoint in {checkpoint.folder} {problem} {len(names)} "
                f"weights, such as {names[0]}, which would be random. Use a complete "
                f"checkpoint of {checkpoint.architecture}."
            )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers from drawing bars and reporting weights that are not needed."""
    from transformers.utils import logging

    verbosity, had_bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if had_bar:
            logging.enable_progress_bar()


def normalise(waveform: np.ndarray, checkpoint: Checkpoint) -> np.ndarray:
    """Return samples as the checkpoint wants them, no shorter than one frame.

    Parameters
    ----------
    waveform : ndarray of float32 of shape (n_samples,)
        As read.
    checkpoint : Checkpoint
        It says whether clips have a mean of 0 and a variance of 1.

    Returns
    -------
    samples : ndarray of float32
        With zeros at its end if it was too short.
    """
    if checkpoint.do_normalize:
        waveform = (waveform - waveform.mean()) / np.sqrt(waveform.var() + _EPSILON)
    shortage = checkpoint.receptive_field - len(waveform)
    return np.pad(waveform, (0, shortage)) if shortage > 0 else waveform


def pool_frames(frames: Tensor, n_frames: Tensor, pooling: str) -> Tensor:
    """Summarise the frames of each clip, and no padding.

    Parameters
    ----------
    frames : Tensor of shape (n_layers, n_clips, n_frames, n_features)
        As ``TorchEncoder.frames`` gives them.
    n_frames : Tensor of int64 of shape (n_clips,)
        How many frames of each are its own.
    pooling : {"mean", "mean_std", "max", "first"}
        How; "first" is the mean of frames of which only the first are given.

    Returns
    -------
    pooled : Tensor of float32 of shape (n_clips, n_layers, n_features)
        Twice as many features for "mean_std".
    """
    frames = frames.float()
    valid = _valid(n_frames, frames.shape[2])[..., None]
    if pooling == "max":
        return frames.masked_fill(~valid, -torch.inf).amax(dim=2).transpose(0, 1)
    counts = n_frames[:, None]
    # Padding may hold what is no number, which a product would keep.
    mean = frames.masked_fill(~valid, 0.0).sum(dim=2) / counts
    if pooling != "mean_std":
        return mean.transpose(0, 1)
    deviations = (frames - mean[:, :, None]).masked_fill(~valid, 0.0)
    std = (deviations.square().sum(dim=2) / counts).sqrt()
    return torch.cat([mean, std], dim=-1).transpose(0, 1)


def out_of_memory(device: str) -> AudioError:
    """Return the error of a clip for which there is not enough memory."""
    return AudioError(
        f"needs more memory than {device} has free. Pass a smaller chunk_duration, or "
        "device='cpu'."
    )


@contextmanager
def _exact(device: torch.device, dtype: torch.dtype) -> Iterator[None]:
    """Keep a GPU from rounding float32 to ten bits, as it does in convolutions."""
    if device.type != "cuda" or dtype != torch.float32:
        yield
        return
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield


def _valid(counts: Tensor, length: int) -> Tensor:
    """Return which of `length` frames are a clip's own: (n_clips, length), bool."""
    return torch.arange(length, device=counts.device) < counts[:, None]


def _scale(centred: Tensor, n_samples: Tensor) -> Tensor:
    """Give each row, whose mean is 0 and what pads it too, a variance of 1."""
    variance = centred.square().sum(dim=1, keepdim=True) / n_samples[:, None]
    return centred * torch.rsqrt(variance + _EPSILON)


def _masked_group_norm(norm: nn.GroupNorm, x: Tensor, lengths: Tensor) -> Tensor:
    """Normalise each channel of each clip over the clip's own frames."""
    padding = ~_valid(lengths, x.shape[-1])[:, None]
    counts = lengths[:, None, None]
    x = x.masked_fill(padding, 0.0)
    # Sums over so many frames want more digits than half precision has.
    mean = x.sum(dim=-1, keepdim=True, dtype=torch.float32) / counts
    if x.dtype == torch.float32:
        deviations = (x - mean).masked_fill_(padding, 0.0)
        variance = deviations.square().sum(dim=-1, keepdim=True) / counts
    else:
        # Its samples are rounded more coarsely than this difference, and no copy of
        # all of them is made in single precision, which would take most of the time.
        norms = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
        variance = (norms.square() / counts - mean.square()).clamp(min=0.0)
    n_clips = len(x)
    # Every channel of every clip is a channel to it, and it goes over them once.
    normal = nn.functional.batch_norm(
        x.view(1, -1, x.shape[-1]),
        mean.flatten(),
        variance.flatten(),
        norm.weight.float().repeat(n_clips),
        norm.bias.float().repeat(n_clips),
        eps=norm.eps,
    )
    return normal.view_as(x)


def begin_copy(values: Tensor) -> Callable[[], np.ndarray]:
    """Begin to copy what a GPU is still computing, and return what waits for it."""
    if values.device.type != "cuda":
        return values.cpu().numpy
    copied = values.to("cpu", non_blocking=True)
    done = torch.cuda.Event()
    done.record(torch.cuda.current_stream(values.device))

    def wait() -> np.ndarray:
        done.synchronize()
        # The memory that a GPU writes to is scarce.
        return copied.numpy().copy()

    return wait
