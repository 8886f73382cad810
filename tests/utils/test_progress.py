import io
from contextlib import redirect_stderr

import pytest

import sersk
from sersk.utils import _progress, progress_bar


class Terminal(io.StringIO):
    """Text that is kept, by something that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def long_work(monkeypatch):
    """Let any work count as long."""
    monkeypatch.setattr(_progress, "_SECONDS_BEFORE_A_BAR", 0.0)


def _drawn(stream: io.StringIO) -> str:
    """Work with this stream for stderr and return what was drawn on it."""
    with (
        redirect_stderr(stream),
        progress_bar(2, description="extracting", unit="file") as bar,
    ):
        bar.update(2)
    return stream.getvalue()


@pytest.mark.usefixtures("long_work")
def test_long_work_draws_on_a_terminal():
    drawn = _drawn(Terminal())
    assert "extracting" in drawn
    assert "file/s" in drawn


@pytest.mark.usefixtures("long_work")
def test_nothing_is_drawn_off_a_terminal():
    assert _drawn(io.StringIO()) == ""


@pytest.mark.usefixtures("long_work")
def test_a_notebook_or_a_log_is_drawn_on_if_asked():
    with sersk.config_context(progress="always"):
        assert "extracting" in _drawn(io.StringIO())


def test_short_work_leaves_nothing_visible_on_a_terminal():
    assert _drawn(Terminal()).strip() == ""


@pytest.mark.usefixtures("long_work")
def test_the_setting_silences_a_terminal():
    with sersk.config_context(progress=False):
        assert _drawn(Terminal()) == ""


@pytest.mark.usefixtures("long_work")
def test_the_bar_leaves_nothing_behind():
    assert _drawn(Terminal()).endswith("\r")
