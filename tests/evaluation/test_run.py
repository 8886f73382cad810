import tempfile
from pathlib import Path

import pytest
from joblib import parallel_config
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_info

import sersk
from sersk.cache import FeatureStore
from sersk.evaluation._plan import check_folds
from sersk.evaluation._run import extract_all, open_store, run_folds
from sersk.evaluation._task import check_task
from sersk.model_selection import LeaveOneSpeakerOut
from sersk.utils import EvaluationWarning
from tests.evaluation.probes import Broken, Constant, Overlapping, Threads


@pytest.fixture
def task(corpus):
    return check_task(corpus, None, set())


@pytest.fixture
def folds(task):
    return check_folds(LeaveOneSpeakerOut().split(task.clips), task, False)


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_store_that_is_asked_for_is_used_as_it_is(tmp_path):
    store = FeatureStore(tmp_path, max_bytes=10_000)
    with open_store(store) as opened:
        assert opened is store
    with open_store(str(tmp_path)) as opened:
        assert opened == FeatureStore(tmp_path)


@pytest.mark.parametrize("cache", [None, False])
def test_without_one_there_is_a_store_that_goes_away(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with open_store(cache) as store:
        assert Path(store.path).parent == tmp_path
        Path(store.path, "file").touch()
    assert _names(tmp_path) == []


def test_the_temporary_store_goes_away_after_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(KeyboardInterrupt), open_store(None):
        raise KeyboardInterrupt
    assert _names(tmp_path) == []


def test_the_settings_name_a_store_unless_there_is_to_be_none(tmp_path):
    with sersk.config_context(cache_dir=tmp_path / "store"):
        with open_store(None) as store:
            assert store.path == str(tmp_path / "store")
        with open_store(False) as store:
            assert store.path != str(tmp_path / "store")


def test_extraction_is_counted_and_timed(task, spy, tmp_path):
    system = make_pipeline(
        spy.set_params(cache=tmp_path / "store", seconds=0.01), DummyClassifier()
    )
    first = extract_all("mine", system, task, None)
    again = extract_all("mine", system, task, None)
    assert (first.n_extracted, again.n_extracted) == (12, 0)
    assert first.seconds >= 0.12
    assert len(spy.processes) == 12


def test_what_keeps_nothing_is_not_extracted_beforehand(task, spy):
    system = make_pipeline(spy.set_params(cache=False), DummyClassifier())
    assert extract_all("mine", system, task, None).n_extracted == 0
    assert spy.processes == []


def test_no_number_of_workers_leaves_what_the_caller_has_configured(
    task, spy, tmp_path
):
    spies = {}
    for n_jobs in (None, 1):
        folder = tmp_path / f"marks {n_jobs}"
        folder.mkdir()
        store = FeatureStore(tmp_path / f"store {n_jobs}")
        spies[n_jobs] = type(spy)(str(folder), cache=store, seconds=0.05)
        with parallel_config("loky", n_jobs=2):
            extract_all("mine", spies[n_jobs], task, n_jobs)
    assert len(set(spies[None].processes)) == 2
    assert len(set(spies[1].processes)) == 1


def test_results_come_in_the_order_of_systems_and_folds(task, folds):
    systems = {"b": Constant(), "a": Constant("angry")}
    results = run_folds(systems, task, folds, 2)
    assert [(result.pipeline, result.fold) for result in results] == [
        ("b", 0),
        ("b", 1),
        ("b", 2),
        ("a", 0),
        ("a", 1),
        ("a", 2),
    ]
    assert results[3].predicted.tolist() == ["angry"] * 4


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_error_says_of_which_system_and_fold_it_is(task, folds, n_jobs):
    systems = {"good": DummyClassifier(), "bad": Broken(speaker="bob")}
    with pytest.warns(EvaluationWarning, match="1 of 6 cells failed"):
        results = run_folds(systems, task, folds, n_jobs)
    (failed,) = [result for result in results if result.error]
    # The second fold tests bob.
    assert (failed.pipeline, failed.fold) == ("bad", 1)
    assert failed.error.startswith("ZeroDivisionError: one by nought (in fit, ")
    assert failed.cause.__notes__ == ["in fold 1 of pipeline 'bad'"]


@pytest.mark.parametrize("backend", ["sequential", "threading", "loky"])
def test_a_fold_has_one_thread(task, folds, tmp_path, backend):
    before = threadpool_info()
    with parallel_config(backend):
        run_folds({"watched": Threads(str(tmp_path))}, task, folds, 2)
    counts = [path.read_text() for path in tmp_path.iterdir()]
    assert counts == ["1", "1", "1"]
    assert threadpool_info() == before


def test_a_fold_that_ends_does_not_give_its_threads_to_others(task, folds, tmp_path):
    before = threadpool_info()
    # Which of the two is first is a matter of chance.
    for _ in range(5):
        with parallel_config("threading"):
            run_folds({"watched": Overlapping(str(tmp_path))}, task, folds[:2], 2)
        assert threadpool_info() == before
    counts = [path.read_text() for path in tmp_path.iterdir()]
    assert counts == ["1"] * 10


def test_systems_given_are_not_fitted(task, folds):
    system = DummyClassifier()
    run_folds({"mine": system}, task, folds, 1)
    assert not hasattr(system, "classes_")
