"""The line, the report, the table and the error of an audit."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from sersk.datasets import make_emotional_speech
from sersk.model_selection import audit_split

SPEAKERS = ["anna", "anna", "bob", "bob"]
SHARED = [([0, 2], [1, 3])]


def _audit(cv=SHARED, groups=SPEAKERS, **options):
    return audit_split(np.eye(4), cv=cv, groups=groups, audio=None, **options)


def test_leaks_are_refused_with_names_and_remedy():
    with pytest.raises(
        ValueError,
        match=r"^2 speakers are in the training and the test clips of a fold "
        r"\('anna', 'bob'\), so the scores would be those of voices that the model has "
        r"heard\. Use cv=LeaveOneSpeakerOut\(\) or SpeakerKFold\(\), or pass "
        r"acknowledge_overlap=True\.$",
    ):
        _audit().raise_if_leaking(parameter="acknowledge_overlap")


def test_many_speakers_are_not_all_listed():
    audit = audit_split(
        np.eye(16), cv=[(range(8), range(8, 16))], groups=[*range(8), *range(8)]
    )
    with pytest.raises(ValueError, match=r"8 speakers are .*\(0, 1, 2, 3, 4, …\)"):
        audit.raise_if_leaking()


@pytest.mark.parametrize("acknowledge", [True, "speaker", ["speaker", "session"]])
def test_leaks_that_are_acknowledged_pass(acknowledge):
    _audit().raise_if_leaking(acknowledge)


def test_other_leaks_than_those_acknowledged_do_not_pass():
    audit = _audit(cv=[([0, 1], [1, 2])])
    with pytest.raises(ValueError, match=r"^1 clip is in .*first: clip 1.*Correct cv"):
        audit.raise_if_leaking(["speaker"])
    with pytest.raises(ValueError, match=r"^1 speaker is in .*'anna'"):
        audit.raise_if_leaking(["clip"])


def test_selection_on_test_clips_is_refused():
    audit = _audit(cv=[([0, 1], [2, 3], [2, 3])])
    with pytest.raises(
        ValueError,
        match=r"^2 validation clips are in the validation and the test clips of a fold "
        r"\(first: clip 2\).*Select on clips that are not tested",
    ):
        audit.raise_if_leaking()


def test_copies_are_refused_by_their_detail():
    waves = np.random.default_rng(0).uniform(-1, 1, (4, 50))
    waves[2] = waves[0]
    audit = audit_split(waves, cv=[([0, 1], [2, 3])], groups=SPEAKERS)
    message = r"^1 clip of identical audio is in .*clip 2 has the audio of clip 0"
    with pytest.raises(ValueError, match=message):
        audit.raise_if_leaking()


def test_notes_and_errors_are_not_refused():
    _audit(cv=[([0, 1], [])]).raise_if_leaking()


def test_the_report_tells_all():
    corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    text = str(audit_split(corpus, cv=StratifiedKFold(2)))
    lines = text.splitlines()
    assert lines[0] == "Audit of synthetic: 24 clips, StratifiedKFold, 2 folds"
    assert lines[1] == "Checked: speaker, audio."
    assert text.endswith("sentences shared by design).")
    honest = str(audit_split(corpus))
    assert "note: session train/test (2, 2 folds)" in honest
    assert "  fold 0: '01': 12 train and 12 test clips" in honest


def test_long_reports_are_cut():
    clips = np.eye(16)
    text = str(
        audit_split(clips, cv=[(range(8), range(8, 16))], groups=[*range(8)] * 2)
    )
    assert "leak: speaker train/test (8, 1 fold)" in text
    assert "  and 3 more" in text


def test_the_table_is_tidy():
    findings = _audit().findings
    assert list(findings.columns) == [
        *("fold", "check", "sides", "severity", "value", "count", "detail")
    ]
    assert findings["fold"].dtype == "Int64"
    assert findings["count"].dtype == np.int64
    empty = _audit(cv=[([0, 1], [2, 3])]).findings
    assert list(empty.columns) == list(findings.columns)
    assert empty["count"].dtype == np.int64


def test_html_is_escaped():
    audit = _audit(groups=["<b>", "<b>", "bob", "bob"])
    page = audit._repr_html_()
    assert "&lt;b&gt;" in page
    assert "'<b>'" not in page
    assert "1 SPEAKER SHARED" not in page
    assert "2 SPEAKERS SHARED" in page
    assert _audit(cv=[([0, 1], [2, 3])])._repr_html_().count("<table") == 0
