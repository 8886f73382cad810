"""Frozen text encoders over transcripts: BERT and RoBERTa."""

from collections.abc import Mapping
from numbers import Integral
from os import PathLike
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import Tags

from sersk.audio import AudioClips, check_clips, check_not_empty, read_transcripts
from sersk.features._checkpoint import SAMPLING_RATE
from sersk.features._encoded import import_torch_encoder
from sersk.features._extraction import Outcome, Place, count_extracted, single_thread
from sersk.features._extractor import BaseExtractor
from sersk.features._failures import report_failures
from sersk.features._text_checkpoint import TextCheckpoint, find_text_checkpoint
from sersk.utils import find_device, sha256
from sersk.utils._sklearn import Interval, StrOptions


class TextEmbedding(BaseExtractor):
    """Summarise transcripts by what a frozen text encoder makes of them.

    BERT and RoBERTa, as transformers has them, come with
    ``pip install "sersk[torch]"``. Texts are taken from the clips' column
    ``transcript``; no audio is opened, and nothing of the encoder is trained.

    Parameters
    ----------
    model : str or path, default="bert-base-uncased"
        Folder of a checkpoint with its ``tokenizer.json``, or its name on the Hugging
        Face hub. Its weights must be safetensors; code that comes with a checkpoint is
        never run.
    pooling : {"cls", "mean"}, default="cls"
        How tokens become one row: the first, which stands for the text, or their mean.
    max_length : int, default=64
        Most tokens of a text, of which two mark its ends; the rest is cut off.
    clean : bool, default=False
        Whether punctuation and what is not ASCII is left out, as in report 003.
    on_missing : {"raise", "empty", "nan"}, default="raise"
        What to do about clips without a word: raise, encode an empty text, or give
        them rows of NaN and warn.
    revision : str or None, default=None
        Commit or tag on the hub, so that the checkpoint stays the same. Folders have
        none.
    device : str, default="auto"
        "cpu", "cuda", "cuda:1" or "mps". "auto" is a GPU if there is one, except in a
        worker process.
    batch_size : int, default=32
        Most texts that are encoded at once.
    cache : path, FeatureStore, False or None, default=None
        Where features are kept: None stands for the setting ``cache_dir`` of
        :func:`sersk.set_config`, False for nowhere.

    See Also
    --------
    SpeechEmbedding : What is heard instead of what is said.
    sersk.estimators.TextEncoderClassifier : An encoder that is trained for the task.

    Notes
    -----
    The store knows a row by the text and by what is in the checkpoint: a sentence that
    many speakers say is encoded once. A row does not depend on the texts beside it,
    to 1e-5.

    References
    ----------
    J. Devlin, M.-W. Chang, K. Lee and K. Toutanova: BERT: pre-training of deep
    bidirectional transformers for language understanding. NAACL 2019.

    Examples
    --------
    >>> import tempfile
    >>> from sersk import AudioClips
    >>> from sersk.features import TextEmbedding, make_random_text_encoder
    >>> texts = ["what a day", "never mind", "what a day"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model = make_random_text_encoder(folder, texts)
    ...     embedding = TextEmbedding(model, pooling="mean", cache=False)
    ...     embedding.fit_transform(AudioClips.from_texts(texts)).shape
    (3, 32)
    """

    _libraries = ("tokenizers", "torch", "transformers")
    # What is in the checkpoint counts, and not where it lies.
    _runtime_parameters = frozenset(
        {"batch_size", "cache", "device", "model", "on_missing", "revision"}
    )
    # Nothing is heard; but saved models tell at which rate clips are opened.
    clip_rate: ClassVar[int] = SAMPLING_RATE

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseExtractor._parameter_constraints,
        "model": [str, PathLike],
        "pooling": [StrOptions({"cls", "mean"})],
        "max_length": [Interval(Integral, 3, None, closed="left")],
        "clean": ["boolean"],
        "on_missing": [StrOptions({"empty", "nan", "raise"})],
        "revision": [str, None],
        "device": [str],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        model: str | PathLike = "bert-base-uncased",
        *,
        pooling: str = "cls",
        max_length: int = 64,
        clean: bool = False,
        on_missing: str = "raise",
        revision: str | None = None,
        device: str = "auto",
        batch_size: int = 32,
        cache: Any = None,
    ) -> None:
        self.model = model
        self.pooling = pooling
        self.max_length = max_length
        self.clean = clean
        self.on_missing = on_missing
        self.revision = revision
        self.device = device
        self.batch_size = batch_size
        self.cache = cache

    def run(self, clips: AudioClips) -> list[Outcome]:
        """Encode transcripts and return what became of each; for the library's use.

        Parameters
        ----------
        clips : AudioClips
            Clips with their transcripts.

        Returns
        -------
        outcomes : list of Outcome
            One a clip, in order.
        """
        texts = [
            self._known(text) for text in read_transcripts(clips, clean=self.clean)
        ]
        digests = {text: sha256("text", text) for text in texts if text is not None}
        place = self._place()
        found = {} if place is None else _look_up(place, digests)
        missing = [text for text in digests if found.get(text) is None]
        for text, row in zip(missing, self._encode(missing), strict=True):
            found[text] = row
            if place is not None:
                place.store.put(place.key, digests[text], row)
        count_extracted(len(missing))
        return _outcomes(texts, found, set(missing))

    def _known(self, text: str) -> str | None:
        """Return a text as it is encoded, or None where there is not a word."""
        return None if not text.strip() and self.on_missing != "empty" else text

    def _encode(self, texts: list[str]) -> list[np.ndarray]:
        if not texts:
            return []
        device = find_device(self.device, in_worker=False)
        with single_thread():
            encoder = import_torch_text().open_text_encoder(self._checkpoint(), device)
            return encoder.embed(
                texts,
                pooling=self.pooling,
                max_length=self.max_length,
                batch_size=self.batch_size,
            )

    def _checkpoint(self) -> TextCheckpoint:
        return find_text_checkpoint(self.model, self.revision)

    def _feature_names(self) -> list[str]:
        return [f"text_{at:04}" for at in range(self._checkpoint().n_features)]

    def _check_parameters(self) -> None:
        longest = self._checkpoint().max_length
        if self.max_length > longest:
            raise ValueError(
                f"max_length={self.max_length}, but the checkpoint {self.model!r} "
                f"takes {longest} tokens. Pass at most that."
            )

    def _check_input(self, X: Any, *, reset: bool) -> AudioClips:
        """Return X as clips, or raise where nothing is known of what they say."""
        clips = check_clips(X, self.clip_rate)
        check_not_empty(clips, self)
        # It raises where the clips carry none.
        read_transcripts(clips[:1])
        return clips

    def _report(self, clips: AudioClips, outcomes: list[Outcome]) -> None:
        report_failures(clips, outcomes, fatal=self.on_missing != "nan")

    def _description(self) -> dict[str, Any]:
        description = super()._description()
        description["checkpoint"] = self._checkpoint().digest
        return description

    def __sklearn_tags__(self) -> Tags:
        """Tell that a matrix has no words."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags


def import_torch_text() -> Any:
    """Return the module that encodes, or say how to install torch."""
    import_torch_encoder()
    from sersk.features import _torch_text

    return _torch_text


def _look_up(place: Place, digests: Mapping[str, str]) -> dict[str, Any]:
    """Return the rows of texts that the store holds, and None for the others."""
    place.store.describe(place.key, place.description)
    kept = place.store.get_many(place.key, list(digests.values()))
    return dict(zip(digests, kept, strict=True))


def _outcomes(
    texts: list[str | None], found: dict[str, Any], computed: set[str]
) -> list[Outcome]:
    """Return what became of each clip; of equal texts, the first was computed."""
    outcomes = []
    for text in texts:
        if text is None:
            reason = (
                "has no word of a transcript. Drop the clip, or pass "
                'on_missing="empty" or "nan".'
            )
            outcomes.append(Outcome(reason=reason))
        else:
            is_computed = text in computed
            computed.discard(text)
            outcomes.append(Outcome(found[text], is_computed=is_computed))
    return outcomes
