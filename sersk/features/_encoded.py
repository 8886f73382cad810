"""What extractors that run a frozen speech encoder share."""

import functools
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from os import PathLike
from typing import Any

import numpy as np

from sersk.audio import DEFAULT_MAX_DURATION
from sersk.features._base import BaseClipTransformer
from sersk.features._batches import BatchLimits
from sersk.features._checkpoint import SAMPLING_RATE, Checkpoint, find_checkpoint
from sersk.features._chunks import cut_chunks
from sersk.features._extraction import forget_thread_pools
from sersk.features._layers import check_layers, list_layers
from sersk.utils import (
    find_device,
    find_version,
    import_optional,
    in_halves,
)
from sersk.utils._sklearn import Interval, StrOptions

# On a GPU; with their padding, activations take some gigabytes.
_CLIPS_AT_ONCE = 64
_SECONDS_AT_ONCE = 240

ENCODER_CONSTRAINTS: dict[str, list] = {
    **BaseClipTransformer._parameter_constraints,
    "model": [str, PathLike],
    "layer": [Integral, StrOptions({"all"}), list, tuple],
    "revision": [str, None],
    "device": [str],
    "dtype": [StrOptions({"float32", "bfloat16", "float16"})],
    "backend": [StrOptions({"torch", "onnx"})],
    "batch_size": [Interval(Integral, 1, None, closed="left"), None],
    "chunk_duration": [Interval(Real, 1, None, closed="left")],
    "chunk_overlap": [Interval(Real, 0, None, closed="left")],
}
# The encoder sets it.
del ENCODER_CONSTRAINTS["sampling_rate"]


