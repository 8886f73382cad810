import pandas as pd
import pytest

pytest.importorskip("opensmile", reason="the benchmarks need openSMILE")
pytest.importorskip("skorch", reason="nets need torch and skorch")
pytest.importorskip("xgboost", reason="the benchmarks need XGBoost")

from benchmarks.nets import main, systems


def test_every_net_of_the_reports_is_compared():
    assert list(systems(1, "encoder")) == [
        "mean and std + LR",
        "eGeMAPS + XGBoost",
        "mel CNN",
        "1D CNN, 3 layers",
        "1D CNN, 5 layers",
        "1D CNN, 8 layers",
        "2D CNN, 2 layers",
        "2D CNN, 6 layers",
        "CNN + LSTM",
        "CNN + LSTM + attention",
        "vote of 3 1D CNNs, 5 layers",
        "co-attention",
    ]


@pytest.mark.parametrize(("epochs", "stops"), [(10, False), (30, True)])
def test_long_training_is_stopped_by_speakers(epochs, stops):
    made = systems(epochs, "encoder")
    for name in ("1D CNN, 5 layers", "2D CNN, 6 layers", "CNN + LSTM", "co-attention"):
        net = made[name].steps[-1][1]
        assert net.max_epochs == epochs
        assert net.early_stopping is stops


def test_some_systems_are_compared_and_written(tmp_path, capsys):
    chosen = ["mean and std + LR", "1D CNN, 5 layers"]
    arguments = ["--systems", *chosen, "--epochs", "1", "--folds", "2", "--n-jobs", "1"]
    assert main([*arguments, "--output", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "| mean and std + LR | 1D CNN, 5 layers |" in printed
    assert "Nets were trained for 1 passes over their clips at most." in printed
    text = (tmp_path / "synthetic_nets.md").read_text(encoding="utf-8")
    assert text in printed
    assert len(pd.read_csv(tmp_path / "synthetic_nets_folds.csv")) == 4
