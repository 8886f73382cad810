"""The exceptions and warnings that sersk raises."""

from collections.abc import Iterable


class AudioError(ValueError):
    """A clip that cannot be used; the message names the clip, reason and remedy.

    Parameters
    ----------
    message : str
        What to tell the user.
    indices : iterable of int, default=()
        Numbers of the clips, where several were tried.

    Attributes
    ----------
    indices : tuple of int
        Numbers of the clips that failed, to drop them: ``np.delete(y, error.indices)``.

    Examples
    --------
    >>> from sersk import AudioError
    >>> AudioError("Clip 2 holds no samples.", indices=[2]).indices
    (2,)
    """

    def __init__(self, message: str, indices: Iterable[int] = ()) -> None:
        super().__init__(message)
        self.indices = tuple(indices)


class MissingDependencyError(ImportError):
    """An optional dependency is needed; the message holds the command to type."""


class AudioWarning(UserWarning):
    """Audio that can be used but is probably not what the caller meant."""


class CacheWarning(UserWarning):
    """A feature store that cannot be read or written; results stay right."""


class CorpusWarning(UserWarning):
    """A corpus on disk that differs from the published one."""


class EvaluationWarning(UserWarning):
    """Results that stand, but not all that were asked for."""


class ModelWarning(UserWarning):
    """A saved model that may answer otherwise than it did when it was saved."""


class TransductionWarning(UserWarning):
    """Statistics over the clips being transformed that cannot be estimated well."""
