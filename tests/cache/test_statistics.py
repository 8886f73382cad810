from pathlib import Path

import numpy as np
import pytest

from sersk.cache import extractor_key, has_entries
from sersk.cache._statistics import count_entries

FIRST = {"extractor": "first", "n_mfcc": 13, "fmax": 0.1, "names": ["a"]}
SECOND = {"extractor": "second"}


@pytest.fixture
def keys(store):
    keys = extractor_key(FIRST), extractor_key(SECOND)
    for number in range(3):
        store.put(keys[0], f"{number:064x}", np.zeros(10))
    store.put(keys[1], f"{9:064x}", np.zeros(0))
    return keys


def test_entries_and_bytes_are_counted_for_each_extractor(store, keys):
    extractors = count_entries(store.path)
    assert {key: extractors[key]["entries"] for key in keys} == dict(
        zip(keys, [3, 1], strict=True)
    )
    for key in keys:
        files = Path(store.path, key).rglob("*.bin")
        assert extractors[key]["bytes"] == sum(file.stat().st_size for file in files)
    # Three values of ten doubles against an empty one, besides the same overhead.
    first, second = (extractors[key]["bytes"] for key in keys)
    assert first - 3 * second == 3 * (80 + len("[10]") - len("[0]"))


def test_a_description_is_read_back(store, keys):
    store.describe(keys[0], FIRST)
    extractors = count_entries(store.path)
    assert extractors[keys[0]]["description"] == FIRST
    assert extractors[keys[1]]["description"] is None


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1]", b"\xff", b'{"extractor":"other"}', b"[" * 100_000],
)
def test_a_description_that_does_not_give_its_key_is_not_shown(store, keys, content):
    Path(store.path, keys[0], "description.json").write_bytes(content)
    assert count_entries(store.path)[keys[0]]["description"] is None


def test_a_description_is_not_read_through_a_link(store, keys, tmp_path):
    outside = tmp_path / "outside.json"
    outside.write_text('{"extractor":"second"}')
    Path(store.path, keys[1], "description.json").symlink_to(outside)
    assert count_entries(store.path)[keys[1]]["description"] is None


def test_an_absent_folder_holds_nothing(tmp_path):
    assert count_entries(str(tmp_path / "absent")) == {}


def test_a_store_has_entries_of_an_extractor_from_the_first_to_the_last(store):
    key, other = "ab" * 32, "cd" * 32
    assert not has_entries(store, key)
    store.put(key, "12" * 32, np.zeros(2))
    assert has_entries(store, key)
    assert not has_entries(store, other)
    store.clear(key)
    assert not has_entries(store, key)


def test_a_description_is_no_entry(store):
    description = {"extractor": "mean"}
    key = extractor_key(description)
    store.describe(key, description)
    assert not has_entries(store, key)
