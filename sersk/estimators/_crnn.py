"""Convolutions over frames, and a recurrent net behind them."""

from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any, ClassVar

from sersk.estimators._net_bases import BaseNetClassifier, BaseNetRegressor
from sersk.utils._sklearn import Interval, StrOptions

_CONSTRAINTS: dict[str, list] = {
    "attention": [StrOptions({"additive"}), None],
    "n_channels": [Interval(Integral, 1, None, closed="left")],
    "hidden_size": [Interval(Integral, 1, None, closed="left")],
    "n_layers": [Interval(Integral, 1, None, closed="left")],
    "dropout": [Interval(Real, 0, 1, closed="left")],
}


class _CRNN:
    """What both estimators make of their parameters."""

    attention: str | None
    n_channels: int
    hidden_size: int
    n_layers: int
    dropout: float

    def _make_module(self, widths: Mapping[str, int], n_outputs: int) -> Any:
        from sersk.nets import CRNN

        return CRNN(
            widths["x"],
            n_outputs,
            attention=self.attention,
            n_channels=self.n_channels,
            hidden_size=self.hidden_size,
            n_layers=self.n_layers,
            dropout=self.dropout,
        )


class CRNNClassifier(_CRNN, BaseNetClassifier):
    """Classify frames by convolutions and a recurrent net behind them.

    Clips may be of any length.

    Parameters
    ----------
    attention : {"additive"} or None, default=None
        How the states of the LSTM become one vector: by additive attention, or by
        their mean.
    n_channels : int, default=256
        Filters of each convolution.
    hidden_size : int, default=128
        States of the LSTM in each direction.
    n_layers : int, default=2
        Layers of the LSTM.
    dropout : float, default=0.5
        Share of values dropped between its layers and before the last.
    lr : float, default=0.001
        Learning rate; the highest, where there is a `scheduler`.
    weight_decay : float, default=0.0
        Penalty on the weights.
    max_epochs : int, default=50
        Passes over the training clips.
    batch_size : int, default=32
        Clips of a step.
    optimizer : {"adam", "adamw", "sgd"}, default="adam"
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
        Changes the frames of training clips, such as
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
        The trained :class:`sersk.nets.CRNN`, on the CPU.
    history_ : pandas.DataFrame
        A row an epoch: ``train_loss`` and, with validation, ``valid_loss`` and
        ``valid_score``.
    best_epoch_ : int
        The epoch whose weights were kept; 0 where the last is.
    widths_ : dict of str to int
        Number of features of each input.
    n_features_in_ : int
        Number of columns, where X was a matrix.

    See Also
    --------
    sersk.features.MelSpectrogram : Makes the frames.
    sersk.nets.CRNN : The net.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import CRNNClassifier
    >>> from sersk.features import MelSpectrogram
    >>> from sersk.preprocessing import SequenceScaler
    >>> corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    >>> net = CRNNClassifier(
    ...     n_channels=16, hidden_size=8, max_epochs=2, random_state=0
    ... )
    >>> pipeline = make_pipeline(MelSpectrogram(40), SequenceScaler(), net)
    >>> len(pipeline.fit(corpus.clips, corpus.target).predict(corpus.clips[:3]))
    3
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseNetClassifier._parameter_constraints,
        **_CONSTRAINTS,
    }

    def __init__(
        self,
        attention: str | None = None,
        *,
        n_channels: int = 256,
        hidden_size: int = 128,
        n_layers: int = 2,
        dropout: float = 0.5,
        lr: float = 1e-3,
        weight_decay: float = 0.0,
        max_epochs: int = 50,
        batch_size: int = 32,
        optimizer: str = "adam",
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
        self.attention = attention
        self.n_channels = n_channels
        self.hidden_size = hidden_size
        self.n_layers = n_layers
        self.dropout = dropout
        self.class_weight = class_weight


class CRNNRegressor(_CRNN, BaseNetRegressor):
    """Tell degrees from frames by convolutions and a recurrent net behind them.

    Clips may be of any length.

    Parameters
    ----------
    attention : {"additive"} or None, default=None
        How the states of the LSTM become one vector: by additive attention, or by
        their mean.
    n_channels : int, default=256
        Filters of each convolution.
    hidden_size : int, default=128
        States of the LSTM in each direction.
    n_layers : int, default=2
        Layers of the LSTM.
    dropout : float, default=0.5
        Share of values dropped between its layers and before the last.
    loss : {"ccc", "mse"}, default="ccc"
        One minus the concordance correlation of a batch, summed over attributes, or
        the mean squared error.
    lr : float, default=0.001
        Learning rate; the highest, where there is a `scheduler`.
    weight_decay : float, default=0.0
        Penalty on the weights.
    max_epochs : int, default=50
        Passes over the training clips.
    batch_size : int, default=32
        Clips of a step.
    optimizer : {"adam", "adamw", "sgd"}, default="adam"
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
        Changes the frames of training clips, such as
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
        The trained :class:`sersk.nets.CRNN`, on the CPU.
    history_ : pandas.DataFrame
        A row an epoch: ``train_loss`` and, with validation, ``valid_loss`` and
        ``valid_score``.
    best_epoch_ : int
        The epoch whose weights were kept; 0 where the last is.
    widths_ : dict of str to int
        Number of features of each input.
    n_features_in_ : int
        Number of columns, where X was a matrix.

    See Also
    --------
    CRNNClassifier : The same for classes.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import CRNNRegressor
    >>> from sersk.features import MelSpectrogram
    >>> from sersk.preprocessing import SequenceScaler
    >>> corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    >>> net = CRNNRegressor(
    ...     n_channels=16, hidden_size=8, max_epochs=2, random_state=0
    ... )
    >>> pipeline = make_pipeline(MelSpectrogram(40), SequenceScaler(), net)
    >>> degrees = corpus.frame[["level"]].to_numpy()
    >>> pipeline.fit(corpus.clips, degrees).predict(corpus.clips[:3]).shape
    (3, 1)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseNetRegressor._parameter_constraints,
        **_CONSTRAINTS,
    }

    def __init__(
        self,
        attention: str | None = None,
        *,
        n_channels: int = 256,
        hidden_size: int = 128,
        n_layers: int = 2,
        dropout: float = 0.5,
        loss: str = "ccc",
        lr: float = 1e-3,
        weight_decay: float = 0.0,
        max_epochs: int = 50,
        batch_size: int = 32,
        optimizer: str = "adam",
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
        self.attention = attention
        self.n_channels = n_channels
        self.hidden_size = hidden_size
        self.n_layers = n_layers
        self.dropout = dropout
        self.loss = loss
