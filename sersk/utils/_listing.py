"""Some of many names, as messages give them."""

from collections.abc import Iterable


def listed(values: Iterable, *, most: int = 5) -> str:
    """Return the first values as text, and whether there are more.

    Parameters
    ----------
    values : iterable
        Names, say.
    most : int, default=5
        How many are named.

    Returns
    -------
    text : str
        The values as Python writes them, and a mark if there are more.

    Examples
    --------
    >>> from sersk.utils import listed
    >>> listed(["03", "08", "09"], most=2)
    "'03', '08', …"
    """
    names = [repr(value) for value in values]
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def listed_and_more(values: Iterable, *, most: int = 10) -> str:
    """Return the first values as text, and how many more there are.

    Parameters
    ----------
    values : iterable
        Names, say.
    most : int, default=10
        How many are named.

    Returns
    -------
    text : str
        The values as Python writes them, and the number of the others.

    Examples
    --------
    >>> from sersk.utils import listed_and_more
    >>> listed_and_more(["03", "08", "09"], most=2)
    "'03', '08' and 1 more"
    """
    names = [repr(value) for value in values]
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
