"""Small nets of every kind, each with the features of ``speech`` that it takes."""

from dataclasses import dataclass
from typing import Any

from sersk.estimators import (
    CNN1DClassifier,
    CNN2DClassifier,
    CRNNClassifier,
    MelCNNClassifier,
    SpectrogramTrunkClassifier,
)

FEW = {"batch_size": 8, "device": "cpu", "random_state": 0}
NARROW = {**FEW, "n_channels": 32, "hidden_size": 16, "lr": 5e-3}
# Its batch normalisation takes a hundred steps to know the mean.
SLOWLY = {**FEW, "batch_size": 4, "max_epochs": 60}


@dataclass(frozen=True)
class Case:
    """A net, the features that it takes, and what makes it learn by heart."""

    net: Any
    features: str
    by_heart: dict


CASES = {
    "CNN1D of 3": Case(
        CNN1DClassifier(n_frames=50, max_epochs=8, **FEW),
        "mfcc",
        {"dropout": 0.0, "max_epochs": 20},
    ),
    "CNN1D of 5": Case(
        CNN1DClassifier(5, max_epochs=12, **FEW),
        "mfcc",
        {"dropout": 0.0, "max_epochs": 20},
    ),
    "CNN1D of 8": Case(
        CNN1DClassifier(8, max_epochs=8, **FEW),
        "mfcc",
        {"dropout": 0.0, "max_epochs": 12},
    ),
    "CNN1D over time": Case(
        CNN1DClassifier(summary="mean_over_time", max_epochs=40, **{**FEW, "lr": 3e-3}),
        "mfcc",
        {"dropout": 0.0, "max_epochs": 100},
    ),
    "CNN2D of 2": Case(
        CNN2DClassifier(n_frames=50, max_epochs=10, **FEW),
        "mfcc",
        {"dropout": 0.0, "max_epochs": 20},
    ),
    "CNN2D of 6": Case(
        CNN2DClassifier(6, max_epochs=12, **FEW),
        "mfcc",
        {"dropout": 0.0, "max_epochs": 12},
    ),
    "MelCNN": Case(
        MelCNNClassifier(32, hidden_size=32, scheduler="cosine", **SLOWLY),
        "mel",
        {"dropout": 0.0, "max_epochs": 80},
    ),
    "CRNN": Case(
        CRNNClassifier(max_epochs=30, **NARROW),
        "mfcc",
        {"dropout": 0.0, "max_epochs": 40},
    ),
    "CRNN with attention": Case(
        CRNNClassifier("additive", max_epochs=30, **NARROW),
        "mfcc",
        {"dropout": 0.0, "max_epochs": 40},
    ),
}
# As slow as images are; the test that uses it makes them small.
TRUNK = SpectrogramTrunkClassifier("alexnet", max_epochs=12, **FEW)
