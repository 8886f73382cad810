"""What augmented copies cost beside the clips themselves."""

import statistics
from collections.abc import Iterator

from benchmarks.speed.measure import Figure, seconds
from sersk import AudioClips
from sersk.augmentation import AddNoise, Gain, SpeedPerturbation, add_copies
from sersk.features import AcousticFunctionals, BaseClipTransformer, EGeMAPS

_N_COPIES = 3
_AUGMENTERS = (AddNoise(), Gain(), SpeedPerturbation())


def augmentation_figures(listing: str, *, quick: bool = False) -> Iterator[Figure]:
    """Compare features of clips and copies with one extraction, two workers each."""
    clips = _clips(listing)
    functionals = AcousticFunctionals(cache=False, n_jobs=2)
    yield _compare("functionals", functionals, clips, 1 if quick else 5)
    slow = EGeMAPS(cache=False, n_jobs=2)
    yield _compare("eGeMAPS", slow, clips[::8], 1 if quick else 3)


def _clips(listing: str) -> AudioClips:
    with open(listing, encoding="utf-8") as file:
        return AudioClips.from_files(file.read().splitlines())


def _compare(
    name: str, extractor: BaseClipTransformer, clips: AudioClips, rounds: int
) -> Figure:
    augmented = add_copies(clips, _AUGMENTERS, n_copies=_N_COPIES, random_state=0)
    extractor.transform(augmented[:32])  # the workers start
    pairs = [
        (
            seconds(lambda: extractor.transform(augmented)),
            seconds(lambda: extractor.transform(clips)),
        )
        for _ in range(rounds)
    ]
    ratio = statistics.median(four / one for four, one in pairs)
    return Figure(
        f"{name} of {len(clips)} files and {_N_COPIES} copies of each, s",
        f"{statistics.median(pair[0] for pair in pairs):.2f}",
        f"{statistics.median(pair[1] for pair in pairs):.2f} (no copies)",
        f"{ratio:.2f}x ({extractor.n_jobs} workers each)",
        "at most 4x",
        ratio <= 4,
    )
