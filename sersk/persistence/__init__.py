"""Fitted pipelines in folders, saved and loaded without pickle."""

from sersk.persistence._model import Manifest, load, read_manifest, save

__all__ = ["Manifest", "load", "read_manifest", "save"]
