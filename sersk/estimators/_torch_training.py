"""Training of torch modules by skorch; imported only when a net is fitted or used.

Nothing here knows of scikit-learn's estimators: features, targets and settings go in,
a trained module and its history come out.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
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

from sersk.estimators._net_input import (
    Streams,
    count_clips,
    fix_frames,
    frame_counts,
    gather,
    pad_value,
)
from sersk.estimators._parameter_groups import ParameterGroup
from sersk.estimators._torch_common import (
    Best,
    autocast,
    check_epoch,
    check_outputs,
    diverged,
    explained_memory,
    explained_overflow,
    on_device,
    seeded,
)
from sersk.utils import find_device, progress_bar

_OPTIMIZERS = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": functools.partial(torch.optim.SGD, momentum=0.9),
}
_SMALLER = "Pass a lower batch_size, shorter clips, or device='cpu'."


@dataclass(frozen=True)
class Settings:
    """How a module is trained; see ``BaseNet`` for what each means."""

    lr: float
    # From a module to those of its parameters that are trained otherwise.
    groups: Callable[[nn.Module], Sequence[ParameterGroup]]
    weight_decay: float
    max_epochs: int
    batch_size: int
    optimizer: str
    scheduler: str | None
    patience: int
    device: str
    precision: str
    augment: Callable[..., np.ndarray] | None
    augmented: tuple[str, ...]
    n_frames: int | None
    seed: int

    @property
    def remedy(self) -> str:
        """What to do where training diverges."""
        return f"lr={self.lr}. Pass a lower one, or scale the features."


@dataclass(frozen=True)
class Examples(torch.utils.data.Dataset):
    """Some of the clips of streams, by their positions, and what is learned of them."""

    streams: Streams
    rows: np.ndarray
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Trained:
    """What training leaves: the module on the CPU, its history, and how it ended."""

    module: nn.Module
    history: pd.DataFrame
    best_epoch: int
    interrupted: bool


def train(
    make_module: Callable[[], nn.Module],
    n_outputs: int,
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
    n_outputs : int
        How many numbers the module gives for a clip.
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
    device = torch.device(find_device(settings.device))
    watch = _Watch(criterion, score, settings)
    with (
        seeded(settings.seed, device),
        explained_overflow(settings.remedy),
        explained_memory(device, "the net and a batch of clips", _SMALLER),
        progress_bar(
            settings.max_epochs, description="training", unit="epoch"
        ) as watch.bar,
    ):
        net = _make_net(
            make_module(), n_outputs, criterion, watch, training, validation, settings
        )
        net.fit(training, None)
    module = watch.best.give_back(net.module_).requires_grad_()
    history = pd.DataFrame(watch.rows, columns=watch.columns(validation is not None))
    return Trained(module, history, watch.best.epoch, watch.interrupted())


def predict(
    module: nn.Module,
    streams: Streams,
    *,
    n_frames: int | None,
    batch_size: int,
    device: str,
    precision: str,
    method: str = "forward",
) -> np.ndarray:
    """Return what a method of a module gives for clips, of shape (n_clips, ...)."""
    chosen = torch.device(find_device(device))
    # Clips of like lengths go together, so that little is padding.
    counts = [frame_counts(stream) for stream in streams.values()]
    order = np.lexsort(counts[::-1])
    outputs = []
    with (
        torch.inference_mode(),
        autocast(chosen, precision),
        explained_memory(chosen, f"{batch_size} clips at a time", _SMALLER),
    ):
        run = getattr(on_device(module, chosen), method)
        for first in range(0, count_clips(streams), batch_size):
            batch = gather(streams, order[first : first + batch_size])
            batch = fix_frames(batch, streams, n_frames)
            output = run(**_to_tensors(batch, chosen))
            outputs.append(output.float().cpu().numpy())
    return check_outputs(
        np.concatenate(outputs)[np.argsort(order)],
        np.arange(len(order)),
        "Scale the features as they were scaled in fit; or train again with a lower "
        "lr, if it is all of them.",
    )


class _Batches:
    """The batches of an epoch, with their features gathered when they are needed."""

    def __init__(
        self,
        examples: Examples,
        batch_size: int,
        *,
        settings: Settings,
        training: bool = False,
    ) -> None:
        self.examples = examples
        self.batch_size = batch_size
        self.settings = settings
        self.training = training
        self.rng = np.random.default_rng(settings.seed)

    def __iter__(self) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
        n_clips = len(self.examples)
        order = torch.randperm(n_clips).numpy() if self.training else np.arange(n_clips)
        for positions in _cut(order, self.batch_size):
            yield self._load(positions)

    def _load(self, positions: np.ndarray) -> tuple[dict[str, Tensor], Tensor]:
        streams = self.examples.streams
        batch = gather(streams, self.examples.rows[positions])
        augment = self.settings.augment
        if self.training and augment is not None:
            for name in self.settings.augmented:
                batch[name] = self._augment(augment, name, batch)
        batch = fix_frames(batch, streams, self.settings.n_frames)
        targets = torch.from_numpy(self.examples.targets[positions])
        return _to_tensors(batch, torch.device("cpu")), targets

    def _augment(
        self, augment: Callable[..., np.ndarray], name: str, batch: dict
    ) -> np.ndarray:
        floor = pad_value(self.examples.streams[name])
        return np.stack(
            [
                _check_augmented(
                    augment(frames, self.rng, length=length, pad_value=floor), frames
                )
                for frames, length in zip(
                    batch[name], batch[f"{name}_lengths"].tolist(), strict=True
                )
            ]
        )


def _check_augmented(changed: Any, frames: np.ndarray) -> np.ndarray:
    """Return what `augment` made of the frames of a clip, if it is frames."""
    array = np.asarray(changed)
    if array.shape != frames.shape or array.dtype.kind not in "biuf":
        raise ValueError(
            f"augment gave {array.dtype} of shape {array.shape} for frames of shape "
            f"{frames.shape}. It must return as many frames, padding among them."
        )
    if not np.isfinite(array).all():
        raise ValueError(
            "augment gave values that are not finite. It must return numbers."
        )
    return array.astype(np.float32, copy=False)


def _cut(order: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Return the batches; a last clip that is alone joins those before it.

    Nothing can be normalised, or correlated, over one clip.
    """
    edges = list(range(batch_size, len(order), batch_size))
    if edges and batch_size > 1 and len(order) - edges[-1] == 1:
        edges.pop()
    return np.split(order, edges)


