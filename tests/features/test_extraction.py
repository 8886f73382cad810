"""Many clips: workers that die, runs that are killed, backends, and what is left over.

Every extractor here leaves a mark for each clip that it is given, so that what was
computed, where and how often is counted and not believed.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import ClassVar

import numpy as np
import psutil
import pytest
import soundfile
import threadpoolctl
from joblib import parallel_config
from numpy.testing import assert_array_equal

from sersk import AudioClips, AudioError
from sersk.cache import FeatureStore
from sersk.features import AcousticFunctionals, EGeMAPS, count_extractions
from sersk.features._batches import BatchLimits
from sersk.features._extraction import (
    _CLIPS_AHEAD,
    Work,
    _beside_each_other,
    _compute_here,
)
from tests.features.probes import INTERRUPTS, KILLS, RAISES, Level

REPOSITORY = Path(__file__).parents[2]


def entries(extractor) -> int:
    return FeatureStore(extractor.cache).statistics()["entries"]


# Decoding ahead, and keeping behind.


def test_only_a_few_clips_are_decoded_ahead(write_clips):
    clips = AudioClips.from_files(write_clips(*np.linspace(0.1, 0.9, 20)))
    read = []

    class Reading(Work):
        def load(self, index):
            read.append(index)
            return super().load(index)

    outcomes = _compute_here(Reading(Level(), clips), range(20))
    seen = []
    for index, outcome in outcomes:
        assert outcome.value is not None
        seen.append(index)
        # One is worked on, and few wait; nothing is read twice.
        assert len(read) <= len(seen) + _CLIPS_AHEAD + 1
    assert seen == sorted(read) == list(range(20))


def test_copies_of_a_clip_are_computed_after_each_other():
    files = ["a.wav", "b.wav", "c.wav"] * 2
    clips = AudioClips.from_files(files, end=[None] * 5 + [0.05])
    assert _beside_each_other(clips, range(6)) == [0, 3, 1, 4, 2, 5]
    assert _beside_each_other(clips, [4, 0, 1, 5, 3]) == [4, 1, 0, 3, 5]
    in_memory = AudioClips.from_arrays([[0.0]] * 3, sampling_rate=16_000)
    assert _beside_each_other(in_memory, [0, 2]) == [0, 2]


def test_what_is_found_while_another_is_kept_comes_out_in_order(tmp_path, write_clips):
    files = write_clips(*np.linspace(0.1, 0.9, 20))
    kept = Level(cache=tmp_path / "store").fit_transform(files)
    assert_array_equal(kept, Level().fit_transform(files))
    assert entries(Level(cache=tmp_path / "store")) == 20


def test_a_run_that_is_given_up_leaves_no_thread(write_clips):
    clips = AudioClips.from_files(write_clips(*[0.5] * 9))
    before = threading.active_count()
    outcomes = _compute_here(Work(Level(), clips), range(9))
    next(outcomes)
    assert threading.active_count() > before
    outcomes.close()
    assert threading.active_count() == before


# One clip that fails.


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_clip_that_fails_costs_only_itself(n_jobs, fragile, write_clips):
    files = write_clips(*[0.0] * 9, RAISES, *[0.0] * 9)
    fragile.set_params(n_jobs=n_jobs)
    with pytest.raises(AudioError, match=r"Clip 9 .* ZeroDivisionError") as caught:
        fragile.transform(files)
    assert caught.value.indices == (9,)
    assert len(fragile.processes) == 19
    assert entries(fragile) == 18
    good = files[:9] + files[10:]
    assert_array_equal(fragile.transform(good), Level().transform(good))
    assert len(fragile.processes) == 19


# A worker that dies.


def test_a_clip_that_kills_its_worker_costs_only_itself(fragile, write_clips):
    files = write_clips(*[0.0] * 5, KILLS, *[0.0] * 14, KILLS, 0.0)
    fragile.set_params(n_jobs=2)
    with pytest.raises(AudioError) as caught:
        fragile.transform(files)
    assert caught.value.indices == (5, 20)
    assert str(caught.value).splitlines()[1:] == [
        f"Clip {index} ({str(files[index])!r}) kills the process that reads it. Drop "
        "the clip."
        for index in (5, 20)
    ]
    assert entries(fragile) == 20
    assert os.getpid() not in fragile.processes


def test_nothing_finished_is_computed_again_when_a_worker_dies(fragile, write_clips):
    # With 200 clips, two workers get tasks of 12: this is the last of its task.
    firsts = [0.0] * 200
    firsts[107] = KILLS
    files = write_clips(*firsts)
    fragile.set_params(n_jobs=2)
    with pytest.raises(AudioError, match="kills the process") as caught:
        fragile.transform(files)
    assert caught.value.indices == (107,)
    assert entries(fragile) == 199
    # Twice the one that kills, and at most one that was under way beside it.
    assert len(fragile.processes) <= 200 + 2


# Runs that are cut short.

RUN = """
import sys
from pathlib import Path
from typing import ClassVar
from tests.features.probes import Spy
folder, store, n_jobs = sys.argv[1:]
files = sorted(Path(folder).parent.glob("*.wav"))
Spy(folder, seconds=0.1, cache=store, n_jobs=int(n_jobs)).transform(files)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
@pytest.mark.parametrize(
    ("number", "n_jobs"),
    [(signal.SIGKILL, 1), (signal.SIGINT, 2)],
    ids=["killed", "interrupted"],
)
def test_a_run_that_is_cut_short_goes_on_where_it_was(number, n_jobs, spy, write_clips):
    files = write_clips(*[0.0] * 24)
    arguments = [spy.folder, spy.cache, str(n_jobs)]
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments],
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: len(spy.processes) > 6)
    run.send_signal(number)
    _, errors = run.communicate(timeout=30)
    assert run.returncode != 0
    if number == signal.SIGINT:
        # joblib's tracker of resources is a process of its own, and may speak later.
        assert "KeyboardInterrupt" in errors.splitlines()
    wait_for(lambda: not any(map(psutil.pid_exists, spy.processes)))
    kept, begun = entries(spy), len(spy.processes)
    assert 6 <= kept < 24
    assert begun - kept <= n_jobs
    assert_array_equal(spy.transform(files), Level().transform(files))
    assert len(spy.processes) == begun + 24 - kept


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "nothing happens"
        time.sleep(0.02)


