"""What the documentation says is true: examples run, lists are complete."""

import ast
import doctest
import importlib
import re
from pathlib import Path

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
    names: dict[str, object] = {}
    exec(compile(ast.Module(lines, []), "README.md", "exec"), names)
    assert callable(names["evaluate"])
    for pipeline in names["pipelines"].values():
        few = names["corpus"].select(speaker=["03", "08"])
        pipeline.fit(few.clips[::10], few.target[::10])
