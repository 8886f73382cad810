"""The benchmark of speed, on little: what it states beside times, which are chance."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("onnxruntime", reason="encoders are measured with ONNX")
pytest.importorskip("opensmile", reason="eGeMAPS is measured")
pytest.importorskip("skorch", reason="nets need torch and skorch")
pytest.importorskip("transformers", reason="encoders need torch and transformers")
pytest.importorskip("xgboost", reason="the benchmarks name its version")

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder of the tables; the process is its own, for it sets threads."""
    made = tmp_path_factory.mktemp("speed")
    command = [sys.executable, "-m", "benchmarks.speed", "--quick", "--output", made]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    return made


@pytest.fixture(scope="module")
def rows(folder):
    return pd.read_csv(folder / "speed.csv", index_col="figure", dtype=str)


def test_the_table_says_that_it_is_of_little(folder, rows):
    title, _, table, *_, note, _, made = _lines(folder)
    assert title.startswith("**Speed and memory: synthetic, 48 clips; one thread of")
    assert title.endswith("(QUICK: too little for times to mean anything)**")
    assert table == "| figure | ours | theirs | measured | asked | reached |"
    assert len([line for line in _lines(folder) if line.startswith("|")]) == 2 + len(
        rows
    )
    assert note.startswith("Both sides of a row were timed in turn in one run")
    assert "seed 0; 20" in made


def test_every_subject_is_measured(rows):
    subjects = {
        "functionals of clips in memory": 1,
        "functionals of 48 files": 2,
        "eGeMAPS": 2,
        "F0 by YIN": 1,
        "other descriptors": 1,
        "functionals of all 27 descriptors": 1,
        "normalising": 1,
        "grid, 2 folds x 3 candidates": 3,
        "import": 1,
        "memory over 100 clips": 1,
        "1 min in windows": 1,
        "1D CNN": 4,
        "2D CNN": 2,
        "mel CNN": 1,
        "CNN+LSTM": 2,
        "co-attention, 4 clips": 1,
        "speech embedding, tiny size": 5,
        "MSP-Podcast-sized table, 500 rows": 1,
    }
    counts = {name: int(rows.index.str.startswith(name).sum()) for name in subjects}
    assert counts == subjects
    assert sum(subjects.values()) == len(rows)
    assert set(rows["reached"]) <= {"True", "False"}
    assert (rows["asked"] != "").all()


def test_what_no_clock_measures_is_as_promised(rows):
    extractions = rows.loc[
        "grid, 2 folds x 3 candidates, cold store, extractions a clip"
    ]
    assert extractions[["ours", "reached"]].tolist() == ["1.00", "True"]
    (passes,) = rows[rows.index.str.contains("passes a clip")].to_dict("records")
    assert (passes["ours"], passes["reached"]) == ("1.0", "True")
    imported = rows.loc["import of an extractor, new process, s", "measured"]
    assert imported.endswith("heavy modules pulled: none")
    left = rows[rows.index.str.startswith("memory over")]["measured"].item()
    assert left.endswith("0 files left open")


@pytest.mark.parametrize(
    ("backend", "limit"), [("torch, float32", 1e-6), ("ONNX, float32", 1e-5)]
)
def test_encoders_give_the_numbers_of_transformers(rows, backend, limit):
    (measured,) = rows[rows.index.str.contains(backend)]["measured"]
    _, _, error = measured.partition("relative error ")
    assert float(error.partition(";")[0]) <= limit


def _lines(folder):
    return (folder / "speed.md").read_text(encoding="utf-8").splitlines()
