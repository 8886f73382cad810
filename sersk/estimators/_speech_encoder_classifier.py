"""Fine-tuning an encoder of speech to tell classes apart."""

from os import PathLike
from typing import Any, ClassVar

from sersk.estimators._fine_tuned_classifier import BaseFineTunedClassifier
from sersk.estimators._speech_encoder import BaseSpeechEncoder


class SpeechEncoderClassifier(BaseFineTunedClassifier, BaseSpeechEncoder):
    """Fine-tune wav2vec 2.0, HuBERT or WavLM to classify speech.

    Waveforms are normalised and encoded, the frames of a clip are pooled, and a head
    gives its classes; a clip has the same scores whatever it is batched with. Defaults
    are those of report 000, the challenge of 2024 on MSP-Podcast.

    Parameters
    ----------
    model : str or path, default="microsoft/wavlm-large"
        Folder of a checkpoint, or a name on the Hugging Face hub; see
        :func:`sersk.features.load_speech_encoder`.
    revision : str or None, default=None
        Commit, tag or branch on the hub.
    pooling : {"attentive_statistics", "mean", "max"}, default="attentive_statistics"
        From frames to one vector a clip.
    head : {"mlp", "tanh", "linear"}, default="mlp"
        From that to outputs; see :class:`sersk.nets.SpeechEncoderNet`.
    hidden_size : int or None, default=None
        Width of the head; None for that of the encoder.
    dropout : float, default=0.5
        Share of values that the head drops.
    trained_layers : int or "all", default="all"
        How many transformer layers are trained, from the last; 0 leaves the encoder as
        it is, ``"all"`` trains all but the convolutions.
    train_front : bool, default=False
        Whether the convolutions are trained too.
    spec_augment : bool, default=True
        Whether spans of frames are masked in training, as the checkpoint's own
        configuration says.
    normalize : {"corpus", "clip"} or None, default="corpus"
        Whether all samples of the training clips together get a mean of 0 and a
        variance of 1, or those of each clip.
    crop : float, default=12.0
        Seconds of a clip that are heard, from its beginning; a warning tells when that
        leaves out more than 5 % of the training clips.
    lr : float, default=1e-05
        Learning rate of the encoder.
    head_lr : float or None, default=None
        Learning rate of pooling and head; None for `lr`.
    weight_decay : float, default=0.01
        Of AdamW.
    max_epochs : int, default=20
        Passes over the training clips.
    batch_size : int, default=32
        Clips of a step.
    micro_batch_size : int, default=8
        Clips of these that are computed at a time. It changes the memory that is
        needed, and neither loss nor gradient. Where memory is short, it is halved.
    scheduler : "linear" or None, default=None
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
        labels), or the loss, as in report 000.
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
        Seed of the head's weights, order, dropout and masks.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels present in fit, sorted; of several labels a clip, the columns' names or
        numbers.
    is_multilabel_ : bool
        Whether a clip may have several labels.
    module_ : torch.nn.Module
        The trained :class:`sersk.nets.SpeechEncoderNet`, on the CPU.
    encoder_config_ : dict
        Configuration of the encoder.
    mean_, deviation_ : float
        Of all samples that were trained on, with ``normalize="corpus"``.
    history_ : pandas.DataFrame
        A row an epoch: ``train_loss`` and, with validation, ``valid_loss`` and
        ``valid_score``.
    best_epoch_ : int
        The epoch whose weights were kept; 0 where the last is.
    n_features_in_ : int
        Number of columns, where X was a matrix.

    See Also
    --------
    SpeechEncoderRegressor : For attributes.
    TextEncoderClassifier : The same for what is said.
    sersk.features.SpeechEmbedding : An encoder as it is, for any classifier.

    References
    ----------
    Chen et al. (2022), WavLM: Large-Scale Self-Supervised Pre-Training for Full Stack
    Speech Processing, IEEE Journal of Selected Topics in Signal Processing 16.

    Examples
    --------
    >>> import tempfile
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import SpeechEncoderClassifier
    >>> from sersk.features import make_random_encoder
    >>> corpus = make_emotional_speech(
    ...     n_speakers=2, n_sentences=1, n_repetitions=1, random_state=0
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     net = SpeechEncoderClassifier(
    ...         make_random_encoder(folder), max_epochs=1, random_state=0
    ...     ).fit(corpus.clips, corpus.target)
    >>> net.predict_proba(corpus.clips).shape
    (8, 4)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseSpeechEncoder._parameter_constraints,
        **BaseFineTunedClassifier._parameter_constraints,
    }

    def __init__(
        self,
        model: str | PathLike = "microsoft/wavlm-large",
        *,
        revision: str | None = None,
        pooling: str = "attentive_statistics",
        head: str = "mlp",
        hidden_size: int | None = None,
        dropout: float = 0.5,
        trained_layers: int | str = "all",
        train_front: bool = False,
        spec_augment: bool = True,
        normalize: str | None = "corpus",
        crop: float = 12.0,
        lr: float = 1e-5,
        head_lr: float | None = None,
        weight_decay: float = 0.01,
        max_epochs: int = 20,
        batch_size: int = 32,
        micro_batch_size: int = 8,
        scheduler: str | None = None,
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
        self.head = head
        self.hidden_size = hidden_size
        self.dropout = dropout
        self.trained_layers = trained_layers
        self.train_front = train_front
        self.spec_augment = spec_augment
        self.normalize = normalize
        self.crop = crop
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
