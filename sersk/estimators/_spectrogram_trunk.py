"""Nets made for images, on mel spectrograms."""

from collections.abc import Callable, Mapping, Sequence
from numbers import Integral
from os import PathLike
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags

from sersk.estimators._net_bases import BaseNetClassifier
from sersk.estimators._parameter_groups import ParameterGroup
from sersk.utils._sklearn import Interval, StrOptions

_CONSTRAINTS: dict[str, list] = {
    "trunk": [StrOptions({"resnet50", "resnext50", "densenet201", "alexnet", "vit"})],
    "head": [StrOptions({"pooled", "linear"})],
    "weights": [str, PathLike, None],
    "freeze_epochs": [Interval(Integral, 0, None, closed="left")],
}


class SpectrogramTrunkClassifier(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseNetClassifier
):
    """Classify mel spectrograms by a net made for images.

    The frames of a clip, of any length, are resized to 224 x 224.

    Parameters
    ----------
    trunk : {"resnet50", "resnext50", "densenet201", "alexnet", "vit"}, \
default="resnet50"
        The net for images.
    head : {"pooled", "linear"}, default="pooled"
        ``"pooled"``: fastai's head behind the trunk's maps, as published.
        ``"linear"``: the trunk's own classifier, as AlexNet and ViT are fine-tuned; ViT
        needs it.
    weights : path or None, default=None
        A file of torchvision's weights for the trunk, ``.pth`` or ``.safetensors``; see
        :func:`sersk.nets.load_trunk_weights`. None: random weights.
    freeze_epochs : int, default=0
        Epochs in which the head alone is trained, before the trunk is trained with it;
        published: 1, with `weights`.
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
    scheduler : {"one_cycle", "cosine", "plateau"} or None, default="one_cycle"
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
        The trained :class:`sersk.nets.SpectrogramTrunkNet`, on the CPU.
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
    sersk.preprocessing.SequenceScaler : Scales them to [0, 1], which images need.
    sersk.nets.SpectrogramTrunkNet : The net.

    Notes
    -----
    Published: ImageNet's weights, a cycle of the learning rate, and the trunk frozen
    for one epoch.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import SpectrogramTrunkClassifier
    >>> from sersk.features import MelSpectrogram
    >>> from sersk.preprocessing import SequenceScaler
    >>> corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    >>> net = SpectrogramTrunkClassifier("alexnet", max_epochs=1, random_state=0)
    >>> pipeline = make_pipeline(MelSpectrogram(), SequenceScaler("minmax"), net)
    >>> len(pipeline.fit(corpus.clips, corpus.target).predict(corpus.clips[:3]))
    3
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseNetClassifier._parameter_constraints,
        **_CONSTRAINTS,
        # The head normalises over the clips of a batch.
        "batch_size": [Interval(Integral, 2, None, closed="left")],
    }

    def __init__(
        self,
        trunk: str = "resnet50",
        *,
        head: str = "pooled",
        weights: Any = None,
        freeze_epochs: int = 0,
        lr: float = 1e-3,
        weight_decay: float = 0.0,
        max_epochs: int = 50,
        batch_size: int = 32,
        optimizer: str = "adam",
        scheduler: str | None = "one_cycle",
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
        self.head = head
        self.weights = weights
        self.freeze_epochs = freeze_epochs
        self.class_weight = class_weight

    def transform(self, X: Any) -> np.ndarray:
        """Return what the trunk makes of each clip: the means of its maps.

        Parameters
        ----------
        X : FrameSequences or array-like of shape (n_clips, n_frames, n_features)
            Frames of the clips.

        Returns
        -------
        vectors : ndarray of float32 of shape (n_clips, n_maps)
            One row a clip, for another classifier: 256 numbers of AlexNet. Of ViT, what
            becomes of its class token.
        """
        return self._outputs(X, "embed")

    @property
    def _n_features_out(self) -> int:
        """How wide the rows of transform are; scikit-learn makes their names of it."""
        return self.module_.n_embedded

    def _make_module(self, widths: Mapping[str, int], n_outputs: int) -> Any:
        from sersk.nets import SpectrogramTrunkNet

        return SpectrogramTrunkNet(
            widths["x"], n_outputs, trunk=self.trunk, head=self.head
        )

    def _start_module(self, widths: Mapping[str, int], n_outputs: int) -> Any:
        from sersk.nets import load_trunk_weights

        net = self._make_module(widths, n_outputs)
        if self.weights is not None:
            load_trunk_weights(net.trunk, self.weights)
        return net

    def __sklearn_tags__(self) -> Tags:
        """Tell that frames of one feature make no image."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags

    def _groups(self, module: Any) -> Sequence[ParameterGroup]:
        return (
            # The trunk's own classifier, if it is used.
            ParameterGroup(f"trunk.{module.trunk.head_prefix}"),
            ParameterGroup("trunk.", frozen_epochs=self.freeze_epochs),
        )
