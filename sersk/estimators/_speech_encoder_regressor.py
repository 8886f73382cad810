"""Fine-tuning an encoder to tell degrees of attributes."""

from collections.abc import Mapping
from os import PathLike
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from sersk.estimators._late_imports import import_objectives
from sersk.estimators._net_targets import (
    DegreesMixin,
    ccc_of_outputs,
    check_learnable,
)
from sersk.estimators._speech_encoder import BaseSpeechEncoder
from sersk.utils._sklearn import StrOptions, fit_context


class SpeechEncoderRegressor(DegreesMixin, BaseSpeechEncoder):
    """Fine-tune wav2vec 2.0, HuBERT or WavLM to tell degrees, such as arousal.

    One attribute or several at once. Degrees are standardised by the clips that are
    trained on, unless told otherwise, and given back in the range that they had.
    Defaults are those of report 000, the challenge of 2024 on MSP-Podcast.

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
        needed, and neither loss nor gradient; with ``loss="ccc"``, a step of several
        parts computes each of them twice. Where memory is short, it is halved.
    scheduler : "linear" or None, default=None
        Whether learning rates fall to 0 in a line, once they have risen.
    warmup : float, default=0.1
        Share of all steps in which they rise, with a scheduler.
    loss : {"ccc", "mse"}, default="ccc"
        One minus the concordance correlation coefficient of the clips of a step,
        summed over attributes, or the mean squared error.
    standardize : bool, default=True
        Whether each attribute gets a mean of 0 and a deviation of 1 for training, by
        the clips that are trained on. Without it, the squared error of an attribute
        counts as much as it varies.
    early_stopping : bool, default=False
        Whether some training speakers are held out, to end training when `monitor` has
        not got better on them for `patience` epochs, and to return to the best epoch.
    validation_cv : splitter, default=None
        Its first split says which clips are held out;
        :class:`SpeakerKFold(5) <sersk.model_selection.SpeakerKFold>` by default.
    patience : int, default=5
        Epochs without a better one before training ends.
    monitor : {"score", "loss"}, default="score"
        What says which epoch is the best: the mean concordance over attributes, or
        the loss.
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
    offset_, scale_ : ndarray of float64 of shape (n_attributes,)
        Mean and standard deviation of the degrees that were trained on; 0 and 1 with
        ``standardize=False``.
    one_dimensional_ : bool
        Whether y was one column.
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
    SpeechEncoderClassifier : For classes.
    sersk.nets.ccc_loss : The loss of concordance.
    sersk.datasets.write_odyssey_submission : Writes predictions for the challenge.

    Notes
    -----
    Concordance is a statistic of all clips of a step. Where they are computed in parts,
    outputs of all parts are gathered, and the gradient of their concordance is passed
    back part by part: 4 parts of 8 clips give the gradient of 32 clips at once.

    Examples
    --------
    >>> import tempfile
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import SpeechEncoderRegressor
    >>> from sersk.features import make_random_encoder
    >>> corpus = make_emotional_speech(
    ...     n_speakers=2, n_sentences=1, n_repetitions=1, random_state=0
    ... )
    >>> arousal = [{"anger": 1.0, "happy": 1.0}.get(e, 0.0) for e in corpus.target]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     net = SpeechEncoderRegressor(
    ...         make_random_encoder(folder), max_epochs=1, random_state=0
    ...     ).fit(corpus.clips, arousal)
    >>> net.predict(corpus.clips).shape
    (8,)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseSpeechEncoder._parameter_constraints,
        "loss": [StrOptions({"ccc", "mse"})],
        "standardize": ["boolean"],
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
        loss: str = "ccc",
        standardize: bool = True,
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
        self.loss = loss
        self.standardize = standardize
        self.early_stopping = early_stopping
        self.validation_cv = validation_cv
        self.patience = patience
        self.monitor = monitor
        self.precision = precision
        self.device = device
        self.checkpoint = checkpoint
        self.resume = resume
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: ArrayLike) -> "SpeechEncoderRegressor":
        """Train the encoder and a new head.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.
        y : array-like of shape (n_clips,) or (n_clips, n_attributes)
            Degrees, a column an attribute.

        Returns
        -------
        self : object
            This regressor.

        Raises
        ------
        ValueError
            If a degree is missing, or the same for all clips, there are fewer than two
            clips, the checkpoint cannot be used, or clips to stop by cannot be found.
        sersk.AudioError
            If a clip cannot be read; the message names it.
        """
        clips = self._check_X(X, reset=True)
        self._forget_module()
        degrees = self._read_degrees(clips, y)
        split = self._divide(clips, degrees)
        by_score = split.validation is not None and self.monitor == "score"
        check_learnable(
            degrees[split.training],
            degrees[split.validation] if by_score else None,
            loss=self.loss,
            batch_size=self.batch_size,
        )
        targets = self._standardise(
            degrees, split.training, standardize=self.standardize
        )
        objectives = import_objectives()
        ccc = self.loss == "ccc"
        objective = objectives.concordance() if ccc else objectives.squared_error()
        n_outputs = targets.shape[1]
        self._train(clips, targets, split, n_outputs, objective, ccc_of_outputs)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the degrees of each clip.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.

        Returns
        -------
        y : ndarray of float64 of shape (n_clips,) or (n_clips, n_attributes)
            Degrees, in the shape that they had in fit.
        """
        return self._degrees(self._outputs(X))

    def _describe_target(self) -> dict[str, Any]:
        return {
            "offset": self.offset_.tolist(),
            "scale": self.scale_.tolist(),
            "one_dimensional": self.one_dimensional_,
        }

    def _restore_target(self, target: Mapping[str, Any]) -> None:
        self.offset_ = np.asarray(target["offset"])
        self.scale_ = np.asarray(target["scale"])
        self.one_dimensional_ = target["one_dimensional"]
