"""Fitted pipelines in folders, saved and loaded without pickle."""

from sersk.persistence._model import Manifest, load, read_manifest, save
from sersk.persistence._prediction import predict_files

__all__ = ["Manifest", "load", "predict_files", "read_manifest", "save"]
