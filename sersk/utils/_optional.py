"""The one way to import what is heavy or optional."""

import importlib
from types import ModuleType

from sersk.utils._errors import MissingDependencyError


def import_optional(name: str, *, extra: str) -> ModuleType:
    """Import a module that ``pip install "sersk[extra]"`` brings.

    Parameters
    ----------
    name : str
        Dotted name of the module.
    extra : str
        The extra of sersk that installs it.

    Returns
    -------
    module : module
        The imported module.

    Raises
    ------
    MissingDependencyError
        If the module is not installed. An installed module that fails while it is
        being imported raises its own error, which says more.

    Examples
    --------
    >>> from sersk.utils import import_optional
    >>> import_optional("math", extra="all").sqrt(16.0)
    4.0
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.partition(".")[0]:
            raise
        raise MissingDependencyError(
            f'{name} is not installed. Install it with: pip install "sersk[{extra}]"'
        ) from error
