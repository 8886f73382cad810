import math

import pytest

from sersk.utils import MissingDependencyError, import_optional


def test_an_installed_module_is_returned():
    assert import_optional("math", extra="all") is math


def test_a_missing_module_names_the_command():
    with pytest.raises(MissingDependencyError) as caught:
        import_optional("no_such_module", extra="torch")
    assert str(caught.value) == (
        'no_such_module is not installed. Install it with: pip install "sersk[torch]"'
    )


def test_the_error_is_an_import_error_with_its_cause():
    with pytest.raises(ImportError, match="not installed") as caught:
        import_optional("no_such_module.part", extra="torch")
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


@pytest.mark.parametrize(
    ("source", "error"),
    [("import no_such_module", ModuleNotFoundError), ("1 / 0", ZeroDivisionError)],
)
def test_a_broken_module_raises_its_own_error(tmp_path, monkeypatch, source, error):
    name = f"broken_{error.__name__.lower()}"
    (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(error) as caught:
        import_optional(name, extra="torch")
    assert not isinstance(caught.value, MissingDependencyError)
