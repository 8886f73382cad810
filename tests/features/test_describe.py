"""The tables of features, and that the page of the guide agrees with them."""

from pathlib import Path

import pytest
from numpy.testing import assert_array_equal

from sersk.descriptors import FUNCTIONALS
from sersk.features import (
    AcousticFunctionals,
    EGeMAPS,
    describe_descriptors,
    describe_features,
)
from sersk.features._acoustic_table import DESCRIPTORS

PAGE = Path(__file__).parents[2] / "docs" / "user_guide" / "descriptors.rst"
BEGIN = ".. list-table:: Descriptors"


@pytest.mark.parametrize("per_coefficient", [True, False])
def test_every_column_is_described(per_coefficient):
    functionals = (*FUNCTIONALS, "percentile_05")
    if not per_coefficient:
        functionals = tuple(name for name in functionals if name != "slope")
    extractor = AcousticFunctionals(
        tuple(DESCRIPTORS), functionals, per_coefficient=per_coefficient
    )
    table = describe_features(extractor)
    assert list(table) == ["name", "unit", "description"]
    assert_array_equal(table["name"], extractor.get_feature_names_out())
    assert (table["unit"].str.len() > 0).all()
    assert table["description"].is_unique


@pytest.mark.parametrize(
    ("column", "unit", "description"),
    [
        ("f0_mean", "Hz", "mean of fundamental frequency of voiced frames"),
        ("f0_slope", "Hz per frame", "slope of fundamental frequency"),
        ("f0_kurtosis", "1", "excess kurtosis of"),
        ("jitter_slope", "per frame", "slope of mean change"),
        ("mfcc_03_percentile_95", "dB", "percentile 95 of number 03 of cepstral"),
        ("rhythm_mean_voiced_segment", "s", "mean voiced segment"),
        ("rhythm_energy_peaks_per_second", "1/s", "energy peaks per second"),
    ],
)
def test_units(column, unit, description):
    extractor = AcousticFunctionals(
        ("mfcc", "f0", "jitter", "rhythm"),
        ("mean", "kurtosis", "slope", "percentile_95"),
    )
    table = describe_features(extractor).set_index("name")
    assert table.loc[column, "unit"] == unit
    assert table.loc[column, "description"].startswith(description)


def test_others_are_not_described():
    with pytest.raises(TypeError, match="extractor=EGeMAPS is not described"):
        describe_features(EGeMAPS())


def test_wrong_parameters_are_named():
    with pytest.raises(ValueError, match="Unknown descriptor 'f1'"):
        describe_features(AcousticFunctionals(("f1",)))


def test_all_descriptors_are_listed():
    table = describe_descriptors()
    assert list(table["descriptor"]) == list(DESCRIPTORS)
    assert list(table) == ["descriptor", "coefficients", "unit", "description"]


def as_rst():
    """Return the table of descriptors as the page of the guide shows it."""
    lines = [BEGIN, "   :header-rows: 1", "   :widths: 20 30 15 35", ""]
    table = describe_descriptors()
    rows = [["Descriptor", "Columns, before the functional", "Unit", "What it is"]]
    for row in table.itertuples(index=False):
        coefficients = " … ".join(f"``{n}``" for n in row.coefficients.split(" … "))
        rows.append([f"``{row.descriptor}``", coefficients, row.unit, row.description])
    for first, *others in rows:
        lines += [f"   * - {first}", *(f"     - {cell}" for cell in others)]
    return "\n".join(lines) + "\n"


def test_the_page_shows_the_table_of_the_code():
    text = PAGE.read_text(encoding="utf-8")
    start = text.index(BEGIN)
    shown = text[start : text.index("\n\n\n", start) + 1]
    assert shown == as_rst(), f"put this into {PAGE.name}:\n{as_rst()}"
