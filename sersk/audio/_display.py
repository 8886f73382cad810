"""How a collection of clips shows itself."""

from typing import Any, NoReturn

import pandas as pd


class ClipsDisplay:
    """Show a collection in a line or a table, and refuse to be taken for numbers."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Say how many clips there are, how long, at which rate, of how many voices."""
        return f"<AudioClips: {', '.join(_facts(self))}>"

    def _repr_html_(self) -> str:
        return _as_html(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        """Refuse: what scikit-learn wants here is features."""
        raise TypeError(
            "AudioClips are not numbers. Put an extractor in front of the estimator, "
            "such as make_pipeline(AcousticFunctionals(), estimator)."
        )


def _as_html(clips: Any) -> str:
    head = clips[:5].to_frame().to_html(border=0, notebook=True)
    return f"<p><b>AudioClips</b>: {', '.join(_facts(clips))}</p>{head}"


def _facts(clips: Any) -> list[str]:
    count = f"{len(clips)} clip{'' if len(clips) == 1 else 's'}"
    facts = [f"{count} {clips._source.extent()} at {clips.sampling_rate} Hz"]
    if "speaker" in clips.columns:
        n_speakers = pd.Series(clips.speaker).dropna().astype(str).nunique()
        facts.append(f"{n_speakers} speaker{'' if n_speakers == 1 else 's'}")
    return facts
