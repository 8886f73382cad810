"""Parts of corpora, and what is said of them."""


def touch(folder, *names):
    """Make empty files in a folder, and return it."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def problem(corpus, beginning):
    """Return the one problem of a corpus that begins so."""
    (found,) = [text for text in corpus.problems if text.startswith(beginning)]
    return found
