"""Tiny encoders with random weights, in the place of those to be downloaded."""

from pathlib import Path

from sersk.features import make_random_encoder, make_random_text_encoder

_WORDS = ("What a day at the museum", "Part of it 0 1 2 3 4 5 6 7 8 9")


def make_checkpoint(name: str, folder: Path) -> str:
    """Write a tiny checkpoint of the kind that a name tells, and return its folder.

    Parameters
    ----------
    name : str
        Such as ``"facebook/wav2vec2-base"``, or that of a WavLM, BERT or RoBERTa.
    folder : Path
        Where to; what is there already is taken as it is.

    Returns
    -------
    path : str
        Its folder, as sersk's extractors and estimators take it.
    """
    kinds = ("wavlm", "wav2vec2", "roberta", "bert")
    kind = next(kind for kind in kinds if kind in name)
    path = folder / f"tiny-{kind}"
    if path.exists():
        return str(path)
    if kind in {"wavlm", "wav2vec2"}:
        return make_random_encoder(path, kind)
    return make_random_text_encoder(path, _WORDS, kind)
