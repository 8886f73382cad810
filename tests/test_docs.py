"""What the documentation says is true: examples run, lists are complete."""

import ast
import doctest
import importlib
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

REPOSITORY = Path(__file__).parents[1]
DOCS = REPOSITORY / "docs"
# Pages that the build generates repeat docstrings, which run elsewhere.
PAGES = sorted([*DOCS.glob("*.rst"), *DOCS.glob("user_guide/*.rst")])
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def _python_blocks(markdown: str) -> list[str]:
    return re.findall(
        r"^```python\n(.*?)^```", markdown, flags=re.DOTALL | re.MULTILINE
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_in_the_pages_run(page, tmp_path, monkeypatch):
    # What a page writes, it writes into an empty folder.
    monkeypatch.chdir(tmp_path)
    failed, _ = doctest.testfile(str(page), module_relative=False, optionflags=OPTIONS)
    assert failed == 0


def test_some_pages_have_examples():
    assert sum(">>>" in page.read_text() for page in PAGES) >= 3


def _listed_in_api() -> list[object]:
    """Return the objects that the API page lists."""
    listed, package = [], ""
    for line in (DOCS / "api.rst").read_text().splitlines():
        if match := re.match(r"\.\. currentmodule:: (\S+)", line):
            package = match[1]
        elif match := re.match(r"   (\w+)$", line):
            listed.append(getattr(importlib.import_module(package), match[1]))
    return listed


def test_the_api_page_lists_every_public_name():
    listed = _listed_in_api()
    missing = []
    for path in sorted((REPOSITORY / "sersk").glob("**/__init__.py")):
        package = ".".join(path.parent.relative_to(REPOSITORY).parts)
        module = importlib.import_module(package)
        missing += [
            f"{package}.{name}"
            for name in module.__all__
            if name != "__version__"
            and not any(getattr(module, name) is item for item in listed)
        ]
    assert missing == []


def test_the_extractor_of_the_contributing_guide_works():
    (block,) = _python_blocks((REPOSITORY / "CONTRIBUTING.md").read_text())
    names: dict[str, Any] = {"__name__": "guide"}
    exec(block, names)
    extractor = names["LevelFunctionals"](hop_length=512)
    # An RMS of 0.5 in every frame but the two at the ends, which are half empty.
    constant = np.full(512 * 9, 0.5)
    level = np.array([0.5 * np.sqrt(0.5), *[0.5] * 8, 0.5 * np.sqrt(0.5)])
    np.testing.assert_allclose(
        extractor.fit_transform([constant, constant[:512]])[0],
        [level.mean(), level.std()],
        rtol=1e-6,
    )
    assert list(extractor.get_feature_names_out()) == ["rms_mean", "rms_std"]
    with pytest.raises(ValueError, match="hop_length"):
        extractor.set_params(hop_length=0).fit([constant])


def test_the_ten_lines_of_the_readme_run(emodb_root):
    pytest.importorskip("opensmile")
    pytest.importorskip("xgboost")
    (block,) = _python_blocks((REPOSITORY / "README.md").read_text())
    assert 'load_emodb("path/to/emodb")' in block
    block = block.replace('"path/to/emodb"', repr(str(emodb_root)))
    tree = ast.parse(block)
    # Without the last line, which evaluates every clip: benchmarks do that.
    *lines, last = tree.body
    assert ast.unparse(last).startswith("print(evaluate(pipelines, corpus")
    names: dict[str, Any] = {}
    exec(compile(ast.Module(lines, []), "README.md", "exec"), names)
    assert callable(names["evaluate"])
    for pipeline in names["pipelines"].values():
        few = names["corpus"].select(speaker=["03", "08"])
        pipeline.fit(few.clips[::10], few.target[::10])
