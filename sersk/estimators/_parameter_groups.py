"""Which parameters of a net are trained in another way than all others."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters whose names begin alike, if no group before this one has them.

    Parameters
    ----------
    beginning : str
        Of their names.
    lr : float or None, default=None
        Their learning rate; None for that of all.
    frozen_epochs : int, default=0
        First epochs in which they stay as they are.
    """

    beginning: str
    lr: float | None = None
    frozen_epochs: int = 0
