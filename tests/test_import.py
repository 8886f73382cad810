"""What importing sersk costs, and what works where only its core is installed."""

import subprocess
import sys
import textwrap
from importlib import metadata
from pathlib import Path

import pytest

import sersk

REPOSITORY = Path(sersk.__file__).parents[1]
HEAVY = (
    "librosa",
    "matplotlib",
    "numba",
    "opensmile",
    "skorch",
    "soundfile",
    "soxr",
    "torch",
    "transformers",
    "xgboost",
)
OPTIONAL = (
    "matplotlib",
    "opensmile",
    "polars",
    "safetensors",
    "skorch",
    "torch",
    "transformers",
    "xgboost",
)


def _run(code: str) -> str:
    """Run code in a new process, with warnings as errors, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _run_without(missing: tuple[str, ...], code: str) -> str:
    """Run code where some modules cannot be found, as if not installed."""
    hide = f"""
    import sys
    from importlib.abc import MetaPathFinder

    class Hidden(MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in {missing!r}:
                raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

    sys.meta_path.insert(0, Hidden())
    """
    return _run(textwrap.dedent(hide) + textwrap.dedent(code))


@pytest.mark.parametrize(
    "statement",
    [
        "import sersk",
        "from sersk.features import AcousticFunctionals",
        "from sersk.evaluation import evaluate",
        "from sersk.datasets import load_emodb, make_emotional_speech",
    ],
)
def test_importing_pulls_nothing_heavy(statement):
    found = _run(f"""
    {statement}
    import sys
    print([name for name in {HEAVY!r} if name in sys.modules])
    """)
    assert found.strip() == "[]"


def test_the_check_for_heavy_modules_can_find_one():
    found = _run(f"""
    import sersk, soundfile, sys
    print([name for name in {HEAVY!r} if name in sys.modules])
    """)
    assert found.strip() == "['soundfile']"


def test_every_module_imports_without_the_extras():
    imported = _run_without(
        OPTIONAL,
        """
        import importlib, pkgutil, sersk
        names = [
            module.name
            for module in pkgutil.walk_packages(sersk.__path__, "sersk.")
            # Torch modules are of no use without torch.
            if not (module.name + ".").startswith("sersk.nets.")
            and "._torch_" not in module.name
        ]
        for name in names:
            importlib.import_module(name)
        print(len(names))
        """,
    )
    assert int(imported) > 20


def test_extraction_works_without_the_extras():
    shape = _run_without(
        OPTIONAL,
        """
        import numpy as np
        from sersk.features import AcousticFunctionals
        waveforms = [np.sin(np.arange(8_000) / k) for k in (3, 5)]
        print(AcousticFunctionals().fit_transform(waveforms).shape[0])
        """,
    )
    assert shape.strip() == "2"


def test_a_missing_extra_is_named_with_the_command():
    message = _run_without(
        OPTIONAL,
        """
        import numpy as np
        from sersk.features import EGeMAPS
        from sersk.utils import MissingDependencyError
        try:
            EGeMAPS().fit_transform([np.zeros(16_000)])
        except MissingDependencyError as error:
            print(error)
        """,
    )
    assert message.strip() == (
        'opensmile is not installed. Install it with: pip install "sersk[opensmile]"'
    )


def test_nets_name_the_extra_that_they_need():
    message = _run_without(
        ("torch",),
        """
        try:
            import sersk.nets
        except ImportError as error:
            print(error)
        """,
    )
    assert message.strip() == (
        'torch is not installed. Install it with: pip install "sersk[torch]"'
    )


def test_importing_writes_nothing(tmp_path):
    _run(f"""
    import os
    os.environ["HOME"] = {str(tmp_path)!r}
    os.environ.pop("XDG_CACHE_HOME", None)
    import sersk.features, sersk.evaluation, sersk.datasets
    """)
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_that_of_the_installation():
    try:
        installed = metadata.version("sersk")
    except metadata.PackageNotFoundError:
        pytest.skip("sersk is imported from its folder, not installed")
    assert sersk.__version__ == installed


def test_the_package_says_that_it_is_typed():
    assert (Path(sersk.__file__).parent / "py.typed").is_file()
