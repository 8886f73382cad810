"""The layers of an encoder, side by side in one row."""

from collections.abc import Iterable


def count_layers(
    n_features: int, n_layers: int | None, names: Iterable[str] | None
) -> int:
    """Return of how many layers a row consists.

    Parameters
    ----------
    n_features : int
        Length of the row.
    n_layers : int or None
        How many layers it is said to have; None: as the names say.
    names : iterable of str or None
        Names of the features, such as ``layer_03_0001_mean``.

    Returns
    -------
    n_layers : int
        All have the same number of features.

    Raises
    ------
    ValueError
        If the number of features cannot be divided by it, or it is not known.

    Examples
    --------
    >>> from sersk.utils import count_layers
    >>> count_layers(4, None, ["layer_00_0", "layer_00_1", "layer_01_0", "layer_01_1"])
    2
    """
    if n_layers is None:
        n_layers = _count_named(names)
    if n_features % n_layers:
        raise ValueError(
            f"X has {n_features} features, which are not those of n_layers={n_layers} "
            "layers side by side. An encoder of 12 layers gives 13: count what goes "
            "into the first."
        )
    return n_layers


def _count_named(names: Iterable[str] | None) -> int:
    known = [] if names is None else list(names)
    layers = {name.split("_")[1] for name in known if name.startswith("layer_")}
    if not layers:
        raise ValueError(
            "n_layers=None, and X has no names such as 'layer_03_0001_mean' to count "
            "layers by. Pass n_layers=13 for an encoder of 12 layers, or call "
            'set_output(transform="pandas") on the pipeline.'
        )
    return len(layers)
