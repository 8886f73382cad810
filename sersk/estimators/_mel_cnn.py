"""The convolutional net of report 001, on mel spectrograms."""

from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any, ClassVar

from sklearn.utils import Tags

from sersk.estimators._net_bases import BaseNetClassifier
from sersk.utils._sklearn import Interval

_CONSTRAINTS: dict[str, list] = {
    "n_frames": [Interval(Integral, 32, None, closed="left")],
    "hidden_size": [Interval(Integral, 1, None, closed="left")],
    "dropout": [Interval(Real, 0, 1, closed="left")],
}


class MelCNNClassifier(BaseNetClassifier):
    """Classify mel spectrograms by five blocks of convolution and pooling.

    The net of report 001, which takes 32 frames and 32 bands at least.

    Parameters
    ----------
    n_frames : int, default=94
        Frames of a clip: shorter clips are padded by the floor of their features,
        longer ones are an error. Published: 3 s at 16 kHz with a hop of 512; as much as
        ``FixDuration(3.0)`` leaves.
    hidden_size : int, default=256
        Width of the hidden layer; published.
    dropout : float, default=0.2
        Share of its values that are dropped; published.
    lr : float, default=0.001
        Learning rate; the highest, where there is a `scheduler`.
    weight_decay : float, default=0.0
        Penalty on the weights.
    max_epochs : int, default=20
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
        The trained :class:`sersk.nets.MelCNN`, on the CPU.
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
    sersk.nets.MelCNN : The net.

    Notes
    -----
    Published: a learning rate of 0.001, batches of 32 and 20 epochs, on bands in dB
    that are not scaled.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import MelCNNClassifier
    >>> from sersk.features import MelSpectrogram
    >>> from sersk.preprocessing import FixDuration
    >>> corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    >>> net = MelCNNClassifier(n_frames=32, max_epochs=1, random_state=0)
    >>> pipeline = make_pipeline(FixDuration(0.99), MelSpectrogram(), net)
    >>> len(pipeline.fit(corpus.clips, corpus.target).predict(corpus.clips[:3]))
    3
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseNetClassifier._parameter_constraints,
        **_CONSTRAINTS,
    }

    def __init__(
        self,
        n_frames: int = 94,
        *,
        hidden_size: int = 256,
        dropout: float = 0.2,
        lr: float = 1e-3,
        weight_decay: float = 0.0,
        max_epochs: int = 20,
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
        self.n_frames = n_frames
        self.hidden_size = hidden_size
        self.dropout = dropout
        self.class_weight = class_weight

    def _make_module(self, widths: Mapping[str, int], n_outputs: int) -> Any:
        from sersk.nets import MelCNN

        return MelCNN(
            widths["x"],
            n_outputs,
            n_frames=self.n_frames,
            hidden_size=self.hidden_size,
            dropout=self.dropout,
        )

    def __sklearn_tags__(self) -> Tags:
        """Tell that frames of one feature are too narrow for it."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags

    def _fixed_frames(self) -> int:
        return self.n_frames
