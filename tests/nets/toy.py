"""Small nets of every kind, and batches with something else beyond each clip's end."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from sersk.nets import CNN1D, CNN2D, CRNN, MelCNN, SpectrogramTrunkNet

N_FEATURES = 13
LENGTHS = torch.tensor([40, 17, 1])

# All take x of 13 features (MelCNN: 32), and give 3 logits.
NETS: dict[str, Callable[[], nn.Module]] = {
    "MelCNN": partial(MelCNN, 32, 3, n_frames=40, hidden_size=16),
    "CNN2D of 2": partial(CNN2D, N_FEATURES, 3, n_frames=40, hidden_size=16),
    "CNN2D of 6": partial(CNN2D, N_FEATURES, 3, n_layers=6),
    "CNN1D of 3": partial(CNN1D, N_FEATURES, 3, n_frames=40),
    "CNN1D of 5": partial(CNN1D, N_FEATURES, 3, n_layers=5),
    "CNN1D of 8": partial(CNN1D, N_FEATURES, 3, n_layers=8),
    "CNN1D over time": partial(CNN1D, N_FEATURES, 3, summary="mean_over_time"),
    "CNN1D of 8 over time": partial(
        CNN1D, N_FEATURES, 3, n_layers=8, summary="mean_over_time"
    ),
    "CNN1D over frequency": partial(
        CNN1D, N_FEATURES, 3, n_frames=40, summary="mean_over_frequency"
    ),
    "CNN1D of 5 over frequency": partial(
        CNN1D, N_FEATURES, 3, n_layers=5, summary="mean_over_frequency"
    ),
    "CRNN": partial(CRNN, N_FEATURES, 3, n_channels=16, hidden_size=8),
    "CRNN with attention": partial(
        CRNN, N_FEATURES, 3, n_channels=16, hidden_size=8, attention="additive"
    ),
}
# Slower than those, and made for other values.
make_trunk_net = partial(SpectrogramTrunkNet, N_FEATURES, 3, trunk="alexnet")


def make_batch(n_features: int) -> tuple[Tensor, Tensor]:
    """Return three clips of 40, 17 and 1 frames, and these lengths."""
    return torch.rand(len(LENGTHS), int(LENGTHS[0]), n_features), LENGTHS


def spoil(x: Tensor, lengths: Tensor, value: float) -> Tensor:
    """Return x with another value beyond each length."""
    spoilt = x.clone()
    for clip, length in zip(spoilt, lengths.tolist(), strict=True):
        clip[length:] = value
    return spoilt


def count(module: nn.Module) -> int:
    """Count a module's parameters."""
    return sum(parameter.numel() for parameter in module.parameters())
