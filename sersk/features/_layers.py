"""The layers of an encoder, side by side in one row."""

import re
from collections.abc import Iterable, Sequence
from numbers import Integral

_NAME = re.compile(r"layer_(\d+)_")


def find_layers(
    n_features: int,
    *,
    n_layers: int | None = None,
    layers: Sequence[int] | None = None,
    names: Iterable[str] | None = None,
) -> tuple[int, ...]:
    """Return the numbers of the layers of which a row consists.

    Parameters
    ----------
    n_features : int
        Length of the row.
    n_layers : int or None, default=None
        How many layers it is said to have.
    layers : sequence of int or None, default=None
        Which it is said to have.
    names : iterable of str or None, default=None
        Names of the features, such as ``layer_03_0001_mean``.

    Returns
    -------
    layers : tuple of int
        In the order of the features; all have the same number of them. Without
        `layers` and names, they are the first `n_layers`.

    Raises
    ------
    ValueError
        If what is said is not so, or nothing is said.

    Examples
    --------
    >>> from sersk.features import find_layers
    >>> find_layers(4, names=["layer_06_0", "layer_06_1", "layer_09_0", "layer_09_1"])
    (6, 9)
    """
    named = tuple(_named(names))
    if layers is None:
        known = named or tuple(range(_counted(n_layers)))
    else:
        known = tuple(layers)
        check_layers(layers, "layers")
        if min(known) < 0:
            raise ValueError(f"layers={layers} must be counted from the start, by 0.")
        if named and known != named:
            raise ValueError(
                f"layers={layers}, but by their names the features of X are of "
                f"{list_layers(named)}. Leave layers at None."
            )
    _check_fit(n_features, n_layers, known)
    return known


def list_layers(layers: Sequence[int]) -> str:
    """Name layers, one at least, in a message: by a range where they are one."""
    first, last = layers[0], layers[-1]
    if len(layers) > 2 and list(layers) == list(range(first, last + 1)):
        return f"layers {first} to {last}"
    return f"layers {', '.join(map(str, layers))}"


def check_layers(layers: Sequence[int], name: str) -> None:
    """Raise unless the layers of a parameter are different integers, one at least."""
    if len(layers) == 0:
        raise ValueError(f"{name}={layers!r} holds no layer. Name one at least.")
    for number, layer in enumerate(layers):
        if isinstance(layer, bool) or not isinstance(layer, Integral):
            raise TypeError(f"{name}={layers!r} holds {layer!r}, which is no integer.")
        if layer in layers[:number]:
            raise ValueError(
                f"{name}={layers!r} holds {layer} twice. Name each layer once."
            )


def _named(names: Iterable[str] | None) -> list[int]:
    """Return the layers that names tell, each once, in order."""
    found = [] if names is None else [_NAME.match(name) for name in names]
    return list(dict.fromkeys(int(match[1]) for match in found if match))


def _counted(n_layers: int | None) -> int:
    if n_layers is None:
        raise ValueError(
            "n_layers=None, and X has no names such as 'layer_03_0001_mean' to count "
            "layers by. Pass n_layers=13 for an encoder of 12 layers, or call "
            'set_output(transform="pandas") on the pipeline.'
        )
    return n_layers


def _check_fit(n_features: int, n_layers: int | None, layers: Sequence[int]) -> None:
    if n_layers is not None and n_layers != len(layers):
        raise ValueError(
            f"n_layers={n_layers}, but X holds {list_layers(layers)}. Leave it at None."
        )
    if n_features % len(layers):
        raise ValueError(
            f"X has {n_features} features, which are not those of "
            f"n_layers={len(layers)} layers side by side. An encoder of 12 layers "
            "gives 13: count what goes into the first."
        )
