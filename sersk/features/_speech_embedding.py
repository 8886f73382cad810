"""Frozen speech encoders: wav2vec 2.0, HuBERT and WavLM."""

from collections.abc import Sequence
from numbers import Integral
from os import PathLike
from typing import Any, ClassVar

import numpy as np

from sersk.audio import DEFAULT_MAX_DURATION
from sersk.features._checkpoint import SAMPLING_RATE
from sersk.features._encoded import (
    ENCODER_CONSTRAINTS,
    EncoderExtractor,
    import_torch_encoder,
)
from sersk.features._frames import BaseFrameExtractor
from sersk.utils._sklearn import Interval, StrOptions


class SpeechEmbedding(EncoderExtractor):
    """Summarise clips by what a frozen speech encoder makes of them.

    wav2vec 2.0, HuBERT and WavLM, as transformers has them, come with
    ``pip install "sersk[torch]"``. Nothing of the encoder is trained, and each clip
    goes through it once, whatever is learned afterwards.

    Parameters
    ----------
    model : str or path, default="facebook/wav2vec2-base-960h"
        Folder of a checkpoint, or its name on the Hugging Face hub. Its weights must
        be safetensors; code that comes with a checkpoint is never run.
    layer : int, list or tuple of int, or "all", default=-1
        Which layer: 0 is what the transformer is given, 1 to the number of layers is
        what they give, and -1 is the last. Several, or "all": side by side, in this
        order, for :class:`LayerSelect` and
        :class:`~sersk.estimators.LayerWeightedSumClassifier`.
    pooling : {"mean", "mean_std", "max", "first"}, default="mean"
        How frames become one row: their mean, mean and standard deviation, largest
        values, or the mean of the first ones.
    n_first : int, default=1
        Number of frames that "first" takes, all of them if a clip has fewer. There
        are 50 a second. Other poolings do not look at it.
    revision : str or None, default=None
        Commit or tag on the hub, so that the checkpoint stays the same. Folders have
        none.
    device : str, default="auto"
        "cpu", "cuda", "cuda:1" or "mps". "auto" is a GPU if there is one, except in a
        worker process.
    dtype : {"float32", "bfloat16", "float16"}, default="float32"
        Precision of the encoder; what it gives is float32. "bfloat16" is faster where
        the processor has instructions for it, and changes the numbers by about 1 %.
    backend : {"torch", "onnx"}, default="torch"
        "onnx" runs the same network by ONNX Runtime, which is faster on a CPU. It comes
        with ``pip install "sersk[torch,onnx]"``.
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
        **ENCODER_CONSTRAINTS,
        "pooling": [StrOptions({"mean", "mean_std", "max", "first"})],
        "n_first": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        model: str | PathLike = "facebook/wav2vec2-base-960h",
        *,
        layer: int | Sequence[int] | str = -1,
        pooling: str = "mean",
        n_first: int = 1,
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
        self.n_first = n_first

    def _summarise(self, frames: Any, n_frames: Any) -> Any:
        if self.pooling == "first":
            frames = frames[:, :, : self.n_first]
            n_frames = n_frames.clamp(max=self.n_first)
        pooled = import_torch_encoder().pool_frames(frames, n_frames, self.pooling)
        return pooled.flatten(start_dim=1)

    def _feature_names(self) -> list[str]:
        checkpoint = self._checkpoint()
        return [
            f"layer_{layer:02}_{number:04}_{statistic}"
            for layer in self._layers(checkpoint)
            for statistic in self.pooling.split("_")
            for number in range(checkpoint.n_features)
        ]

    def _description(self) -> dict[str, Any]:
        description = super()._description()
        if self.pooling != "first":
            del description["parameters"]["n_first"]
        return description


class SpeechEmbeddingSequence(EncoderExtractor, BaseFrameExtractor):
    r"""Extract what a frozen speech encoder makes of clips, frame by frame.

    wav2vec 2.0, HuBERT and WavLM, as transformers has them, come with
    ``pip install "sersk[torch]"``. There is a frame every 20 ms.

    Parameters
    ----------
    model : str or path, default="facebook/wav2vec2-base-960h"
        Folder of a checkpoint, or its name on the Hugging Face hub. Its weights must
        be safetensors; code that comes with a checkpoint is never run.
    layer : int, list or tuple of int, or "all", default=-1
        Which layer: 0 is what the transformer is given, 1 to the number of layers is
        what they give, and -1 is the last. Several, or "all": side by side in each
        frame, in this order.
    revision : str or None, default=None
        Commit or tag on the hub, so that the checkpoint stays the same. Folders have
        none.
    device : str, default="auto"
        "cpu", "cuda", "cuda:1" or "mps". "auto" is a GPU if there is one, except in a
        worker process.
    dtype : {"float32", "bfloat16", "float16"}, default="float32"
        Precision of the encoder; what it gives is float32.
    backend : {"torch", "onnx"}, default="torch"
        "onnx" runs the same network by ONNX Runtime, which is faster on a CPU. It comes
        with ``pip install "sersk[torch,onnx]"``.
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
    :math:`n` samples give :math:`\lfloor (n - 400) / 320 \rfloor + 1` frames: 149 for
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

    _parameter_constraints: ClassVar[dict[str, list]] = ENCODER_CONSTRAINTS

    def _summarise(self, frames: Any, n_frames: Any) -> Any:
        # Of each frame, its layers side by side.
        return frames.permute(1, 2, 0, 3).flatten(start_dim=2).float()

    def _take_own(self, values: np.ndarray, n_frames: int) -> np.ndarray:
        return values[:n_frames]

    def _feature_names(self) -> list[str]:
        checkpoint = self._checkpoint()
        return [
            f"layer_{layer:02}_{number:04}"
            for layer in self._layers(checkpoint)
            for number in range(checkpoint.n_features)
        ]

    def _pad_value(self) -> float:
        return 0.0

    def _period(self) -> float:
        return self._checkpoint().hop_length / SAMPLING_RATE
