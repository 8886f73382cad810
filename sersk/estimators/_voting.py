"""A vote of classifiers that were fitted on different speakers."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.model_selection import check_cv
from sklearn.utils import Tags, get_tags, indexable
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sersk.estimators._columns import (
    carries_columns,
    speakers_of,
    split_by_speaker,
    with_column,
)
from sersk.estimators._votes import align, hard_vote
from sersk.estimators._wrapped import number_classes
from sersk.metrics import unweighted_accuracy
from sersk.model_selection import SpeakerKFold
from sersk.utils import check_labels
from sersk.utils._sklearn import (
    HasMethods,
    StrOptions,
    fit_context,
    safe_indexing,
)

_N_MEMBERS = 5


class _Choice(NamedTuple):
    """The clips of one member."""

    train: np.ndarray
    validation: np.ndarray


def _gives_probabilities(self: Any) -> bool:
    if self.voting != "soft":
        raise AttributeError(
            f"predict_proba is not available with voting={self.voting!r}. Pass "
            "voting='soft'."
        )
    return hasattr(self.estimator, "predict_proba")


class SpeakerFoldVotingClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Let classifiers vote that were each fitted without some training speakers.

    The training speakers are divided as in a cross-validation. For each fold one
    member is fitted without the fold's speakers, on which it can be validated or
    stopped early, and all members vote on what is predicted. Every speaker is then
    used for training, and none of the clips that are predicted for anything: a member
    is never chosen, or left out, by its score.

    Parameters
    ----------
    estimator : classifier
        Cloned for each member; it takes X as it is given here, so that a pipeline
        begins with its extractor.
    cv : int, splitter, iterable or None, default=None
        How the training clips are divided; the clips that a fold tests are its
        member's validation clips. An int is a number of members, among which
        :class:`~sersk.model_selection.SpeakerKFold` deals the speakers; None means 5.
        :class:`LeaveOneSpeakerOut() <sersk.model_selection.LeaveOneSpeakerOut>` makes
        a member for each training speaker. Splitters of scikit-learn, and pairs of
        positions, are taken too if they keep speakers apart.
    voting : {"hard", "soft"}, default="hard"
        ``"hard"``: the class that most members predict. Between classes with equally
        many votes the larger sum of the members' probabilities decides, if they have
        any, and then the earliest member that voted for one of them.
        ``"soft"``: the class with the largest mean of the probabilities, the first in
        ``classes_`` where these are equal.
    mark_validation : bool, default=False
        False: a member is fitted on its training clips and gets no others. True: it
        gets its validation clips as well, and a column ``validation`` of X that is
        True for these; for estimators that stop early on them, and say so by an
        attribute ``reads_validation`` that is True.
    n_jobs : int or None, default=None
        Number of members that are fitted at the same time, as joblib understands it.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels of all training clips, sorted.
    members_ : list of classifier
        The fitted members, in the order of the folds. One whose training clips lack a
        class never predicts it, and gives it a probability of 0.
    member_speakers_ : list of list, or None
        The validation speakers of each member, sorted; None if nobody knows speakers.
    validation_scores_ : ndarray of shape (n_members,)
        Unweighted accuracy of each member on its validation clips, over the classes
        that these have. They tell how speakers differ; do not choose members by them.
        With `mark_validation`, the member has been stopped on the same clips.
    n_features_in_ : int
        Number of features, where the members know it.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where the members know them.

    See Also
    --------
    sklearn.ensemble.VotingClassifier : A vote of classifiers of different kinds, all
        fitted on the same clips.

    Notes
    -----
    Each member extracts features for itself: give the extractors a cache, as
    :func:`~sersk.evaluation.evaluate` does, and each clip is extracted once.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import SpeakerFoldVotingClassifier
    >>> from sersk.features import AcousticFunctionals
    >>> corpus = make_emotional_speech(n_speakers=4, random_state=0)
    >>> pipeline = make_pipeline(
    ...     AcousticFunctionals(), StandardScaler(), LogisticRegression(max_iter=1000)
    ... )
    >>> known = corpus.select(speaker=["01", "02", "03"])
    >>> ensemble = SpeakerFoldVotingClassifier(pipeline, cv=3)
    >>> ensemble.fit(known.clips, known.target).member_speakers_
    [['03'], ['02'], ['01']]
    >>> unknown = corpus.select(speaker="04")
    >>> ensemble.predict(unknown.clips)[:3]
    array(['anger', 'anger', 'happy'], dtype='<U7')
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "cv": ["cv_object"],
        "voting": [StrOptions({"hard", "soft"})],
        "mark_validation": ["boolean"],
        "n_jobs": [Integral, None],
    }
    # For `evaluate`, which looks for inner splits that mix speakers.
    splits_by_speaker = True

    def __init__(
        self,
        estimator: Any,
        *,
        cv: Any = None,
        voting: str = "hard",
        mark_validation: bool = False,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.cv = cv
        self.voting = voting
        self.mark_validation = mark_validation
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self, X: Any, y: ArrayLike, groups: ArrayLike | None = None
    ) -> "SpeakerFoldVotingClassifier":
        """Fit a member for each division of the training speakers.

        Parameters
        ----------
        X : AudioClips, table or array-like of n_samples
            Whatever the classifier takes; AudioClips, or a table, may carry the column
            ``speaker``.
        y : array-like of shape (n_samples,)
            Labels: text or whole numbers.
        groups : array-like of shape (n_samples,), default=None
            Speaker of each sample, taken instead of the column of X.

        Returns
        -------
        self : SpeakerFoldVotingClassifier
            The fitted ensemble.

        Raises
        ------
        ValueError
            If there are fewer speakers than members, or a speaker is not known; if a
            division mixes speakers; if a member has clips of one class only, or a
            class is in the training clips of no member; if a label is missing; or if
            probabilities or marked clips are asked of an estimator without use for
            them.
        """
        self._check_estimator()
        labels = check_labels(y)
        X, labels = indexable(X, labels)
        self.classes_, codes = number_classes(labels)
        speakers = speakers_of(X, groups, len(labels))
        choices = _divide(self.cv, X, labels, speakers, groups)
        _check_speakers(choices, speakers)
        _check_classes(choices, codes, self.classes_)
        if self.mark_validation and not carries_columns(X):
            raise ValueError(
                "mark_validation=True needs an X that carries columns, such as "
                f"AudioClips, got a {type(X).__name__}. Pass mark_validation=False."
            )
        fitted = Parallel(n_jobs=self.n_jobs)(
            delayed(_fit_member)(
                self.estimator, X, labels, choice, self.mark_validation
            )
            for choice in choices
        )
        self.members_ = [member for member, _ in fitted]
        self.validation_scores_ = np.array([score for _, score in fitted])
        self.member_speakers_ = None
        if speakers is not None:
            self.member_speakers_ = [
                sorted(set(speakers[choice.validation].tolist()), key=str)
                for choice in choices
            ]
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the label of each sample by a vote of the members.

        Parameters
        ----------
        X : AudioClips, table or array-like of n_samples
            Whatever the classifier takes.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Labels, as they were in fit.
        """
        check_is_fitted(self)
        if self.voting == "soft":
            return self.classes_[self.predict_proba(X).argmax(axis=1)]
        (X,) = indexable(X)
        votes = np.searchsorted(self.classes_, self.predict_members(X).T)
        n_classes = len(self.classes_)
        if not hasattr(self.members_[0], "predict_proba"):
            return self.classes_[hard_vote(votes, n_classes)]

        def sum_probabilities(rows: np.ndarray) -> np.ndarray:
            return self._sum_probabilities(safe_indexing(X, rows))

        return self.classes_[hard_vote(votes, n_classes, sum_probabilities)]

    @available_if(_gives_probabilities)
    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict the mean of the members' probabilities of each class.

        Parameters
        ----------
        X : AudioClips, table or array-like of n_samples
            Whatever the classifier takes.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Columns in the order of ``classes_``; with ``voting="soft"`` only.
        """
        check_is_fitted(self)
        return self._sum_probabilities(X) / len(self.members_)

    def predict_members(self, X: Any) -> np.ndarray:
        """Predict the label of each sample by each member.

        Parameters
        ----------
        X : AudioClips, table or array-like of n_samples
            Whatever the classifier takes.

        Returns
        -------
        y : ndarray of shape (n_samples, n_members)
            What each member predicts, in the order of ``members_``.
        """
        check_is_fitted(self)
        return np.column_stack([member.predict(X) for member in self.members_])

    @property
    def n_features_in_(self) -> int:
        """Number of features, where the members know it."""
        check_is_fitted(self)
        return self.members_[0].n_features_in_

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the features, where the members know them."""
        check_is_fitted(self)
        return self.members_[0].feature_names_in_

    def __sklearn_tags__(self) -> Tags:
        """Take over what the classifier says of its input."""
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags

    def _check_estimator(self) -> None:
        """Raise unless the estimator can do what is asked of it."""
        name = type(self.estimator).__name__
        if self.voting == "soft" and not hasattr(self.estimator, "predict_proba"):
            raise ValueError(
                f"voting='soft' needs probabilities, but {name} has no predict_proba. "
                "Pass voting='hard', or a CalibratedClassifierCV around it with "
                "cv=SpeakerKFold(3)."
            )
        if self.mark_validation and not _reads_validation(self.estimator):
            raise ValueError(
                f"mark_validation=True gives the validation clips to {name}, which "
                "would learn from them: no part of it has an attribute "
                "reads_validation that is True. Pass mark_validation=False."
            )

    def _sum_probabilities(self, X: Any) -> np.ndarray:
        return np.sum(
            [
                align(member.predict_proba(X), member.classes_, self.classes_)
                for member in self.members_
            ],
            axis=0,
        )


