"""A corpus of synthetic emotional speech whose truth is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._scheme import LabelScheme
from sersk.datasets._source_filter import PAUSE, VOWELS, Utterance, synthesise
from sersk.utils._sklearn import Interval


@dataclass(frozen=True)
class _Expression:
    """How an emotion changes a voice; the docstring below prints this table."""

    f0: float  # semitones
    f0_range: float  # factor
    level: float  # dB
    rate: float  # factor
    tilt: float  # dB per octave


_EXPRESSIONS = {
    "anger": _Expression(f0=3.0, f0_range=1.6, level=6.0, rate=1.15, tilt=2.5),
    "boredom": _Expression(f0=-2.0, f0_range=0.6, level=-2.0, rate=0.85, tilt=-1.0),
    "disgust": _Expression(f0=-1.0, f0_range=1.1, level=0.0, rate=0.8, tilt=1.0),
    "fear": _Expression(f0=5.0, f0_range=0.8, level=-1.0, rate=1.25, tilt=-0.5),
    "happy": _Expression(f0=4.0, f0_range=1.8, level=3.0, rate=1.05, tilt=1.0),
    "neutral": _Expression(f0=0.0, f0_range=1.0, level=0.0, rate=1.0, tilt=0.0),
    "sad": _Expression(f0=-1.5, f0_range=0.7, level=-5.0, rate=0.8, tilt=-2.0),
    "surprise": _Expression(f0=6.0, f0_range=2.2, level=2.0, rate=0.95, tilt=0.5),
}

# A voice between a man's and a woman's, from which speakers depart.
_F0 = 155.0
_F0_RANGE = 2.0
_LEVEL = -34.0
_RATE = 4.5
_BREATH = 0.15
_NOISE = -40.0

_SPEAKERS_PER_SESSION = 2

# What a draw is for; part of the key of its generator.
_SPEAKER, _SESSION, _SENTENCE, _CLIP = range(4)

_CONSTRAINTS = {
    "n_speakers": Interval(Integral, 1, None, closed="left"),
    "n_sentences": Interval(Integral, 1, None, closed="left"),
    "n_repetitions": Interval(Integral, 1, None, closed="left"),
    "emotion_effect": Interval(Real, 0, 5, closed="both"),
    "speaker_effect": Interval(Real, 0, 5, closed="both"),
    "session_effect": Interval(Real, 0, 5, closed="both"),
    "script_effect": Interval(Real, 0, 2, closed="both"),
    "label_confounding": Interval(Real, 0, 1, closed="both"),
    "duration": Interval(Real, 0.5, 60, closed="both"),
    "sampling_rate": Interval(Integral, 8_000, 96_000, closed="both"),
}


def make_emotional_speech(
    n_speakers: int = 8,
    n_sentences: int = 3,
    n_repetitions: int = 2,
    emotions: Sequence[str] = ("anger", "happy", "neutral", "sad"),
    *,
    emotion_effect: float = 1.0,
    speaker_effect: float = 1.0,
    session_effect: float = 0.0,
    script_effect: float = 1.0,
    label_confounding: float = 0.0,
    duration: float = 1.4,
    sampling_rate: int = 16_000,
    random_state: int | np.random.RandomState | np.random.Generator | None = None,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Make a corpus of synthetic emotional speech with known effects.

    Pulses and noise pass through moving formants; every speaker says every sentence
    with every emotion. What emotion, speaker, session and sentence do to the sound
    are parameters, so that what a protocol should find is known beforehand.

    Parameters
    ----------
    n_speakers : int, default=8
        Number of speakers, men and women in turn; two share a session.
    n_sentences : int, default=3
        Number of sentences: sequences of vowels, consonants and accents.
    n_repetitions : int, default=2
        How often a speaker says a sentence with an emotion.
    emotions : sequence of str, default=("anger", "happy", "neutral", "sad")
        Classes, of those in the table below.
    emotion_effect : float, default=1.0
        Size of what the emotion changes, 0 to 5; see the table below.
    speaker_effect : float, default=1.0
        Size of what sets speakers apart, 0 to 5: F0, vocal tract length, level,
        rate, tilt and breath.
    session_effect : float, default=0.0
        Size of what sets sessions apart, 0 to 5: tilt, resonance, gain and
        background noise of the channel.
    script_effect : float, default=1.0
        Size of what sets sentences apart, 0 to 2: vowels, consonants and accents.
    label_confounding : float, default=0.0
        Probability that the label, and the emotion that is played, is the speaker's
        favourite instead of the one whose turn it is.
    duration : float, default=1.4
        Duration in seconds of a neutral clip of a usual speaker, up to half a
        syllable; faster speech makes it shorter.
    sampling_rate : int, default=16000
        Rate in Hz of the clips.
    random_state : int, RandomState, Generator or None, default=None
        Seed. Every speaker, session, sentence and clip has a generator of its own:
        a corpus with fewer of them is a part of the larger one.
    return_X_y : bool, default=False
        Whether to return clips and labels instead of the corpus.

    Returns
    -------
    corpus : Corpus
        Of ``n_speakers * n_sentences * len(emotions) * n_repetitions`` clips, float32
        with a peak below 1. ``corpus.frame`` has the columns ``emotion``,
        ``speaker``, ``session``, ``sentence``, ``gender`` and ``repetition``, and the
        truth of each clip: ``duration`` (s), ``f0`` (Hz, geometric mean over the
        speech), ``f0_range`` (semitones, standard deviation over the speech),
        ``level`` (dB re full scale, RMS), ``rate`` (syllables per s) and ``tilt`` (dB
        per octave, added to that of a modal voice).
    (clips, target) : tuple of AudioClips and ndarray of str
        If `return_X_y`.

    Raises
    ------
    ValueError
        If a parameter is out of range or an emotion is not in the table.

    Notes
    -----
    With ``emotion_effect=1`` an emotion changes a neutral voice as follows. A larger
    or smaller effect multiplies semitones and dB, and is the exponent of factors.

    ======== ============ ========== ====== ====== =============
    emotion  F0           F0 range   level  rate   tilt
             (semitones)  (factor)   (dB)   (fact) (dB/octave)
    ======== ============ ========== ====== ====== =============
    anger    +3           1.6        +6     1.15   +2.5
    boredom  -2           0.6        -2     0.85   -1
    disgust  -1           1.1        0      0.8    +1
    fear     +5           0.8        -1     1.25   -0.5
    happy    +4           1.8        +3     1.05   +1
    neutral  0            1          0      1      0
    sad      -1.5         0.7        -5     0.8    -2
    surprise +6           2.2        +2     0.95   +0.5
    ======== ============ ========== ====== ====== =============

    Every clip departs from this by chance, so that classes overlap.

    Labels are balanced within speaker and sentence where ``label_confounding=0``.
    Two settings have a known answer:

    - ``emotion_effect=0, label_confounding=0``: the label is independent of the
      sound. Nothing beats chance on speakers that were not heard. A split that shares
      speakers does not help an ordinary classifier either, which comes out below
      chance there: of balanced classes, those that a speaker's training clips lack
      are in the test clips.
    - ``emotion_effect=0, label_confounding=1``: every clip of a speaker has one
      label. Whoever knows the voice knows the label, so a random split scores far
      above chance, while on speakers that were not heard nothing beats chance.
      With few speakers scores even lie far below, for each fold takes a speaker of
      the very class that it tests out of training.

    Favourites go round among the speakers, and each is that of as many men as women
    if `n_speakers` is a multiple of twice the number of emotions.

    Examples
    --------
    >>> from sersk.datasets import make_emotional_speech
    >>> corpus = make_emotional_speech(random_state=0)
    >>> corpus
    <Corpus synthetic: 192 clips, 8 speakers; anger 48, happy 48, neutral 48, sad 48>
    >>> corpus.clips.sampling_rate
    16000
    """
    classes = _check_emotions(emotions)
    numbers = {
        "n_speakers": n_speakers,
        "n_sentences": n_sentences,
        "n_repetitions": n_repetitions,
        "emotion_effect": emotion_effect,
        "speaker_effect": speaker_effect,
        "session_effect": session_effect,
        "script_effect": script_effect,
        "label_confounding": label_confounding,
        "duration": duration,
        "sampling_rate": sampling_rate,
    }
    _check_numbers(**numbers)
    studio = _Studio(
        entropy=_entropy(random_state),
        classes=classes,
        emotion_effect=emotion_effect,
        speaker_effect=speaker_effect,
        session_effect=session_effect,
        script_effect=script_effect,
        label_confounding=label_confounding,
        n_syllables=max(2, round((duration - 2 * PAUSE) * _RATE)),
        sampling_rate=int(sampling_rate),
    )
    waveforms, rows = studio.record(n_speakers, n_sentences, n_repetitions)
    # Whoever draws the seed elsewhere cannot have the same clips again.
    seed = int(random_state) if isinstance(random_state, (int, np.integer)) else None
    arguments = {**numbers, "emotions": list(classes), "random_state": seed}
    origin = {"function": "make_emotional_speech", "arguments": arguments}
    corpus = Corpus(
        pd.DataFrame(rows),
        AudioClips.from_arrays(waveforms, sampling_rate=sampling_rate),
        LabelScheme("synthetic", classes),
        name="synthetic",
        origin=None if seed is None else origin,
    )
    return (corpus.clips, corpus.target) if return_X_y else corpus


