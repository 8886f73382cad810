"""What importing costs, and what many clips leave behind."""

import statistics
from collections.abc import Iterator
from functools import partial

from benchmarks.speed.measure import Figure, run_python, seconds

_HEAVY = ("torch", "librosa", "numba", "opensmile", "xgboost", "matplotlib")

_IMPORT_THEIRS = "import sklearn.pipeline, pandas"
_IMPORT_OURS = "from sersk.features import AcousticFunctionals"
_LIST_MODULES = f"""
import json, sys
{_IMPORT_OURS}
print(json.dumps({{"heavy": [m for m in {_HEAVY!r} if m in sys.modules]}}))
"""

# Of Linux alone: what the process holds now, not the most that it ever held.
_MEMORY_PROGRAM = """
import json, os, sys
from sersk import AudioClips
from sersk.features import AcousticFunctionals

def held():
    with open("/proc/self/statm") as statm:
        pages = int(statm.read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE"), len(os.listdir("/proc/self/fd"))

files = open(sys.argv[1]).read().splitlines()
n_clips = int(sys.argv[2])
many = AudioClips.from_files((files * (n_clips // len(files) + 1))[:n_clips])
extractor = AcousticFunctionals(cache=False)
extractor.transform(many[: n_clips // 10])
memory, opened = held()
result = extractor.transform(many)
memory_after, opened_after = held()
megabytes = (memory_after - memory - result.nbytes) / 1e6
print(json.dumps({"megabytes": megabytes, "files": opened_after - opened}))
"""


def footprint_figures(listing: str, *, quick: bool = False) -> Iterator[Figure]:
    """Measure an import, and what many clips leave in memory."""
    yield _import_time(1 if quick else 9)
    yield _memory(listing, 100 if quick else 10_000)


def _import_time(rounds: int) -> Figure:
    """Compare importing an extractor with importing what everybody imports."""
    pairs = [
        (
            seconds(partial(run_python, _IMPORT_OURS)),
            seconds(partial(run_python, _IMPORT_THEIRS)),
        )
        for _ in range(rounds)
    ]
    extra = statistics.median(ours - theirs for ours, theirs in pairs)
    heavy = run_python(_LIST_MODULES)["heavy"]
    return Figure(
        "import of an extractor, new process, s",
        f"{statistics.median(pair[0] for pair in pairs):.2f}",
        f"{statistics.median(pair[1] for pair in pairs):.2f} (sklearn, pandas)",
        f"{extra:+.2f} s; heavy modules pulled: {', '.join(heavy) or 'none'}",
        "at most +0.3 s; none",
        extra <= 0.3 and not heavy,
    )


def _memory(listing: str, n_clips: int) -> Figure:
    """Measure what clips from files leave in memory, beside their features."""
    left = run_python(_MEMORY_PROGRAM, listing, str(n_clips))
    return Figure(
        f"memory over {n_clips:,} clips from files, beside the result, MB",
        f"{left['megabytes']:.1f}",
        "",
        f"{left['megabytes']:.1f} MB; {left['files']} files left open",
        "less than 20 MB; none",
        left["megabytes"] < 20 and left["files"] == 0,
    )
