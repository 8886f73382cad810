"""Training of torch modules by skorch; imported only when a net is fitted or used.

Nothing here knows of scikit-learn's estimators: features, targets and settings go in,
a trained module and its history come out.
"""

import copy
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import skorch
import skorch.helper
import torch
from skorch.callbacks import Callback, LRScheduler
from torch import Tensor, nn
from torch.optim import lr_scheduler

from sersk.estimators._net_input import Streams, count_clips, gather
from sersk.utils import progress_bar

_OPTIMIZERS = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": functools.partial(torch.optim.SGD, momentum=0.9),
}


@dataclass(frozen=True)
class Settings:
    """How a module is trained; see ``BaseNet`` for what each means."""

    lr: float
    weight_decay: float
    max_epochs: int
    batch_size: int
    optimizer: str
    scheduler: str | None
    patience: int
    device: str
    mixed_precision: bool
    augment: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None
    n_frames: int | None
    seed: int


@dataclass(frozen=True)
class Examples:
    """Features of clips and what is to be learned of them."""

    streams: Streams
    targets: np.ndarray

    def __len__(self) -> int:
        return count_clips(self.streams)


@dataclass(frozen=True)
class Trained:
    """What training leaves: the module on the CPU, its history, and how it ended."""

    module: nn.Module
    history: pd.DataFrame
    best_epoch: int
    interrupted: bool


