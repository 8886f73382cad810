import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

pytest.importorskip("opensmile", reason="the benchmarks need openSMILE")
pytest.importorskip("skorch", reason="nets need torch and skorch")
pytest.importorskip("xgboost", reason="the benchmarks need XGBoost")

from benchmarks.nets import main, systems
from benchmarks.reports._all import load_table
from benchmarks.reports._experiment import Settings

REPORTS = (
    "report_001_mel_cnn",
    "report_003_cnn1d",
    "report_003_cnn2d",
    "report_003_crnn",
)


def _net(pipeline):
    """Return what makes a net another one than its neighbour in the table."""
    net = pipeline.steps[-1][1]
    return type(net), net.get_params().get("n_layers"), getattr(net, "attention", None)


@pytest.mark.parametrize("report", REPORTS)
def test_every_net_of_the_reports_is_compared(report, tmp_path):
    compared = {
        _net(system)
        for system in systems(1, "encoder").values()
        if isinstance(system, Pipeline)
    }
    experiments = load_table(report).experiments
    settings = Settings(quick=False, folder=tmp_path)
    assert {_net(one.make(settings)) for one in experiments} <= compared


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


def test_finished_folds_are_found_again(tmp_path, capsys):
    arguments = ["--systems", "co-attention", "--co-attention-epochs", "1"]
    arguments += ["--folds", "2", "--n-jobs", "1", "--resume", str(tmp_path)]
    assert main(arguments) == 0
    finished = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.json")}
    assert len(finished) == 4
    assert main(arguments) == 0
    again = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.json")}
    assert again == finished


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--folds", "1", "'1' is no whole number of at least 2"),
        ("--epochs", "-1", "'-1' is no whole number of at least 1"),
        ("--members", "two", "'two' is no whole number of at least 2"),
        ("--output", __file__, "cannot be written to: File exists"),
    ],
)
def test_options_are_looked_at_before_anything_is_run(option, value, message, capsys):
    with pytest.raises(SystemExit) as ended:
        main([option, value])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"argument {option}" in said
    assert message in said
