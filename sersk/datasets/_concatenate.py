"""Several corpora in one."""

import functools
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from sersk.audio import AudioClips, concatenate_clips
from sersk.datasets._catalogue import known_size
from sersk.datasets._corpus import Corpus
from sersk.datasets._finding import Finding
from sersk.datasets._scheme import Scheme
from sersk.datasets._schemes import check_scheme
from sersk.datasets._targets import AttributeScheme
from sersk.datasets._votes import VOTES

# Names that mean something only within their corpus.
_NAMES = ("speaker", "session", "dialog", "script", "sentence", "utterance")
_PARTS = ("file", "start", "end")
_PARTITIONS = ("train", "dev", "test")


def concatenate_corpora(
    corpora: Sequence[Corpus] | Mapping[str, Corpus],
    *,
    scheme: str | Scheme,
    name: str | None = None,
    partition: Mapping[str, str] | None = None,
    verbose: bool = True,
) -> Corpus:
    """Put several corpora into one, under one label scheme.

    Speakers, sessions, dialogs, scripts, sentences and utterances get the name of
    their source in front (``"emodb/03"``), so that no two of different corpora are
    taken for one.

    Parameters
    ----------
    corpora : sequence of Corpus, or mapping of str to Corpus
        The sources; the names of a sequence are those of the corpora.
    scheme : str or LabelScheme
        What makes one class of the different words that corpora have for it, such as
        ``"six-merge"``; :func:`sersk.datasets.scheme_names`. Clips whose label is in
        no class are left out.
    name : str, default=None
        Name of the result; None: those of the sources, ``"emodb+ravdess"``.
    partition : mapping of str to str, default=None
        ``"train"``, ``"dev"`` or ``"test"`` for each source, which becomes the column
        ``partition``. None: that of each source, where it has one.
    verbose : bool, default=True
        Whether to print how many clips of each class each source has, and what the
        scheme left out.

    Returns
    -------
    corpus : Corpus
        The clips of the first source, then those of the second and so on. The column
        ``corpus``, which travels with the clips, holds the source. What a source does
        not have is missing; votes are 0. ``corpus.counts("corpus")`` counts the
        classes of each source.

    Raises
    ------
    ValueError
        If two sources have one name, the same file is in two, one has more clips than
        its corpus has as published, one is itself made of several, the sampling rates
        differ, or the scheme fits one of them nowhere.
    TypeError
        If a source is no Corpus.

    See Also
    --------
    sersk.model_selection.PredefinedPartition : Train on some corpora, test on others.

    Notes
    -----
    Arousal, valence and dominance have another range in each corpus, so a scheme of
    attributes is refused. Which clips are the same recording under two names is for
    :meth:`Corpus.verify` to find.

    Examples
    --------
    >>> from sersk.datasets import concatenate_corpora, make_emotional_speech
    >>> corpus = concatenate_corpora(
    ...     {
    ...         "here": make_emotional_speech(n_speakers=2, random_state=0),
    ...         "there": make_emotional_speech(n_speakers=1, random_state=1),
    ...     },
    ...     scheme="three-merge",
    ...     partition={"here": "train", "there": "test"},
    ... )
    three-merge: angry (angry + anger), happy (happy + happiness), ...
           angry  happy  neutral  clips
    here      12     12       12     36
    there      6      6        6     18
    all       18     18       18     54
    Left out by the scheme: here 12 (sad 12); there 6 (sad 6).
    >>> corpus.frame["speaker"].unique().tolist()
    ['here/01', 'here/02', 'there/01']
    """
    scheme = _check_scheme(scheme)
    sources = _check_sources(corpora)
    _check_sizes(sources)
    _check_rates(sources)
    _check_files(sources)
    frames = {
        source: _prepare(source, corpus, scheme) for source, corpus in sources.items()
    }
    clips = [
        _take(source, sources[source].clips, frame) for source, frame in frames.items()
    ]
    joined = Corpus(
        _stack(frames, partition),
        concatenate_clips(clips),
        scheme,
        name="+".join(sources) if name is None else name,
        problems=_findings(sources),
    )
    if verbose:
        print(_report(joined, sources, frames))
    return joined


def _check_scheme(scheme: str | Scheme) -> Scheme:
    checked = check_scheme(scheme)
    if isinstance(checked, AttributeScheme):
        raise ValueError(
            f"scheme={checked.name!r}: attributes have another range in each corpus. "
            "Concatenate under a LabelScheme and bring the columns to one range."
        )
    return checked


