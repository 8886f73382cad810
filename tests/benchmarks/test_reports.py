from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline

pytest.importorskip("opensmile", reason="the benchmarks need openSMILE")
pytest.importorskip("xgboost", reason="the benchmarks need XGBoost")

from benchmarks import reports
from benchmarks.__main__ import main
from benchmarks.corpora import LOADERS
from benchmarks.reports import _all, _protocols
from benchmarks.reports._errors import KNOWN_ERRORS
from benchmarks.reports._experiment import Experiment, HoldOut, Protocol, Table
from benchmarks.reports._protocols import FIVE_FOLDS
from benchmarks.reports._published import (
    CLIPS_OF_5F,
    CONFUSION_OF_REPORT_004,
    figures,
)
from benchmarks.reports._run import main as run_script
from benchmarks.reports._run import measure, to_markdown
from benchmarks.reports._systems import linear_001
from sersk import AudioClips
from sersk.datasets import get_scheme, load_mosei, make_emotional_speech
from sersk.datasets.testing import make_tree
from sersk.features import AcousticFunctionals

FIGURES = {figure.key: figure for figure in figures()}
FOLDER = Path(reports.__file__).parent
PER_CLASS = pd.read_csv(FOLDER / "per_class.csv")
PROTOCOLS = {
    name: protocol
    for name, protocol in vars(_protocols).items()
    if isinstance(protocol, Protocol)
}
TABLES = sorted(PER_CLASS["figure"].unique())


def _dummy(settings):
    return make_pipeline(AcousticFunctionals(), DummyClassifier())


def _failing(settings):
    raise RuntimeError("This system cannot be made.")


def test_keys_are_unique_and_errors_are_known():
    assert len(FIGURES) == len(figures())
    for figure in figures():
        assert set(figure.errors) <= set(KNOWN_ERRORS)
        assert figure.report in {"000", "001", "002", "003", "004", "none"}
        assert set(figure.corpus.split(" + ")) <= set(LOADERS)
    cited = {code for figure in figures() for code in figure.errors}
    assert cited == set(KNOWN_ERRORS)


def test_every_part_of_the_reports_has_its_figures():
    counts = pd.Series([figure.script for figure in figures()]).value_counts()
    assert counts.to_dict() == {
        # 3 single tasks, 3 attributes of the fourth, and the classes
        "report_000_wavlm": 7,
        "report_001_logistic_regression": 1,
        "report_001_mel_cnn": 1,
        "report_001_wav2vec2": 1,
        # two votes and seven members
        "report_002_voting": 9,
        # eleven tables, and two figures of AlexNet
        "report_003_image_trunks": 13,
        "report_003_cnn2d": 6,
        "report_003_cnn1d": 9,
        "report_003_crnn": 2,
        "report_003_wav2vec2": 3,
        "report_003_mosei": 5,
        "report_003_text": 6,
        "report_003_fusion": 2,
        # two protocols, of paper and report
        "report_004_co_attention": 4,
        "egemaps": 2,
    }


@pytest.mark.parametrize(
    ("key", "score", "right", "of"),
    [
        ("000-categorical", "WA", 6268, 15341),
        ("001-lr", "WA", 599, 1838),
        ("001-wav2vec2", "WA", 876, 1838),
        ("003-mixed4-roberta", "WA", 2126, 4238),
        ("003-mosei4-roberta", "WA", 1699, 2983),
    ],
)
def test_a_share_is_of_whole_clips(key, score, right, of):
    assert FIGURES[key].n == of
    assert FIGURES[key].scores[score] == pytest.approx(right / of, abs=5e-5)


def test_every_accuracy_of_report_002_is_a_share_of_the_clips_of_5f():
    own = [figure for figure in figures() if figure.report == "002"]
    counts = [round(figure.scores["WA"] * CLIPS_OF_5F) for figure in own]
    assert counts == [369, 379, 379, 382, 379, 374, 378, 372, 363]
    for figure, count in zip(own, counts, strict=True):
        assert round(count / CLIPS_OF_5F, 4) == figure.scores["WA"]