def test_an_interruption_is_not_a_failure_of_the_clip(fragile, write_clips):
    files = write_clips(0.0, 0.0, INTERRUPTS, 0.0)
    with pytest.raises(KeyboardInterrupt):
        fragile.transform(files)
    assert entries(fragile) == 2


# Workers of all kinds.


@pytest.fixture
def clips():
    generator = np.random.default_rng(3)
    waveforms = [generator.normal(scale=0.1, size=n) for n in range(2_000, 4_000, 200)]
    return AudioClips.from_arrays(waveforms, sampling_rate=16_000)


@pytest.fixture
def expected(clips):
    return AcousticFunctionals().transform(clips)


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_backends_agree_to_the_bit(backend, clips, expected):
    with parallel_config(backend):
        features = AcousticFunctionals(n_jobs=2).transform(clips)
    assert_array_equal(features, expected)


def test_a_dask_cluster_agrees_to_the_bit(clips, expected, spy, write_clips):
    distributed = pytest.importorskip("distributed", reason="needs Dask")
    pytest.importorskip("opensmile", reason="needs openSMILE")
    files = write_clips(*[0.0] * 4)
    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(processes=True, **settings) as cluster,
        distributed.Client(cluster),
        parallel_config("dask"),
    ):
        features = AcousticFunctionals().transform(clips)
        levels = spy.transform(files)
        smile = EGeMAPS().transform(clips[:2])
    assert_array_equal(features, expected)
    assert_array_equal(levels, Level().transform(files))
    assert_array_equal(smile, EGeMAPS().transform(clips[:2]))
    assert len(spy.processes) == 4
    assert os.getpid() not in spy.processes
    assert entries(spy) == 4


def test_parallel_config_decides_where_n_jobs_does_not(spy, write_clips):
    files = write_clips(*[0.0] * 4)
    with parallel_config(n_jobs=2):
        spy.transform(files)
    assert os.getpid() not in spy.processes


def test_the_parameter_overrules_parallel_config(spy, write_clips):
    with parallel_config(n_jobs=2):
        spy.set_params(n_jobs=1).transform(write_clips(0.0, 0.0))
    assert set(spy.processes) == {os.getpid()}


def test_no_worker_is_started_for_one_clip(spy, write_clips):
    spy.set_params(n_jobs=2).transform(write_clips(0.0))
    assert spy.processes == [os.getpid()]


def test_both_workers_get_work(spy, write_clips):
    spy.set_params(n_jobs=2, seconds=0.02).transform(write_clips(*[0.0] * 40))
    shares = Counter(spy.processes)
    assert len(shares) == 2
    assert min(shares.values()) > 4


class Pools(Level):
    """Return the number of threads that linear algebra may use."""

    def _extract(self, waveform):
        found = threadpoolctl.threadpool_info()
        threads = [pool["num_threads"] for pool in found if pool["user_api"] == "blas"]
        return np.array([max(threads), 0.0])


