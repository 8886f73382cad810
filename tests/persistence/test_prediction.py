"""A saved model on files, by a function and by a command."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import sersk
from sersk.__main__ import main
from sersk.features import AcousticFunctionals
from sersk.persistence import predict_files
from sersk.utils import AudioWarning


@pytest.fixture
def recordings(corpus, tmp_path):
    """Return a folder of recordings: two good ones, and one of no sound."""
    folder = tmp_path / "recordings"
    (folder / "inner").mkdir(parents=True)
    soundfile.write(folder / "b.wav", corpus.clips[0], 16_000, subtype="FLOAT")
    soundfile.write(folder / "inner" / "a.FLAC", corpus.clips[40], 16_000)
    (folder / "notes.txt").write_text("nothing to hear")
    return folder


def test_predictions_are_those_of_the_pipeline(saved, recordings, corpus):
    table = predict_files(saved, [recordings, recordings / "b.wav"], proba=True)
    assert [name.rpartition("/")[2] for name in table["file"]] == [
        "b.wav",
        "a.FLAC",
        "b.wav",
    ]
    model = sersk.load(saved)
    assert table["prediction"][0] == model.predict(corpus.clips[:1])[0]
    probabilities = table[[f"probability {name}" for name in model.classes_]]
    # Sums over one clip and over three are taken in another order.
    np.testing.assert_allclose(
        probabilities.to_numpy()[0], model.predict_proba(corpus.clips[:1])[0], rtol=1e-5
    )
    assert (table["error"] == "").all()


def test_files_of_no_use_cost_no_other(saved, recordings):
    (recordings / "broken.wav").write_bytes(b"RIFF")
    files = [recordings / name for name in ("broken.wav", "b.wav", "missing.wav")]
    table = predict_files(saved, files)
    assert table["prediction"].notna().tolist() == [False, True, False]
    assert table["error"][1] == ""
    assert (table["error"][[0, 2]] != "").all()


def test_a_clip_that_an_extractor_refuses_costs_no_other(corpus, recordings, tmp_path):
    soundfile.write(recordings / "long.wav", np.tile(corpus.clips[0], 9), 16_000)
    pipeline = make_pipeline(
        AcousticFunctionals(n_mfcc=13, max_duration=5.0), StandardScaler(), SVC()
    )
    pipeline.fit(corpus.clips, corpus.target)
    folder = sersk.save(pipeline, tmp_path / "short")
    table = predict_files(folder, [recordings / "b.wav", recordings / "long.wav"])
    assert table["prediction"].notna().tolist() == [True, False]
    assert "max_duration" in table["error"][1]


def test_what_was_recorded_below_the_rate_is_told(saved, tmp_path, corpus):
    path = tmp_path / "low.wav"
    soundfile.write(path, corpus.clips[0][::2], 8_000)
    with pytest.warns(AudioWarning, match="recorded below 16000 Hz"):
        predict_files(saved, [path])


def test_a_model_that_takes_no_clips_is_refused(corpus, table, recordings, tmp_path):
    model = LogisticRegression(max_iter=5000).fit(table[:, :3], corpus.target)
    folder = sersk.save(model, tmp_path / "features")
    with pytest.raises(ValueError, match="takes 'table' and no clips"):
        predict_files(folder, [recordings])


def test_probabilities_that_there_are_not(corpus, recordings, tmp_path):
    model = make_pipeline(AcousticFunctionals(n_mfcc=13), StandardScaler(), SVC())
    folder = sersk.save(model.fit(corpus.clips, corpus.target), tmp_path / "svc")
    with pytest.raises(ValueError, match="gives no probabilities"):
        predict_files(folder, [recordings], proba=True)


def test_several_attributes_have_a_column_each(corpus, recordings, tmp_path):
    model = make_pipeline(AcousticFunctionals(n_mfcc=13), StandardScaler(), Ridge())
    model.fit(corpus.clips, np.ones((len(corpus.clips), 2)))
    folder = sersk.save(model, tmp_path / "ridge")
    table = predict_files(folder, [recordings])
    names = ["prediction degree_0", "prediction degree_1"]
    assert list(table) == ["file", *names, "error"]


def test_the_command_prints_a_table(saved, recordings, capsys):
    assert main(["predict", str(saved), str(recordings), "--proba"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split()[:3] == ["file", "prediction", "probability"]
    assert len(printed) == 3
    assert "error" not in printed[0]


def test_the_command_fails_where_a_file_did(saved, recordings, capsys):
    assert main(["predict", str(saved), str(recordings), "missing.wav"]) == 1
    assert "missing.wav" in capsys.readouterr().out


def test_advice_for_python_is_said_to_be_so(saved, corpus, recordings, capsys):
    told = "Parameters that are named are those of the saved model, and cannot be"
    assert main(["predict", str(saved), str(recordings), "missing.wav"]) == 1
    assert told not in capsys.readouterr().err
    soundfile.write(recordings / "low.wav", corpus.clips[0][::2], 8_000)
    assert main(["predict", str(saved), str(recordings)]) == 0
    warned, said = capsys.readouterr().err.splitlines()
    assert warned.startswith("Warning: 1 of 3 clips were recorded below 16000 Hz")
    assert said.startswith(told)
    (recordings / "low.wav").unlink()
    broken = np.full(8_000, np.nan)
    soundfile.write(recordings / "broken.wav", broken, 16_000, subtype="FLOAT")
    assert main(["predict", str(saved), str(recordings)]) == 1
    printed = capsys.readouterr()
    assert "or pass on_error" in printed.out
    assert printed.err.startswith(told)


def test_the_command_says_what_is_wrong_with_a_model(recordings, tmp_path, capsys):
    assert main(["predict", str(tmp_path / "none"), str(recordings)]) == 2
    assert "is no folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ending", "read"), [("csv", pd.read_csv), ("json", pd.read_json)]
)
def test_the_command_writes_a_table(saved, recordings, tmp_path, ending, read):
    (recordings / "odd\udcff.wav").write_bytes(b"RIFF")
    path = tmp_path / f"table.{ending}"
    arguments = ["predict", str(saved), str(recordings), "--output", str(path)]
    assert main(arguments) == 1
    table = read(path)
    assert table["file"][1].endswith("odd\\udcff.wav")
    assert table["prediction"].notna().tolist() == [True, False, True]


def test_the_command_refuses_another_kind_of_table(saved, recordings, capsys):
    with pytest.raises(SystemExit):
        main(["predict", str(saved), str(recordings), "--output", "table.xlsx"])
    assert "must end in .csv or .json" in capsys.readouterr().err


def test_the_folder_of_the_table_is_looked_for_first(saved, recordings, capsys):
    with pytest.raises(SystemExit) as status:
        main(["predict", str(saved), str(recordings), "--output", "nowhere/a.csv"])
    assert status.value.code == 2
    assert "'nowhere' is no folder" in capsys.readouterr().err


def test_endings_are_endings_in_capitals_too(saved, recordings, tmp_path):
    path = tmp_path / "table.CSV"
    assert main(["predict", str(saved), str(recordings), "--output", str(path)]) == 0
    assert len(pd.read_csv(path)) == 2


def test_folders_without_sound_are_named(saved, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["predict", str(saved), str(tmp_path / "empty")]) == 2
    assert "that end in .wav, .flac, .ogg, .mp3" in capsys.readouterr().err


def test_help_says_what_the_status_means(capsys):
    with pytest.raises(SystemExit) as status:
        main(["predict", "--help"])
    assert status.value.code == 0
    assert "1 if some have none" in " ".join(capsys.readouterr().out.split())


def test_labels_cannot_tell_a_terminal_anything(corpus, recordings, tmp_path, capsys):
    labels = np.where(corpus.target == "sad", "\x1b[2Jsad", "other")
    model = make_pipeline(
        AcousticFunctionals(n_mfcc=13), StandardScaler(), LogisticRegression()
    )
    folder = sersk.save(model.fit(corpus.clips, labels), tmp_path / "coloured")
    assert main(["predict", str(folder), str(recordings), "--proba"]) == 0
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert r"probability \x1b[2Jsad" in printed


def test_names_that_begin_with_a_dash(saved, recordings, monkeypatch, capsys):
    (recordings / "b.wav").rename(recordings / "-b.wav")
    monkeypatch.chdir(recordings)
    assert main(["predict", str(saved), "--", "-b.wav"]) == 0
    assert "-b.wav" in capsys.readouterr().out


def test_the_command_passes_warnings_on(saved, tmp_path, corpus, capsys):
    path = tmp_path / "low.wav"
    soundfile.write(path, corpus.clips[0][::2], 8_000)
    assert main(["predict", str(saved), str(path)]) == 0
    assert "Warning: 1 of 1 clips were recorded below 16000" in capsys.readouterr().err


def test_who_reads_the_table_may_stop(saved, recordings):
    command = [sys.executable, "-m", "sersk", "predict", saved, recordings]
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    _, error = process.communicate(timeout=120)
    assert (process.returncode, error) == (0, b"")
