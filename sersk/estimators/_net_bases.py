"""The bases of nets that tell classes apart, and of those that tell degrees."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax
from sklearn.base import ClassifierMixin
from sklearn.utils import check_consistent_length

from sersk.estimators._net import BaseNet
from sersk.estimators._net_targets import (
    DegreesMixin,
    ccc_of_outputs,
    check_learnable,
    ua_of_outputs,
    weigh_classes,
)
from sersk.estimators._wrapped import number_classes
from sersk.utils import check_labels, import_optional
from sersk.utils._sklearn import StrOptions, fit_context


class BaseNetClassifier(ClassifierMixin, BaseNet):
    """Train a torch module to tell classes apart.

    A subclass defines

    - ``_make_module(widths, n_outputs)``, which returns the module. Its ``forward``
      takes ``x`` of shape (batch, frames, features), of which there are
      ``widths["x"]``, and ``x_lengths``, and returns logits;
    - ``__init__``, if it has parameters of its own: it stores them, and passes on those
      of this class that it names; the others keep their defaults. ``class_weight``,
      which is None, or weighs classes in the loss, is one to store;
    - ``_parameter_constraints``, as scikit-learn's estimators do;
    - ``_fixed_frames()``, if the module takes a certain number of frames;
    - ``_inputs``, if ``forward`` takes several features: their names.

    Parameters
    ----------
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

    See Also
    --------
    CNN1DClassifier : A classifier with parameters of its own.
    sersk.nets : Blocks that let no padding in.

    Examples
    --------
    >>> import torch
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import BaseNetClassifier
    >>> from sersk.features import MFCCSequence
    >>> from sersk.nets import MaskedMeanPooling
    >>> from sersk.preprocessing import SequenceScaler
    >>> class PooledFrames(torch.nn.Module):
    ...     def __init__(self, n_features, n_outputs):
    ...         super().__init__()
    ...         self.pool = MaskedMeanPooling()
    ...         self.output = torch.nn.Linear(n_features, n_outputs)
    ...
    ...     def forward(self, x, x_lengths=None):
    ...         return self.output(self.pool(x, x_lengths))
    >>> class PooledClassifier(BaseNetClassifier):
    ...     def _make_module(self, widths, n_outputs):
    ...         return PooledFrames(widths["x"], n_outputs)
    >>> corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    >>> net = PooledClassifier(max_epochs=2, random_state=0)
    >>> pipeline = make_pipeline(MFCCSequence(13), SequenceScaler(), net)
    >>> len(pipeline.fit(corpus.clips, corpus.target).predict(corpus.clips[:3]))
    3
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseNet._parameter_constraints,
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }

    class_weight: dict | str | None = None

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: ArrayLike) -> "BaseNetClassifier":
        """Train a new module.

        Parameters
        ----------
        X : FrameSequences, FeatureStreams or array-like
            Frames of the training clips; an array has the shape (n_clips, n_frames,
            n_features), or (n_clips, n_frames) where a frame is one number.
        y : array-like of shape (n_clips,)
            Labels: text or whole numbers.

        Returns
        -------
        self : object
            This classifier.

        Raises
        ------
        ValueError
            If there are fewer than two classes, or clips to learn from, a label is
            missing or `class_weight` misspells it, values are not finite, a clip is
            longer than the net takes, or clips to stop by cannot be found.
        """
        streams = self._check_X(X, reset=True)
        labels = check_labels(y)
        check_consistent_length(X, labels)
        self.classes_, codes = number_classes(labels)
        split = self._divide(X, codes)
        torch = import_optional("torch", extra="torch")
        weights = weigh_classes(self.class_weight, self.classes_, codes[split.training])
        criterion = torch.nn.CrossEntropyLoss(weight=torch.from_numpy(weights))
        self._train(streams, codes, split, len(self.classes_), criterion, ua_of_outputs)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the label of each clip.

        Parameters
        ----------
        X : FrameSequences, FeatureStreams or array-like
            Frames of the clips.

        Returns
        -------
        y : ndarray of shape (n_clips,)
            Labels, as they were in fit.
        """
        outputs = self._outputs(X)
        return self.classes_[outputs.argmax(axis=1)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict the probability of each class.

        Parameters
        ----------
        X : FrameSequences, FeatureStreams or array-like
            Frames of the clips.

        Returns
        -------
        probabilities : ndarray of float32 of shape (n_clips, n_classes)
            Columns in the order of ``classes_``.
        """
        return softmax(self._outputs(X), axis=1)


class BaseNetRegressor(DegreesMixin, BaseNet):
    """Train a torch module to tell degrees, of one attribute or of several.

    A subclass defines what one of :class:`BaseNetClassifier` does, and may store
    ``loss``: ``"ccc"``, one minus the concordance of a batch, or ``"mse"``. Degrees are
    standardised for training, and predicted in the range that they had.

    Parameters
    ----------
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

    See Also
    --------
    CNN1DRegressor : A regressor with parameters of its own.

    Examples
    --------
    >>> import numpy as np
    >>> import torch
    >>> from sersk.estimators import BaseNetRegressor
    >>> class Slope(torch.nn.Module):
    ...     def __init__(self, n_features, n_outputs):
    ...         super().__init__()
    ...         self.output = torch.nn.Linear(n_features, n_outputs)
    ...
    ...     def forward(self, x, x_lengths):
    ...         return self.output(x[:, 0])
    >>> class SlopeRegressor(BaseNetRegressor):
    ...     def _make_module(self, widths, n_outputs):
    ...         return Slope(widths["x"], n_outputs)
    >>> X = np.random.default_rng(0).normal(size=(64, 1, 2))
    >>> net = SlopeRegressor(lr=0.1, random_state=0).fit(X, X[:, 0] @ [1.0, -2.0])
    >>> bool(net.score(X, X[:, 0] @ [1.0, -2.0]) > 0.99)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseNet._parameter_constraints,
        "loss": [StrOptions({"ccc", "mse"})],
    }

    loss: str = "ccc"

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: ArrayLike) -> "BaseNetRegressor":
        """Train a new module.

        Parameters
        ----------
        X : FrameSequences, FeatureStreams or array-like
            Frames of the training clips; an array has the shape (n_clips, n_frames,
            n_features), or (n_clips, n_frames) where a frame is one number.
        y : array-like of shape (n_clips,) or (n_clips, n_attributes)
            Degrees, a column an attribute.

        Returns
        -------
        self : object
            This regressor.

        Raises
        ------
        ValueError
            If there are fewer than two clips, a degree is missing, values are not
            finite, a clip is longer than the net takes, or clips to stop by cannot be
            found.
        """
        streams = self._check_X(X, reset=True)
        degrees = self._read_degrees(X, y)
        split = self._divide(X, degrees)
        learned = degrees[split.training]
        validation = None if split.validation is None else degrees[split.validation]
        check_learnable(learned, validation, loss=self.loss, batch_size=self.batch_size)
        targets = self._standardise(degrees, split.training)
        self._train(
            streams, targets, split, targets.shape[1], self._criterion(), ccc_of_outputs
        )
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the degrees of each clip.

        Parameters
        ----------
        X : FrameSequences, FeatureStreams or array-like
            Frames of the clips.

        Returns
        -------
        y : ndarray of shape (n_clips,) or (n_clips, n_attributes)
            Degrees, in the shape that they had in fit.
        """
        return self._degrees(self._outputs(X))

    def _criterion(self) -> Any:
        torch = import_optional("torch", extra="torch")
        if self.loss == "mse":
            return torch.nn.MSELoss()
        from sersk.nets import CCCLoss

        return CCCLoss()
