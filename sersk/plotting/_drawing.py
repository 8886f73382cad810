"""What all displays share: axes, colours, and names that are taken as they are."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from sersk.utils import import_optional

MUTED = "0.35"
# Okabe and Ito's colours, which people who are colour-blind tell apart.
_COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#000000",
)
_MARKERS = "osD^vPX"
# Weights of red, green and blue in how bright a colour looks.
_BRIGHTNESS = (0.299, 0.587, 0.114)
_LONGEST_NAME = 40
# Room for ticks and label of an axis, in inches.
_BELOW = -0.45


def new_axes(ax: Any, size: tuple[float, float]) -> Any:
    """Return the axes, or those of a new figure of a size in inches if None.

    A function is called with the size and returns axes.
    """
    if callable(ax):
        return ax(size)
    if ax is not None:
        return ax
    pyplot = import_optional("matplotlib.pyplot", extra="plot")
    return pyplot.subplots(figsize=size, layout="constrained")[1]


def style(number: int) -> dict[str, Any]:
    """Return the colour and the marker of one of several systems."""
    return {
        "color": _COLOURS[number % len(_COLOURS)],
        "marker": _MARKERS[number % len(_MARKERS)],
    }


def name_ticks(axis: Any, places: Sequence, names: Iterable, **options: Any) -> None:
    """Put names at places of an axis, as they are: a dollar is no formula."""
    axis.set_ticks(places, [shorten(name) for name in names])
    for label in axis.get_ticklabels():
        label.set(parse_math=False, **options)


def add_legend(ax: Any, handles: Sequence, names: Iterable, **options: Any) -> Any:
    """Add a legend with names as they are, even where one begins with ``_``."""
    # Placeholders, because matplotlib leaves out what begins with an underscore.
    legend = ax.legend(handles, ["."] * len(handles), **options)
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set(text=shorten(name), parse_math=False)
    return legend


def legend_below(ax: Any, handles: Sequence, names: Iterable, ncols: int) -> Any:
    """Add a legend under the label of the axis below."""
    transforms = import_optional("matplotlib.transforms", extra="plot")
    below = transforms.offset_copy(ax.transAxes, ax.figure, y=_BELOW, units="inches")
    return add_legend(
        ax,
        handles,
        names,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        bbox_transform=below,
        ncols=ncols,
        frameon=False,
        fontsize="small",
    )


def entitle(ax: Any, title: str, note: str = "") -> None:
    """Write a title, and a note in small print under it."""
    lines = [shorten(title, 2 * _LONGEST_NAME)] * bool(title)
    ax.set_title("\n".join([*lines, note] if note else lines), fontsize="medium")
    ax.title.set_parse_math(False)


def shorten(name: Any, longest: int = _LONGEST_NAME) -> str:
    """Return a name on one line, cut where it would leave no room for the plot."""
    # No font has a glyph for control characters.
    text = "".join(
        character if character.isprintable() else "\ufffd"
        for character in " ".join(str(name).split())
    )
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def stands_out(colours: np.ndarray) -> np.ndarray:
    """Return whether black stands out from colours, and not white."""
    return np.asarray(colours)[..., :3] @ _BRIGHTNESS > 0.5
