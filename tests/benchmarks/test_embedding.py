import pytest

pytest.importorskip("transformers", reason="encoders need torch and transformers")
pytest.importorskip("opensmile", reason="the benchmarks need openSMILE")
pytest.importorskip("xgboost", reason="the benchmarks need XGBoost")

from benchmarks.embedding import main
from sersk.features import make_random_encoder


def test_every_clip_runs_once_and_random_weights_are_named(tmp_path, capsys):
    assert main(["--size", "tiny", "--output", str(tmp_path)]) == 0
    text = (tmp_path / "synthetic_embedding.md").read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    assert "| encoder, mean of the last layer + LR | " in text
    assert "wav2vec 2.0 of the size 'tiny' with RANDOM weights" in text
    assert (
        "96 forward passes for 96 clips, counted in the network: 1.0 a clip over all "
        "4 folds."
    ) in text


@pytest.mark.parametrize(
    ("architecture", "layer_norm"), [("hubert", True), ("wavlm", False)]
)
def test_passes_of_other_encoders_are_counted(
    tmp_path, capsys, architecture, layer_norm
):
    folder = make_random_encoder(tmp_path, architecture, layer_norm=layer_norm)
    assert main(["--encoder", folder]) == 0
    printed = capsys.readouterr().out
    assert f"The encoder is {folder}, frozen. 96 forward passes for 96" in printed
