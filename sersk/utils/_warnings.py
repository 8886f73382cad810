"""Warnings that point at the line of whoever called the library."""

import sys
import warnings

_PASSED_OVER = ("sersk", "sklearn", "joblib")


def warn_user(message: str, category: type[Warning]) -> None:
    """Warn at the line outside this library, scikit-learn and joblib that led here.

    Parameters
    ----------
    message : str
        What is the matter and what to do.
    category : type of Warning
        One of the categories of :mod:`sersk.utils`.

    Examples
    --------
    >>> import warnings
    >>> from sersk.utils import AudioWarning, warn_user
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     warn_user("Clip 3 is silent.", AudioWarning)
    >>> caught[0].category.__name__
    'AudioWarning'
    """
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and _is_passed_over(frame.f_globals):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _is_passed_over(names: dict) -> bool:
    return names.get("__name__", "").partition(".")[0] in _PASSED_OVER
