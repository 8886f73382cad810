"""One-dimensional convolutions over frames."""

from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any, ClassVar

from sersk.estimators._net_bases import BaseNetClassifier, BaseNetRegressor
from sersk.utils._sklearn import Interval, Options, StrOptions

_CONSTRAINTS: dict[str, list] = {
    "n_layers": [Options(Integral, {3, 5, 8})],
    "summary": [StrOptions({"mean_over_time", "mean_over_frequency"}), None],
    "n_frames": [Interval(Integral, 1, None, closed="left")],
    "dropout": [Interval(Real, 0, 1, closed="left")],
}


class _CNN1D:
    """What both estimators make of their parameters."""

    n_layers: int
    summary: str | None
    n_frames: int
    dropout: float

    def _make_module(self, widths: Mapping[str, int], n_outputs: int) -> Any:
        from sersk.nets import CNN1D

        return CNN1D(
            widths["x"],
            n_outputs,
            n_layers=self.n_layers,
            summary=self.summary,
            n_frames=self.n_frames,
            dropout=self.dropout,
        )

    def _fixed_frames(self) -> int | None:
        fixed = self.n_layers == 3 and self.summary != "mean_over_time"
        return self.n_frames if fixed else None


class CNN1DClassifier(_CNN1D, BaseNetClassifier):
    """Classify sequences of frames by one-dimensional convolutions.

    Parameters
    ----------
    n_layers : {3, 5, 8}, default=3
        Number of convolutions. With 3 the number of frames is fixed, with more it is
        the clips'.
    summary : {"mean_over_time", "mean_over_frequency"} or None, default=None
        What is convolved: the frames, their mean over time, or the mean of each.
    n_frames : int, default=300
        Frames of a clip with ``n_layers=3``: shorter clips are padded by the floor of
        their features, longer ones are an error.
    dropout : float, default=0.3
        Share of values dropped before the last layer.
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
        The trained :class:`sersk.nets.CNN1D`, on the CPU.
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
    sersk.features.MFCCSequence : Makes the frames.
    sersk.nets.CNN1D : The net.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import CNN1DClassifier
    >>> from sersk.features import MFCCSequence
    >>> from sersk.preprocessing import SequenceScaler
    >>> corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    >>> net = CNN1DClassifier(n_layers=5, max_epochs=2, random_state=0)
    >>> pipeline = make_pipeline(MFCCSequence(13), SequenceScaler(), net)
    >>> len(pipeline.fit(corpus.clips, corpus.target).predict(corpus.clips[:3]))
    3
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseNetClassifier._parameter_constraints,
        **_CONSTRAINTS,
    }

    def __init__(
        self,
        n_layers: int = 3,
        *,
        summary: str | None = None,
        n_frames: int = 300,
        dropout: float = 0.3,
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
        self.n_layers = n_layers
        self.summary = summary
        self.n_frames = n_frames
        self.dropout = dropout
        self.class_weight = class_weight


class CNN1DRegressor(_CNN1D, BaseNetRegressor):
    """Tell degrees from sequences of frames by one-dimensional convolutions.

    Parameters
    ----------
    n_layers : {3, 5, 8}, default=3
        Number of convolutions. With 3 the number of frames is fixed, with more it is
        the clips'.
    summary : {"mean_over_time", "mean_over_frequency"} or None, default=None
        What is convolved: the frames, their mean over time, or the mean of each.
    n_frames : int, default=300
        Frames of a clip with ``n_layers=3``: shorter clips are padded by the floor of
        their features, longer ones are an error.
    dropout : float, default=0.3
        Share of values dropped before the last layer.
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
        The trained :class:`sersk.nets.CNN1D`, on the CPU.
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
    CNN1DClassifier : The same for classes.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import CNN1DRegressor
    >>> from sersk.features import MFCCSequence
    >>> from sersk.preprocessing import SequenceScaler
    >>> corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    >>> net = CNN1DRegressor(n_layers=5, max_epochs=2, random_state=0)
    >>> pipeline = make_pipeline(MFCCSequence(13), SequenceScaler(), net)
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
        n_layers: int = 3,
        *,
        summary: str | None = None,
        n_frames: int = 300,
        dropout: float = 0.3,
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
        self.n_layers = n_layers
        self.summary = summary
        self.n_frames = n_frames
        self.dropout = dropout
        self.loss = loss
