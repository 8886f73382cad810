"""Packages that cannot be imported, as those that were built for another torch."""

from pathlib import Path


def break_package(name: str, folder: Path, error: str) -> None:
    """Install into a folder what raises an error when it is imported."""
    package = folder / name
    package.mkdir()
    (package / "__init__.py").write_text(f"raise {error}('nms does not exist')")
    metadata = folder / f"{name}-0.28.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Name: {name}\nVersion: 0.28.0\n")
