"""Tables of what features are called, and what they mean."""

import re

import pandas as pd

from sersk.features._acoustic import AcousticFunctionals
from sersk.features._acoustic_table import DESCRIPTORS, UNITS, coefficient_names

_FUNCTIONALS = {
    "mean": "mean",
    "std": "standard deviation",
    "min": "least value",
    "max": "largest value",
    "median": "median",
    "skewness": "skewness",
    "kurtosis": "excess kurtosis",
    "slope": "slope",
}
_WITHOUT_UNIT = {"skewness", "kurtosis"}


def describe_features(extractor: AcousticFunctionals) -> pd.DataFrame:
    """List the columns that an extractor gives, with their units.

    Parameters
    ----------
    extractor : AcousticFunctionals
        Fitted or not.

    Returns
    -------
    table : DataFrame
        A row a column, in order: ``name``, ``unit`` ("1" for what has none) and
        ``description``.

    Raises
    ------
    TypeError
        If `extractor` is of another kind: openSMILE's manual describes its features.
    ValueError
        If its parameters do not go together.

    See Also
    --------
    describe_descriptors : The descriptors that there are to choose from.

    Examples
    --------
    >>> from sersk.features import AcousticFunctionals, describe_features
    >>> describe_features(AcousticFunctionals(("zcr", "rms"), ("mean", "skewness")))
               name                  unit                     description
    0      zcr_mean  crossings per sample      mean of zero-crossing rate
    1  zcr_skewness                     1  skewness of zero-crossing rate
    2      rms_mean            full scale        mean of root mean square
    3  rms_skewness                     1    skewness of root mean square
    """
    if not isinstance(extractor, AcousticFunctionals):
        raise TypeError(
            f"extractor={type(extractor).__name__} is not described here: only "
            "AcousticFunctionals are."
        )
    extractor._check_parameters()
    rows = [
        {
            "name": column.name,
            "unit": _unit(column.descriptor, column.coefficient, column.functional),
            "description": _describe(
                column.descriptor, column.coefficient, column.functional
            ),
        }
        for column in extractor._columns()
    ]
    return pd.DataFrame(rows)


def describe_descriptors() -> pd.DataFrame:
    """List the descriptors that AcousticFunctionals takes, with their units.

    Returns
    -------
    table : DataFrame
        A row a descriptor: ``descriptor``, ``coefficients`` (the names of those that
        there are by default), ``unit`` and ``description``.

    See Also
    --------
    describe_features : The columns of one extractor.

    Examples
    --------
    >>> from sersk.features import describe_descriptors
    >>> table = describe_descriptors().set_index("descriptor")
    >>> table.loc["mfcc", "coefficients"]
    'mfcc_00 … mfcc_39'
    >>> table.loc["formant_frequency", "unit"]
    'Hz'
    """
    settings = AcousticFunctionals()
    rows = [
        {
            "descriptor": name,
            "coefficients": _range(coefficient_names(name, settings)),
            "unit": descriptor.unit,
            "description": descriptor.text,
        }
        for name, descriptor in DESCRIPTORS.items()
    ]
    return pd.DataFrame(rows)


def _range(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"


def _unit(descriptor: str, coefficient: str, functional: str | None) -> str:
    unit = UNITS.get(coefficient, DESCRIPTORS[descriptor].unit)
    if functional in _WITHOUT_UNIT:
        return "1"
    if functional != "slope":
        return unit
    return "per frame" if unit == "1" else f"{unit} per frame"


def _describe(descriptor: str, coefficient: str, functional: str | None) -> str:
    """Return a phrase such as "mean of number 03 of cepstral coefficients of …"."""
    if functional is None:
        return coefficient.removeprefix(f"{descriptor}_").replace("_", " ")
    text = DESCRIPTORS[descriptor].text
    text = text[0].lower() + text[1:]
    suffix = coefficient.removeprefix(descriptor).lstrip("_")
    place = f"number {suffix} of " if suffix else ""
    percentile = re.fullmatch(r"percentile_(\d+)", functional)
    statistic = (
        f"percentile {percentile[1]}" if percentile else _FUNCTIONALS[functional]
    )
    return f"{statistic} of {place}{text}"
