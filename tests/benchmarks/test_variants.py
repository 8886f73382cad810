import pandas as pd
import pytest

pytest.importorskip("opensmile", reason="the benchmarks name its version")
pytest.importorskip("xgboost", reason="the benchmarks name its version")

from benchmarks.variants import main, systems
from sersk.datasets import make_emotional_speech

PLAIN = "functionals + LR"


def test_each_variant_answers():
    corpus = make_emotional_speech(n_speakers=3, n_repetitions=1, random_state=0)
    made = systems(2)
    assert len(made) == 11
    for name, system in made.items():
        answers = system.fit(corpus.clips, corpus.target).predict(corpus.clips)
        assert (answers == corpus.target).mean() > 0.5, name


def test_variants_are_compared_with_the_plain_system_alone(tmp_path, capsys):
    chosen = ["over-sampled", "trimmed, 3 s"]
    arguments = ["--systems", *chosen, "--n-jobs", "1", "--output", str(tmp_path)]
    assert main(arguments) == 0
    text = (tmp_path / "synthetic_variants.md").read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "synthetic_variants.csv")
    assert table["system_a"].tolist() == [PLAIN, PLAIN]
    assert table["system_b"].tolist() == chosen
    # Holm's correction of two p-values: the smaller one twice.
    smaller = table.loc[table["p_value"].idxmin()]
    assert smaller["p_holm"] == pytest.approx(min(1, 2 * smaller["p_value"]))
    for name in chosen:
        assert f"| {PLAIN} | {name} | " in text
    assert "Holm: corrected for all pairs shown." in text
