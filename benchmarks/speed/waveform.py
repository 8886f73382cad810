"""What waveform steps add to an extraction."""

from collections.abc import Iterator

from sklearn.pipeline import make_pipeline

from benchmarks.speed.measure import Figure, compare
from sersk import AudioClips
from sersk.features import AcousticFunctionals
from sersk.preprocessing import FixDuration, NormalizeAmplitude, TrimSilence


def waveform_figures(clips: AudioClips, *, quick: bool = False) -> Iterator[Figure]:
    """Compare functionals behind three waveform steps with functionals alone.

    Both extract from 3 s of sound a clip, so that what differs is the steps.
    """
    fixed = FixDuration(3.0, max_removed=1).transform(clips)
    in_memory = AudioClips.from_arrays([*fixed], sampling_rate=clips.sampling_rate)
    extractor = AcousticFunctionals(cache=False)
    pipeline = make_pipeline(
        NormalizeAmplitude("peak"),
        TrimSilence(max_removed=1),
        FixDuration(3.0, max_removed=1),
        extractor,
    )
    times = compare(
        lambda: pipeline.fit_transform(in_memory),
        lambda: extractor.fit_transform(in_memory),
        rounds=1 if quick else 9,
    )
    added = 1 / times.ratio - 1
    yield Figure(
        "normalising, trimming, 3 s, functionals, ms a clip",
        f"{1e3 * times.ours / len(clips):.2f}",
        f"{1e3 * times.theirs / len(clips):.2f} (functionals alone)",
        f"{100 * added:+.0f} %",
        "at most +30 %",
        added <= 0.3,
    )