class _Net(skorch.NeuralNet):
    """A skorch net whose forward pass is checked, and may run in half precision."""

    def __init__(
        self,
        *args: Any,
        n_outputs: int,
        precision: str = "float32",
        **kwargs: Any,
    ) -> None:
        self.n_outputs = n_outputs
        self.precision = precision
        super().__init__(*args, **kwargs)

    def infer(self, x: Any, **fit_params: Any) -> Tensor:
        with autocast(torch.device(self.device), self.precision):
            outputs = super().infer(x, **fit_params)
        return _check_width(outputs, self.n_outputs, self.module_).float()


def _check_width(outputs: Any, n_outputs: int, module: nn.Module) -> Tensor:
    """Return what a module gave for a batch, if that is a row of numbers a clip."""
    shape = tuple(getattr(outputs, "shape", ()))
    if len(shape) != 2 or shape[1] != n_outputs:
        got = (
            f"shape {shape}"
            if isinstance(outputs, Tensor)
            else f"a {type(outputs).__name__}"
        )
        raise ValueError(
            f"{type(module).__name__}.forward gave {got}, not (batch, {n_outputs}). It "
            "must return one tensor, with a row for each clip and a column for each of "
            "the n_outputs that _make_module was given."
        )
    return outputs


class _Watch(Callback):
    """Score every epoch on all validation clips, keep the best, and stop in time."""

    bar: Any = None

    def __init__(self, criterion: nn.Module, score: Callable, settings: Settings):
        self.criterion = criterion
        self.score = score
        self.settings = settings
        self.rows: list[dict[str, float]] = []
        self.best = Best()
        self.stopped = False

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
        epoch, loss = len(self.rows) + 1, net.history[-1, "train_loss"]
        check_epoch(net.module_, loss, epoch, self.settings.remedy)
        row = {"epoch": epoch, "train_loss": loss}
        if self.outputs:
            row |= self._validate()
            # What the scheduler "plateau" looks at.
            net.history.record("valid_loss", row["valid_loss"])
        self.rows.append(row)
        self.bar.set_postfix(row, refresh=False)
        self.bar.update(1)
        if self.outputs:
            self.best.note(row["valid_score"], epoch, net.module_)
            if self.best.is_stale(epoch, self.settings.patience):
                self.stopped = True
                raise KeyboardInterrupt  # as skorch's own callbacks end the training

    def columns(self, validated: bool) -> list[str]:
        """Return the names of the columns of the history."""
        scores = ["valid_loss", "valid_score"] if validated else []
        return ["epoch", "train_loss", *scores]

    def interrupted(self) -> bool:
        """Tell whether the user ended the training."""
        return not self.stopped and len(self.rows) < self.settings.max_epochs

    def _validate(self) -> dict[str, float]:
        outputs, targets = torch.cat(self.outputs), torch.cat(self.targets)
        if not outputs.isfinite().all():
            what = f"Outputs after epoch {len(self.rows) + 1} are not finite"
            raise diverged(what, self.settings.remedy)
        with torch.no_grad():
            loss = float(self.criterion.to(outputs.device)(outputs, targets))
        score = self.score(outputs.cpu(), targets.cpu().numpy())
        return {"valid_loss": loss, "valid_score": score}


