"""The net of three inputs of reports 002 and 004."""

from collections.abc import Callable
from os import PathLike
from typing import Any, ClassVar

from sersk.estimators._co_attention_base import CONSTRAINTS, BaseCoAttention
from sersk.estimators._net_bases import BaseNetClassifier, BaseNetRegressor


class CoAttentionClassifier(BaseCoAttention, BaseNetClassifier):
    """Classify clips by cepstra, spectrogram and the frames of an encoder together.

    The inputs are named ``mfcc``, ``spectrogram``, scaled to [0, 1], and ``w2e``: the
    frames of an encoder such as wav2vec 2.0, or waveforms for one that is trained with
    the rest. :class:`sersk.features.FeatureDict` extracts them side by side.

    Parameters
    ----------
    trunk : {"alexnet", "vit"}, default="alexnet"
        What sees the spectrogram.
    form : {"masked", "published"}, default="masked"
        ``"masked"``: for clips of any length, with attention over their frames.
        ``"published"``: for `n_frames` frames of MFCCs and spectrogram and
        `n_encoder_frames` of the encoder; longer clips are an error.
    n_frames : int, default=300
        In the published form, the most frames of a clip; in the other, those that make
        an image 384 columns wide.
    n_encoder_frames : int, default=149
        In the published form, the most frames of the encoder.
    dropout : float, default=0.1
        Share of values dropped before each linear layer.
    lstm_dropout : float, default=0.5
        Share of values dropped between the layers of the LSTM.
    weights : path or None, default=None
        A file of torchvision's weights for the trunk; see
        :func:`sersk.nets.load_trunk_weights`. None: random weights.
    encoder : str, path or None, default=None
        Folder of a checkpoint, or its name on the Hugging Face hub; see
        :func:`sersk.features.load_speech_encoder`. It is trained with the rest, on
        waveforms. None: `w2e` holds the frames of one that is not.
    revision : str or None, default=None
        Commit, tag or branch on the hub.
    trained_layers : int or "all", default="all"
        How many transformer layers of the encoder are trained, from the last; 0 leaves
        it as it is, ``"all"`` trains all but the convolutions.
    train_front : bool, default=False
        Whether the convolutions are trained too, as published.
    spec_augment : bool, default=True
        Whether spans of the encoder's frames are masked in training, as its
        configuration says, where all layers are trained.
    encoder_lr : float or None, default=None
        Learning rate of the encoder; None for `lr`.
    encoder_batch_size : int, default=8
        Clips that the encoder is given at a time. It bounds the memory, and changes
        neither loss nor gradient.
    lr : float, default=0.0001
        Learning rate; the highest, where there is a `scheduler`.
    weight_decay : float, default=0.0
        Penalty on the weights.
    max_epochs : int, default=50
        Passes over the training clips.
    batch_size : int, default=32
        Clips of a step.
    optimizer : {"adam", "adamw", "sgd"}, default="adamw"
        Optimizer of torch; ``"sgd"`` has a momentum of 0.9.
    scheduler : {"one_cycle", "cosine", "plateau"} or None, default=None
        How the learning rate changes; ``"plateau"`` follows the loss in validation.
    class_weight : "balanced", dict or None, default=None
        Weight of each class in the loss, by the training clips of this fit.
    early_stopping : bool, default=False
        Whether some training speakers are held out, to end the training when
        unweighted accuracy on them has not risen for `patience` epochs, and to return
        to the best epoch.
    validation_cv : splitter, int or None, default=None
        Its first split says which clips are held out. A number stands for
        :class:`~sersk.model_selection.SpeakerKFold` with so many folds; None for 5.
    patience : int, default=10
        Epochs without a rise before training ends.
    augment : callable, default=None
        Changes the frames of training clips, their spectrograms alone, such as
        :class:`sersk.augmentation.SpecAugment`.
    device : str, default="auto"
        Such as ``"cpu"`` or ``"cuda:0"``; ``"auto"`` takes a GPU where there is one.
    precision : {"float32", "bfloat16"}, default="float32"
        In which torch computes what it holds safe.
    random_state : int, RandomState or None, default=None
        Seed of weights, order, dropout and `augment`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels present in fit, sorted.
    module_ : torch.nn.Module
        The trained :class:`sersk.nets.CoAttentionNet`, on the CPU.
    history_ : pandas.DataFrame
        A row an epoch: ``train_loss`` and, with validation, ``valid_loss`` and
        ``valid_score``.
    best_epoch_ : int
        The epoch whose weights were kept; 0 where the last is.
    widths_ : dict of str to int
        Number of features of each input.
    encoder_config_ : dict or None
        Configuration of the encoder that was trained.

    See Also
    --------
    sersk.features.FeatureDict : Makes the inputs.
    sersk.features.SpeechEmbeddingSequence : Frames of an encoder that is not trained.
    sersk.features.WaveformSequence : Waveforms for one that is.
    sersk.nets.CoAttentionNet : The net.

    Notes
    -----
    Published: AdamW, a learning rate of 1e-5, batches of 64, 100 epochs, a patience of
    8, and all of facebook/wav2vec2-base-960h trained with the rest, its convolutions
    too. Without `encoder`, frames stay as they were extracted, once, which costs the
    least by far.

    A clip of 3 s has 301 frames of MFCCs, one more than the published form takes: cut
    2.99 s.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.audio import FeatureStreams, FrameSequences
    >>> from sersk.estimators import CoAttentionClassifier
    >>> generator = np.random.default_rng(0)
    >>> def frames(n_frames, n_features):
    ...     clips = generator.random((4, n_frames, n_features))
    ...     return FrameSequences.from_arrays(list(clips))
    >>> X = FeatureStreams(
    ...     {
    ...         "mfcc": frames(60, 40),
    ...         "spectrogram": frames(60, 200),
    ...         "w2e": frames(29, 768),
    ...     }
    ... )
    >>> net = CoAttentionClassifier(max_epochs=1, random_state=0)
    >>> len(net.fit(X, ["sad", "angry", "sad", "angry"]).predict(X))
    4
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseNetClassifier._parameter_constraints,
        **CONSTRAINTS,
    }

    def __init__(
        self,
        trunk: str = "alexnet",
        *,
        form: str = "masked",
        n_frames: int = 300,
        n_encoder_frames: int = 149,
        dropout: float = 0.1,
        lstm_dropout: float = 0.5,
        weights: Any = None,
        encoder: str | PathLike | None = None,
        revision: str | None = None,
        trained_layers: int | str = "all",
        train_front: bool = False,
        spec_augment: bool = True,
        encoder_lr: float | None = None,
        encoder_batch_size: int = 8,
        lr: float = 1e-4,
        weight_decay: float = 0.0,
        max_epochs: int = 50,
        batch_size: int = 32,
        optimizer: str = "adamw",
        scheduler: str | None = None,
        class_weight: str | dict | None = None,
        early_stopping: bool = False,
        validation_cv: Any = None,
        patience: int = 10,
        augment: Callable | None = None,
        device: str = "auto",
        precision: str = "float32",
        random_state: Any = None,
    ) -> None:
        super().__init__(
            lr=lr,
            weight_decay=weight_decay,
            max_epochs=max_epochs,
            batch_size=batch_size,
            optimizer=optimizer,
            scheduler=scheduler,
            early_stopping=early_stopping,
            validation_cv=validation_cv,
            patience=patience,
            augment=augment,
            device=device,
            precision=precision,
            random_state=random_state,
        )
        self.trunk = trunk
        self.form = form
        self.n_frames = n_frames
        self.n_encoder_frames = n_encoder_frames
        self.dropout = dropout
        self.lstm_dropout = lstm_dropout
        self.weights = weights
        self.encoder = encoder
        self.revision = revision
        self.trained_layers = trained_layers
        self.train_front = train_front
        self.spec_augment = spec_augment
        self.encoder_lr = encoder_lr
        self.encoder_batch_size = encoder_batch_size
        self.class_weight = class_weight


class CoAttentionRegressor(BaseCoAttention, BaseNetRegressor):
    """Tell degrees by cepstra, spectrogram and the frames of an encoder together.

    The inputs are named ``mfcc``, ``spectrogram``, scaled to [0, 1], and ``w2e``: the
    frames of an encoder such as wav2vec 2.0, or waveforms for one that is trained with
    the rest. :class:`sersk.features.FeatureDict` extracts them side by side.

    Parameters
    ----------
    trunk : {"alexnet", "vit"}, default="alexnet"
        What sees the spectrogram.
    form : {"masked", "published"}, default="masked"
        ``"masked"``: for clips of any length, with attention over their frames.
        ``"published"``: for `n_frames` frames of MFCCs and spectrogram and
        `n_encoder_frames` of the encoder; longer clips are an error.
    n_frames : int, default=300
        In the published form, the most frames of a clip; in the other, those that make
        an image 384 columns wide.
    n_encoder_frames : int, default=149
        In the published form, the most frames of the encoder.
    dropout : float, default=0.1
        Share of values dropped before each linear layer.
    lstm_dropout : float, default=0.5
        Share of values dropped between the layers of the LSTM.
    weights : path or None, default=None
        A file of torchvision's weights for the trunk; see
        :func:`sersk.nets.load_trunk_weights`. None: random weights.
    encoder : str, path or None, default=None
        Folder of a checkpoint, or its name on the Hugging Face hub; see
        :func:`sersk.features.load_speech_encoder`. It is trained with the rest, on
        waveforms. None: `w2e` holds the frames of one that is not.
    revision : str or None, default=None
        Commit, tag or branch on the hub.
    trained_layers : int or "all", default="all"
        How many transformer layers of the encoder are trained, from the last; 0 leaves
        it as it is, ``"all"`` trains all but the convolutions.
    train_front : bool, default=False
        Whether the convolutions are trained too, as published.
    spec_augment : bool, default=True
        Whether spans of the encoder's frames are masked in training, as its
        configuration says, where all layers are trained.
    encoder_lr : float or None, default=None
        Learning rate of the encoder; None for `lr`.
    encoder_batch_size : int, default=8
        Clips that the encoder is given at a time. It bounds the memory, and changes
        neither loss nor gradient.
    loss : {"ccc", "mse"}, default="ccc"
        One minus the concordance correlation of a batch, summed over attributes, or
        the mean squared error.
    lr : float, default=0.0001
        Learning rate; the highest, where there is a `scheduler`.
    weight_decay : float, default=0.0
        Penalty on the weights.
    max_epochs : int, default=50
        Passes over the training clips.
    batch_size : int, default=32
        Clips of a step.
    optimizer : {"adam", "adamw", "sgd"}, default="adamw"
        Optimizer of torch; ``"sgd"`` has a momentum of 0.9.
    scheduler : {"one_cycle", "cosine", "plateau"} or None, default=None
        How the learning rate changes; ``"plateau"`` follows the loss in validation.
    early_stopping : bool, default=False
        Whether some training speakers are held out, to end the training when
        the mean concordance on them has not risen for `patience` epochs, and to return
        to the best epoch.
    validation_cv : splitter, int or None, default=None
        Its first split says which clips are held out. A number stands for
        :class:`~sersk.model_selection.SpeakerKFold` with so many folds; None for 5.
    patience : int, default=10
        Epochs without a rise before training ends.
    augment : callable, default=None
        Changes the frames of training clips, their spectrograms alone, such as
        :class:`sersk.augmentation.SpecAugment`.
    device : str, default="auto"
        Such as ``"cpu"`` or ``"cuda:0"``; ``"auto"`` takes a GPU where there is one.
    precision : {"float32", "bfloat16"}, default="float32"
        In which torch computes what it holds safe.
    random_state : int, RandomState or None, default=None
        Seed of weights, order, dropout and `augment`.

    Attributes
    ----------
    offset_, scale_ : ndarray of shape (n_attributes,)
        Mean and standard deviation of the training clips' degrees, by which these are
        scaled inside.
    one_dimensional_ : bool
        Whether y was, as predictions then are.
    module_ : torch.nn.Module
        The trained :class:`sersk.nets.CoAttentionNet`, on the CPU.
    history_ : pandas.DataFrame
        A row an epoch: ``train_loss`` and, with validation, ``valid_loss`` and
        ``valid_score``.
    best_epoch_ : int
        The epoch whose weights were kept; 0 where the last is.
    widths_ : dict of str to int
        Number of features of each input.
    encoder_config_ : dict or None
        Configuration of the encoder that was trained.

    See Also
    --------
    CoAttentionClassifier : The same for classes.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.audio import FeatureStreams, FrameSequences
    >>> from sersk.estimators import CoAttentionRegressor
    >>> generator = np.random.default_rng(0)
    >>> def frames(n_frames, n_features):
    ...     clips = generator.random((4, n_frames, n_features))
    ...     return FrameSequences.from_arrays(list(clips))
    >>> X = FeatureStreams(
    ...     {
    ...         "mfcc": frames(60, 40),
    ...         "spectrogram": frames(60, 200),
    ...         "w2e": frames(29, 768),
    ...     }
    ... )
    >>> net = CoAttentionRegressor(max_epochs=1, random_state=0)
    >>> net.fit(X, generator.random((4, 3))).predict(X).shape
    (4, 3)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseNetRegressor._parameter_constraints,
        **CONSTRAINTS,
    }

    def __init__(
        self,
        trunk: str = "alexnet",
        *,
        form: str = "masked",
        n_frames: int = 300,
        n_encoder_frames: int = 149,
        dropout: float = 0.1,
        lstm_dropout: float = 0.5,
        weights: Any = None,
        encoder: str | PathLike | None = None,
        revision: str | None = None,
        trained_layers: int | str = "all",
        train_front: bool = False,
        spec_augment: bool = True,
        encoder_lr: float | None = None,
        encoder_batch_size: int = 8,
        loss: str = "ccc",
        lr: float = 1e-4,
        weight_decay: float = 0.0,
        max_epochs: int = 50,
        batch_size: int = 32,
        optimizer: str = "adamw",
        scheduler: str | None = None,
        early_stopping: bool = False,
        validation_cv: Any = None,
        patience: int = 10,
        augment: Callable | None = None,
        device: str = "auto",
        precision: str = "float32",
        random_state: Any = None,
    ) -> None:
        super().__init__(
            lr=lr,
            weight_decay=weight_decay,
            max_epochs=max_epochs,
            batch_size=batch_size,
            optimizer=optimizer,
            scheduler=scheduler,
            early_stopping=early_stopping,
            validation_cv=validation_cv,
            patience=patience,
            augment=augment,
            device=device,
            precision=precision,
            random_state=random_state,
        )
        self.trunk = trunk
        self.form = form
        self.n_frames = n_frames
        self.n_encoder_frames = n_encoder_frames
        self.dropout = dropout
        self.lstm_dropout = lstm_dropout
        self.weights = weights
        self.encoder = encoder
        self.revision = revision
        self.trained_layers = trained_layers
        self.train_front = train_front
        self.spec_augment = spec_augment
        self.encoder_lr = encoder_lr
        self.encoder_batch_size = encoder_batch_size
        self.loss = loss
