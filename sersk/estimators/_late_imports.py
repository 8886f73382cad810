"""Modules that need torch, imported when a net is fitted or used."""

from importlib import import_module
from typing import Any

from sersk.utils import import_optional


def import_training() -> Any:
    """Return the module that trains nets, or say how to install what it needs."""
    return _import("sersk.estimators._torch_training", "skorch")


def import_fine_tuning() -> Any:
    """Return the module that trains encoders, or say how to install torch."""
    return _import("sersk.estimators._torch_fine_tuning")


def import_objectives() -> Any:
    """Return the module of losses, or say how to install torch."""
    return _import("sersk.estimators._torch_objectives")


def import_bundle() -> Any:
    """Return the module that writes training down, or say how to install its needs."""
    return _import("sersk.estimators._torch_bundle", "safetensors")


def _import(module: str, *libraries: str) -> Any:
    for library in ("torch", *libraries):
        import_optional(library, extra="torch")
    return import_module(module)