class _Freeze(Callback):
    """Leave some of the parameters as they are for the first epochs."""

    def __init__(self, groups: dict[ParameterGroup, list[str]]) -> None:
        self.n_epochs = {
            name: group.frozen_epochs
            for group, names in groups.items()
            if group.frozen_epochs
            for name in names
        }

    def on_epoch_begin(self, net: Any, **kwargs: Any) -> None:
        parameters = dict(net.module_.named_parameters())
        for name, n_epochs in self.n_epochs.items():
            parameters[name].requires_grad_(len(net.history) > n_epochs)


def _members(
    module: nn.Module, groups: Sequence[ParameterGroup]
) -> dict[ParameterGroup, list[str]]:
    """Return the names of the parameters of each group, of those that have any."""
    found: dict[ParameterGroup, list[str]] = {group: [] for group in groups}
    for name, _ in module.named_parameters():
        for group in groups:
            if name.startswith(group.beginning):
                found[group].append(name)
                break
    return {group: names for group, names in found.items() if names}


def _rates(groups: Iterable[ParameterGroup], lr: float) -> list[tuple[str, dict]]:
    """Return the groups as skorch takes them; none where all learn at one rate."""
    rates = [
        (f"{group.beginning}*", {"lr": lr if group.lr is None else group.lr})
        for group in groups
    ]
    return rates if any(own["lr"] != lr for _, own in rates) else []


def _make_net(
    module: nn.Module,
    n_outputs: int,
    criterion: nn.Module,
    watch: _Watch,
    training: Examples,
    validation: Examples | None,
    settings: Settings,
) -> _Net:
    callbacks: list = [watch]
    groups = _members(module, settings.groups(module))
    rates = _rates(groups, settings.lr)
    n_steps = settings.max_epochs * len(_cut(training.rows, settings.batch_size))
    # A cycle of one step would be its end, where nothing is learned.
    if settings.scheduler is not None and (
        settings.scheduler != "one_cycle" or n_steps > 1
    ):
        callbacks.append(_scheduler(settings, n_steps, rates))
    callbacks.append(_Freeze(groups))
    split = None if validation is None else skorch.helper.predefined_split(validation)
    return _Net(
        module,
        criterion=criterion,
        optimizer=_OPTIMIZERS[settings.optimizer],
        lr=settings.lr,
        optimizer__weight_decay=settings.weight_decay,
        optimizer__param_groups=rates,
        max_epochs=settings.max_epochs,
        batch_size=settings.batch_size,
        iterator_train=functools.partial(_Batches, settings=settings, training=True),
        iterator_valid=functools.partial(_Batches, settings=settings),
        train_split=split,
        callbacks=callbacks,
        callbacks__print_log=None,
        callbacks__valid_loss=None,
        device=find_device(settings.device),
        verbose=0,
        n_outputs=n_outputs,
        precision=settings.precision,
    )


def _scheduler(settings: Settings, n_steps: int, rates: list) -> LRScheduler:
    if settings.scheduler == "one_cycle":
        return LRScheduler(
            lr_scheduler.OneCycleLR,
            max_lr=[*(own["lr"] for _, own in rates), settings.lr],
            total_steps=n_steps,
            step_every="batch",
        )
    if settings.scheduler == "cosine":
        return LRScheduler(
            lr_scheduler.CosineAnnealingLR, T_max=n_steps, step_every="batch"
        )
    return LRScheduler(lr_scheduler.ReduceLROnPlateau, monitor="valid_loss", patience=3)


def _to_tensors(
    batch: dict[str, np.ndarray], device: torch.device
) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array).to(device) for name, array in batch.items()}
