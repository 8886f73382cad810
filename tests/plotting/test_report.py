import re
from html.parser import HTMLParser

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from sersk.datasets import make_emotional_speech
from sersk.evaluation import evaluate
from sersk.metrics import compare_systems
from sersk.model_selection import audit_split
from sersk.plotting import write_report
from tests.plotting.toy import make_evaluation

pyplot = pytest.importorskip("matplotlib.pyplot")


class _Page(HTMLParser):
    """Collect headings, captions, cells, pictures and addresses of a page."""

    def __init__(self, source):
        super().__init__()
        self.text, self.images, self.addresses, self._open = {}, [], [], []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.addresses += [
            attributes[name] for name in ("src", "href") & attributes.keys()
        ]
        if tag == "img":
            self.images.append(attributes["alt"])
        elif tag != "meta":
            self._open.append(tag)
            self.text.setdefault(tag, []).append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        for tag in self._open:
            self.text[tag][-1] += data


def _read(evaluation, path, **options):
    return _Page(write_report(evaluation, path, **options).read_text(encoding="utf-8"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "report.html"


def test_a_report_of_an_evaluation(evaluation, path):
    page = _read(evaluation, path)
    assert page.text["h1"] == ["Evaluation on toy"]
    assert page.text["h2"] == [
        "Scores",
        "Split",
        "Comparison",
        "Speakers",
        "Classes",
        "Folds",
        "Labels",
        "Environment",
    ]
    assert page.text["h3"] == ["good", "poor", "sad"]
    assert "3 systems, 12 clips, 2 classes, 3 speakers" in page.text["header"][0]
    assert len(page.images) == 5
    assert "Confusion of good, % of each true class" in page.images
    assert len(pyplot.get_fignums()) == 0


def test_the_numbers_are_there(evaluation, path):
    page = _read(evaluation, path)
    scores = page.text["tbody"][0]
    # UA, WA of "good": 11/12. Its interval, and the mean over speakers.
    assert re.match(r"good0\.9170\.\d{3} to \d\.\d{3}0\.917 ± 0\.144", scores)
    # Everything that "sad" answers is the same for all speakers.
    assert "sad0.500-0.500 ± 0.000" in scores
    assert "happy0.8571.0000.9236yes" in "".join(page.text["tbody"])
    assert any(note.startswith("UA: unweighted accuracy") for note in page.text["li"])
    assert any(
        "good: lowest for speaker bob, 0.750" in note for note in page.text["li"]
    )


def test_gaps_by_gender_and_session_are_told_where_these_are_known(predictions, path):
    notes = _read(make_evaluation(predictions), path).text["li"]
    assert not any("gap" in note for note in notes)
    gender = predictions["speaker"].map({"anna": "f", "bob": "m", "carl": "f"})
    known = predictions.assign(gender=gender, session="only one")
    notes = _read(make_evaluation(known), path).text["li"]
    assert "good: UA by gender: f 1.000, m 0.750; gap 0.250" in notes
    assert not any("UA by session" in note for note in notes)


def test_systems_that_answer_alike_are_told(predictions, path):
    same = predictions["prediction"].where(predictions["pipeline"] != "sad", "happy")
    always = same.where(predictions["pipeline"] != "poor", "happy")
    page = _read(make_evaluation(predictions.assign(prediction=always)), path)
    told = "same answers to every clip, as of one system: poor, sad"
    assert told in page.text["li"]


def test_all_that_can_be_given(with_probabilities, optimism, path):
    predictions = with_probabilities.predictions
    own = predictions[predictions["pipeline"] == "good"]
    answers = {
        name: part["prediction"].to_numpy()
        for name, part in predictions.groupby("pipeline")
    }
    comparison = compare_systems(
        own["target"].to_numpy(), answers, own["speaker"].to_numpy(), random_state=0
    )
    folds = [([0, 1], [2, 3])]
    audit = audit_split(
        np.zeros((4, 2)), cv=folds, groups=["a", "b", "b", "c"], audio=None
    )
    page = _read(
        with_probabilities,
        path,
        optimism=optimism,
        comparison=comparison,
        audit=audit,
        environment={"seed": 7},
        title="All of it",
    )
    assert page.text["h1"] == page.text["title"] == ["All of it"]
    assert {"Protocols", "Calibration"} <= set(page.text["h2"])
    captions = page.text["caption"]
    assert {"What protocols add", "Pairs on the same clips"} <= set(captions)
    assert "1 SPEAKER SHARED" in "".join(page.text["p"])
    assert "What the audit found" in captions
    assert page.text["tbody"][-1] == "seed7"
    assert len(page.images) == 7


def test_the_audit_and_the_record_of_an_evaluation_are_told(path):
    corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    evaluation = evaluate({"guess": DummyClassifier()}, corpus)
    page = _read(evaluation, path)
    assert evaluation.audit.line in page.text["p"]
    assert evaluation.record.corpus_digest in page.text["tbody"][-1]
    assert f"numpy{np.__version__}" in page.text["tbody"][-1]


def test_the_environment_is_that_of_the_machine(evaluation, path):
    (table,) = [
        text for text in _read(evaluation, path).text["table"] if "Made with" in text
    ]
    assert f"numpy{np.__version__}" in table
    assert "python3." in table


def test_nothing_is_loaded(with_probabilities, optimism, path):
    page = _read(with_probabilities, path, optimism=optimism)
    assert page.addresses
    assert all(re.match("#part-|data:image/", address) for address in page.addresses)
    assert "script" not in page.text
    source = path.read_text(encoding="utf-8")
    assert "http" not in re.sub(r"base64,[^\"]*", "", source).replace("http-equiv", "")


@pytest.mark.parametrize(
    "name", ['<script>alert("x")</script>', "</style><img src=x>", "$\\broken{", "a\0b"]
)
def test_names_are_text_and_nothing_else(predictions, name, path):
    renamed = predictions.replace({"good": name, "happy": name, "anna": name})
    evaluation = make_evaluation(
        renamed, corpus=name, classes=(name, "sad"), protocol=name, scheme=name
    )
    evaluation.folds.loc[0, "error"] = name
    page = _read(evaluation, path)
    assert "script" not in page.text
    assert len(page.images) == 5
    told = name.replace("\0", "\ufffd")
    assert page.text["h3"][0] == told
    assert told in page.text["h1"][0]


def test_folds_that_failed_are_told(predictions, path):
    lacking = predictions.query("pipeline != 'poor' or fold != 1")
    evaluation = make_evaluation(
        lacking, folds=make_evaluation(predictions).folds.iloc[:, :6]
    )
    failed = (evaluation.folds["pipeline"] == "poor") & (evaluation.folds["fold"] == 1)
    evaluation.folds.loc[failed, "error"] = "ValueError: too quiet"
    page = _read(evaluation, path)
    assert "1 of 9 folds failed" in page.text["p"]
    assert "ValueError: too quiet" in "".join(page.text["td"])
    # Its scores over fewer clips would compare with those of the others.
    assert "poor-" in page.text["tbody"][0]


def test_without_speakers(predictions, path):
    page = _read(make_evaluation(predictions.drop(columns="speaker")), path)
    assert "Speakers" not in page.text["h2"]
    assert "Comparison" not in page.text["h2"]
    assert len(page.images) == 3


def test_a_report_can_be_written_again(evaluation, path):
    first = write_report(evaluation, str(path)).read_bytes()
    assert write_report(evaluation, path) == path
    assert path.read_bytes() == first


def test_a_folder_that_is_not_there(evaluation, tmp_path):
    with pytest.raises(FileNotFoundError):
        write_report(evaluation, tmp_path / "missing" / "report.html")
