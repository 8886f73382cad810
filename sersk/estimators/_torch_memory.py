"""What is done where a device has too little memory for a net that is fine-tuned."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from sersk.estimators._fine_tuning_batches import Batch, Reader
from sersk.estimators._torch_common import out_of_memory
from sersk.utils import EvaluationWarning, in_halves, warn_user

# What to do about it.
SMALLER = (
    "Pass shorter clips or a smaller model, fewer trained_layers, "
    "precision='bfloat16', or device='cpu'."
)


def halve(parts: Sequence[Batch], reader: Reader, device: torch.device) -> int:
    """Return how many clips to try at a time, when these were too many.

    Parameters
    ----------
    parts : sequence of Batch
        What was tried.
    reader : Reader
        What made them.
    device : torch.device
        Where.

    Returns
    -------
    micro_batch_size : int
        At most half of the largest part.

    Raises
    ------
    MemoryError
        If each part is one clip.

    Warns
    -----
    EvaluationWarning
        That less is tried.
    """
    tried = max(len(part.rows) for part in parts)
    if tried == 1:
        longest = max(int(part.lengths.max()) for part in parts)
        raise out_of_memory(device, f"{reader.describe(longest)}, even alone", SMALLER)
    warn_user(
        f"The device {str(device)!r} has too little memory for {tried} clips at a "
        f"time. Training goes on with {tried // 2}, in batches as large as before: "
        "losses and gradients stay what they are. "
        f"micro_batch_size={tried // 2} saves the attempt.",
        EvaluationWarning,
    )
    return tried // 2


def run_part(
    run: Callable[[Batch], Tensor], part: Batch, reader: Reader, device: torch.device
) -> Tensor:
    """Return what a net gives for a batch, at once or half by half.

    Parameters
    ----------
    run : callable
        From a batch to its outputs, on the CPU.
    part : Batch
        Clips.
    reader : Reader
        What made it.
    device : torch.device
        Where.

    Returns
    -------
    outputs : Tensor
        In the order in which the clips were asked for.

    Raises
    ------
    MemoryError
        If one clip is too much.
    """

    def run_some(rows: Sequence[int]) -> list[Tensor]:
        return list(run(part.take(rows[0], rows[-1] + 1)))

    rows = range(len(part.rows))
    try:
        outputs = in_halves(run_some, rows, torch.OutOfMemoryError)
    except torch.OutOfMemoryError as error:
        longest = reader.describe(int(part.lengths.max()))
        raise out_of_memory(device, f"{longest}, even alone", SMALLER) from error
    return torch.stack(outputs)[np.argsort(part.rows)]
