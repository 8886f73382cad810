"""What the training of nets on frames and that of pretrained encoders do alike."""

import copy
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from sersk.utils import seeded_torch

_DTYPES = {"float16": torch.float16, "bfloat16": torch.bfloat16}


@dataclass
class Best:
    """The best epoch so far, 0 before there is one, and the weights that it left."""

    value: float = -np.inf
    epoch: int = 0
    state: dict[str, Tensor] | None = None

    def note(self, value: float, epoch: int, module: nn.Module) -> bool:
        """Tell whether an epoch is the best, and keep its weights if it is."""
        # Among equals the first: nothing was gained by training on.
        if value <= self.value:
            return False
        self.value, self.epoch = value, epoch
        self.state = copy.deepcopy(module.state_dict())
        return True

    def is_stale(self, epoch: int, patience: int) -> bool:
        """Tell whether so many epochs have passed without a better one."""
        return epoch - self.epoch >= patience

    def give_back(self, module: nn.Module) -> nn.Module:
        """Return a module as it was in this epoch, on the CPU, to be used."""
        if self.state is not None:
            module.load_state_dict(self.state)
        return module.to("cpu").eval()


def gpus_of(device: torch.device) -> list[int]:
    """Return the GPUs whose generators a module on the device draws from."""
    return [device.index or 0] if device.type == "cuda" else []


def seeded(seed: int, device: torch.device) -> AbstractContextManager[None]:
    """Seed what a module on a device draws from, and put it back afterwards."""
    return seeded_torch(seed, gpus_of(device))


def generator_states(devices: Sequence[int]) -> list[Tensor]:
    """Return the states of the generators of the processor and of some GPUs."""
    gpus = [torch.cuda.get_rng_state(device) for device in devices]
    return [torch.random.get_rng_state(), *gpus]


def restore_generators(states: Sequence[Tensor], devices: Sequence[int]) -> None:
    """Put generators back into states that they were in."""
    torch.random.set_rng_state(states[0])
    for device, state in zip(devices, states[1:], strict=True):
        torch.cuda.set_rng_state(state, device)


def on_device(module: nn.Module, device: torch.device) -> nn.Module:
    """Return a module of the CPU on a device; other threads may use it where it is."""
    return module if device.type == "cpu" else copy.deepcopy(module).to(device)


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """Let torch compute in a precision what it holds safe."""
    dtype = _DTYPES.get(precision)
    return torch.autocast(device.type, dtype=dtype, enabled=dtype is not None)


def check_epoch(module: nn.Module, loss: float, epoch: int, remedy: str) -> None:
    """Raise if an epoch has left no net; its last step may do it, too.

    The remedy begins with the learning rates, and says what to pass in their place.
    """
    sound = all(value.isfinite().all() for value in module.state_dict().values())
    if not (np.isfinite(loss) and sound):
        raise diverged(
            f"The loss of epoch {epoch} is {loss:g}, and weights are "
            f"{'' if sound else 'not '}finite",
            remedy,
        )


def check_outputs(outputs: np.ndarray, clips: np.ndarray, remedy: str) -> np.ndarray:
    """Return the outputs for clips, or raise where one has none.

    The largest of values that are no numbers would be that of the first class.
    """
    finite = np.isfinite(outputs).reshape(len(outputs), -1).all(axis=1)
    if not finite.all():
        raise ValueError(
            f"The net gives clip {clips[np.argmin(finite)]} values that are not "
            f"finite, {np.sum(~finite)} clips in all. {remedy}"
        )
    return outputs


def diverged(what: str, remedy: str) -> ValueError:
    """Return the error of a training that came to nothing."""
    return ValueError(f"{what}: training diverges with {remedy}")


@contextmanager
def explained_overflow(remedy: str) -> Iterator[None]:
    """Say what to do where a step is larger than any number in single precision."""
    try:
        yield
    except RuntimeError as error:
        if "without overflow" not in str(error):
            raise
        raise diverged("A step is larger than any weight can be", remedy) from error


@contextmanager
def explained_memory(device: torch.device, what: str, remedy: str) -> Iterator[None]:
    """Say what to do where a device has too little memory for something."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise out_of_memory(device, what, remedy) from error


def out_of_memory(device: torch.device, what: str, remedy: str) -> MemoryError:
    """Return the error of a device that has too little memory."""
    return MemoryError(
        f"The device {str(device)!r} has too little memory for {what}. {remedy}"
    )