def _check_sources(
    corpora: Sequence[Corpus] | Mapping[str, Corpus],
) -> dict[str, Corpus]:
    """Return the sources by name, or raise unless they are corpora with one each."""
    if isinstance(corpora, Corpus):
        raise TypeError("corpora is one Corpus. Pass a list of several.")
    if not isinstance(corpora, Mapping):
        corpora = _by_name(list(corpora))
    if not corpora:
        raise ValueError("There is no corpus to concatenate. Pass at least one.")
    for name, corpus in corpora.items():
        _check_source(name, corpus)
    _check_names(corpora)
    return dict(corpora)


def _check_names(sources: Mapping[str, Corpus]) -> None:
    """Raise where a name cannot stand before a slash, or a corpus is there twice."""
    for name in sources:
        if not isinstance(name, str) or not name.strip() or "/" in name:
            raise ValueError(
                f"{name!r} cannot be the name of a source: it stands before a slash in "
                "the names of speakers. Give the source another name."
            )
    owners: dict[str, str] = {}
    for source, corpus in sources.items():
        # Two copies of one corpus would make two people of each speaker.
        if known_size(corpus.name) is not None and corpus.name in owners:
            raise ValueError(
                f"{owners[corpus.name]!r} and {source!r} are both {corpus.name}, whose "
                "speakers would count twice. Load it once, or take parts of it with "
                "Corpus.select."
            )
        owners[corpus.name] = source


def _by_name(corpora: list[Corpus]) -> dict[str, Corpus]:
    named: dict[str, Corpus] = {}
    for corpus in corpora:
        name = getattr(corpus, "name", repr(type(corpus)))
        if name in named:
            raise ValueError(
                f"Two corpora have the name {name!r}. Give each source a name of its "
                "own: concatenate_corpora({'first': ..., 'second': ...}, scheme=...)."
            )
        named[name] = corpus
    return named


def _check_source(name: str, corpus: Corpus) -> None:
    if not isinstance(corpus, Corpus):
        raise TypeError(
            f"Only a Corpus can be concatenated, got a {type(corpus).__name__}. Load "
            "it without return_X_y."
        )
    parts = corpus.frame.get("corpus", pd.Series(dtype=object)).dropna().unique()
    if len(parts) > 1:
        raise ValueError(
            f"{name} is itself made of several corpora ({', '.join(map(str, parts))}). "
            "Concatenate all of them at once, or take it apart: "
            f"{{{parts[0]!r}: corpus.select(corpus={parts[0]!r}), ...}}."
        )


def _check_sizes(sources: Mapping[str, Corpus]) -> None:
    """Raise where there are more clips of a corpus than it has as published."""
    sizes: Counter[str] = Counter()
    for source, corpus in sources.items():
        # A renamed source counts for the corpus that it is, and for its new name.
        for name in {source, corpus.name}:
            sizes[name] += len(corpus)
    for name, size in sizes.items():
        known = known_size(name)
        if known is not None and size > known:
            raise ValueError(
                f"{name} has {size} clips here and {known} as published. Remove "
                "copies and clips of other sources (Corpus.verify finds copies), and "
                "add each corpus once."
            )


def _check_rates(sources: Mapping[str, Corpus]) -> None:
    rates = {source: corpus.clips.sampling_rate for source, corpus in sources.items()}
    if len(set(rates.values())) > 1:
        found = ", ".join(f"{source} {rate} Hz" for source, rate in rates.items())
        rate = min(rates.values())
        raise ValueError(
            f"The sampling rates differ: {found}. Load all with "
            f"sampling_rate={rate}, or make clips of that rate: "
            f"corpus.clips.resample({rate})."
        )


def _check_files(sources: Mapping[str, Corpus]) -> None:
    """Raise if a file is in two sources, under whatever path."""
    owners: dict[str, str] = {}
    for source, corpus in sources.items():
        files = corpus.clips.files
        names = set() if files is None else set(_real_paths(files))
        shared = sorted(name for name in names if name in owners)
        if shared:
            raise ValueError(
                f"{len(shared)} file{'s' * (len(shared) > 1)} of {source} can also be "
                f"found in {owners[shared[0]]}, such as {shared[0]!r}. Keep each in "
                "one of the two, because a test must not hold what was learned from."
            )
        owners.update(dict.fromkeys(names, source))