def test_the_matrix_of_report_004_fits_its_scores():
    shares = np.array(CONFUSION_OF_REPORT_004)
    assert shares.sum(axis=1) == pytest.approx(np.ones(4), abs=1.01e-4)
    scores = FIGURES["004-session"].scores
    assert shares.diagonal().mean() == pytest.approx(scores["UA"], abs=5e-5)
    by_class = np.array([1103, 1084, 1636, 1708])
    assert by_class.sum() == FIGURES["004-session"].n
    accuracy = shares.diagonal() @ by_class / by_class.sum()
    assert accuracy == pytest.approx(scores["WA"], abs=0.001)


def test_answering_neutral_scores_as_known_error_000_3_says():
    assert f"{5667 / 15341:.4f}" in KNOWN_ERRORS["E000-3"]


@pytest.mark.parametrize("key", TABLES)
def test_a_table_by_class_fits_its_figure(key):
    figure, rows = FIGURES[key], PER_CLASS[PER_CLASS["figure"] == key]
    if "labels" in key:
        # Those of the labels overlap, so that there is no number of clips.
        assert rows["n"].sum() == 2752
    else:
        assert rows["n"].sum() == figure.n
        accuracy = (rows["recall"] * rows["n"]).sum() / rows["n"].sum()
        assert accuracy == pytest.approx(figure.scores["WA"], abs=0.0067)
    means = {"UA": rows["recall"].mean(), "F1": rows["f1"].mean()}
    for name, mean in means.items():
        if name in figure.scores:
            assert mean == pytest.approx(figure.scores[name], abs=0.0067)


@pytest.mark.parametrize("key", TABLES)
def test_f1_of_each_class_follows_from_precision_and_recall(key):
    rows = PER_CLASS[PER_CLASS["figure"] == key]
    total = rows["precision"] + rows["recall"]
    f1 = (2 * rows["precision"] * rows["recall"]).div(total).fillna(0)
    assert np.abs(f1 - rows["f1"]).max() < 0.02


def test_true_names_fit_the_clips_of_ten_actors_and_of_session_5():
    # An actor of CREMA-D has 14 clips of each emotion, and 12 of neutral.
    rows = PER_CLASS[PER_CLASS["figure"] == "003-crema-d-resnet50"]
    assert rows.set_index("true")["n"].to_dict() == {
        name: 120 if name == "neutral" else 140
        for name in get_scheme("crema-d").classes
        for name in ["angry" if name == "anger" else name]
    }
    session = {"angry": 170, "excited": 300, "frustrated": 381}
    session |= {"neutral": 384, "sad": 245}
    for key in ("003-iemocap-resnet50", "003-iemocap5-resnext50"):
        rows = PER_CLASS[PER_CLASS["figure"] == key]
        assert rows.set_index("true")["n"].to_dict() == session


def test_the_2d_cnn_has_the_mean_that_its_tables_have():
    accuracies = [FIGURES[f"003-cnn2d-set{n}"].scores["WA"] for n in range(1, 7)]
    assert np.mean(accuracies) == pytest.approx(0.677, abs=5e-4)


def test_every_figure_is_measured_by_its_script_or_says_why_not():
    for name in reports.script_names():
        table = _all.load_table(name)
        assert table.name == name
        beside = [key for one in table.experiments for key in one.figures]
        assert len(beside) == len(set(beside))
        own = {key for key, figure in FIGURES.items() if figure.script == name}
        unmeasured = {key for key in own if FIGURES[key].not_run}
        assert own - unmeasured == set(beside)


def test_every_script_is_among_the_figures():
    scripts = {path.stem for path in FOLDER.glob("[!_]*.py")}
    assert scripts == set(reports.script_names())


def test_every_protocol_of_a_script_is_honest_or_published():
    for name in reports.script_names():
        for experiment in _all.load_table(name).experiments:
            for protocol in experiment.protocols:
                assert protocol.is_published or not protocol.shares_speakers
            honest = [one for one in experiment.protocols if not one.shares_speakers]
            assert honest


def test_report_001_has_eight_scalars():
    corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    steps = linear_001()[:-2]
    assert steps.fit_transform(corpus.clips).shape == (len(corpus), 8)


