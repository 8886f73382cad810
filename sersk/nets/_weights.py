"""Weights that others published, from a local file into a trunk."""

import re
from os import PathLike
from pathlib import Path

import torch
from torch import Tensor, nn

from sersk.nets._spectrogram_trunk import TRUNKS
from sersk.nets._trunk import ImageTrunk

# How older files spell names -> how they are spelt now.
_OLD_NAMES = (
    (re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12]\.)"), r"\1\2"),
    (re.compile(r"\.mlp\.linear_1\."), ".mlp.0."),
    (re.compile(r"\.mlp\.linear_2\."), ".mlp.3."),
)
# How files begin that were meant to be something else.
_NO_WEIGHTS = (
    (
        b"version https://git-lfs",
        "a pointer of Git LFS, not the file. Run: git lfs pull",
    ),
    (b"<!doctype html", "a web page, not weights. Download the file itself"),
    (b"<html", "a web page, not weights. Download the file itself"),
)
_SHOWN = 3


def load_trunk_weights(trunk: ImageTrunk, path: str | PathLike[str]) -> list[str]:
    """Load weights published for torchvision into a trunk.

    Nothing is downloaded and nothing in the file is executed. The older spellings of
    DenseNet's and ViT's parameters are understood.

    Parameters
    ----------
    trunk : AlexNet, ResNet50, ResNeXt50, DenseNet201 or ViT
        Changed in place.
    path : path
        A file ``.safetensors``, or a state dict that torch saved (``.pth``).

    Returns
    -------
    kept : list of str
        Parameters that keep the values they had: the last layer, where the trunk has
        another number of outputs than the file. Empty for a trunk of as many outputs,
        or of none.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file holds no weights, is cut short, or its names or shapes are not those
        of the trunk. Nothing is loaded then.

    Examples
    --------
    >>> from tempfile import NamedTemporaryFile
    >>> import torch
    >>> from sersk.nets import AlexNet, load_trunk_weights
    >>> with NamedTemporaryFile(suffix=".pth") as file:
    ...     torch.save(AlexNet(n_outputs=None).state_dict(), file.name)
    ...     load_trunk_weights(AlexNet(n_outputs=None), file.name)
    []
    """
    if not isinstance(trunk, ImageTrunk):
        raise TypeError(
            f"trunk must be one of sersk's image trunks, got {type(trunk).__name__}. "
            "Pass that part of the net, such as net.trunk."
        )
    path = Path(path)
    found = {_new_name(name): value for name, value in _read(path).items()}
    wanted = trunk.state_dict()
    found, kept = _fit_head(trunk, found, wanted)
    _check_names(trunk, path, found, {*wanted} - kept)
    _check_shapes(trunk, path, found, wanted)
    trunk.load_state_dict(found, strict=False)
    return sorted(kept)


def _read(path: Path) -> dict[str, Tensor]:
    """Return the state dict in a file, whatever format it has."""
    with path.open("rb") as file:
        beginning = file.read(64).lstrip().lower()
    for start, meaning in _NO_WEIGHTS:
        if beginning.startswith(start):
            raise ValueError(f"{path} is {meaning}.")
    try:
        weights = _read_safetensors(path) if _is_safe(path) else _read_pth(path)
    except ImportError:
        raise
    # Each of the two libraries raises errors of several kinds for a damaged file.
    except Exception as error:
        raise ValueError(
            f"{path} cannot be read as weights: it is damaged, cut short, or holds "
            f"more than weights ({type(error).__name__}). Download it again."
        ) from error
    if not isinstance(weights, dict) or not all(
        isinstance(value, Tensor) for value in weights.values()
    ):
        raise ValueError(
            f"{path} holds no state dict, a mapping of names to tensors. Save "
            "net.state_dict()."
        )
    return weights


def _is_safe(path: Path) -> bool:
    return path.suffix == ".safetensors"


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        from safetensors.torch import load_file
    except ModuleNotFoundError as error:
        raise ImportError(
            'safetensors is not installed. Install it with: pip install "sersk[torch]"'
        ) from error
    return load_file(path)


def _read_pth(path: Path) -> dict[str, Tensor]:
    return torch.load(path, map_location="cpu", weights_only=True)


def _new_name(name: str) -> str:
    for pattern, replacement in _OLD_NAMES:
        name = pattern.sub(replacement, name)
    return name


def _fit_head(
    trunk: ImageTrunk, found: dict[str, Tensor], wanted: dict[str, Tensor]
) -> tuple[dict[str, Tensor], set[str]]:
    """Leave out what the file has of a head that the trunk lacks or has of its own."""
    if trunk.n_outputs is None:
        head = trunk.head_prefix
        return {k: v for k, v in found.items() if not k.startswith(head)}, set()
    last = {name for name in wanted if name.startswith(trunk.last_layer)}
    outputs = {len(found[name]) for name in last & {*found} if found[name].ndim}
    if not outputs or outputs == {trunk.n_outputs}:
        return found, set()
    return {k: v for k, v in found.items() if k not in last}, last


def _check_names(
    trunk: nn.Module, path: Path, found: dict[str, Tensor], wanted: set[str]
) -> None:
    missing = sorted(
        # Files from before 2018 do not count batches.
        name
        for name in wanted - {*found}
        if not name.endswith("num_batches_tracked")
    )
    unexpected = sorted({*found} - wanted)
    if missing or unexpected:
        raise ValueError(
            f"{path} does not fit {type(trunk).__name__}{_looks_like(trunk, found)}: "
            f"it lacks {_show(missing)}, and has besides {_show(unexpected)}."
        )


def _check_shapes(
    trunk: nn.Module, path: Path, found: dict[str, Tensor], wanted: dict[str, Tensor]
) -> None:
    wrong = [
        f"{name} is {tuple(value.shape)}, not {tuple(wanted[name].shape)}"
        for name, value in found.items()
        if value.shape != wanted[name].shape
    ]
    if wrong:
        raise ValueError(
            f"{path} does not fit {type(trunk).__name__}{_looks_like(trunk, found)}: "
            f"{_show(wrong)}."
        )


def _looks_like(trunk: nn.Module, found: dict[str, Tensor]) -> str:
    """Say which architecture a file is of, if it is another."""
    for kind in TRUNKS.values():
        name, shape = kind.mark
        if name in found and shape in {None, tuple(found[name].shape)}:
            own = kind is type(trunk)
            return "" if own else f" (it looks like weights of {kind.__name__})"
    return ""


def _show(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (", ".join(names[:_SHOWN]) or "nothing") + more
