"""The protocols of the reports, those that flatter among them, and honest ones."""

from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

from benchmarks.reports._experiment import HoldOut, Protocol
from benchmarks.systems import SEED
from sersk.model_selection import (
    LeaveOneSessionOut,
    LeaveOneSpeakerOut,
    PredefinedPartition,
    SpeakerKFold,
)

RANDOM = Protocol(
    "clips at random 80/20",
    ShuffleSplit(1, test_size=0.2, random_state=SEED),
    is_published=True,
    shares_speakers=True,
)
STRATIFIED = Protocol(
    "clips at random 80/20, by class",
    StratifiedShuffleSplit(1, test_size=0.2, random_state=101),
    is_published=True,
    shares_speakers=True,
)
DIALOGUES_SES05F = Protocol(
    "dialogues Ses05F",
    HoldOut("dialog", "Ses05F"),
    is_published=True,
    shares_speakers=True,
)
SPEAKER_5F = Protocol("speaker 5F", HoldOut("speaker", "5F"), is_published=True)
SESSION_5 = Protocol("session 5", HoldOut("session", "5"), is_published=True)
SESSIONS = Protocol("by session", LeaveOneSessionOut())
SPEAKERS = Protocol("by speaker", LeaveOneSpeakerOut())
FIVE_FOLDS = Protocol("speakers, 5 folds", SpeakerKFold(5))
SIX_FOLDS = Protocol("speakers, 6 folds", SpeakerKFold(6))
TEN_FOLDS = Protocol("speakers, 10 folds", SpeakerKFold(10))
TEST_PARTITION = Protocol(
    "published partition", PredefinedPartition(test="test"), is_published=True
)
DEVELOPMENT = Protocol(
    "Development", PredefinedPartition(test="dev"), is_published=True
)
TEST_1 = Protocol("Test1", PredefinedPartition(test="test1"))
TEST_OF_MOSEI = Protocol(
    "MOSEI's test partition, the rest and other corpora in training",
    HoldOut("partition", "test"),
    is_published=True,
)
