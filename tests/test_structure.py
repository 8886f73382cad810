"""What holds for every module of sersk, read from the syntax trees.

A module need not be importable to be checked, so that no check is lost where an
optional dependency is missing.
"""

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import sersk

ROOT = Path(sersk.__file__).parent
REPOSITORY = ROOT.parent
MODULES = sorted(ROOT.rglob("*.py"))
TESTS = sorted(Path(__file__).parent.rglob("*.py"))

# An import may only point to a group further up, or into its own package.
LAYERS = [
    {"utils"},
    {"audio"},
    {"descriptors", "cache", "datasets"},
    {
        "features",
        "preprocessing",
        "augmentation",
        "model_selection",
        "metrics",
        "nets",
    },
    {"estimators"},
    {"evaluation"},
    {"persistence", "plotting"},
]
RANK = {package: rank for rank, layer in enumerate(LAYERS) for package in layer}

# Slow to import or not always installed: imported inside the function that needs it.
HEAVY = {
    "librosa",
    "matplotlib",
    "numba",
    "opensmile",
    "pooch",
    "requests",
    "safetensors",
    "scipy.signal",
    "sklearn.feature_selection",
    "skorch",
    "soundfile",
    "soxr",
    "threadpoolctl",
    "torch",
    "transformers",
    "xgboost",
}

# What modules beside the nets, which are imported with torch, may import as well.
WITH_TORCH = {"safetensors", "skorch", "torch"}

# What unpickles, or runs what it reads.
FORBIDDEN_MODULES = {"cloudpickle", "dill", "marshal", "pickle", "shelve", "yaml"}
FORBIDDEN_CALLS = {
    "eval",
    "exec",
    "joblib.load",
    "os.system",
    "pandas.read_pickle",
    "pd.read_pickle",
}

MAX_MODULE_LINES = 500
MAX_FUNCTION_LINES = 80


def _name(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def _package(path: Path) -> str:
    """Return the package under sersk that a module is part of; '' for sersk itself."""
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else ""


def _tree(source: str) -> ast.Module:
    return ast.parse(source)


def _imported(node: ast.AST) -> list[str]:
    """Return the dotted names that an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports inside sersk are absolute"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        yield from _imported(node)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _imports_on_import(node: ast.AST) -> Iterator[str]:
    """Return what is imported when the module is, leaving out function bodies."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if _is_type_checking(child):
            continue
        yield from _imported(child)
        yield from _imports_on_import(child)


def _wrong_way(package: str, tree: ast.AST) -> list[str]:
    """Return the imports that point to the package's own layer or to a higher one."""
    wrong = []
    for name in _imports(tree):
        first, _, rest = name.partition(".")
        target = rest.partition(".")[0]
        if first != "sersk" or target == package:
            continue
        if target not in RANK or RANK[target] >= RANK[package]:
            wrong.append(name)
    return wrong


def _other_packages_private(package: str, tree: ast.AST) -> list[str]:
    """Return the imports of private names of another package."""
    return [
        name
        for name in _imports(tree)
        if (parts := name.split("."))[0] == "sersk"
        and len(parts) > 2
        and parts[1] != package
        and any(part.startswith("_") for part in parts[2:])
        and parts[1] != "_version"
        and not name.startswith("sersk.utils._sklearn.")
    ]


def _heavy(tree: ast.AST) -> list[str]:
    return [
        name
        for name in _imports_on_import(tree)
        if any(name == heavy or name.startswith(f"{heavy}.") for heavy in HEAVY)
    ]


def _keyword(call: ast.Call, name: str) -> str | None:
    values = [ast.unparse(item.value) for item in call.keywords if item.arg == name]
    return values[0] if values else None


def _runs_what_it_reads(call: ast.Call) -> bool:
    function = ast.unparse(call.func)
    if function in FORBIDDEN_CALLS:
        return True
    if function in {"np.load", "numpy.load"}:
        # Unless said otherwise, numpy refuses; a value not known here might not.
        return _keyword(call, "allow_pickle") not in {None, "False"}
    if function == "torch.load":
        return _keyword(call, "weights_only") not in {None, "True"}
    return _keyword(call, "trust_remote_code") not in {None, "False"}


def _dangers(tree: ast.AST) -> list[str]:
    calls = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _runs_what_it_reads(node)
    ]
    modules = [
        name for name in _imports(tree) if name.partition(".")[0] in FORBIDDEN_MODULES
    ]
    return [*calls, *modules]


def _private_sklearn(tree: ast.AST) -> list[str]:
    return [
        name
        for name in _imports(tree)
        if name.startswith("sklearn.")
        and any(part.startswith("_") for part in name.split("."))
    ]


def _long_functions(tree: ast.AST) -> list[str]:
    """Return functions whose body without its docstring is too long."""
    long = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        body = node.body[1:] if ast.get_docstring(node) else node.body
        if body and body[-1].end_lineno - body[0].lineno + 1 > MAX_FUNCTION_LINES:
            long.append(node.name)
    return long


def _excuses_without_reason(path: Path) -> list[str]:
    """Return the comments that silence a tool and do not say why."""
    with path.open("rb") as file:
        comments = [
            token.string
            for token in tokenize.tokenize(file.readline)
            if token.type == tokenize.COMMENT
        ]
    excuse = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:)\S*(\s[A-Z]+\d+\b,?)*(.*)")
    return [
        comment
        for comment in comments
        if (match := excuse.match(comment)) and len(match[3].split()) < 3
    ]


