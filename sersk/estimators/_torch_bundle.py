"""A folder that holds a fine-tuned encoder, and what training needs to go on.

``bundle.json`` says all but the weights: classes, scale of degrees, how waveforms are
normalised or texts cut, the encoder's configuration, parameters and versions. It names
the file of the best weights, with its digest. ``training.safetensors`` is what the next
epoch starts from. Each is written under another name and then renamed, so that an
interruption leaves the files of one epoch or of the next.
"""

import json
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from sersk.estimators._torch_common import Best
from sersk.estimators._torch_fine_tuning import Progress
from sersk.utils import EvaluationWarning, installed_versions, sha256, warn_user

FORMAT = 1
_BUNDLE = "bundle.json"
_TRAINING = "training.safetensors"
# What is read of a bundle before anything else.
_TEXTS = ("fingerprint", "sha256", "weights")


class Folder:
    """Keep a training in a folder, and go on with the one that is there.

    Parameters
    ----------
    path : Path
        The folder; it is made.
    description : dict
        What the bundle says, as JSON can hold it; its ``fingerprint`` differs whenever
        the training would.
    resume : bool
        Whether to go on with what is there, rather than to begin again.
    free : collection of str
        Names of the parameters on which the training does not depend.

    Raises
    ------
    ValueError
        If the folder holds the training of something else, or damaged files.
    """

    def __init__(
        self,
        path: Path,
        description: dict[str, Any],
        *,
        resume: bool,
        free: Collection[str],
    ):
        self.path = path
        self.description = description
        self.resume = resume
        known = read_bundle(path) if (path / _BUNDLE).exists() else None
        if known is None and (path / "config.json").exists():
            raise ValueError(
                f"checkpoint={str(path)!r} is the folder of a pretrained encoder. Pass "
                "one of its own for what is trained."
            )
        if known and known["fingerprint"] != description["fingerprint"]:
            raise ValueError(
                f"checkpoint={str(path)!r} holds an encoder that was trained on other "
                f"clips, or with other parameters{_changes(known, description, free)}. "
                "Pass another folder, or delete it; in a cross-validation every fit is "
                "another, so pass None."
            )
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(
                f"checkpoint={str(path)!r} cannot be made a folder: {error.strerror}. "
                "Pass another path."
            ) from error

    def restore(
        self, net: nn.Module, optimizer: torch.optim.Optimizer, scaler: Any
    ) -> Progress:
        """Put net and optimizer where the last epoch that was finished left them."""
        path = self.path / _TRAINING
        if not path.exists():
            return Progress()
        if not self.resume:
            # What is damaged is overwritten, too.
            with suppress(ValueError):
                self._warn_of_unfinished(path)
            return Progress()
        tensors, written = _read_tensors(path)
        best = Best(written["best"], written["best_epoch"])
        progress = Progress(written["epoch"], written["rows"], best)
        net.load_state_dict(_with_prefix(tensors, "net."))
        _load_optimizer(optimizer, _with_prefix(tensors, "optimizer."))
        scaler.load_state_dict(written["scaler"])
        if best.epoch:
            best.state = read_weights(self.path, read_bundle(self.path))
        return progress

    def _warn_of_unfinished(self, path: Path) -> None:
        """Say that epochs are overwritten from which training could go on."""
        with _open(path) as file:
            written = _read_written(file)
        epoch, parameters = written["epoch"], self.description["parameters"]
        best = Best(written["best"], written["best_epoch"])
        stopped = parameters["early_stopping"] and best.is_stale(
            epoch, parameters["patience"]
        )
        if epoch < parameters["max_epochs"] and not stopped:
            warn_user(
                f"checkpoint={str(self.path)!r} holds {epoch} of "
                f"{parameters['max_epochs']} epochs of this training, which begins "
                "again and overwrites them. Pass resume=True to go on with them.",
                EvaluationWarning,
            )

    def keep_best(self, state: dict[str, Tensor], progress: Progress) -> None:
        """Write the bundle with these weights."""
        before = set(self.path.glob("weights-*.safetensors"))
        name = f"weights-{progress.epoch:04d}.safetensors"
        path = self.path / name
        _write_tensors(path, state, {})
        bundle = {
            **self.description,
            "format": FORMAT,
            "versions": installed_versions(),
            "epoch": progress.epoch,
            "history": progress.rows,
            "weights": name,
            "sha256": _digest(path),
        }
        text = json.dumps(bundle, indent=1, sort_keys=True)
        _replace(self.path / _BUNDLE, text.encode())
        for other in before - {path}:
            other.unlink()

    def keep_last(
        self,
        net: nn.Module,
        optimizer: torch.optim.Optimizer,
        scaler: Any,
        progress: Progress,
    ) -> None:
        """Write all that the next epoch starts from, in one file."""
        tensors = {f"net.{name}": value for name, value in net.state_dict().items()}
        tensors |= _optimizer_tensors(optimizer)
        written = {
            "epoch": progress.epoch,
            "rows": progress.rows,
            "best": progress.best.value,
            "best_epoch": progress.best.epoch,
            "scaler": scaler.state_dict(),
            "seed": self.description["seed"],
        }
        _write_tensors(self.path / _TRAINING, tensors, written)