def test_the_list_names_every_system(capsys):
    assert main(["--list"]) == 0
    _, systems = capsys.readouterr().out.split("\n\nsystems of published reports:\n")
    lines = systems.splitlines()
    assert len(lines) == 1 + len(FIGURES)
    for line, figure in zip(lines[1:], figures(), strict=True):
        assert line.startswith(f"{figure.report} ")
        assert figure.system in line
        assert line.endswith(figure.not_run or figure.script)
    assert "WA 0.326, UA 0.330, F1 0.320 of 1838 [C]" in systems


def test_a_script_runs_reduced_on_fake_corpora(tmp_path, capsys):
    name = "report_001_logistic_regression"
    arguments = ["--quick", "--n-jobs", "1", "--output", str(tmp_path / "results")]
    assert run_script(_all.load_table(name), arguments) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("**Report 001: logistic regression (REDUCED AND FAKE)**")
    rows = pd.read_csv(tmp_path / "results" / f"{name}.csv")
    assert rows["source"].tolist() == ["published", *["measured"] * 4]
    assert rows["WA"].iloc[0] == 0.3259
    assert rows["protocol"].iloc[1].startswith("as published: clips at random")
    assert "SPEAKERS SHARED" in rows["protocol"].iloc[1]
    assert "SHARED" not in rows["protocol"].iloc[2]
    assert "- E001-5: speakers, sentences and 79 copied files" in printed
    assert (tmp_path / "results" / f"{name}.md").read_text("utf-8") == printed
    folds = pd.read_csv(tmp_path / "results" / f"{name}_folds.csv")
    assert len(folds) == 4


@pytest.mark.parametrize(
    ("name", "n_published", "n_measured", "score"),
    [
        # a row for each attribute and protocol
        ("report_000_wavlm", 7, 14, "CCC"),
        ("report_003_mosei", 5, 5, "F1"),
        ("report_003_text", 6, 10, "UA"),
    ],
)
def test_encoders_are_run_tiny(name, n_published, n_measured, score):
    pytest.importorskip("skorch", reason="nets need torch and skorch")
    rows = measure(_all.load_table(name), {}, quick=True)
    measured = rows[rows["source"] == "measured"]
    assert len(rows) - len(measured) == n_published
    assert len(measured) == n_measured
    assert (measured["n"] > 0).all()
    own = measured[~measured["system"].str.contains("classes")]
    assert own[score].notna().all()
    assert not own["protocol"].str.contains("SHARED").any()


def test_encoders_are_joined_tiny():
    table = _all.load_table("report_003_fusion")
    # AlexNet, the first, has no size that can be set.
    joined = replace(table, experiments=table.experiments[1:4])
    rows = measure(joined, {}, quick=True)
    assert rows["UA"].notna().all()
    assert rows["source"].tolist() == ["published", *["measured"] * 6]


def test_what_each_source_gives_is_said():
    table = _all.load_table("report_003_text")
    (mixed, _) = (one for one in table.experiments if one.texts)
    rows = measure(replace(table, experiments=(mixed,)), {}, quick=True)
    (counts,) = rows.attrs["mixtures"]
    assert counts.startswith("mosei+iemocap+smile: ")
    assert "smile angry 3, happy 3, neutral 0, sad 3" in counts
    assert counts in to_markdown(table, rows)
    assert "TEST CLIPS REPEAT" in rows["protocol"].iloc[-1]


def test_thresholds_are_laid_on_one_matrix(tmp_path):
    table = _all.load_table("report_003_mosei")
    degrees = replace(table.experiments[0], figures=(), thresholds=(9.0, 0.0, -9.0))
    rows = measure(replace(table, experiments=(degrees,)), {}, quick=True)
    assert rows["system"].str.endswith(("9.0", " 0.0", "-9.0")).all()
    # Nothing is answered, something, and everything.
    assert rows["F1"].iloc[0] == 0.0
    corpus = load_mosei(make_tree("mosei", tmp_path), scheme="mosei-multilabel")
    shares = corpus.select(partition="test").target.mean(axis=0)
    assert rows["F1"].iloc[2] == pytest.approx(np.mean(2 * shares / (1 + shares)))