def _reads_validation(estimator: Any) -> bool:
    parts = [estimator, *estimator.get_params(deep=True).values()]
    return any(getattr(part, "reads_validation", False) is True for part in parts)


def _divide(
    cv: Any, X: Any, labels: np.ndarray, speakers: np.ndarray | None, groups: Any
) -> list[_Choice]:
    """Return the training and validation clips of each member."""
    if cv is None or isinstance(cv, Integral):
        cv = SpeakerKFold(_count_members(cv, speakers))
    splitter = check_cv(cv)
    rows = np.arange(len(labels))
    choices = [
        _Choice(rows[train], rows[held_out])
        for train, held_out in split_by_speaker(splitter, X, labels, speakers, groups)
    ]
    if not choices or not all(len(part) for choice in choices for part in choice):
        raise ValueError(
            f"cv={cv!r} leaves a member without training or validation clips. Give "
            "each member both."
        )
    return choices


def _count_members(cv: Any, speakers: np.ndarray | None) -> int:
    n_members = _N_MEMBERS if cv is None else int(cv)
    n_speakers = None if speakers is None else len(set(speakers.tolist()))
    if n_speakers is not None and n_speakers < n_members:
        raise ValueError(
            f"cv={cv} asks for {n_members} members, but the clips are of {n_speakers} "
            f"speaker{'s' * (n_speakers != 1)}, and each member needs one of its own "
            "to be validated on. "
            + (
                "Give clips of more speakers."
                if n_speakers < 2
                else f"Pass cv={n_speakers} or less."
            )
        )
    return n_members


