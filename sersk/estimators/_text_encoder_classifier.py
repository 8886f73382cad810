"""Fine-tuning an encoder of text to tell classes apart."""

from collections.abc import Iterable, Mapping
from numbers import Integral
from os import PathLike
from typing import Any, ClassVar

from sklearn.utils import Tags

from sersk.audio import AudioClips, check_clips, check_not_empty, read_transcripts
from sersk.estimators._fine_tuned import BaseFineTuned
from sersk.estimators._fine_tuned_classifier import BaseFineTunedClassifier
from sersk.estimators._transcripts import TranscriptReader, check_words
from sersk.features import load_text_encoder
from sersk.utils import import_optional, sha256
from sersk.utils._sklearn import Interval, StrOptions

# What is asked of every estimator that takes clips; here nothing is heard.
_SAMPLING_RATE = 16_000


class TextEncoderClassifier(BaseFineTunedClassifier):
    """Fine-tune BERT or RoBERTa to classify transcripts.

    Texts are taken from the clips' column ``transcript``; no audio is opened. Their
    tokens are encoded, and the first, which stands for a text, goes through dropout and
    one linear layer; a text has the same scores whatever it is batched with. Defaults
    are what is common for these encoders; report 003 gives length and head.

    Parameters
    ----------
    model : str or path, default="bert-base-uncased"
        Folder of a checkpoint with its ``tokenizer.json``, or a name on the Hugging
        Face hub; see :func:`sersk.features.load_text_encoder`.
    revision : str or None, default=None
        Commit, tag or branch on the hub.
    pooling : {"cls", "mean"}, default="cls"
        From tokens to one vector a text: the first, or their mean.
    dropout : float, default=0.1
        Share of that vector's values that are dropped before the last layer.
    max_length : int, default=64
        Most tokens of a text, of which two mark its ends; the rest is cut off.
    clean : bool, default=False
        Whether punctuation and what is not ASCII is left out, as in report 003.
    on_missing : {"raise", "empty"}, default="raise"
        What to do about clips without a word: raise, or read an empty text.
    trained_layers : int or "all", default="all"
        How many transformer layers are trained, from the last; 0 leaves the encoder as
        it is, ``"all"`` trains the vectors of words as well.
    lr : float, default=2e-05
        Learning rate of the encoder.
    head_lr : float or None, default=None
        Learning rate of the last layer; None for `lr`.
    weight_decay : float, default=0.01
        Of AdamW.
    max_epochs : int, default=5
        Passes over the training clips.
    batch_size : int, default=32
        Clips of a step.
    micro_batch_size : int, default=32
        Clips of these that are computed at a time. It changes the memory that is
        needed, and neither loss nor gradient. Where memory is short, it is halved.
    scheduler : "linear" or None, default="linear"
        Whether learning rates fall to 0 in a line, once they have risen.
    warmup : float, default=0.1
        Share of all steps in which they rise, with a scheduler.
    class_weight : "balanced", dict or None, default=None
        Weight of each class in the loss; ``"balanced"`` is ``n / (n_classes * n_k)``
        by the clips that are trained on.
    early_stopping : bool, default=False
        Whether some training speakers are held out, to end training when `monitor` has
        not got better on them for `patience` epochs, and to return to the best epoch.
    validation_cv : splitter, default=None
        Its first split says which clips are held out;
        :class:`SpeakerKFold(5) <sersk.model_selection.SpeakerKFold>` by default.
    patience : int, default=5
        Epochs without a better one before training ends.
    monitor : {"score", "loss"}, default="score"
        What says which epoch is the best: unweighted accuracy (macro F1 for several
        labels), or the loss.
    precision : {"float32", "bfloat16", "float16"}, default="float32"
        In which torch computes what it holds safe; with ``"float16"``, the loss is
        scaled.
    device : str, default="auto"
        Such as ``"cpu"`` or ``"cuda:0"``; ``"auto"`` takes a GPU where there is one.
    checkpoint : path or None, default=None
        Folder in which every better epoch is written down, and what the next one
        starts from; see :func:`load_fine_tuned`.
    resume : bool, default=False
        Whether to go on with the training in that folder, which gives what it would
        have given without the interruption.
    random_state : int, RandomState or None, default=None
        Seed of the last layer's weights, order and dropout.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels present in fit, sorted; of several labels a clip, the columns' names or
        numbers.
    is_multilabel_ : bool
        Whether a clip may have several labels.
    module_ : torch.nn.Module
        The trained :class:`sersk.nets.TextEncoderNet`, on the CPU.
    encoder_config_ : dict
        Configuration of the encoder.
    tokenizer_ : str
        What cuts texts into tokens, as tokenizers writes it.
    pad_ : int
        The token that fills up shorter texts.
    history_ : pandas.DataFrame
        A row an epoch: ``train_loss`` and, with validation, ``valid_loss`` and
        ``valid_score``.
    best_epoch_ : int
        The epoch whose weights were kept; 0 where the last is.

    See Also
    --------
    SpeechEncoderClassifier : The same for what is heard.
    sersk.features.TextEmbedding : An encoder as it is, for any classifier.

    References
    ----------
    J. Devlin, M.-W. Chang, K. Lee and K. Toutanova: BERT: pre-training of deep
    bidirectional transformers for language understanding. NAACL 2019.

    Examples
    --------
    >>> import tempfile
    >>> from sersk import AudioClips
    >>> from sersk.estimators import TextEncoderClassifier
    >>> from sersk.features import make_random_text_encoder
    >>> texts = ["what a day", "never mind"] * 4
    >>> clips = AudioClips.from_texts(texts)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model = make_random_text_encoder(folder, texts)
    ...     net = TextEncoderClassifier(model, lr=3e-3, max_epochs=20, random_state=0)
    ...     net = net.fit(clips, ["happy", "neutral"] * 4)
    >>> net.predict(clips[:2]).tolist()
    ['happy', 'neutral']
    """

    # Nothing is heard; but saved models tell at which rate clips are opened.
    clip_rate: ClassVar[int] = _SAMPLING_RATE
    _libraries = ("tokenizers", "torch", "transformers")
    _net_name = "TextEncoderNet"

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseFineTuned._parameter_constraints,
        **BaseFineTunedClassifier._parameter_constraints,
        "pooling": [StrOptions({"cls", "mean"})],
        "max_length": [Interval(Integral, 3, None, closed="left")],
        "clean": ["boolean"],
        "on_missing": [StrOptions({"empty", "raise"})],
    }

    def __init__(
        self,
        model: str | PathLike = "bert-base-uncased",
        *,
        revision: str | None = None,
        pooling: str = "cls",
        dropout: float = 0.1,
        max_length: int = 64,
        clean: bool = False,
        on_missing: str = "raise",
        trained_layers: int | str = "all",
        lr: float = 2e-5,
        head_lr: float | None = None,
        weight_decay: float = 0.01,
        max_epochs: int = 5,
        batch_size: int = 32,
        micro_batch_size: int = 32,
        scheduler: str | None = "linear",
        warmup: float = 0.1,
        class_weight: str | dict | None = None,
        early_stopping: bool = False,
        validation_cv: Any = None,
        patience: int = 5,
        monitor: str = "score",
        precision: str = "float32",
        device: str = "auto",
        checkpoint: str | PathLike | None = None,
        resume: bool = False,
        random_state: Any = None,
    ) -> None:
        self.model = model
        self.revision = revision
        self.pooling = pooling
        self.dropout = dropout
        self.max_length = max_length
        self.clean = clean
        self.on_missing = on_missing
        self.trained_layers = trained_layers
        self.lr = lr
        self.head_lr = head_lr
        self.weight_decay = weight_decay
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.micro_batch_size = micro_batch_size
        self.scheduler = scheduler
        self.warmup = warmup
        self.class_weight = class_weight
        self.early_stopping = early_stopping
        self.validation_cv = validation_cv
        self.patience = patience
        self.monitor = monitor
        self.precision = precision
        self.device = device
        self.checkpoint = checkpoint
        self.resume = resume
        self.random_state = random_state

    def _check_X(self, X: Any, *, reset: bool) -> AudioClips:
        """Return X as clips, or raise where nothing is known of what they say."""
        clips = check_clips(X, _SAMPLING_RATE)
        check_not_empty(clips, self)
        if self.on_missing == "raise":
            check_words(clips, clean=self.clean)
        else:
            # It raises where the clips carry no transcripts.
            read_transcripts(clips[:1])
        return clips

    def _load_encoder(self) -> Any:
        encoder, tokenizer, pad, longest = load_text_encoder(
            self.model, revision=self.revision
        )
        if self.max_length > longest:
            raise ValueError(
                f"max_length={self.max_length}, but the checkpoint {self.model!r} "
                f"takes {longest} tokens. Pass at most that."
            )
        self.tokenizer_ = tokenizer.to_str()
        self.pad_ = pad
        return encoder

    def _reader(self) -> TranscriptReader:
        tokenizers = import_optional("tokenizers", extra="torch")
        tokenizer = tokenizers.Tokenizer.from_str(self.tokenizer_)
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.max_length)
        return TranscriptReader(tokenizer, self.pad_, self.clean)

    def _digests(self, clips: AudioClips) -> Iterable[str]:
        return [sha256("text", text) for text in read_transcripts(clips)]

    def _architecture(self) -> dict[str, Any]:
        return {
            "pooling": self.pooling,
            "dropout": self.dropout,
            "trained_layers": self.trained_layers,
        }

    def _describe_input(self) -> dict[str, Any]:
        return {"tokenizer": self.tokenizer_, "pad": self.pad_}

    def _restore_input(self, bundle: Mapping[str, Any]) -> None:
        self.tokenizer_ = bundle["tokenizer"]
        self.pad_ = bundle["pad"]

    def __sklearn_tags__(self) -> Tags:
        """Tell that a matrix has no words."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags
