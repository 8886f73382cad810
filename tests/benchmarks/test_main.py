import argparse
import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("opensmile", reason="the benchmarks need openSMILE")
pytest.importorskip("xgboost", reason="the benchmarks need XGBoost")

from benchmarks.__main__ import main
from benchmarks.corpora import LOADERS, load, protocol
from benchmarks.systems import basic_systems, large_systems
from sersk.datasets.testing import make_tree
from sersk.evaluation._systems import is_transductive
from sersk.utils import CorpusWarning

REPOSITORY = Path(__file__).parents[2]
QUICK = ["--quick", "--n-jobs", "1"]


def test_the_synthetic_corpus_needs_no_argument(capsys):
    assert main(QUICK) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("<Corpus synthetic: 72 clips, 3 speakers;")
    for row in ("functionals + LR ", "functionals by speaker + LR "):
        (line,) = [line for line in printed.splitlines() if line.startswith(row)]
        assert "LeaveOneSpeakerOut, 3 folds" in line
        assert line.endswith("transductive") is ("by speaker" in row)
    assert "sersk " in printed.splitlines()[-2]
    assert "seed 0" in printed.splitlines()[-2]


def test_results_are_written_where_asked(tmp_path, capsys):
    folder = tmp_path / "new" / "results"
    main([*QUICK, "--output", str(folder), "--cache", str(tmp_path / "cache")])
    names = ["synthetic.md", "synthetic_folds.csv", "synthetic_speakers.csv"]
    assert sorted(path.name for path in folder.iterdir()) == names
    table = (folder / names[0]).read_text(encoding="utf-8")
    assert table.startswith("**synthetic: 72 clips, 4 classes, 3 speakers**\n\n| ")
    assert table.splitlines()[-1] in capsys.readouterr().out
    folds = pd.read_csv(folder / names[1])
    assert len(folds) == 2 * 3
    assert {"test_speakers", "unweighted_accuracy", "fit_seconds"} < set(folds)
    assert len(pd.read_csv(folder / names[2])) == 2 * 3


def test_features_are_kept_where_asked(tmp_path, capsys):
    for expected in ("1 ", "0 "):
        main([*QUICK, "--cache", str(tmp_path)])
        lines = capsys.readouterr().out.splitlines()
        head = next(line for line in lines if line.startswith("pipeline"))
        row = next(line for line in lines if line.startswith("functionals + LR"))
        assert row[head.index("extractions/clip") :].startswith(expected)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ("other=there", "NAME is one of emodb, ravdess,"),
        ("emodb", "pass NAME=ROOT or NAME:SCHEME=ROOT"),
        ("emodb=", "pass NAME=ROOT or NAME:SCHEME=ROOT"),
        ("emodb=/no/such/folder", "/no/such/folder"),
    ],
)
def test_a_corpus_that_is_not_there_is_a_message(request_, message, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--corpus", request_])
    assert caught.value.code == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert repr(request_) in printed.err
    assert not printed.out


def test_a_corpus_on_disk_is_loaded_with_its_problems(write_wav, tmp_path, capsys):
    generator = np.random.default_rng(0)
    for speaker, emotion in itertools.product(("03", "08"), "FWN"):
        noise = generator.uniform(-0.5, 0.5, 4_000)
        write_wav(noise, name=f"wav/{speaker}a01{emotion}a.wav")
    with pytest.warns(CorpusWarning, match="6 of 535 clips"):
        main([*QUICK, "--corpus", f"emodb={tmp_path}"])
    printed = capsys.readouterr().out
    assert printed.startswith("<Corpus emodb: 6 clips, 2 speakers;")
    assert "note: speaker 03: 3 of 49 clips" in printed
    assert "LeaveOneSpeakerOut, 2 folds" in printed
    assert "3 of 7 classes" in printed


def test_it_runs_as_a_module():
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--corpus NAME[:SCHEME]=ROOT" in result.stdout


def test_every_corpus_is_listed_with_licence_and_schemes(capsys):
    assert main(["--list"]) == 0
    corpora, _, _ = capsys.readouterr().out.partition("\n\nsystems of published")
    paragraphs = corpora.split("\n\n")
    assert [text.split(":")[0] for text in paragraphs[:-1]] == list(LOADERS)
    for paragraph in paragraphs[:-1]:
        assert "licence: " in paragraph
        assert "how to get it: " in paragraph
    assert "    iemocap4-merge: angry, happy (happy + excited), sad" in paragraphs[5]
    assert paragraphs[-1].startswith("schemes of several corpora:\n  six-merge: angry")


@pytest.mark.parametrize("name", [name for name in LOADERS if name != "smile"])
@pytest.mark.filterwarnings("ignore::sersk.utils.CorpusWarning")
def test_the_main_job_takes_every_corpus_with_recordings(name, tmp_path):
    corpus = load(f"{name}={make_tree(name, tmp_path)}")
    folds = list(protocol(corpus).split(corpus.clips, corpus.target))
    assert folds
    assert all(len(train) and len(test) for train, test in folds)


@pytest.mark.filterwarnings("ignore::sersk.utils.CorpusWarning")
def test_a_corpus_of_texts_is_refused(tmp_path):
    root = make_tree("smile", tmp_path)
    with pytest.raises(argparse.ArgumentTypeError, match="has no recordings"):
        load(f"smile={root}")


def test_an_unknown_scheme_is_named(tmp_path):
    root = make_tree("emodb", tmp_path)
    with pytest.raises(argparse.ArgumentTypeError, match="no label scheme 'other'"):
        load(f"emodb:other={root}")


def test_a_scheme_can_be_asked_for(tmp_path):
    corpus = load(f"emodb:six-merge={make_tree('emodb', tmp_path, complete=True)}")
    assert corpus.scheme.name == "six-merge"
    assert len(corpus) == 454


def test_systems_are_what_their_names_say():
    systems = basic_systems() | large_systems()
    assert len(systems) == 10
    for name, system in systems.items():
        assert is_transductive(system) is ("by speaker" in name)
        assert type(system[-1]).__name__ == (
            "LabelEncodedClassifier" if "XGBoost" in name else "LogisticRegression"
        )
