"""What augmented copies cost beside the clips themselves."""

import statistics

from benchmarks.speed.measure import Figure, seconds
from sersk import AudioClips
from sersk.augmentation import AddNoise, Gain, SpeedPerturbation, add_copies
from sersk.features import AcousticFunctionals, BaseClipTransformer, EGeMAPS

_N_COPIES = 3
_AUGMENTERS = (AddNoise(), Gain(), SpeedPerturbation())


def copies_by_workers(listing: str, *, rounds: int = 5) -> Figure:
    """Compare functionals of clips and copies with one extraction, two workers each."""
    extractor = AcousticFunctionals(cache=False, n_jobs=2)
    return _compare("functionals", extractor, _clips(listing), rounds)


def copies_of_slow_features(listing: str, *, rounds: int = 3) -> Figure:
    """Compare eGeMAPS of clips and copies with one extraction, two workers each."""
    extractor = EGeMAPS(cache=False, n_jobs=2)
    return _compare("eGeMAPS", extractor, _clips(listing)[::8], rounds)


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
