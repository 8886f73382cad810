"""What annotations write where there is nothing."""

import pandas as pd

NOTHING = ("", "nan", "nat", "none", "<na>", "n/a", "null")


def blank_missing(column: pd.Series) -> pd.Series:
    """Return a column of text that is empty wherever a word says that it is."""
    text = column.str.strip()
    return text.mask(text.str.lower().isin(NOTHING), "")