@pytest.mark.filterwarnings("ignore::sersk.utils.CorpusWarning")
def test_a_corpus_that_is_given_is_not_called_fake(tmp_path, write_speech):
    table = _table(("emodb", "ravdess"), scheme="four-merge")
    rows = measure(table, {"emodb": write_speech(tmp_path)}, n_jobs=1)
    assert rows.attrs["reservations"] == []
    (copy,) = rows.attrs["copies"]
    assert copy.startswith("emodb: this copy is not as published (")
    (measured,) = rows.to_dict(orient="records")
    assert measured["corpus"] == "emodb"
    assert measured["n"] == 12
    assert measured["low"] <= measured["UA"] <= measured["high"]


def test_a_table_of_other_corpora_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="dummy takes emodb, but got tess"):
        measure(_table(("emodb",)), {"tess": tmp_path})


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ("emodb", "pass NAME=ROOT"),
        ("other=there", "NAME is one of emodb, ravdess,"),
        ("emodb=/no/such/folder", "there is no folder '/no/such/folder'"),
    ],
)
def test_a_corpus_that_is_not_there_is_a_message(request_, message, capsys):
    with pytest.raises(SystemExit) as caught:
        run_script(_table(("emodb",)), ["--corpus", request_])
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_a_script_that_fails_costs_only_its_row(monkeypatch, tmp_path, capsys):
    tables = {"fails": _table(("emodb",), make=_failing), "works": _table(("emodb",))}
    monkeypatch.setattr(_all, "script_names", lambda: list(tables))
    monkeypatch.setattr(_all, "load_table", tables.__getitem__)
    assert main(["--all", "--quick", "--n-jobs", "1", "--output", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].endswith("failed: RuntimeError: This system cannot be made.")
    assert lines[-1].split() == ["works", "0", "1", lines[-1].split()[3], "ok"]
    names = ["dummy.csv", "dummy.md", "dummy_folds.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_a_script_of_other_corpora_is_left_out(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(_all, "script_names", lambda: ["other"])
    monkeypatch.setattr(_all, "load_table", lambda name: _table(("tess",)))
    assert reports.run_all({"emodb": tmp_path}) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("left out")


def test_hold_out_tests_what_begins_with_a_text():
    corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    ((train, test),) = HoldOut("speaker", "02").split(corpus.clips)
    assert set(corpus.clips.speaker[test]) == {"02"}
    assert set(corpus.clips.speaker[train]) == {"01"}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_protocol_shares_speakers_where_it_says_so(name):
    protocol = PROTOCOLS[name]
    # Dialogue "Ses05F_..." is by both speakers of its session.
    rows = [
        {"speaker": f"{session}{sex}", "session": f"{session}", "target": target}
        | {"dialog": f"Ses0{session}{dialogue}", "partition": partition}
        for session in range(1, 7)
        for sex, partition in (
            ("F", ("test", "test1", "dev")[session % 3]),
            ("M", "train"),
        )
        for dialogue in "FM"
        for target in ("happy", "sad")
    ]
    frame = pd.DataFrame(rows)
    clips = AudioClips.from_arrays(
        list(np.zeros((len(frame), 400))), sampling_rate=16_000, columns=dict(frame)
    )
    shared = [
        set(frame["speaker"].iloc[train]) & set(frame["speaker"].iloc[test])
        for train, test in protocol.splitter.split(clips, frame["target"])
    ]
    assert shared
    assert any(shared) is protocol.shares_speakers


def _table(corpora, *, make=_dummy, scheme=None):
    protocol = Protocol("speakers, 2 folds", FIVE_FOLDS.splitter.__class__(2))
    experiment = Experiment("dummy", make, corpora, (protocol,), scheme=scheme)
    return Table("dummy", "A dummy", (experiment,))


@pytest.fixture
def write_speech(write_wav):
    """Return a function that writes noise under the names of EmoDB."""

    def write(folder):
        generator = np.random.default_rng(0)
        for speaker in ("03", "08", "09"):
            for letter in "WFNT":
                noise = generator.uniform(-0.5, 0.5, 4_000)
                write_wav(noise, name=f"wav/{speaker}a01{letter}a.wav")
        return folder

    return write