def digest_of(module: nn.Module) -> str:
    """Digest the weights of a module, with their names."""
    parts: list[Any] = []
    for name, value in sorted(module.state_dict().items()):
        parts += [name, np.ascontiguousarray(value.numpy()).data]
    return sha256(*parts)


def read_seed(folder: Path) -> int | None:
    """Return the seed of the training that a folder holds, if it holds one."""
    path = folder / _TRAINING
    if not path.exists():
        return None
    with _open(path) as file:
        return _read_written(file)["seed"]


def _changes(
    known: dict[str, Any], description: dict[str, Any], free: Collection[str]
) -> str:
    """Return in brackets which parameters were others, if any is known to be."""
    before = known.get("parameters")
    if not isinstance(before, dict):
        return ""
    changed = [
        f"{name}={before[name]!r}, now {value!r}"
        for name, value in description["parameters"].items()
        if name not in free and name in before and before[name] != value
    ]
    return f" ({'; '.join(changed)})" if changed else ""


def read_bundle(folder: Path) -> dict[str, Any]:
    """Return what a bundle says, or raise where it is none."""
    path = folder / _BUNDLE
    try:
        bundle = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ValueError(
            f"{folder} holds no {_BUNDLE}. Pass the folder that was the checkpoint of "
            "a fine-tuned encoder, such as SpeechEncoderClassifier."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged: {error}. Train again.") from error
    if not isinstance(bundle, dict) or bundle.get("format") != FORMAT:
        raise ValueError(
            f"{path} has another format than this version of sersk reads, {FORMAT}. "
            "Load it with the version that wrote it."
        )
    odd = [name for name in _TEXTS if not isinstance(bundle.get(name), str)]
    if odd:
        raise ValueError(f"{path} is damaged: it lacks {', '.join(odd)}. Train again.")
    return bundle


def read_weights(folder: Path, bundle: dict[str, Any]) -> dict[str, Tensor]:
    """Return the weights that a bundle names, or raise where they are others."""
    # A name with separators would lead out of the folder.
    path = folder / Path(bundle["weights"]).name
    if not path.is_file():
        raise ValueError(f"{folder} lacks {path.name}, the weights. Copy it there.")
    # An empty file cannot be mapped.
    if not path.stat().st_size or _digest(path) != bundle["sha256"]:
        raise ValueError(
            f"{path} is not the file that {_BUNDLE} describes: it was changed, or not "
            "copied to its end. Copy the folder again."
        )
    return load_file(path)


def _optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    return {
        f"optimizer.{number}.{name}": value
        for number, state in optimizer.state_dict()["state"].items()
        for name, value in state.items()
    }


def _load_optimizer(
    optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]
) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        number, _, name = key.partition(".")
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _with_prefix(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }


def _write_tensors(
    path: Path, tensors: dict[str, Tensor], written: dict[str, Any]
) -> None:
    temporary = path.with_suffix(".partial")
    kept = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    save_file(kept, temporary, metadata={"written": json.dumps(written)})
    os.replace(temporary, path)


def _read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    with _open(path) as file:
        names = list(file.keys())
        return {name: file.get_tensor(name) for name in names}, _read_written(file)


def _read_written(file: Any) -> dict[str, Any]:
    return json.loads(file.metadata()["written"])


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    """Open the state of a training, and explain what is wrong with it."""
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} is damaged ({error}). Pass resume=False to begin again."
        ) from error


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(".partial")
    temporary.write_bytes(data)
    os.replace(temporary, path)


def _digest(path: Path) -> str:
    return sha256(np.memmap(path, mode="r").data)