@dataclass(frozen=True)
class _Voice:
    """What a speaker, in a session, brings to every clip."""

    gender: str
    f0: float  # semitones above the voice in the middle
    tract: float  # octaves by which the formants are moved
    level: float
    rate: float  # octaves
    tilt: float
    breath: float
    resonance: tuple[float, float]
    noise: float


@dataclass(frozen=True)
class _Sentence:
    """What is said: an entry per syllable; see Utterance."""

    formants: np.ndarray
    accents: np.ndarray
    frication: np.ndarray


@dataclass(frozen=True)
class _Studio:
    """The effects, and the draws that they scale.

    The number of draws never depends on an effect, so that corpora of one seed
    differ only in what was asked for.
    """

    entropy: int
    classes: tuple[str, ...]
    emotion_effect: float
    speaker_effect: float
    session_effect: float
    script_effect: float
    label_confounding: float
    n_syllables: int
    sampling_rate: int

    def record(
        self, n_speakers: int, n_sentences: int, n_repetitions: int
    ) -> tuple[list[np.ndarray], list[dict[str, Any]]]:
        """Return the waveforms and the rows of the table."""
        sentences = [self._sentence(number) for number in range(n_sentences)]
        waveforms, rows = [], []
        for speaker in range(n_speakers):
            voice = self._voice(speaker)
            design = np.ndindex(n_sentences, len(self.classes), n_repetitions)
            for sentence, turn, repetition in design:
                rng = self._generator(_CLIP, speaker, sentence, turn, repetition)
                emotion = self._label(speaker, turn, rng)
                utterance = self._utterance(voice, sentences[sentence], emotion, rng)
                waveform, level = synthesise(utterance, self.sampling_rate, rng)
                waveforms.append(waveform)
                rows.append(
                    {
                        "emotion": emotion,
                        "speaker": f"{speaker + 1:02d}",
                        "session": f"{speaker // _SPEAKERS_PER_SESSION + 1:02d}",
                        "sentence": f"s{sentence + 1:02d}",
                        "gender": voice.gender,
                        "repetition": repetition + 1,
                        "duration": len(waveform) / self.sampling_rate,
                        "f0": utterance.f0,
                        "f0_range": utterance.f0_range,
                        "level": level,
                        "rate": utterance.rate,
                        "tilt": utterance.tilt,
                    }
                )
        return waveforms, rows

    def _generator(self, *key: int) -> np.random.Generator:
        return np.random.default_rng(
            np.random.SeedSequence(self.entropy, spawn_key=key)
        )

    def _voice(self, speaker: int) -> _Voice:
        """Draw a speaker, and the channel of the session."""
        # One round of the favourites begins with a man, the next with a woman, so
        # that a favourite does not belong to one sex.
        is_female = (speaker + speaker // len(self.classes)) % 2 == 1
        side = 1 if is_female else -1
        own = self.speaker_effect * self._generator(_SPEAKER, speaker).standard_normal(
            6
        )
        session = speaker // _SPEAKERS_PER_SESSION
        rng = self._generator(_SESSION, session)
        octaves_up = rng.uniform(0, 2.5)
        channel = self.session_effect * rng.standard_normal(4)
        return _Voice(
            gender="female" if is_female else "male",
            f0=4.5 * self.speaker_effect * side + 1.5 * own[0],
            tract=0.11 * self.speaker_effect * side + 0.05 * own[1],
            level=2.5 * own[2] + 3.0 * channel[0],
            rate=0.08 * own[3],
            tilt=0.8 * own[4] + 1.5 * channel[1],
            breath=_BREATH * 2 ** (0.5 * own[5]),
            resonance=(800.0 * 2**octaves_up, 6.0 * channel[2]),
            noise=min(_NOISE + 5.0 * channel[3], 0.0),
        )

    def _sentence(self, number: int) -> _Sentence:
        """Draw what is said; without a script effect all sentences are one."""
        rng = self._generator(_SENTENCE, number)
        vowels = VOWELS[rng.integers(1, len(VOWELS), self.n_syllables)]
        frication = rng.choice([0.0, 0.5, 1.0], self.n_syllables)
        return _Sentence(
            formants=VOWELS[0] * (vowels / VOWELS[0]) ** self.script_effect,
            accents=self.script_effect * rng.standard_normal(self.n_syllables),
            frication=np.clip(0.5 + self.script_effect * (frication - 0.5), 0, 1),
        )

    def _label(self, speaker: int, turn: int, rng: np.random.Generator) -> str:
        if rng.uniform() < self.label_confounding:
            return self.classes[speaker % len(self.classes)]
        return self.classes[turn]

    def _utterance(
        self,
        voice: _Voice,
        sentence: _Sentence,
        emotion: str,
        rng: np.random.Generator,
    ) -> Utterance:
        """Put voice, sentence, emotion and the chance of the moment together."""
        played, effect = _EXPRESSIONS[emotion], self.emotion_effect
        chance = rng.standard_normal(5)
        semitones = voice.f0 + effect * played.f0 + 1.2 * chance[0]
        f0_range = played.f0_range**effect * 2 ** (0.25 * chance[1])
        rate = played.rate**effect * 2 ** (voice.rate + 0.1 * chance[3])
        return Utterance(
            formants=sentence.formants * 2**voice.tract,
            accents=sentence.accents + 0.5 * rng.standard_normal(self.n_syllables),
            frication=sentence.frication,
            f0=float(np.clip(_F0 * 2 ** (semitones / 12), 50, 800)),
            f0_range=float(np.clip(_F0_RANGE * f0_range, 0.1, 8)),
            level=_LEVEL + voice.level + effect * played.level + 1.5 * chance[2],
            rate=float(np.clip(_RATE * rate, 1, 12)),
            tilt=voice.tilt + effect * played.tilt + 0.7 * chance[4],
            breath=voice.breath,
            resonance=voice.resonance,
            noise=voice.noise,
        )


def _check_emotions(emotions: Sequence[str]) -> tuple[str, ...]:
    if isinstance(emotions, str):
        raise TypeError(f"emotions must be a sequence of names, got {emotions!r}.")
    classes = tuple(emotions)
    unknown = [emotion for emotion in classes if emotion not in _EXPRESSIONS]
    if unknown or len(classes) < 2 or len(set(classes)) < len(classes):
        raise ValueError(
            f"emotions must be at least two different names out of "
            f"{', '.join(_EXPRESSIONS)}; got {classes}."
        )
    return classes


def _check_numbers(**numbers: Any) -> None:
    for name, number in numbers.items():
        constraint = _CONSTRAINTS[name]
        if not constraint.is_satisfied_by(number):
            raise ValueError(f"{name} must be {constraint}; got {number!r}.")


def _entropy(random_state: Any) -> int:
    """Return a seed, drawn from whatever generator is given, but never the global."""
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**63))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    if isinstance(random_state, (int, np.integer)) and random_state >= 0:
        return int(random_state)
    raise ValueError(
        "random_state must be a non-negative int, a RandomState, a Generator or None; "
        f"got {random_state!r}."
    )