def _check_speakers(choices: Sequence[_Choice], speakers: np.ndarray | None) -> None:
    if speakers is None:
        return
    for number, choice in enumerate(choices):
        trained = set(speakers[choice.train].tolist())
        both = trained & set(speakers[choice.validation].tolist())
        if both:
            raise ValueError(
                f"cv puts clips of the same speakers (first: {min(both, key=str)!r}) "
                "into both the training and the validation "
                f"clips of member {number}. Pass the number of members, or a splitter "
                "by speaker such as LeaveOneSpeakerOut()."
            )


def _check_classes(
    choices: Sequence[_Choice], codes: np.ndarray, classes: np.ndarray
) -> None:
    for number, choice in enumerate(choices):
        own = np.unique(codes[choice.train])
        if len(own) < 2:
            raise ValueError(
                f"The training clips of member {number} are of one class only, "
                f"{classes[own[0]]!r}. Choose other speakers by cv."
            )
    learned = np.unique(np.concatenate([codes[choice.train] for choice in choices]))
    unheard = np.setdiff1d(np.arange(len(classes)), learned)
    if len(unheard):
        raise ValueError(
            f"Class {classes[unheard[0]]!r} is in the training clips of no member. "
            "Choose other speakers by cv, or drop its clips."
        )


def _fit_member(
    estimator: Any, X: Any, labels: np.ndarray, choice: _Choice, mark: bool
) -> tuple[Any, float]:
    """Return a fitted member and its unweighted accuracy in validation."""
    rows = np.sort(np.concatenate(choice)) if mark else choice.train
    given = safe_indexing(X, rows)
    if mark:
        given = with_column(given, "validation", np.isin(rows, choice.validation))
    member = clone(estimator).fit(given, labels[rows])
    predicted = member.predict(safe_indexing(X, choice.validation))
    true = labels[choice.validation]
    # As numbers, because labels may be floats, which would be taken for scores.
    codes = np.unique(np.concatenate([true, predicted]), return_inverse=True)[1]
    return member, unweighted_accuracy(codes[: len(true)], codes[len(true) :])
