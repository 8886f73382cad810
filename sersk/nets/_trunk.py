"""What nets made for images tell of themselves."""

from typing import ClassVar

from torch import Tensor, nn


class ImageTrunk(nn.Module):
    """Name parameters as torchvision does; the base of nets made for images."""

    # Of what goes before the head.
    n_channels: ClassVar[int]
    # How names of the head's parameters begin, and those of its last layer.
    head_prefix: ClassVar[str]
    last_layer: ClassVar[str]
    # A parameter that no other trunk has in this shape, or in any where it is None.
    mark: ClassVar[tuple[str, tuple[int, ...] | None]]

    # None: no head.
    n_outputs: int | None

    def forward_features(self, x: Tensor) -> Tensor:
        """Return what goes before the head."""
        raise NotImplementedError
