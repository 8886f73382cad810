"""Importing transformers, which may find packages beside it that are broken."""

from typing import Any

from sersk.utils._environment import find_version
from sersk.utils._errors import MissingDependencyError
from sersk.utils._optional import import_optional


def import_from_transformers(name: str) -> Any:
    """Import a class of transformers, or say what keeps transformers from it.

    It imports torchvision and torchaudio where they are installed, and these fail in
    many ways where they were built for another torch.

    Parameters
    ----------
    name : str
        Of the class.

    Returns
    -------
    imported : type
        The class.

    Raises
    ------
    MissingDependencyError
        If transformers is not installed.
    ImportError
        If the class cannot be imported; the message says why, and what to do.

    Examples
    --------
    >>> from sersk.utils import import_from_transformers
    >>> import_from_transformers("WavLMConfig")().hidden_size
    768
    """
    try:
        return getattr(import_optional("transformers", extra="torch"), name)
    except MissingDependencyError:
        raise
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        cause: BaseException = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        raise ImportError(
            f"transformers cannot import {name}: {type(cause).__name__}: {cause}. That "
            "is mostly a torchvision or torchaudio that was built for another torch "
            f"than {find_version('torch')}. sersk needs neither: pip uninstall "
            "torchvision torchaudio"
        ) from error
