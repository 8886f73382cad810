"""Frozen speech encoders: wav2vec 2.0, HuBERT and WavLM."""

import functools
import re
from collections.abc import Sequence
from numbers import Integral, Real
from os import PathLike
from typing import Any, ClassVar

import numpy as np

from sersk.audio import DEFAULT_MAX_DURATION
from sersk.features._base import BaseClipTransformer, installed_version
from sersk.features._batches import BatchLimits, in_halves
from sersk.features._checkpoint import SAMPLING_RATE, Checkpoint, find_checkpoint
from sersk.features._chunks import cut_chunks
from sersk.features._extraction import forget_thread_pools
from sersk.features._frames import BaseFrameExtractor
from sersk.utils import import_optional
from sersk.utils._sklearn import Interval, Options, StrOptions

# On a GPU; with their padding, activations take some gigabytes.
_CLIPS_AT_ONCE = 64
_SECONDS_AT_ONCE = 240
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")

_ENCODER_CONSTRAINTS: dict[str, list] = {
    **BaseClipTransformer._parameter_constraints,
    "model": [str, PathLike],
    "revision": [str, None],
    "device": [str],
    "dtype": [StrOptions({"float32", "bfloat16", "float16"})],
    "backend": [StrOptions({"torch", "onnx"})],
    "batch_size": [Interval(Integral, 1, None, closed="left"), None],
    "chunk_duration": [Interval(Real, 1, None, closed="left")],
    "chunk_overlap": [Interval(Real, 0, None, closed="left")],
}
# The encoder sets it.
del _ENCODER_CONSTRAINTS["sampling_rate"]


