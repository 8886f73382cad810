"""What holds for the docstrings of all public names."""

import importlib
import inspect
from pathlib import Path
from types import FunctionType

import pytest
from numpydoc.validate import validate

import sersk

ROOT = Path(sersk.__file__).parent
REPOSITORY = ROOT.parent

# Made by their class methods; what the constructor takes is nobody's business.
NOT_CALLED = {"AudioClips", "FrameSequences"}

# numpydoc's names for: no docstring; no summary, or one without a full stop, with
# spaces before it, or whose verb is not in the imperative; parameters that are missing
# from the docstring or from the signature, in another order or without text.
DOCSTRING_CHECKS = {
    "GL08",
    "PR01",
    "PR02",
    "PR03",
    "PR07",
    "SS01",
    "SS03",
    "SS04",
    "SS05",
    "YD01",
}


def _public_names() -> list[str]:
    """Return the dotted names that the packages' ``__all__`` give."""
    packages = [ROOT, *(path.parent for path in sorted(ROOT.glob("*/__init__.py")))]
    names = []
    for package in packages:
        dotted = ".".join(package.relative_to(REPOSITORY).parts)
        public = importlib.import_module(dotted).__all__
        names += [f"{dotted}.{name}" for name in public if not name.startswith("__")]
    return names


def _find(name: str) -> object:
    package, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(package), attribute)


PUBLIC = _public_names()
DOCUMENTED = [name for name in PUBLIC if callable(_find(name))]
EXCEPTIONS = [
    name
    for name in DOCUMENTED
    if inspect.isclass(_find(name)) and issubclass(_find(name), Exception)
]
SHOWN = [
    name
    for name in DOCUMENTED
    if name not in EXCEPTIONS and not type(_find(name)).__module__.startswith("sklearn")
]
METHODS = [
    f"{name}.{attribute}"
    for name in SHOWN
    if inspect.isclass(_find(name))
    for attribute, value in vars(_find(name)).items()
    if not attribute.startswith("_")
    and isinstance(value, FunctionType | classmethod | staticmethod | property)
]


def _problems(name: str, checks: set[str]) -> list[str]:
    return [text for code, text in validate(name)["errors"] if code in checks]


def test_there_are_public_names():
    assert "sersk.audio.AudioClips" in SHOWN
    assert "sersk.audio.AudioClips.from_files" in METHODS
    assert "sersk.audio.AudioClips.speaker" in METHODS


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_exceptions_are_described(name):
    assert _problems(name, {"GL08", "SS03"}) == []


@pytest.mark.parametrize("name", SHOWN)
def test_public_names_are_documented(name):
    uncalled = name.rpartition(".")[2] in NOT_CALLED
    checks = DOCSTRING_CHECKS - ({"PR01"} if uncalled else set())
    assert _problems(name, checks) == []


@pytest.mark.parametrize("name", SHOWN)
def test_public_names_have_an_example(name):
    assert _problems(name, {"EX01"}) == []


@pytest.mark.parametrize("name", METHODS)
def test_public_methods_are_documented(name):
    assert _problems(name, DOCSTRING_CHECKS) == []


@pytest.mark.parametrize("name", SHOWN)
def test_public_names_live_in_private_modules(name):
    module = _find(name).__module__
    assert module.startswith("sersk.")
    assert module.rpartition(".")[2].startswith("_")