def choose_device(device: str) -> torch.device:
    """Return the device of a name; ``"auto"`` is the first GPU, if there is one.

    Raises
    ------
    ValueError
        If the device is not there.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
        torch.empty(1, device=chosen)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(
            f"device={device!r} cannot be used: {str(error).splitlines()[0]} Pass "
            'device="auto", which takes a GPU only where there is one.'
        ) from error
    return chosen


def train(
    make_module: Callable[[], nn.Module],
    criterion: nn.Module,
    score: Callable[[Tensor, np.ndarray], float],
    training: Examples,
    validation: Examples | None,
    settings: Settings,
) -> Trained:
    """Train a module, and return it as it was in its best epoch.

    Parameters
    ----------
    make_module : callable
        Makes the module; its weights are drawn with the settings' seed.
    criterion : torch.nn.Module
        Loss of outputs and targets.
    score : callable
        From outputs and targets of all validation clips to a number; the greater, the
        better.
    training, validation : Examples
        Clips to learn from, and clips that say which epoch was the best; without the
        latter, the last is.
    settings : Settings
        How to train.

    Returns
    -------
    trained : Trained
        The module, on the CPU and in evaluation mode.
    """
    device = choose_device(settings.device)
    with torch.random.fork_rng(devices=_devices(device)):
        torch.manual_seed(settings.seed)
        watch = _Watch(criterion, score, settings)
        net = _make_net(make_module(), criterion, watch, training, validation, settings)
        net.fit(_Batches(training), None)
    if watch.best_state is not None:
        net.module_.load_state_dict(watch.best_state)
    module = net.module_.to("cpu").eval()
    history = pd.DataFrame(watch.rows)
    return Trained(module, history, watch.best_epoch, watch.interrupted(net))


def predict(module: nn.Module, streams: Streams, settings: Settings) -> np.ndarray:
    """Return the outputs of a module for clips, of shape (n_clips, n_outputs)."""
    device = choose_device(settings.device)
    module = module.to(device).eval()
    outputs = []
    with torch.inference_mode(), _autocast(device, settings.mixed_precision):
        for indices in _in_order(count_clips(streams), settings.batch_size):
            batch = _to_tensors(gather(streams, indices, settings.n_frames), device)
            outputs.append(module(**batch).float().cpu().numpy())
    module.to("cpu")
    return np.concatenate(outputs)


class _Batches(torch.utils.data.Dataset):
    """The positions of clips, which the collate function turns into a batch at once."""

    def __init__(self, examples: Examples) -> None:
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> int:
        return index


class _Collate:
    """Gather the features and targets of the clips at some positions."""

    def __init__(
        self, examples: Examples, n_frames: int | None, augment: Any, seed: int
    ) -> None:
        self.examples = examples
        self.n_frames = n_frames
        self.augment = augment
        self.rng = np.random.default_rng(seed)

    def __call__(self, positions: list[int]) -> tuple[dict[str, Tensor], Tensor]:
        indices = np.asarray(positions)
        batch = gather(self.examples.streams, indices, self.n_frames)
        if self.augment is not None:
            _augment(batch, self.augment, self.rng)
        targets = torch.from_numpy(self.examples.targets[indices])
        return _to_tensors(batch, torch.device("cpu")), targets


class _Net(skorch.NeuralNet):
    """A skorch net whose forward pass may run in half precision."""

    def __init__(
        self, *args: Any, mixed_precision: bool = False, **kwargs: Any
    ) -> None:
        self.mixed_precision = mixed_precision
        super().__init__(*args, **kwargs)

    def infer(self, x: Any, **fit_params: Any) -> Tensor:
        with _autocast(torch.device(self.device), self.mixed_precision):
            return super().infer(x, **fit_params).float()


class _Watch(Callback):
    """Score every epoch on all validation clips, keep the best, and stop in time."""

    def __init__(self, criterion: nn.Module, score: Callable, settings: Settings):
        self.criterion = criterion
        self.score = score
        self.settings = settings
        self.rows: list[dict[str, float]] = []
        self.best_state: dict[str, Tensor] | None = None
        self.best_epoch = 0
        self.best = -np.inf
        self.stopped = False

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        self.bar = progress_bar(
            self.settings.max_epochs, description="training", unit="epoch"
        )

    def on_epoch_begin(self, net: Any, **kwargs: Any) -> None:
        self.outputs: list[Tensor] = []
        self.targets: list[Tensor] = []

    def on_batch_end(
        self, net: Any, batch: Any = None, training: bool = True, **kwargs: Any
    ) -> None:
        if not training:
            self.outputs.append(kwargs["y_pred"].detach())
            self.targets.append(batch[1].to(kwargs["y_pred"].device))

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        row = {"epoch": len(self.rows) + 1, "train_loss": net.history[-1, "train_loss"]}
        if self.outputs:
            row |= self._validate()
        self.rows.append(row)
        self.bar.update(1)
        if self.outputs:
            net.history.record("valid_loss", row["valid_loss"])
            self._keep(net, row)

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        self.bar.close()

    def interrupted(self, net: Any) -> bool:
        """Tell whether the user ended the training."""
        return not self.stopped and len(self.rows) < self.settings.max_epochs

    def _validate(self) -> dict[str, float]:
        outputs, targets = torch.cat(self.outputs), torch.cat(self.targets)
        with torch.no_grad():
            loss = float(self.criterion.to(outputs.device)(outputs, targets))
        score = self.score(outputs.cpu(), targets.cpu().numpy())
        return {"valid_loss": loss, "valid_score": score}

    def _keep(self, net: Any, row: dict[str, float]) -> None:
        # Among equals the first: nothing was gained by training on.
        if row["valid_score"] > self.best:
            self.best, self.best_epoch = row["valid_score"], int(row["epoch"])
            self.best_state = copy.deepcopy(net.module_.state_dict())
        elif row["epoch"] - self.best_epoch >= self.settings.patience:
            self.stopped = True
            raise KeyboardInterrupt  # as skorch's own callbacks end the training


def _make_net(
    module: nn.Module,
    criterion: nn.Module,
    watch: _Watch,
    training: Examples,
    validation: Examples | None,
    settings: Settings,
) -> _Net:
    device = choose_device(settings.device)
    collate = _Collate(training, settings.n_frames, settings.augment, settings.seed)
    callbacks: list = [watch]
    n_batches = -(-len(training) // settings.batch_size)
    if settings.scheduler is not None:
        callbacks.append(_scheduler(settings, n_batches))
    split = None
    collate_valid = None
    if validation is not None:
        split = skorch.helper.predefined_split(_Batches(validation))
        collate_valid = _Collate(validation, settings.n_frames, None, settings.seed)
    return _Net(
        module,
        criterion=criterion,
        optimizer=_OPTIMIZERS[settings.optimizer],
        lr=settings.lr,
        optimizer__weight_decay=settings.weight_decay,
        max_epochs=settings.max_epochs,
        batch_size=settings.batch_size,
        iterator_train__shuffle=True,
        iterator_train__collate_fn=collate,
        iterator_valid__collate_fn=collate_valid,
        train_split=split,
        callbacks=callbacks,
        callbacks__print_log=None,
        device=str(device),
        verbose=0,
        mixed_precision=settings.mixed_precision,
    )


def _scheduler(settings: Settings, n_batches: int) -> LRScheduler:
    steps = settings.max_epochs * n_batches
    if settings.scheduler == "one_cycle":
        return LRScheduler(
            lr_scheduler.OneCycleLR,
            max_lr=settings.lr,
            total_steps=steps,
            step_every="batch",
        )
    if settings.scheduler == "cosine":
        return LRScheduler(
            lr_scheduler.CosineAnnealingLR, T_max=steps, step_every="batch"
        )
    return LRScheduler(lr_scheduler.ReduceLROnPlateau, monitor="valid_loss", patience=3)


def _augment(batch: dict, augment: Any, rng: np.random.Generator) -> None:
    """Change the valid frames of each sequence, in place of the array."""
    for name in [name for name in batch if f"{name}_lengths" in batch]:
        frames = batch[name].copy()
        for row, length in zip(frames, batch[f"{name}_lengths"], strict=True):
            row[:length] = augment(row[:length], rng)
        batch[name] = frames


def _to_tensors(
    batch: dict[str, np.ndarray], device: torch.device
) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array).to(device) for name, array in batch.items()}


def _autocast(device: torch.device, enabled: bool) -> torch.autocast:
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)


def _in_order(n_clips: int, batch_size: int) -> Iterator[np.ndarray]:
    for first in range(0, n_clips, batch_size):
        yield np.arange(first, min(first + batch_size, n_clips))


def _devices(device: torch.device) -> list[int]:
    """Return the GPUs whose generators the training draws from."""
    return [device.index or 0] if device.type == "cuda" else []