class _Encoded(BaseClipTransformer):
    """What the extractors of this module share: a checkpoint, and how it is run."""

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
        self._encoder()

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

    def extract_many(self, waveforms: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Extract the features of several waveforms at once; for the library's use.

        Parameters
        ----------
        waveforms : sequence of ndarray of float32 of shape (n_samples,)
            Finite samples at ``sampling_rate``.

        Returns
        -------
        features : list of ndarray of float32
            What ``extract`` gives for each, but for rounding.

        Raises
        ------
        AudioError
            If a value of any of them is not finite.
        """
        whole = self._samples(self.chunk_duration)
        short = [at for at, one in enumerate(waveforms) if len(one) <= whole]
        values = dict(zip(short, self._extract_short(waveforms, short), strict=True))
        return [
            self._finish(values[at]) if at in values else self.extract(waveform)
            for at, waveform in enumerate(waveforms)
        ]

    def _extract_short(
        self, waveforms: Sequence[np.ndarray], positions: Sequence[int]
    ) -> list[np.ndarray]:
        if not positions:
            return []
        error = _torch_encoder().OutOfMemory
        chosen = [waveforms[at] for at in positions]
        return in_halves(self._extract_at_once, chosen, error)

    def _extract_at_once(self, waveforms: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Extract from clips no longer than a chunk, whatever memory that takes."""
        checkpoint = self._checkpoint()
        normalise = _torch_encoder().normalise
        normalised = [normalise(waveform, checkpoint) for waveform in waveforms]
        frames, n_frames = self._encoder().frames(normalised, self._layers())
        return self._summarise(frames, n_frames)

    def _extract(self, waveform: np.ndarray) -> np.ndarray:
        torch_encoder = _torch_encoder()
        try:
            return self._extract_one(waveform)
        except torch_encoder.OutOfMemory:
            error = torch_encoder.out_of_memory(self._device())
        raise error

    def _extract_one(self, waveform: np.ndarray) -> np.ndarray:
        checkpoint, encoder, layers = self._checkpoint(), self._encoder(), self._layers()
        samples = _torch_encoder().normalise(waveform, checkpoint)
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
        return self._summarise(joined, n_frames)[0]

    def _summarise(self, frames: Any, n_frames: Any) -> list[np.ndarray]:
        """Return an array a clip of the frames of all, of shape (layers, clips, ...)."""
        raise NotImplementedError(f"{type(self).__name__} does not summarise frames.")

    def _layers(self) -> tuple[int, ...]:
        """Return the numbers of the layers that are wanted, none negative."""
        n_layers = self._checkpoint().n_layers
        if isinstance(self.layer, str):
            return tuple(range(n_layers + 1))
        if not -n_layers - 1 <= self.layer <= n_layers:
            raise ValueError(
                f"layer={self.layer}, but {self.model} has layers 0 to {n_layers}."
            )
        return (self.layer % (n_layers + 1),)

    def _samples(self, seconds: float) -> int:
        return round(seconds * SAMPLING_RATE)

    def _checkpoint(self) -> Checkpoint:
        return find_checkpoint(self.model, self.revision)

    def _device(self) -> str:
        return "cpu" if self.backend == "onnx" else _torch_encoder().find_device(self.device)

    def _encoder(self) -> Any:
        checkpoint, layers = self._checkpoint(), self._layers()
        if self.backend == "onnx":
            return _onnx_encoder().load_onnx_encoder(checkpoint, layers)
        return _torch_encoder().load_encoder(
            checkpoint, max(layers), self._device(), self.dtype
        )

    def _description(self) -> dict[str, Any]:
        description = super()._description()
        description["checkpoint"] = self._checkpoint().digest
        # From the end is the same as from the start.
        if not isinstance(self.layer, str):
            description["parameters"]["layer"] = self._layers()[0]
        if self.backend == "onnx":
            description["libraries"]["onnxruntime"] = installed_version("onnxruntime")
        return description

    def _check_parameters(self) -> None:
        if not _DEVICE.fullmatch(self.device):
            raise ValueError(
                f"device={self.device!r} must be 'auto', 'cpu', 'mps', 'cuda' or "
                "'cuda:' with a number."
            )
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


class SpeechEmbedding(_Encoded):
    """Summarise clips by what a frozen speech encoder makes of them.

    wav2vec 2.0, HuBERT and WavLM, as transformers has them, come with
    ``pip install "sersk[torch]"``. Nothing of the encoder is trained, and each clip
    goes through it once, whatever is learned afterwards.

    Parameters
    ----------
    model : str or path, default="facebook/wav2vec2-base-960h"
        Folder of a checkpoint, or its name on the Hugging Face hub. Its weights must
        be safetensors; code that comes with a checkpoint is never run.
    layer : int or "all", default=-1
        Which layer: 0 is what the transformer is given, 1 to the number of layers is
        what they give, and -1 is the last. "all": all of them side by side, for
        :class:`LayerSelect` and
        :class:`~sersk.estimators.LayerWeightedSumClassifier`.
    pooling : {"mean", "mean_std", "max", "first"}, default="mean"
        How frames become one row: their mean, mean and standard deviation, largest
        values, or the first frame.
    revision : str or None, default=None
        Commit or tag on the hub, so that the checkpoint stays the same. Folders have
        none.
    device : str, default="auto"
        "cpu", "cuda", "cuda:1" or "mps". "auto" is a GPU if there is one, except in a
        worker process.
    dtype : {"float32", "bfloat16", "float16"}, default="float32"
        Precision of the encoder; what it gives is float32. "bfloat16" is faster, and
        changes the numbers by about 1 %.
    backend : {"torch", "onnx"}, default="torch"
        "onnx" runs the same network by ONNX Runtime, on a CPU nearly twice as fast.
        It comes with ``pip install "sersk[torch,onnx]"``.
    batch_size : int or None, default=None
        Most clips that are encoded at once. None: 64 on a GPU and 1 on a CPU, where
        more are not faster.
    chunk_duration : float, default=30.0
        Longest clip in seconds that the encoder is given at once. Longer ones are cut
        into chunks.
    chunk_overlap : float, default=1.0
        What neighbouring chunks have in common in seconds.
    on_error : {"raise", "nan"}, default="raise"
        What to do about clips that cannot be used: raise when all others are
        computed, or give them rows of NaN and warn.
    max_duration : float, default=600.0
        Longest clip in seconds that is read; it bounds the memory.
    cache : path, FeatureStore, False or None, default=None
        Where features are kept: None stands for the setting ``cache_dir`` of
        :func:`sersk.set_config`, False for nowhere.
    n_jobs : int or None, default=None
        Number of workers on a CPU, each of which loads the encoder. None stands for
        1, or for what :func:`joblib.parallel_config` says. On a GPU, and of batches,
        this process does it all.

    Attributes
    ----------
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    See Also
    --------
    SpeechEmbeddingSequence : The frames themselves.
    LayerSelect : Choose a layer, by a search if need be.
    sersk.evaluation.layer_probe : What each layer is worth.

    Notes
    -----
    Clips are resampled to 16 kHz, and arrays are taken to be at that rate. They are
    normalised to a mean of 0 and a variance of 1 where the checkpoint asks for it,
    and padded with zeros if they are shorter than a frame of 25 ms.

    A row does not depend on the clips beside it: in a batch, the encoder's group
    normalisation is over each clip's own frames, and padding is neither attended to
    nor pooled. The numbers are those of transformers for one clip, ``hidden_states``
    with ``last_hidden_state`` for the last layer, to 1e-5 in batches and bit by bit
    otherwise.

    Chunks of a long clip are normalised together and encoded apart; of the frames
    that two have in common, each gives half.

    The store knows a checkpoint by what is in it. It may be moved; another one in its
    place is noticed.

    References
    ----------
    A. Baevski, Y. Zhou, A. Mohamed and M. Auli: wav2vec 2.0: a framework for
    self-supervised learning of speech representations. NeurIPS 2020.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from sersk.features import SpeechEmbedding, make_random_encoder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     embedding = SpeechEmbedding(make_random_encoder(folder), cache=False)
    ...     embedding.fit_transform(np.zeros((2, 16_000))).shape
    (2, 32)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **_ENCODER_CONSTRAINTS,
        "layer": [Integral, StrOptions({"all"})],
        "pooling": [StrOptions({"mean", "mean_std", "max", "first"})],
    }

    def __init__(
        self,
        model: str | PathLike = "facebook/wav2vec2-base-960h",
        *,
        layer: int | str = -1,
        pooling: str = "mean",
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
            model,
            layer=layer,
            revision=revision,
            device=device,
            dtype=dtype,
            backend=backend,
            batch_size=batch_size,
            chunk_duration=chunk_duration,
            chunk_overlap=chunk_overlap,
            on_error=on_error,
            max_duration=max_duration,
            cache=cache,
            n_jobs=n_jobs,
        )
        self.pooling = pooling

    def _summarise(self, frames: Any, n_frames: Any) -> list[np.ndarray]:
        pooled = _torch_encoder().pool_frames(frames, n_frames, self.pooling)
        return list(pooled.flatten(start_dim=1).cpu().numpy())

    def _feature_names(self) -> list[str]:
        return [
            f"layer_{layer:02}_{number:04}_{statistic}"
            for layer in self._layers()
            for statistic in self.pooling.split("_")
            for number in range(self._checkpoint().n_features)
        ]


class SpeechEmbeddingSequence(_Encoded, BaseFrameExtractor, auto_wrap_output_keys=None):
    """Extract what a frozen speech encoder makes of clips, frame by frame.

    wav2vec 2.0, HuBERT and WavLM, as transformers has them, come with
    ``pip install "sersk[torch]"``. There is a frame every 20 ms.

    Parameters
    ----------
    model : str or path, default="facebook/wav2vec2-base-960h"
        Folder of a checkpoint, or its name on the Hugging Face hub. Its weights must
        be safetensors; code that comes with a checkpoint is never run.
    layer : int, default=-1
        Which layer: 0 is what the transformer is given, 1 to the number of layers is
        what they give, and -1 is the last.
    revision : str or None, default=None
        Commit or tag on the hub, so that the checkpoint stays the same. Folders have
        none.
    device : str, default="auto"
        "cpu", "cuda", "cuda:1" or "mps". "auto" is a GPU if there is one, except in a
        worker process.
    dtype : {"float32", "bfloat16", "float16"}, default="float32"
        Precision of the encoder; what it gives is float32.
    backend : {"torch", "onnx"}, default="torch"
        "onnx" runs the same network by ONNX Runtime, on a CPU nearly twice as fast.
        It comes with ``pip install "sersk[torch,onnx]"``.
    batch_size : int or None, default=None
        Most clips that are encoded at once. None: 64 on a GPU and 1 on a CPU, where
        more are not faster.
    chunk_duration : float, default=30.0
        Longest clip in seconds that the encoder is given at once. Longer ones are cut
        into chunks.
    chunk_overlap : float, default=1.0
        What neighbouring chunks have in common in seconds.
    on_error : {"raise", "nan"}, default="raise"
        What to do about clips that cannot be used: raise when all others are
        computed, or give them one frame of NaN and warn.
    max_duration : float, default=600.0
        Longest clip in seconds that is read; it bounds the memory.
    cache : path, FeatureStore, False or None, default=None
        Where features are kept: None stands for the setting ``cache_dir`` of
        :func:`sersk.set_config`, False for nowhere.
    n_jobs : int or None, default=None
        Number of workers on a CPU, each of which loads the encoder. None stands for
        1, or for what :func:`joblib.parallel_config` says. On a GPU, and of batches,
        this process does it all.

    Attributes
    ----------
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    See Also
    --------
    SpeechEmbedding : One row a clip.

    Notes
    -----
    What :class:`SpeechEmbedding` notes holds here. Of wav2vec 2.0, HuBERT and WavLM,
    :math:`n` samples give :math:`\\lfloor (n - 400) / 320 \\rfloor + 1` frames: 149 for
    3 s.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from sersk.features import SpeechEmbeddingSequence, make_random_encoder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     frames = SpeechEmbeddingSequence(make_random_encoder(folder), cache=False)
    ...     frames.fit_transform([np.zeros(16_000), np.zeros(48_000)])
    <FrameSequences: 2 clips, 49 to 149 frames of 32 features>
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **_ENCODER_CONSTRAINTS,
        "layer": [Integral],
    }

    def _summarise(self, frames: Any, n_frames: Any) -> list[np.ndarray]:
        own = frames[0].float().cpu().numpy()
        return [one[:count] for one, count in zip(own, n_frames.tolist(), strict=True)]

    def _feature_names(self) -> list[str]:
        (layer,) = self._layers()
        n_features = self._checkpoint().n_features
        return [f"layer_{layer:02}_{number:04}" for number in range(n_features)]

    def _pad_value(self) -> float:
        return 0.0

    def _period(self) -> float:
        return self._checkpoint().hop_length / SAMPLING_RATE


def _torch() -> Any:
    return import_optional("torch", extra="torch")


@functools.cache
def _torch_encoder() -> Any:
    """Import torch where it is needed, and let its threads be counted from then on."""
    _torch()
    from sersk.features import _torch_encoder as module

    forget_thread_pools()
    return module


@functools.cache
def _onnx_encoder() -> Any:
    _torch_encoder()
    from sersk.features import _onnx_encoder as module

    return module