def _real_paths(files: np.ndarray) -> Iterator[str]:
    """Resolve links in the folders, of which there are few, and not in each file."""
    resolve = functools.lru_cache(maxsize=None)(os.path.realpath)
    for file in files:
        folder, name = os.path.split(file)
        yield os.path.join(resolve(folder), name)


def _prepare(source: str, corpus: Corpus, scheme: Scheme) -> pd.DataFrame:
    """Return the rows of a source that the scheme takes, with names of their own."""
    frame = corpus.frame
    # A table need not say where its clips lie, as long as no other table does.
    for column, values in corpus.clips.to_frame().items():
        if column in _PARTS:
            frame[column] = values
    # Or the next scheme would find labels for some of the sources only.
    if "label" not in frame and "emotion" in frame:
        frame["label"] = frame["emotion"]
    try:
        frame = scheme.prepare(frame).copy()
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from error
    for column in _NAMES:
        if column in frame:
            frame[column] = _prefixed(source, frame[column]).to_numpy()
    frame["corpus"] = source
    return frame


def _take(source: str, clips: AudioClips, frame: pd.DataFrame) -> AudioClips:
    clips = clips[frame.index.to_numpy()]
    own = {
        column: _prefixed(source, clips.columns[column]).tolist()
        for column in _NAMES
        if column in clips.columns
    }
    return clips.with_columns(own)


def _prefixed(source: str, values: Iterable) -> pd.Series:
    named = [value if pd.isna(value) else f"{source}/{value}" for value in values]
    # Plain objects: a name that is not UTF-8 fits into none of pandas' string types.
    return pd.Series(named, dtype=object)


def _stack(
    frames: Mapping[str, pd.DataFrame], partition: Mapping[str, str] | None
) -> pd.DataFrame:
    """Put tables one under another, with every column that one of them has."""
    names = list(
        dict.fromkeys(str(name) for frame in frames.values() for name in frame.columns)
    )
    # A column that is empty in one source would decide the type of the others'.
    filled = [frame.dropna(axis=1, how="all") for frame in frames.values()]
    stacked = pd.concat(filled, ignore_index=True).reindex(columns=names)
    votes = [name for name in names if name.startswith(VOTES)]
    stacked[votes] = stacked[votes].fillna(0).astype(np.int64)
    if partition is not None:
        _check_partition(partition, frames)
        stacked["partition"] = [partition[source] for source in stacked["corpus"]]
    return stacked


def _check_partition(partition: Mapping[str, str], sources: Iterable[str]) -> None:
    if set(partition) != set(sources):
        raise ValueError(
            f"partition names {', '.join(map(repr, partition))}, and the sources are "
            f"{', '.join(map(repr, sources))}. Name each of them."
        )
    for source, part in partition.items():
        if part not in _PARTITIONS:
            raise ValueError(
                f"partition puts {source!r} into {part!r}. Choose 'train', 'dev' or "
                "'test'."
            )


def _findings(sources: Mapping[str, Corpus]) -> list[Finding]:
    return [
        finding._replace(message=f"{source}: {finding.message}")
        for source, corpus in sources.items()
        for finding in corpus.findings
    ]


def _report(
    joined: Corpus, sources: Mapping[str, Corpus], frames: Mapping[str, pd.DataFrame]
) -> str:
    """Return the classes of each source as a table, and what was left out."""
    table = joined.counts("corpus").T.reindex(list(sources))
    table["clips"] = [len(frame) for frame in frames.values()]
    table.loc["all"] = table.sum()
    lines = [
        str(joined.scheme),
        table.rename_axis(index=None, columns=None).to_string(),
    ]
    left_out = [
        f"{source} {_count(corpus.frame.drop(index=frames[source].index))}"
        for source, corpus in sources.items()
        if len(corpus) > len(frames[source])
    ]
    if left_out:
        lines.append(f"Left out by the scheme: {'; '.join(left_out)}.")
    return "\n".join(lines)


def _count(frame: pd.DataFrame) -> str:
    """Say how many clips there are, and of which labels."""
    for column in ("label", "emotion"):
        if column in frame:
            labels = frame[column].value_counts().items()
            listed = ", ".join(f"{label} {count}" for label, count in labels)
            return f"{len(frame)} ({listed})"
    return str(len(frame))