class EncoderExtractor(BaseClipTransformer):
    """Run a checkpoint over clips; what becomes of the frames is the subclass's."""

    _libraries = ("torch", "transformers")
    # What is in the checkpoint counts, and not where it lies.
    _runtime_parameters = BaseClipTransformer._runtime_parameters | {
        "model",
        "revision",
        "device",
        "batch_size",
    }

    def __init__(
        self,
        model: str | PathLike = "facebook/wav2vec2-base-960h",
        *,
        layer: Any = -1,
        revision: str | None = None,
        device: str = "auto",
        dtype: str = "float32",
        backend: str = "torch",
        batch_size: int | None = None,
        chunk_duration: float = 30.0,
        chunk_overlap: float = 1.0,
        on_error: str = "raise",
        max_duration: float = DEFAULT_MAX_DURATION,
        cache: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        super().__init__(
            sampling_rate=SAMPLING_RATE,
            on_error=on_error,
            max_duration=max_duration,
            cache=cache,
            n_jobs=n_jobs,
        )
        self.model = model
        self.layer = layer
        self.revision = revision
        self.device = device
        self.dtype = dtype
        self.backend = backend
        self.batch_size = batch_size
        self.chunk_duration = chunk_duration
        self.chunk_overlap = chunk_overlap

    def prepare(self) -> None:
        """Load the encoder, unless this process has it; for the library's use.

        Raises
        ------
        ValueError
            If there is no such checkpoint or device.
        """
        self._encoder(self._checkpoint())

    def batching(self) -> BatchLimits | None:
        """Return how many clips are encoded at once; for the library's use.

        Returns
        -------
        limits : BatchLimits or None
            None: one by one, in workers if there are any.
        """
        on_cpu = self._device() == "cpu"
        if on_cpu and (self.batch_size or 1) == 1:
            return None
        n_clips = self.batch_size or _CLIPS_AT_ONCE
        return BatchLimits(n_clips, _SECONDS_AT_ONCE * SAMPLING_RATE)

    def begin_many(
        self, waveforms: Sequence[np.ndarray]
    ) -> Callable[[], list[np.ndarray]]:
        """Begin to extract from several waveforms at once; for the library's use.

        A GPU computes while this process makes the next of them ready.

        Parameters
        ----------
        waveforms : sequence of ndarray of float32 of shape (n_samples,)
            Finite samples at ``sampling_rate``.

        Returns
        -------
        finish : callable
            It returns what ``extract`` gives for each, but for rounding, or raises.
        """
        whole = self._samples(self.chunk_duration)
        short = [at for at, one in enumerate(waveforms) if len(one) <= whole]
        begun = self._begin_short([waveforms[at] for at in short])

        def finish() -> list[np.ndarray]:
            rows = (row for finish_batch in begun for row in finish_batch())
            values = dict(zip(short, rows, strict=True))
            return [
                self._finish(values[at]) if at in values else self.extract(waveform)
                for at, waveform in enumerate(waveforms)
            ]

        return finish

    def _begin_short(
        self, waveforms: Sequence[np.ndarray]
    ) -> list[Callable[[], list[np.ndarray]]]:
        """Begin with clips no longer than a chunk, in as many batches as memory asks.

        It is taken when a computation begins.
        """
        if not waveforms:
            return []
        error = import_torch_encoder().OutOfMemory
        return in_halves(self._begin_at_once, waveforms, error)

    def _begin_at_once(
        self, waveforms: Sequence[np.ndarray]
    ) -> list[Callable[[], list[np.ndarray]]]:
        checkpoint = self._checkpoint()
        encoder, layers = self._encoder(checkpoint), self._layers(checkpoint)
        return [self._begin_rows(*encoder.frames_of_clips(waveforms, layers))]

    def _begin_rows(self, frames: Any, n_frames: Any) -> Callable[[], list[np.ndarray]]:
        """Begin to summarise the frames of clips, (layers, clips, frames, features)."""
        begin_copy = import_torch_encoder().begin_copy
        values = begin_copy(self._summarise(frames, n_frames))
        counts = begin_copy(n_frames)
        return lambda: [
            self._take_own(own, count)
            for own, count in zip(values(), counts(), strict=True)
        ]

    def _extract(self, waveform: np.ndarray) -> np.ndarray:
        torch_encoder = import_torch_encoder()
        try:
            return self._extract_one(waveform)
        except torch_encoder.OutOfMemory:
            error = torch_encoder.out_of_memory(self._device())
        raise error

    def _extract_one(self, waveform: np.ndarray) -> np.ndarray:
        checkpoint = self._checkpoint()
        encoder, layers = self._encoder(checkpoint), self._layers(checkpoint)
        samples = import_torch_encoder().normalise(waveform, checkpoint)
        chunks = cut_chunks(
            len(samples),
            checkpoint,
            self._samples(self.chunk_duration),
            self._samples(self.chunk_overlap),
        )
        parts = []
        for chunk in chunks:
            frames, _ = encoder.frames([samples[chunk.start : chunk.stop]], layers)
            parts.append(frames[:, :, chunk.first_frame : chunk.last_frame])
        joined = parts[0] if len(parts) == 1 else _torch().cat(parts, dim=2)
        n_frames = _torch().tensor([joined.shape[2]], device=joined.device)
        return self._begin_rows(joined, n_frames)()[0]

    def _summarise(self, frames: Any, n_frames: Any) -> Any:
        """Return a tensor (clips, ...) of frames (layers, clips, frames, features)."""
        raise NotImplementedError(f"{type(self).__name__} does not summarise frames.")

    def _take_own(self, values: np.ndarray, n_frames: int) -> np.ndarray:
        """Return what of the values of one clip is its own."""
        return values

    def _overflow_remedy(self) -> str:
        # Its largest number is 65504.
        return 'Pass dtype="bfloat16". ' if self.dtype == "float16" else ""

    def _layers(self, checkpoint: Checkpoint) -> tuple[int, ...]:
        """Return the numbers of the layers that are wanted, none negative."""
        every = range(checkpoint.n_layers + 1)
        asked = self._asked_layers()
        if asked is None:
            return tuple(every)
        absent = [layer for layer in asked if not -len(every) <= layer < len(every)]
        if absent:
            raise ValueError(
                f"layer={self.layer}, but {self.model} has {list_layers(every)} and "
                f"no {', '.join(map(str, absent))}. Pass some of these."
            )
        layers = [every[layer] for layer in asked]
        for layer in set(layers):
            if layers.count(layer) > 1:
                raise ValueError(
                    f"layer={self.layer} names layer {layer} of {self.model} from the "
                    "start and from the end. Name each layer once."
                )
        return tuple(layers)

    def _asked_layers(self) -> Sequence[int] | None:
        """Return the layers as they were asked for; None stands for all."""
        if isinstance(self.layer, str):
            return None
        return self.layer if isinstance(self.layer, Sequence) else [self.layer]

    def _samples(self, seconds: float) -> int:
        return round(seconds * SAMPLING_RATE)

    def _checkpoint(self) -> Checkpoint:
        return find_checkpoint(self.model, self.revision)

    def _device(self) -> str:
        if self.backend == "onnx":
            return "cpu"
        return find_device(self.device, in_worker=False)

    def _encoder(self, checkpoint: Checkpoint) -> Any:
        layers = self._layers(checkpoint)
        if self.backend == "onnx":
            return _onnx_encoder().load_onnx_encoder(checkpoint, layers)
        return import_torch_encoder().load_encoder(
            checkpoint, max(layers), self._device(), self.dtype
        )

    def _description(self) -> dict[str, Any]:
        description = super()._description()
        checkpoint = self._checkpoint()
        description["checkpoint"] = checkpoint.digest
        # However they were named.
        description["parameters"]["layer"] = self._layers(checkpoint)
        if self.backend == "onnx":
            description["libraries"]["onnxruntime"] = find_version("onnxruntime")
        return description

    def _check_parameters(self) -> None:
        if (layers := self._asked_layers()) is not None:
            check_layers(layers, "layer")
        if self.chunk_overlap > self.chunk_duration / 2:
            raise ValueError(
                f"chunk_overlap={self.chunk_overlap} must be at most half of "
                f"chunk_duration={self.chunk_duration}."
            )
        if self.backend != "onnx":
            return
        for name, allowed in (
            ("device", {"auto", "cpu"}),
            ("dtype", {"float32"}),
            ("batch_size", {None, 1}),
        ):
            if (value := getattr(self, name)) not in allowed:
                raise ValueError(
                    f"{name}={value!r} does not go with backend='onnx', which takes "
                    "one clip at a time on the CPU in float32. Pass backend='torch'."
                )


def _torch() -> Any:
    return import_optional("torch", extra="torch")


@functools.cache
def import_torch_encoder() -> Any:
    """Import torch where it is needed, and let its threads be counted from then on."""
    _torch()
    from sersk.features import _torch_encoder as module

    forget_thread_pools()
    return module


@functools.cache
def _onnx_encoder() -> Any:
    import_torch_encoder()
    from sersk.features import _torch_onnx_encoder as module

    return module
