"""Predictions by chance, of speakers who differ, whose true scores are known."""

from dataclasses import dataclass

import numpy as np

N_CLASSES = 4
_CLIPS_A_CLASS = 10


@dataclass(frozen=True)
class Setting:
    """What is drawn: how good a system is, and how much speakers differ.

    Parameters
    ----------
    name : str
        What tables call it.
    skill : float
        Mean log odds of the right class against each other one.
    spread : float
        Standard deviation of the skill over speakers; half of it is added to each cell
        of a speaker's confusion matrix, and half of that for each system.
    is_balanced : bool, default=True
        Whether all speakers have ten clips of each class, or else a random number that
        differs between speakers by a factor of about two.
    """

    name: str
    skill: float
    spread: float
    is_balanced: bool = True


SETTINGS = (
    Setting("middling system", skill=1.5, spread=0.7),
    Setting("good system", skill=4.0, spread=1.2),
    Setting("middling system, unequal speakers", 1.5, 0.7, is_balanced=False),
)


def draw_corpus(
    setting: Setting, n_speakers: int, generator: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """Draw speakers, their clips, and what two equally good systems answer.

    Parameters
    ----------
    setting : Setting
        What is drawn.
    n_speakers : int
        How many speakers.
    generator : numpy.random.Generator
        Source of chance.

    Returns
    -------
    y_true : ndarray of int of shape (n_clips,)
        True classes.
    predictions : dict from name to ndarray of int of shape (n_clips,)
        Predicted classes of the systems "a" and "b".
    speaker : ndarray of int of shape (n_clips,)
        Who speaks.
    """
    log_odds = _draw_speakers(setting, n_speakers, generator)
    clips = np.full((n_speakers, N_CLASSES), _CLIPS_A_CLASS)
    if not setting.is_balanced:
        factor = np.exp(generator.normal(-0.18, 0.6, (n_speakers, 1)))
        clips = 1 + generator.poisson((_CLIPS_A_CLASS - 1) * factor, clips.shape)
    speaker, y_true = np.divmod(
        np.repeat(np.arange(clips.size), clips.ravel()), N_CLASSES
    )
    # The largest of log odds and Gumbel noise is a draw from their softmax.
    predictions = {
        name: (
            odds[speaker, y_true] + generator.gumbel(size=(len(speaker), N_CLASSES))
        ).argmax(axis=1)
        for name, odds in log_odds.items()
    }
    return y_true, predictions, speaker


def true_accuracy(setting: Setting, n_speakers: int = 50_000) -> float:
    """Return the unweighted accuracy of either system over very many speakers.

    Parameters
    ----------
    setting : Setting
        What is drawn.
    n_speakers : int, default=50000
        How many speakers.

    Returns
    -------
    accuracy : float
        Exact to about 0.001.
    """
    log_odds = _draw_speakers(setting, n_speakers, np.random.default_rng(1))["a"]
    shares = np.exp(log_odds)
    shares /= shares.sum(axis=2, keepdims=True)
    return float(np.diagonal(shares, axis1=1, axis2=2).mean())


def _draw_speakers(
    setting: Setting, n_speakers: int, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return the log odds of each answer, by speaker and true class, of two systems."""
    skill = setting.skill + setting.spread * generator.standard_normal(n_speakers)
    shape = (n_speakers, N_CLASSES, N_CLASSES)
    shared = skill[:, np.newaxis, np.newaxis] * np.eye(N_CLASSES)
    shared = shared + setting.spread / 2 * generator.standard_normal(shape)
    return {
        name: shared + setting.spread / 4 * generator.standard_normal(shape)
        for name in ("a", "b")
    }
