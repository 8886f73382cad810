"""Displays, which draw what was computed with matplotlib.

====================  ===================================================
`ClassCountsDisplay`  clips of each class by speaker, session or corpus
====================  ===================================================
"""

from sersk.plotting._corpus import ClassCountsDisplay

__all__ = ["ClassCountsDisplay"]
