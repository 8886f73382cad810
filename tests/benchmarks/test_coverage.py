"""The benchmark of coverage, on as little as it takes, and what it draws."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("opensmile", reason="the benchmarks name its version")
pytest.importorskip("xgboost", reason="the benchmarks name its version")

from benchmarks.coverage import main
from benchmarks.simulation import SETTINGS, draw_corpus, true_accuracy
from sersk.metrics import unweighted_accuracy

REPOSITORY = Path(__file__).parents[2]
LITTLE = ["--corpora", "2", "--speech-corpora", "1", "--population", "44"]


def test_the_table_is_printed_and_written(tmp_path, capsys):
    assert main([*LITTLE, "--output", str(tmp_path / "new")]) == 0
    table = (tmp_path / "new" / "coverage.md").read_text(encoding="utf-8")
    assert table in capsys.readouterr().out
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 4 * 5
    assert rows[2][:3] == ["| middling system", "4", "0.574"]
    assert {row[-1] for row in rows[2:]} == {"2 |", "1 |"}
    assert "speakers are drawn from 44" in table


def test_it_is_run_by_its_name():
    command = [sys.executable, "-m", "benchmarks.coverage", "--help"]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert result.returncode == 0
    assert "--speech-corpora" in result.stdout


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_both_systems_are_as_good_as_said(setting):
    generator = np.random.default_rng(0)
    y_true, predictions, speaker = draw_corpus(setting, 2000, generator)
    assert (np.ptp(np.bincount(speaker)) == 0) == setting.is_balanced
    for y_pred in predictions.values():
        score = unweighted_accuracy(y_true, y_pred)
        assert score == pytest.approx(true_accuracy(setting), abs=0.02)


def test_without_skill_and_spread_all_guess():
    setting = replace(SETTINGS[0], skill=0.0, spread=0.0)
    assert true_accuracy(setting, 10) == pytest.approx(1 / 4)
