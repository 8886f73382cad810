import pandas as pd
import pytest

pytest.importorskip("matplotlib", reason="the page has plots")
pytest.importorskip("opensmile", reason="the benchmarks need openSMILE")
pytest.importorskip("xgboost", reason="the benchmarks need XGBoost")

from benchmarks.comparison import main, systems

TWO = ["functionals + LR", "functionals + SVM"]


def test_three_feature_sets_meet_three_classifiers():
    made = systems()
    assert len(made) == 9
    for name, system in made.items():
        features, classifier = name.split(" + ")
        assert (
            type(system[0]).__name__
            == {
                "functionals": "AcousticFunctionals",
                "eGeMAPS": "EGeMAPS",
                "ComParE": "OpenSMILEFunctionals",
            }[features]
        )
        assert (
            type(system[-1]).__name__
            == {
                "LR": "LogisticRegression",
                "SVM": "SVC",
                "XGBoost": "LabelEncodedClassifier",
            }[classifier]
        )


def test_two_systems_are_compared_and_written(tmp_path, capsys):
    folder, page = tmp_path / "results", tmp_path / "page.html"
    arguments = ["--systems", *TWO, "--n-jobs", "1", "--output", str(folder)]
    assert main([*arguments, "--html", str(page)]) == 0
    text = (folder / "synthetic_comparison.md").read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    assert text.startswith("**synthetic: 96 clips, 4 classes, 4 speakers**\n\n| ")
    rows = [line for line in text.splitlines() if line.startswith("| functionals + ")]
    # A row each; the pair; and logistic regression alone under each protocol.
    assert rows[0].startswith("| functionals + LR | 0.")
    assert rows[1].startswith("| functionals + SVM | 0.")
    assert rows[2].startswith("| functionals + LR | functionals + SVM | ")
    assert all(row.startswith("| functionals + LR | ") for row in rows[3:])
    assert len(rows) > 5
    assert "no p is below 0.1250 with so few speakers" in text
    (pair,) = pd.read_csv(folder / "synthetic_comparison.csv").to_dict("records")
    assert [pair["system_a"], pair["system_b"]] == TWO
    assert pair["difference"] == pytest.approx(
        pair["score_a"] - pair["score_b"], abs=1e-4
    )
    assert f"| {pair['difference']:+.3f} |" in rows[2]
    assert "<h2>Comparison</h2>" in page.read_text(encoding="utf-8")


def test_without_a_linear_system_there_is_no_table_of_protocols(tmp_path, capsys):
    names = ["functionals + SVM", "functionals + XGBoost"]
    page = tmp_path / "page.html"
    assert main(["--systems", *names, "--n-jobs", "1", "--html", str(page)]) == 0
    tables = capsys.readouterr().out.count("\n| --- |")
    assert tables == 2
    assert "<h2>Protocols</h2>" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["functionals + LR"], "name two of functionals"),
        (["functionals + LR", "other"], "'other': there are functionals"),
    ],
)
def test_what_cannot_be_compared_ends_the_command(names, message, capsys):
    with pytest.raises(SystemExit, match=message):
        main(["--systems", *names])
