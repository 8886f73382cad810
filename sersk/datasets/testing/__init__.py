"""Corpora without the corpus, to test loaders and whatever is built on them.

===========  ===================================================================
`make_tree`  tones with the names, folders and annotations of a real corpus
===========  ===================================================================
"""

from sersk.datasets.testing._make_tree import make_tree

__all__ = ["make_tree"]
