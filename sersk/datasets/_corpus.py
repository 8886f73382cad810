"""Clips, their labels, and what else is known of them."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sersk.audio import AudioClips, read_transcripts
from sersk.datasets._corpus_checks import (
    ATTRIBUTES,
    check_parts,
    find_values,
)
from sersk.datasets._finding import Finding, as_findings
from sersk.datasets._gaps import labels_left_out, labels_wanted, warn_of_gaps
from sersk.datasets._scheme import Scheme
from sersk.datasets._schemes import check_scheme
from sersk.datasets._votes import shares, spread, votes_of

if TYPE_CHECKING:
    from sersk.datasets._verify import Verification

# What travels inside X. The target never does, nor does anything that would tell it:
# the intensity of a played emotion, or the true parameters of a synthetic clip.
CARRIED = (
    "corpus",
    "speaker",
    "session",
    "dialog",
    "script",
    "sentence",
    "gender",
    "partition",
    "transcript",
)


class Corpus:
    """Hold the clips of a corpus, their labels, and a table of what is known of them.

    A corpus does not change; :meth:`select` returns another one.

    Parameters
    ----------
    frame : pandas.DataFrame of n_clips rows
        One row a clip. ``emotion`` holds the class, and ``label``, if there is such a
        column, the label that the corpus itself has. ``corpus``, ``speaker``,
        ``session``, ``dialog``, ``script``, ``sentence``, ``gender``, ``partition``
        and ``transcript`` are copied into the columns of the clips. Any further
        column stays in the table.
    clips : AudioClips of shape (n_clips,)
        The clips, in the order of the rows.
    scheme : LabelScheme, MultiLabelScheme, AttributeScheme or str
        Names and order of the classes, and what the target is made of; or the name of
        a scheme that is built in.
    name : str
        Name of the corpus.
    problems : sequence of str, default=()
        What was found to be different from the corpus as published.
    origin : mapping, default=None
        Name and arguments of the function of this package that makes it again.
    left_out : collection of str, default=()
        Labels of clips that are not here, because the scheme left them out.

    Attributes
    ----------
    clips : AudioClips
        X: the clips with what is known of them, without the label.
    target : ndarray of shape (n_clips,) or (n_clips, n_classes)
        y: what the scheme makes of the table; names of classes for a LabelScheme.
    frame : pandas.DataFrame
        A copy of the table.
    scheme : LabelScheme, MultiLabelScheme or AttributeScheme
        Names and order of the classes.
    name : str
        Name of the corpus.
    problems : list of str
        What was found to be different from the corpus as published.

    Raises
    ------
    ValueError
        If the lengths differ, a label is missing or not in the scheme, or the clips
        carry the label.

    See Also
    --------
    load_emodb : Load the Berlin database of emotional speech.
    make_emotional_speech : Make a corpus whose truth is known.

    Examples
    --------
    >>> import pandas as pd
    >>> from sersk import AudioClips
    >>> from sersk.datasets import Corpus, LabelScheme
    >>> frame = pd.DataFrame(
    ...     {"emotion": ["sad", "happy", "sad"], "speaker": ["anna", "anna", "bob"]}
    ... )
    >>> corpus = Corpus(
    ...     frame,
    ...     AudioClips.from_files(["a1.wav", "a2.wav", "b1.wav"]),
    ...     LabelScheme("two", ("happy", "sad")),
    ...     name="mine",
    ... )
    >>> corpus
    <Corpus mine: 3 clips, 2 speakers; happy 1, sad 2>
    >>> corpus.select(speaker="anna").clips.speaker
    array(['anna', 'anna'], dtype=object)
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        clips: AudioClips,
        scheme: str | Scheme,
        *,
        name: str,
        problems: Sequence[str | Finding] = (),
        origin: Mapping[str, Any] | None = None,
        left_out: Collection[str] = (),
    ) -> None:
        self._frame = frame.reset_index(drop=True)
        self._scheme = check_scheme(scheme)
        self._name = name
        self._findings = as_findings(problems)
        self._origin = origin
        self._left_out = frozenset(left_out)
        check_parts(self._frame, clips)
        self._target = self._scheme.target(self._frame)
        self._target.flags.writeable = False
        carried: dict[str, Any] = {
            column: self._frame[column] for column in CARRIED if column in frame
        }
        self._clips = clips.with_columns(carried)

    @property
    def clips(self) -> AudioClips:
        """X: the clips with what is known of them, without the label."""
        return self._clips

    @property
    def target(self) -> np.ndarray:
        """y: what the scheme makes of each clip."""
        return self._target

    @property
    def frame(self) -> pd.DataFrame:
        """A copy of the table, one row a clip."""
        return self._frame.copy()

    @property
    def scheme(self) -> Scheme:
        """Names and order of the classes."""
        return self._scheme

    @property
    def name(self) -> str:
        """Name of the corpus."""
        return self._name

    @property
    def problems(self) -> list[str]:
        """What was found to be different from the corpus as published."""
        return [finding.message for finding in self._findings]

    @property
    def origin(self) -> Mapping[str, Any] | None:
        """Name and arguments of the function that makes it again, if there is one."""
        return self._origin

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The problems with the files that each concerns."""
        return self._findings

    @property
    def attributes(self) -> pd.DataFrame:
        """Arousal, valence and dominance of each clip, where the corpus has them."""
        return self._frame[[name for name in ATTRIBUTES if name in self._frame]].copy()

    @property
    def votes(self) -> pd.DataFrame:
        """How many raters chose each label for each clip.

        A DataFrame of int of shape (n_clips, n_labels), with the labels that the
        corpus itself has; without a column where it has no raters.
        """
        return votes_of(self._frame)

    def soft_labels(self) -> pd.DataFrame:
        """Return the share that each class has in the votes of the raters.

        Returns
        -------
        labels : pandas.DataFrame of float of shape (n_clips, n_classes)
            Votes for labels that the scheme merges are added, and those for labels
            outside it do not count. Each row sums to 1, or is NaN where no rater
            chose a class.

        Raises
        ------
        ValueError
            If the corpus has no votes, or its scheme is no LabelScheme.

        Examples
        --------
        >>> import pandas as pd
        >>> from sersk import AudioClips
        >>> from sersk.datasets import Corpus, LabelScheme
        >>> frame = pd.DataFrame(
        ...     {"emotion": ["sad", "fun"], "votes_sad": [3, 1], "votes_fun": [1, 1]}
        ... )
        >>> clips = AudioClips.from_files(["a.wav", "b.wav"])
        >>> scheme = LabelScheme("two", ("sad", "fun"))
        >>> Corpus(frame, clips, scheme, name="mine").soft_labels().to_numpy()
        array([[0.75, 0.25],
               [0.5 , 0.5 ]])
        """
        return shares(self.votes, self._scheme, name=self._name)

    def soft_target(self) -> tuple[AudioClips, np.ndarray, np.ndarray]:
        """Return clips, classes and weights from which soft labels can be learned.

        A clip is there once for each class that has a share in its votes, with the
        share as weight; scores are still those of ``clips`` and ``target``.

        Returns
        -------
        clips : AudioClips of shape (n_shares,)
            In the order of the corpus, the copies of a clip one after another; they
            carry the speaker and whatever else the clips do.
        target : ndarray of str of shape (n_shares,)
            Names of classes, for each clip in the order of the scheme.
        sample_weight : ndarray of float of shape (n_shares,)
            They sum to 1 over the copies of each clip. Where no rater chose a class,
            the label of the clip has the weight 1.

        Raises
        ------
        ValueError
            If the corpus has no votes, or its scheme is no LabelScheme.

        Examples
        --------
        >>> clips, target, weight = corpus.soft_target()  # doctest: +SKIP
        >>> pipeline.fit(  # doctest: +SKIP
        ...     clips, target, logisticregression__sample_weight=weight
        ... )
        """
        rows, target, weight = spread(self.soft_labels(), self._target)
        return self._clips[rows], target, weight

    def with_scheme(self, scheme: str | Scheme) -> "Corpus":
        """Return the clips that belong to a scheme, with the target that it makes.

        Parameters
        ----------
        scheme : str, LabelScheme, MultiLabelScheme or AttributeScheme
            One that is built in, by name (:func:`sersk.datasets.scheme_names`), or
            one of your own.

        Returns
        -------
        corpus : Corpus
            The clips whose label is in a class; clips that were left out before stay
            out. Classes are made of the column ``label``, which never changes, or
            else of ``emotion``.

        Raises
        ------
        ValueError
            If there is no such scheme, no clip is in it, or a column that it needs
            is not there.

        Warns
        -----
        CorpusWarning
            If clips get into no class and a class gets none, or if clips that belong
            to it were left out when the corpus was loaded: load it with this scheme.

        Examples
        --------
        >>> from sersk.datasets import LabelScheme, make_emotional_speech
        >>> corpus = make_emotional_speech(n_speakers=2, random_state=0)
        >>> merges = {"anger": "bad", "sad": "bad", "happy": "good"}
        >>> corpus.with_scheme(LabelScheme("valence", ("bad", "good"), merges))
        <Corpus synthetic: 36 clips, 2 speakers; bad 24, good 12>
        """
        scheme = check_scheme(scheme)
        frame = scheme.prepare(self._frame)
        gone = labels_left_out(self._frame, frame)
        clips = self._clips[frame.index.to_numpy()]
        taken = self._take(frame, clips, scheme, self._left_out | gone)
        warn_of_gaps(taken, lost=labels_wanted(scheme, self._left_out), gone=gone)
        return taken

    def as_texts(self) -> "Corpus":
        """Return the corpus without its audio, for systems of text.

        Returns
        -------
        corpus : Corpus
            The same table and target. Each clip is what is said in it, so that clips
            of equal words are equal; it is empty where nothing is known.

        Raises
        ------
        ValueError
            If the clips carry no transcripts.
        """
        texts = read_transcripts(self._clips)
        columns: dict[str, Any] = dict(self._clips.columns)
        return Corpus(
            self._frame,
            AudioClips.from_texts(texts, columns=columns),
            self._scheme,
            name=self._name,
            problems=self._findings,
            left_out=self._left_out,
        )

    def select(self, **values: Any) -> "Corpus":
        """Return the clips that have given values in given columns of the table.

        Parameters
        ----------
        **values : value or sequence of values
            What each column may hold, such as ``speaker=["03", "08"]``. A clip must
            satisfy every column.

        Returns
        -------
        corpus : Corpus
            The clips selected, in the order they had, with the whole scheme.

        Raises
        ------
        ValueError
            If there is no such column, no clip has one of the values, or no clip
            satisfies all columns.

        Examples
        --------
        >>> from sersk.datasets import make_emotional_speech
        >>> corpus = make_emotional_speech(n_speakers=2, random_state=0)
        >>> corpus.select(speaker="02", emotion=["anger", "sad"])
        <Corpus synthetic: 12 clips, 1 speaker; anger 6, happy 0, neutral 0, sad 6>
        """
        chosen = np.ones(len(self), dtype=bool)
        for column, wanted in values.items():
            chosen &= find_values(self._column(column), wanted, self._name)
        if not chosen.any():
            raise ValueError(f"No clip of {self._name} has all of {values}.")
        return self[chosen]

    def counts(self, by: str = "speaker") -> pd.DataFrame:
        """Count the clips of each class for each value of a column.

        Parameters
        ----------
        by : str, default="speaker"
            Column of the table.

        Returns
        -------
        counts : pandas.DataFrame of shape (n_classes, n_values)
            One row a class, in the order of the scheme, and one column a value.

        Raises
        ------
        ValueError
            If there is no such column.

        Examples
        --------
        >>> from sersk.datasets import make_emotional_speech
        >>> corpus = make_emotional_speech(n_speakers=2, random_state=0)
        >>> corpus.counts("gender").loc["sad"].to_dict()
        {'female': 6, 'male': 6}
        """
        return self._scheme.counts(self._frame, self._column(by))

    def describe(self) -> pd.DataFrame:
        """Count clips and speakers of each class, and measure how long they last.

        Durations come from ``start`` and ``end`` where both are known, and else from
        the headers of the files; no audio is decoded.

        Returns
        -------
        description : pandas.DataFrame of shape (n_classes + 1, 6)
            One row a class, in the order of the scheme, and ``"all"``. Columns
            ``clips``, ``speakers``, ``hours``, ``seconds_min``, ``seconds_median`` and
            ``seconds_max``; missing where nothing is known. Under a scheme of
            attributes, only ``"all"``.

        Warns
        -----
        AudioWarning
            If files cannot be read; their clips are counted, but not measured.

        Examples
        --------
        >>> from sersk.datasets import make_emotional_speech
        >>> corpus = make_emotional_speech(n_speakers=2, random_state=0)
        >>> corpus.describe()[["clips", "speakers"]]
                 clips  speakers
        emotion
        anger       12         2
        happy       12         2
        neutral     12         2
        sad         12         2
        all         48         2
        """
        # Here, because they take a corpus themselves.
        from sersk.datasets._describe import describe_corpus

        return describe_corpus(self)

    def verify(self, *, n_jobs: int | None = None) -> "Verification":
        """Compare the corpus with its publication, and listen to every clip.

        Parameters
        ----------
        n_jobs : int or None, default=None
            Number of workers, as joblib understands it.

        Returns
        -------
        verification : Verification
            ``print`` it for a report; its ``frame`` is a table of all findings.

        See Also
        --------
        verify_corpus : Tells which checks there are.

        Examples
        --------
        >>> from sersk.datasets import make_emotional_speech
        >>> make_emotional_speech(n_speakers=2, random_state=0).verify()
        <Verification of synthetic: 48 clips, no findings>
        """
        from sersk.datasets._verify import verify_corpus

        return verify_corpus(self, n_jobs=n_jobs)

    def __getitem__(self, rows: Any) -> "Corpus":
        """Return the corpus of some clips: a slice, a mask or a list of positions."""
        places = np.arange(len(self))[rows]
        if places.ndim != 1:
            raise TypeError(
                f"A corpus is indexed by a slice, a mask or a list of positions, got "
                f"{rows!r}. A single clip is corpus.clips[{rows!r}]."
            )
        frame, clips = self._frame.iloc[places], self._clips[places]
        return self._take(frame, clips, self._scheme, self._left_out)

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self._frame)

    def __repr__(self) -> str:
        """Return name, clips, speakers and the count of each class."""
        found = [f"{len(self)} clip{'s' * (len(self) != 1)}"]
        if "speaker" in self._frame:
            n_speakers = self._frame["speaker"].nunique()
            found.append(f"{n_speakers} speaker{'s' * (n_speakers != 1)}")
        whole = pd.Series(0, index=self._frame.index)
        counts = self._scheme.counts(self._frame, whole)[0]
        classes = [f"{name} {count}" for name, count in counts.items()]
        return f"<Corpus {self._name}: {', '.join(found)}; {', '.join(classes)}>"

    def _take(
        self,
        frame: pd.DataFrame,
        clips: AudioClips,
        scheme: Scheme,
        left_out: Collection[str],
    ) -> "Corpus":
        return Corpus(
            frame,
            clips,
            scheme,
            name=self._name,
            problems=self._findings,
            origin=self._origin,
            left_out=left_out,
        )

    def _column(self, column: str) -> pd.Series:
        if column not in self._frame:
            raise ValueError(
                f"{self._name} has no column {column!r}. Its columns are "
                f"{', '.join(map(repr, self._frame.columns))}."
            )
        return self._frame[column]
