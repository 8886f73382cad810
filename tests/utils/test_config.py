import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import sersk


def test_the_defaults_write_nothing_and_show_progress():
    assert sersk.get_config() == {"cache_dir": None, "progress": True}


def test_set_config_changes_only_what_it_names(tmp_path):
    sersk.set_config(cache_dir=tmp_path)
    sersk.set_config(progress=False)
    assert sersk.get_config() == {"cache_dir": str(tmp_path), "progress": False}


def test_get_config_returns_a_copy():
    sersk.get_config()["progress"] = False
    assert sersk.get_config()["progress"] is True


def test_the_environment_names_the_store(monkeypatch):
    monkeypatch.setenv("SERSK_CACHE", "/from/environment")
    assert sersk.get_config()["cache_dir"] == "/from/environment"


def test_an_empty_variable_counts_as_unset(monkeypatch):
    monkeypatch.setenv("SERSK_CACHE", "")
    assert sersk.get_config()["cache_dir"] is None


def test_set_config_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("SERSK_CACHE", "/from/environment")
    sersk.set_config(cache_dir="/from/code")
    assert sersk.get_config()["cache_dir"] == "/from/code"


def test_none_switches_the_store_off_although_the_environment_named_one(monkeypatch):
    monkeypatch.setenv("SERSK_CACHE", "/from/environment")
    sersk.set_config(cache_dir=None)
    assert sersk.get_config()["cache_dir"] is None


def test_a_worker_process_inherits_the_store():
    sersk.set_config(cache_dir="/shared/store")
    code = "import sersk; print(sersk.get_config()['cache_dir'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(sersk.__file__).parents[1],
    )
    assert done.stdout.strip() == "/shared/store"


def test_config_context_holds_inside_the_block_only():
    sersk.set_config(cache_dir="/outside")
    with sersk.config_context(cache_dir="/inside"):
        assert sersk.get_config()["cache_dir"] == "/inside"
    assert sersk.get_config()["cache_dir"] == "/outside"


def _fail_inside_a_context():
    with sersk.config_context(cache_dir="/inside"):
        raise KeyError


def test_config_context_restores_after_an_error():
    with pytest.raises(KeyError):
        _fail_inside_a_context()
    assert sersk.get_config()["cache_dir"] is None


def test_config_context_leaves_the_environment_alone():
    with sersk.config_context(cache_dir="/inside"):
        assert "SERSK_CACHE" not in os.environ


def test_a_context_without_a_store_leaves_it_to_the_environment(monkeypatch):
    monkeypatch.setenv("SERSK_CACHE", "/from/environment")
    with sersk.config_context(cache_dir=None):
        assert sersk.get_config()["cache_dir"] == "/from/environment"


def test_contexts_nest():
    with sersk.config_context(progress=False):
        with sersk.config_context(progress=True):
            assert sersk.get_config()["progress"] is True
        assert sersk.get_config()["progress"] is False


def _config_in_new_thread() -> dict:
    found = {}
    thread = threading.Thread(target=lambda: found.update(sersk.get_config()))
    thread.start()
    thread.join()
    return found


def test_a_context_is_not_seen_by_other_threads():
    with sersk.config_context(progress=False):
        assert _config_in_new_thread()["progress"] is True


def test_new_threads_start_with_what_set_config_set():
    sersk.set_config(progress=False)
    assert _config_in_new_thread()["progress"] is False


def test_progress_is_checked():
    with pytest.raises(TypeError, match=r"progress must be .*always.*, got 1\."):
        sersk.set_config(progress=1)


def test_a_context_refuses_what_set_config_refuses():
    context = sersk.config_context(progress=1)
    with pytest.raises(TypeError, match="progress must be True or False"):
        context.__enter__()


def test_cache_dir_must_be_a_path():
    with pytest.raises(TypeError, match="int"):
        sersk.set_config(cache_dir=3)


def test_a_refused_change_changes_nothing():
    with pytest.raises(TypeError):
        sersk.set_config(cache_dir="/new", progress="yes")
    assert sersk.get_config() == {"cache_dir": None, "progress": True}
