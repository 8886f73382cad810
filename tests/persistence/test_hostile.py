"""Folders that somebody made to do harm: refused, in a process that lives on."""

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.svm import SVC

import sersk

_LOAD = """
import resource, sys, warnings
import sersk
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
for folder in sys.argv[1:]:
    try:
        sersk.load(folder)
    except ValueError as error:
        print("refused:", str(error).replace("\\n", " "))
    else:
        print("loaded")
"""


class _Marker:
    """A pickle that makes a folder when it is loaded."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def _load_in_a_process(*folders: Path) -> list[str]:
    """Return what became of each folder, in a process that must not crash."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_LOAD), *map(str, folders)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode >= 0, done.stderr
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def forge(saved, tmp_path, resign):
    """Return a function that copies a model, changes it, and writes new digests."""
    made = []

    def forge(change, *, signed: bool = True) -> Path:
        folder = tmp_path / f"forged_{len(made)}"
        made.append(shutil.copytree(saved, folder))
        change(folder)
        if signed:
            resign(folder)
        return folder

    return forge


def _edit(name, change):
    """Return a change of what a file of JSON holds."""

    def edit(folder):
        path = folder / name
        held = json.loads(path.read_text())
        change(held)
        path.write_text(json.dumps(held))

    return edit


def _replace(name, old, new):
    def replace(folder):
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))

    return replace


def _flip(name, position):
    def flip(folder):
        data = bytearray((folder / name).read_bytes())
        data[position] ^= 1
        (folder / name).write_bytes(data)

    return flip


def _truncate(name):
    return lambda folder: os.truncate(folder / name, 100)