@pytest.fixture(params=MODULES, ids=_name, scope="module")
def module(request) -> Path:
    return request.param


@pytest.fixture(scope="module")
def tree(module) -> ast.Module:
    return _tree(module.read_text())


def test_imports_point_to_lower_layers_only(module, tree):
    package = _package(module)
    if package:
        assert _wrong_way(package, tree) == []


def test_other_packages_are_used_by_their_public_names(module, tree):
    assert _other_packages_private(_package(module), tree) == []


def test_nets_import_nothing_else_of_the_library(module, tree):
    if _package(module) == "nets":
        names = (name for name in _imports(tree) if name.startswith("sersk"))
        assert [name for name in names if not name.startswith("sersk.nets.")] == []


def _needs_torch(path: Path) -> bool:
    return _package(path) == "nets" or path.name.startswith("_torch_")


def test_modules_that_need_torch_are_imported_where_they_are_used(module, tree):
    if not _needs_torch(module):
        parts = [name.split(".") for name in _imports_on_import(tree)]
        assert not any(part.startswith("_torch_") for name in parts for part in name)
        assert not any(name[:2] == ["sersk", "nets"] for name in parts)


def test_heavy_modules_are_imported_where_they_are_used(module, tree):
    heavy = _heavy(tree)
    if _needs_torch(module):
        own = {"torch"} if _package(module) == "nets" else WITH_TORCH
        heavy = [name for name in heavy if name.partition(".")[0] not in own]
    assert heavy == []


def test_nothing_that_is_read_is_executed(tree):
    assert _dangers(tree) == []


def test_private_parts_of_sklearn_are_imported_in_one_place(module, tree):
    if module != ROOT / "utils" / "_sklearn.py":
        assert _private_sklearn(tree) == []


def test_modules_are_short(module):
    lines = module.read_text().count("\n")
    assert lines <= MAX_MODULE_LINES


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_modules_of_tests_are_short(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_MODULE_LINES


def test_functions_are_short(tree):
    assert _long_functions(tree) == []


def test_every_module_says_what_it_is(tree):
    assert ast.get_docstring(tree)


def test_a_silenced_tool_is_silenced_for_a_reason(module):
    assert _excuses_without_reason(module) == []


def test_every_package_has_its_place_in_the_layers():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages <= set(RANK)


# The checks themselves: each must find what it is there to find.


@pytest.mark.parametrize(
    "source",
    [
        "from sersk.features import EGeMAPS",
        "import sersk.evaluation",
        "from sersk.cache import FeatureStore",
        "from sersk import AudioClips",
        "import sersk",
        "def f():\n    from sersk.estimators import Net",
    ],
)
def test_a_wrong_import_is_found(source):
    assert _wrong_way("datasets", _tree(source))


@pytest.mark.parametrize(
    "source",
    [
        "from sersk.utils import sha256",
        "from sersk.audio import AudioClips",
        "from sersk.datasets._tree import walk",
        "import numpy",
    ],
)
def test_a_right_import_is_left_alone(source):
    assert _wrong_way("datasets", _tree(source)) == []


def test_a_private_import_is_found():
    tree = _tree("from sersk.audio._clips import AudioClips")
    assert _other_packages_private("features", tree) == [
        "sersk.audio._clips.AudioClips"
    ]
    assert _other_packages_private("audio", tree) == []


@pytest.mark.parametrize(
    "source",
    [
        "import librosa",
        "from scipy import signal",
        "from scipy.signal import stft",
        "try:\n    import torch\nexcept ImportError:\n    torch = None",
        "class A:\n    import soxr",
    ],
)
def test_a_heavy_import_is_found(source):
    assert _heavy(_tree(source))


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    import librosa",
        "if TYPE_CHECKING:\n    import torch",
        "import scipy.fft",
        "from sersk.utils import import_optional",
    ],
)
def test_a_light_import_is_left_alone(source):
    assert _heavy(_tree(source)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import load",
        "def f():\n    import yaml",
        "eval(text)",
        "exec(text)",
        "joblib.load(path)",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=trusted)",
        "torch.load(path, weights_only=False)",
        "Model.from_pretrained(name, trust_remote_code=True)",
    ],
)
def test_a_danger_is_found(source):
    assert _dangers(_tree(source))


@pytest.mark.parametrize(
    "source",
    [
        "np.load(path)",
        "np.load(path, allow_pickle=False)",
        "model.eval()",
        "json.load(f)",
    ],
)
def test_a_safe_call_is_left_alone(source):
    assert _dangers(_tree(source)) == []


def test_a_long_function_is_found():
    body = "\n".join(["    x = 1"] * (MAX_FUNCTION_LINES + 1))
    assert _long_functions(_tree(f"def f():\n{body}")) == ["f"]


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("# noqa", True),
        ("# noqa: N803, E501", True),
        ("# type: ignore[arg-type]", True),
        ("# noqa: N803 -- scikit-learn's own spelling", False),
        ("# type: ignore[arg-type]  # the stubs are wrong", False),
        ("# not an excuse", False),
    ],
)
def test_an_excuse_without_reason_is_found(tmp_path, comment, found):
    path = tmp_path / "module.py"
    path.write_text(f"x = 1  {comment}\n")
    assert bool(_excuses_without_reason(path)) is found