@pytest.mark.parametrize(
    ("backend", "options"),
    [("sequential", {}), ("loky", {"inner_max_num_threads": 2}), ("threading", {})],
)
def test_linear_algebra_has_one_thread_and_gets_its_own_back(backend, options, clips):
    with threadpoolctl.threadpool_limits(limits=2):
        before = threadpoolctl.threadpool_info()
        with parallel_config(backend, **options):
            features = Pools(n_jobs=2).transform(clips)
        after = threadpoolctl.threadpool_info()
    assert_array_equal(features[:, 0], 1.0)
    assert after == before


# What is counted, and what is left over.


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_extractions_are_counted(n_jobs, fragile, write_clips):
    files = write_clips(0.0, RAISES, 0.0, 0.0)
    fragile.set_params(n_jobs=n_jobs)
    before = count_extractions()
    with pytest.raises(AudioError):
        fragile.transform(files)
    assert count_extractions() - before == 3
    fragile.transform(files[2:])
    assert count_extractions() - before == 3


def test_a_thousand_files_leave_nothing_behind(write_clips):
    files = write_clips(*[0.0] * 20)
    extractor = AcousticFunctionals(descriptors=("rms",))
    extractor.transform(files * 5)
    process = psutil.Process()
    n_files, memory = process.num_fds(), process.memory_info().rss
    extractor.transform(files * 50)
    assert process.num_fds() == n_files
    assert process.memory_info().rss - memory < 20e6


# In batches.


class Batched(Level):
    """Say how many clips came at once, and refuse batches with a loud clip."""

    def batching(self):
        return BatchLimits(3, 1_500)

    def begin_many(self, waveforms):
        if len(waveforms) > 1 and max(map(np.max, waveforms)) > 0.9:
            raise RuntimeError("one of them is too loud")
        return lambda: [np.array([len(waveforms), wave.max()]) for wave in waveforms]

    def _extract(self, waveform):
        if waveform.max() > 0.9:
            raise AudioError("is too loud.")
        return np.array([1.0, waveform.max()])


def test_clips_of_similar_lengths_are_computed_at_once():
    lengths = [100, 700, 110, 720, 120, 2_000, 105]
    values = Batched(cache=False).transform([np.full(n, 0.5) for n in lengths])
    # By length: one of 2000, then 720 and 700, then 120, 110 and 105, and 100.
    assert values[:, 0].tolist() == [1, 2, 3, 2, 3, 1, 3]


def test_a_batch_that_fails_costs_only_the_clip_that_is_wrong(tmp_path):
    store = FeatureStore(tmp_path)
    clips = [np.full(100, level) for level in (0.25, 0.5, 1.0, 0.75)]
    with pytest.raises(AudioError, match="Clip 2 is too loud"):
        Batched(cache=store).transform(clips)
    assert store.statistics()["writes"] == 3


class Begun(Batched):
    """Say what was begun and what was finished, and fail where a clip is loud."""

    log: ClassVar[list[str]] = []

    def begin_many(self, waveforms):
        name = str(len(waveforms[0]))
        self.log.append(f"begin {name}")

        def finish():
            self.log.append(f"finish {name}")
            return super(Begun, self).begin_many(waveforms)()

        return finish


def test_a_batch_is_begun_before_another_is_waited_for():
    Begun.log.clear()
    clips = [np.full(n, 0.5) for n in (2_000, 1_900, 1_800)]
    assert Begun(cache=False).transform(clips).shape == (3, 2)
    assert Begun.log == [
        "begin 2000",
        "begin 1900",
        "finish 2000",
        "begin 1800",
        "finish 1900",
        "finish 1800",
    ]


def test_a_batch_that_fails_when_it_is_waited_for_costs_only_one_clip(tmp_path):
    store = FeatureStore(tmp_path)
    clips = [np.full(100, level) for level in (0.25, 0.5, 1.0, 0.75)]
    with pytest.raises(AudioError, match="Clip 2 is too loud"):
        Begun(cache=store).transform(clips)
    assert store.statistics()["writes"] == 3


def test_batches_are_computed_in_this_process(wav_files, tmp_path):
    before = count_extractions()
    values = Batched(cache=tmp_path, n_jobs=2).transform([*wav_files, *wav_files])
    assert count_extractions() - before == 6
    assert_array_equal(values[:3, 1], values[3:, 1])


def test_names_of_files_need_not_be_text(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.wav"
    with open(path, "wb") as file:
        soundfile.write(file, np.full(4_000, 0.25), 16_000, format="WAV")
    clips = AudioClips.from_files([os.fsdecode(path)] * 2)
    features = AcousticFunctionals(("rms",)).transform(clips)
    assert_array_equal(features[0], features[1])
