"""Displays, which draw what was computed with matplotlib, and a report of all of it.

===========================  =======================================================
`ClassCountsDisplay`         clips of each class by speaker, session or corpus
`ConfusionDisplay`           which classes are taken for which, with intervals
`SpeakerScoresDisplay`       the score of each speaker, and of their mean the interval
`ReliabilityDisplay`         how often answers of each probability are right
`ThresholdDisplay`           precision, recall and F1 over a threshold
`CriticalDifferenceDisplay`  ranks of systems, and which cannot be told apart
`OptimismDisplay`            what protocols that flatter add to a score
`write_report`               all that an evaluation says, in one HTML file
===========================  =======================================================
"""

from sersk.plotting._confusion import ConfusionDisplay
from sersk.plotting._corpus import ClassCountsDisplay
from sersk.plotting._optimism import OptimismDisplay
from sersk.plotting._ranking import CriticalDifferenceDisplay
from sersk.plotting._reliability import ReliabilityDisplay
from sersk.plotting._report import write_report
from sersk.plotting._speakers import SpeakerScoresDisplay
from sersk.plotting._threshold import ThresholdDisplay

__all__ = [
    "ClassCountsDisplay",
    "ConfusionDisplay",
    "CriticalDifferenceDisplay",
    "OptimismDisplay",
    "ReliabilityDisplay",
    "SpeakerScoresDisplay",
    "ThresholdDisplay",
    "write_report",
]