def _bomb(folder):
    """Put an archive that grows to 100 MB in the place of the arrays."""
    with zipfile.ZipFile(folder / "arrays.bin", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("array.npy", bytes(100_000_000))


def _link(name):
    def link(folder):
        target = folder.parent / f"{folder.name}_{name}"
        shutil.move(folder / name, target)
        (folder / name).symlink_to(target)

    return link


def _set_entry(**fields):
    return _edit("model.json", lambda model: model["arrays"][0].update(fields))


def _set_pipeline(node):
    return _edit("model.json", lambda model: model.update(pipeline=node))


def _first_state(**fields):
    return _edit(
        "model.json", lambda model: model["objects"][0]["state"].update(fields)
    )


# What is changed without new digests is found by the digests.
DAMAGED = {
    "a bit of the model": (_flip("model.json", 40), "its digest is another"),
    "a bit of the arrays": (_flip("arrays.bin", 40), "its digest is another"),
    "a short model": (_truncate("model.json"), r"has 100 bytes, not \d+ as saved"),
    "short arrays": (_truncate("arrays.bin"), r"has 100 bytes, not \d+ as saved"),
    "a short manifest": (_truncate("manifest.json"), "'manifest.json' cannot be read"),
    "no arrays": (lambda f: (f / "arrays.bin").unlink(), "No such file"),
    "no manifest": (lambda f: (f / "manifest.json").unlink(), "No such file"),
    "a link": (_link("arrays.bin"), "'arrays.bin' cannot be read"),
    "a linked manifest": (_link("manifest.json"), "'manifest.json' cannot be read"),
    "a pipe": (
        lambda f: ((f / "arrays.bin").unlink(), os.mkfifo(f / "arrays.bin")),
        "is no regular file",
    ),
    "another format": (
        _edit("manifest.json", lambda m: m.update(format=2)),
        "has format 2, and this version of sersk reads 1",
    ),
    "no files": (
        _edit("manifest.json", lambda m: m.update(files=[])),
        "its manifest lists no files",
    ),
    "a path that leads out": (
        _edit(
            "manifest.json",
            lambda m: m["files"].update({"../../x": {"bytes": 0, "sha256": ""}}),
        ),
        "lists '../../x', which is no file of a model",
    ),
    "an absolute path": (
        _edit(
            "manifest.json",
            lambda m: m["files"].update({"/etc/passwd": {"bytes": 0, "sha256": ""}}),
        ),
        "lists '/etc/passwd', which is no file of a model",
    ),
    "a size beyond all": (
        _edit("manifest.json", lambda m: m["files"]["arrays.bin"].update(bytes=2**60)),
        "more than half of the memory",
    ),
    "a size below zero": (
        _edit("manifest.json", lambda m: m["files"]["arrays.bin"].update(bytes=-1)),
        "a size of -1",
    ),
    "a version that is none": (
        _edit("manifest.json", lambda m: m["versions"].update(numpy="\x1b[2J")),
        "its manifest tells versions={",
    ),
    "a rate below zero": (
        _edit("manifest.json", lambda m: m["inputs"].update(sampling_rate=-1)),
        "its manifest tells inputs={",
    ),
    "a duration of text": (
        _edit("manifest.json", lambda m: m["inputs"].update(max_duration="long")),
        "its manifest tells inputs={",
    ),
    "classes of another model": (
        _edit("manifest.json", lambda m: m["classes"].reverse()),
        "its classes are not",
    ),
    "nesting in the manifest": (
        lambda f: (f / "manifest.json").write_text("[" * 10**6),
        "'manifest.json' cannot be read",
    ),
    "a manifest that goes on": (
        lambda f: os.truncate(f / "manifest.json", 2**40),
        "is 1099511627776 bytes long",
    ),
}
# A forger writes the digests anew.
FORGED = {
    "a class of another package": (
        _replace("model.json", "sklearn.pipeline:Pipeline", "os:system"),
        "class 'os:system', which is none",
    ),
    "a class that is no estimator": (
        _replace(
            "model.json", "sklearn.pipeline:Pipeline", "sersk.features:warm_cache"
        ),
        "none that models may hold",
    ),
    "a class of a private module": (
        _replace(
            "model.json",
            "sklearn.pipeline:Pipeline",
            "sklearn.externals._arff:ArffDecoder",
        ),
        "none that models may hold",
    ),
    "a dotted name": (
        _replace("model.json", "sklearn.pipeline:Pipeline", "sklearn.pipeline:np.load"),
        "none that models may hold",
    ),
    "a function": (_set_pipeline({"function": "os:system"}), "function 'os:system'"),
    "a function of numpy": (_set_pipeline({"function": "numpy:load"}), "numpy:load"),
    "a node of no kind": (_set_pipeline({"reduce": ["os.system"]}), "nothing known"),
    "an empty node": (_set_pipeline({}), "nothing known"),
    "no estimator": (_set_pipeline([1, 2]), "it holds no estimator"),
    "an object that is not there": (_set_pipeline({"object": 99}), "object 99"),
    "an object in itself": (_first_state(steps={"object": 0}), "a part of itself"),
    "a dunder": (_first_state(__class__=1), "an attribute '__class__'"),
    "a folder to unpickle from": (_first_state(memory="/tmp/x"), "a folder to read"),
    "a huge array": (_set_entry(shape=[2**40]), "array 1 does not follow"),
    "a product that overflows": (
        _set_entry(shape=[2**33, 2**33]),
        "array 1 does not follow",
    ),
    "a length below zero": (_set_entry(shape=[-1]), "its array 0 is described as"),
    "an offset beyond": (_set_entry(offset=2**62), "array 0 does not follow"),
    "an array for each of many": (
        _edit("model.json", lambda m: m["arrays"].append(m["arrays"][0])),
        "does not follow the one before",
    ),
    "values of no size": (
        _set_entry(dtype="<U0", shape=[2**40]),
        "its array 0 holds 1099511627776 of no size",
    ),
    "an array in two places": (
        _edit("model.json", lambda m: m["arrays"][1].update(m["arrays"][0])),
        "array 1 does not follow",
    ),
    "a key twice": (
        _replace("model.json", '"objects": [', '"objects": [], "objects": ['),
        r"something of \['pipeline', 'scheme', 'objects'\] stands there twice",
    ),
    "a method": (_first_state(predict=1), "it replaces 'predict' of Pipeline"),
    "a constant": (
        _first_state(_parameter_constraints=1),
        "it replaces '_parameter_constraints'",
    ),
    "more workers than any": (_first_state(n_jobs=10**9), "n_jobs=1000000000"),
    "workers that are none": (_first_state(_n_threads="all"), "_n_threads='all'"),
    "a window of nothing": (
        _replace("model.json", '"n_fft": 2048', '"n_fft": -1'),
        "The 'n_fft' parameter of AcousticFunctionals must be",
    ),
    "references in an array": (_set_entry(dtype="|O"), "dtype '|O'"),
    "a record": (_set_entry(dtype="V8"), "dtype 'V8'"),
    "NaN": (_replace("model.json", "0.1", "NaN"), "NaN is no JSON"),
    "a number beyond floats": (_replace("model.json", "0.1", "1e999"), "number inf"),
    "a number of many digits": (
        _replace("model.json", "0.1", "9" * 10**5),
        "'model.json' cannot be read",
    ),
    "nesting": (
        _replace("model.json", "0.1", "[" * 10**5 + "]" * 10**5),
        "'model.json' cannot be read",
    ),
    "a planted pickle": (
        lambda f: (f / "arrays.bin").write_bytes(pickle.dumps(_Marker(f / "marker"))),
        "its arrays end after",
    ),
    "an archive that grows": (_bomb, "its arrays end after"),
    "no text": (
        lambda f: (f / "model.json").write_bytes(b"\xff\xfe"),
        "'model.json' cannot be read",
    ),
    "half a model": (
        lambda f: (f / "model.json").write_text("{}"),
        "'pipeline' is missing|'objects' is missing",
    ),
}


def test_damaged_folders_are_refused(forge):
    folders = [forge(change, signed=False) for change, _ in DAMAGED.values()]
    for said, (_, expected) in zip(
        _load_in_a_process(*folders), DAMAGED.values(), strict=True
    ):
        assert said.startswith("refused: The model in ")
        assert re.search(expected, said)


def test_forged_folders_are_refused(forge, tmp_path):
    folders = [forge(change) for change, _ in FORGED.values()]
    for said, (_, expected) in zip(
        _load_in_a_process(*folders), FORGED.values(), strict=True
    ):
        assert said.startswith("refused: The model in ")
        assert re.search(expected, said)
    assert not list(tmp_path.glob("*/marker"))


def test_what_the_manifest_does_not_list_is_not_read(saved, tmp_path):
    marker = tmp_path / "marker"
    (saved / "extra.pkl").write_bytes(pickle.dumps(_Marker(marker)))
    assert _load_in_a_process(saved) == ["loaded"]
    assert not marker.exists()


@pytest.fixture
def forest(corpus, table, tmp_path):
    """Return the folder of a saved forest, whose generator is saved with it."""
    model = RandomForestClassifier(2, random_state=np.random.RandomState(0))
    return Path(sersk.save(model.fit(table, corpus.target), tmp_path / "forest"))


def _write_array(folder, find, change):
    """Change an array in place: the one of the node that `find` returns."""
    model = json.loads((folder / "model.json").read_text())
    entry = model["arrays"][find(model)]
    data = bytearray((folder / "arrays.bin").read_bytes())
    shape = tuple(entry["shape"])
    count = int(np.prod(shape))
    array = np.frombuffer(data, entry["dtype"], count, entry["offset"]).reshape(shape)
    change(array)
    (folder / "arrays.bin").write_bytes(data)


def _vector_counts(model):
    (svc,) = (one for one in model["objects"] if "_n_support" in one["state"])
    return svc["state"]["_n_support"]["array"]


def _tree_field(name):
    def find(model):
        tree = next(
            one["state"]["tree_"]["tree"]
            for one in model["objects"]
            if "tree_" in one["state"]
        )
        return dict(tree["nodes"]["mapping"])[name]["array"]

    return find


def test_what_native_code_would_follow_anywhere_is_refused(
    forest, corpus, table, tmp_path, resign
):
    svc = sersk.save(SVC().fit(table, corpus.target), tmp_path / "svc")

    def change_vectors(array):
        array[:2] = 2**30, array[:2].sum() - 2**30

    def change_tree(field, value):
        def change(array):
            array[0] = value

        return lambda folder: _write_array(folder, _tree_field(field), change)

    forged = [
        (change_tree("left_child", 10**6), "leads to none of its later nodes"),
        (change_tree("right_child", 0), "leads to none of its later nodes"),
        (change_tree("feature", 10**6), "reads a feature that is none of"),
        (change_tree("feature", -5), "reads a feature that is none of"),
        (
            _replace("model.json", '"position": ', '"position": 1000'),
            "a RandomState that numpy cannot have written",
        ),
        (
            lambda folder: _write_array(folder, _vector_counts, change_vectors),
            "the arrays of a SVC do not fit together",
        ),
    ]
    folders = []
    for i, (change, _) in enumerate(forged):
        model = svc if change is forged[-1][0] else forest
        folders.append(shutil.copytree(model, tmp_path / f"forged_model_{i}"))
        change(folders[-1])
        resign(folders[-1])
    said = _load_in_a_process(*folders)
    for message, (_, expected) in zip(said, forged, strict=True):
        assert expected in message
