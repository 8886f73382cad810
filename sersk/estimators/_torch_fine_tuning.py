"""Training of a pretrained encoder with its head; imported only when one is fitted.

A step is taken on `batch_size` clips, of which `micro_batch_size` are on the device at
a time. Every epoch has a seed of its own, so that one that follows an interruption is
the one that would have been.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from sersk.audio import AudioClips
from sersk.estimators._fine_tuning_batches import Batch, Reader, read_ahead
from sersk.estimators._torch_common import (
    Best,
    autocast,
    check_epoch,
    check_outputs,
    explained_memory,
    explained_overflow,
    generator_states,
    gpus_of,
    on_device,
    restore_generators,
    seeded,
)
from sersk.estimators._torch_memory import SMALLER, halve, run_part
from sersk.estimators._torch_objectives import Objective, backward
from sersk.utils import progress_bar


@dataclass(frozen=True)
class Recipe:
    """How an encoder is trained; see ``BaseFineTuned`` for what each means."""

    lr: float
    head_lr: float
    weight_decay: float
    max_epochs: int
    batch_size: int
    micro_batch_size: int
    scheduler: str | None
    warmup: float
    monitor: str
    patience: int
    precision: str
    seed: int

    @property
    def remedy(self) -> str:
        """What to do where training diverges."""
        rates = f"lr={self.lr} and head_lr={self.head_lr}"
        return f"{rates}. Pass lower ones" + _widen(self.precision)


@dataclass(frozen=True)
class Examples:
    """Some of the clips, how they are read, and what is to be learned of them."""

    clips: AudioClips
    indices: np.ndarray
    targets: np.ndarray
    reader: Reader


@dataclass
class Progress:
    """How far training has come; what is written and read to go on with it."""

    epoch: int = 0
    rows: list[dict[str, float]] = field(default_factory=list)
    best: Best = field(default_factory=Best)
    interrupted: bool = False

    def is_over(self, recipe: Recipe, *, validated: bool) -> bool:
        """Tell whether there is no further epoch to come."""
        stale = validated and self.best.is_stale(self.epoch, recipe.patience)
        return self.epoch >= recipe.max_epochs or (self.epoch > 0 and stale)

    @property
    def history(self) -> pd.DataFrame:
        """A row an epoch."""
        return pd.DataFrame(self.rows)


class Checkpointer(Protocol):
    """What writes training down, and finds it again."""

    def restore(
        self, net: nn.Module, optimizer: torch.optim.Optimizer, scaler: Any
    ) -> Progress:
        """Put net and optimizer where the last run left them, if there was one."""

    def keep_best(self, state: dict[str, Tensor], progress: Progress) -> None:
        """Write the best weights so far."""

    def keep_last(
        self,
        net: nn.Module,
        optimizer: torch.optim.Optimizer,
        scaler: Any,
        progress: Progress,
    ) -> None:
        """Write all that the next epoch starts from."""


def fine_tune(
    make_net: Callable[[], nn.Module],
    objective: Objective,
    score: Callable[[Tensor, np.ndarray], float],
    training: Examples,
    validation: Examples | None,
    recipe: Recipe,
    device: str,
    checkpointer: Checkpointer | None = None,
) -> tuple[nn.Module, Progress]:
    """Train a net, and return it as it was in its best epoch.

    Parameters
    ----------
    make_net : callable
        Makes the net; the head's weights are drawn with the recipe's seed.
    objective : Objective
        Loss of outputs and targets, over whole batches.
    score : callable
        From outputs and targets of all validation clips to a number; the greater, the
        better.
    training, validation : Examples
        Clips to learn from, and clips that say which epoch was the best; without the
        latter, the last is.
    recipe : Recipe
        How to train.
    device : str
        Where.
    checkpointer : Checkpointer or None, default=None
        What writes the training down.

    Returns
    -------
    net : torch.nn.Module
        On the CPU and in evaluation mode.
    progress : Progress
        How it went.
    """
    chosen = torch.device(device)
    with (
        seeded(recipe.seed, chosen),
        explained_overflow(recipe.remedy),
        explained_memory(chosen, "the net and its optimizer", SMALLER),
    ):
        trainer = _Trainer(make_net().to(chosen), objective, recipe, chosen)
        progress = Progress() if checkpointer is None else trainer.restore(checkpointer)
        try:
            trainer.run(progress, training, validation, score, checkpointer)
        except KeyboardInterrupt:
            progress.interrupted = True
    return progress.best.give_back(trainer.net), progress


class _Trainer:
    """A net on its device, its optimizer, and steps with them."""

    def __init__(
        self, net: nn.Module, objective: Objective, recipe: Recipe, device: torch.device
    ) -> None:
        self.net = net
        self.objective = objective
        self.recipe = recipe
        # It becomes smaller where the device has too little memory.
        self.micro_batch_size = recipe.micro_batch_size
        self.device = device
        self.optimizer = _make_optimizer(net, recipe)
        half = recipe.precision == "float16"
        self.scaler = torch.amp.GradScaler(device.type, enabled=half)

    def restore(self, checkpointer: Checkpointer) -> Progress:
        return checkpointer.restore(self.net, self.optimizer, self.scaler)

    def run(
        self,
        progress: Progress,
        training: Examples,
        validation: Examples | None,
        score: Callable[[Tensor, np.ndarray], float],
        checkpointer: Checkpointer | None,
    ) -> None:
        """Go through the epochs that are left."""
        validated = validation is not None
        with progress_bar(
            self.recipe.max_epochs, description="fine-tuning", unit="epoch"
        ) as bar:
            bar.update(progress.epoch)
            while not progress.is_over(self.recipe, validated=validated):
                row: dict[str, float] = {"epoch": progress.epoch + 1}
                row["train_loss"] = self.train_epoch(training, progress.epoch)
                if validation is not None:
                    row |= self.validate(validation, score)
                self.note(progress, row, checkpointer)
                bar.update(1)

    def train_epoch(self, examples: Examples, epoch: int) -> float:
        """Take the steps of an epoch, and return the mean loss of its clips."""
        recipe = self.recipe
        rng = np.random.default_rng([recipe.seed, epoch])
        seed = int(rng.integers(2**63 - 1))
        order = rng.permutation(len(examples.indices))
        batches = list(_cut(order, recipe.batch_size))
        read = read_ahead(
            examples.clips,
            examples.reader,
            [examples.indices[batch] for batch in batches],
            recipe.micro_batch_size,
        )
        total = 0.0
        self.net.train()
        with seeded(seed, self.device):
            for step, (batch, parts) in enumerate(zip(batches, read, strict=True)):
                self._set_rates(epoch * len(batches) + step, len(batches))
                total += self._step(parts, examples, batch) * len(batch)
        check_epoch(self.net, total / len(order), epoch + 1, recipe.remedy)
        return total / len(order)

    def validate(
        self, examples: Examples, score: Callable[[Tensor, np.ndarray], float]
    ) -> dict[str, float]:
        """Return loss and score of all validation clips at once."""
        outputs = run_net(
            self.net.eval(),
            examples.clips,
            examples.indices,
            examples.reader,
            self.recipe.micro_batch_size,
            self.recipe.precision,
            self.device,
        )
        loss = self.objective.loss(outputs, torch.from_numpy(examples.targets))
        return {
            "valid_loss": float(loss),
            "valid_score": score(outputs, examples.targets),
        }

    def note(
        self,
        progress: Progress,
        row: dict[str, float],
        checkpointer: Checkpointer | None,
    ) -> None:
        """Remember an epoch, and its weights if it is the best."""
        progress.epoch += 1
        progress.rows.append(row)
        better = True
        if "valid_score" in row:
            loss = self.recipe.monitor == "loss"
            value = -row["valid_loss"] if loss else row["valid_score"]
            better = progress.best.note(value, progress.epoch, self.net)
        if checkpointer is not None:
            if better:
                checkpointer.keep_best(self.net.state_dict(), progress)
            checkpointer.keep_last(self.net, self.optimizer, self.scaler, progress)

    def _step(
        self, parts: Sequence[Batch], examples: Examples, batch: np.ndarray
    ) -> float:
        """Take a step on a batch, in smaller parts where memory is short."""
        gpus = gpus_of(self.device)
        states = generator_states(gpus)
        while True:
            parts = [some for part in parts for some in part.cut(self.micro_batch_size)]
            self.optimizer.zero_grad(set_to_none=True)
            loss = self._backward(parts, examples.targets[batch])
            if loss is not None:
                break
            self.micro_batch_size = halve(parts, examples.reader, self.device)
            restore_generators(states, gpus)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return loss

    def _backward(self, parts: Sequence[Batch], targets: np.ndarray) -> float | None:
        """Return the loss of a batch, or None where memory is too short for it."""
        runs = []
        for part in parts:
            wanted = torch.from_numpy(targets[part.rows]).to(self.device)
            runs.append((partial(self._forward, part), wanted))
        gpus = gpus_of(self.device)
        try:
            return backward(self.objective, runs, self.scaler.scale, gpus)
        except torch.OutOfMemoryError:
            # Out of here, nothing holds what the attempt had in memory.
            return None

    def _forward(self, part: Batch) -> Tensor:
        return forward(self.net, part, self.recipe.precision, self.device)

    def _set_rates(self, step: int, steps_per_epoch: int) -> None:
        factor = rate_factor(self.recipe, step, steps_per_epoch)
        for group in self.optimizer.param_groups:
            group["lr"] = group["highest"] * factor


def predict(
    net: nn.Module,
    clips: AudioClips,
    reader: Reader,
    batch_size: int,
    precision: str,
    device: str,
    method: str = "forward",
) -> np.ndarray:
    """Return what a method of a net gives for clips, of shape (n_clips, ...)."""
    chosen = torch.device(device)
    with explained_memory(chosen, "the net", SMALLER):
        run = getattr(on_device(net, chosen), method)
        indices = np.arange(len(clips))
        outputs = run_net(run, clips, indices, reader, batch_size, precision, chosen)
    return outputs.numpy()


def run_net(
    net: Callable[[Tensor, Tensor], Tensor],
    clips: AudioClips,
    indices: np.ndarray,
    reader: Reader,
    batch_size: int,
    precision: str,
    device: torch.device,
) -> Tensor:
    """Return what a net, or a method of it, gives for clips, on the CPU."""
    batches = list(_cut(indices, batch_size))
    outputs = []

    def run(part: Batch) -> Tensor:
        return forward(net, part, precision, device).cpu()

    with torch.inference_mode():
        for (part,) in read_ahead(clips, reader, batches, batch_size):
            outputs.append(run_part(run, part, reader, device))
    joined = torch.cat(outputs)
    remedy = "Train again with a lower lr" + _widen(precision)
    check_outputs(joined.numpy(), indices, remedy)
    return joined


def _widen(precision: str) -> str:
    """Return the end of a remedy: half precision may be what is too narrow."""
    return ", or pass precision='bfloat16'." if precision == "float16" else "."


def forward(
    net: Callable[[Tensor, Tensor], Tensor],
    part: Batch,
    precision: str,
    device: torch.device,
) -> Tensor:
    """Return the outputs for a part of a batch, in single precision."""
    inputs = torch.from_numpy(part.inputs).to(device)
    lengths = torch.from_numpy(part.lengths).to(device)
    with autocast(device, precision):
        return net(inputs, lengths).float()


def _make_optimizer(net: Any, recipe: Recipe) -> torch.optim.Optimizer:
    """Return AdamW over what is trained, the encoder at its own rate."""
    inside = {id(parameter) for parameter in net.encoder.parameters()}
    trained = [parameter for parameter in net.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trained if id(p) in inside], "lr": recipe.lr},
        {"params": [p for p in trained if id(p) not in inside], "lr": recipe.head_lr},
    ]
    groups = [{**group, "highest": group["lr"]} for group in groups if group["params"]]
    return torch.optim.AdamW(groups, weight_decay=recipe.weight_decay)


def rate_factor(recipe: Recipe, step: int, steps_per_epoch: int) -> float:
    """Return what the learning rates are multiplied by in a step."""
    if recipe.scheduler is None:
        return 1.0
    total = recipe.max_epochs * steps_per_epoch
    warm = int(recipe.warmup * total)
    if step < warm:
        return step / warm
    return max(0.0, (total - step) / max(1, total - warm))


def _cut(indices: np.ndarray, size: int) -> Iterator[np.ndarray]:
    return (indices[first : first + size] for first in range(0, len(indices), size))
