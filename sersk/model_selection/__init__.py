"""Split clips so that no speaker is on both sides, and see what passes all the same.

The splitters have scikit-learn's signatures and work wherever ``cv=`` is taken. They
read the speaker (the session, the partition) from X, so that a search nested in a
cross-validation stays speaker-disjoint without any routing; `groups` wins where it is
given.
"""

from sersk.model_selection._audit import audit_split
from sersk.model_selection._audit_fit import audit_fit
from sersk.model_selection._audit_report import SplitAudit
from sersk.model_selection._crossed import SpeakerSentenceKFold
from sersk.model_selection._split import (
    LeaveOneSessionOut,
    LeaveOneSpeakerOut,
    PredefinedPartition,
    SpeakerKFold,
)

__all__ = [
    "LeaveOneSessionOut",
    "LeaveOneSpeakerOut",
    "PredefinedPartition",
    "SpeakerKFold",
    "SpeakerSentenceKFold",
    "SplitAudit",
    "audit_fit",
    "audit_split",
]
