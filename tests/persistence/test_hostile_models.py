"""Models of which compiled code would read what is not there, if it were given them.

Whoever makes one writes its digests too. It is refused, or it gives some answer; the
process lives on.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

import sersk

_RNG = np.random.default_rng(0)
X, Y = _RNG.random((30, 4)), np.arange(30) % 3


def _knn(**parameters: Any) -> KNeighborsClassifier:
    return KNeighborsClassifier(3, **parameters).fit(X, Y)


def _boosted() -> GradientBoostingClassifier:
    return GradientBoostingClassifier(n_estimators=2, random_state=0).fit(X, Y)


def _by_bins() -> HistGradientBoostingClassifier:
    model = HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=2)
    return model.fit(X, Y)


def _set(**attributes: Any) -> Callable[[Any], None]:
    return lambda model: vars(model).update(attributes)


def _remove_trees(model: Any) -> None:
    """Leave trees of two columns, while the first answer has three."""
    model.estimators_ = model.estimators_[:, :2].copy()


def _let_start_be(model: Any) -> None:
    """Start with one column, where trees add to three."""
    model.init_ = _boosted().init_.fit(X, Y % 2)


def _widen_bins(model: Any) -> None:
    mapper = model._bin_mapper
    mapper.is_categorical_ = np.ones_like(mapper.is_categorical_)


# What is done to a model before it is saved, as a forger could do it afterwards.
FORGED = {
    "no points": (_knn(algorithm="brute"), _set(_fit_X=np.empty((0, 4)))),
    "points of fewer features": (_knn(algorithm="brute"), _set(_fit_X=X[:, :2].copy())),
    "more points than there are": (_knn(algorithm="brute"), _set(n_samples_fit_=99)),
    "a class that is none": (_knn(algorithm="brute"), _set(_y=Y * 10**6)),
    "a class below zero": (_knn(algorithm="brute"), _set(_y=Y - 10**6)),
    "fewer classes": (_knn(algorithm="brute"), _set(classes_=np.arange(1))),
    "a tree of fewer features": (_knn(algorithm="kd_tree"), _set(n_features_in_=2)),
    "fewer trees than columns": (_boosted(), _remove_trees),
    "more trees than columns": (_boosted(), _set(n_trees_per_iteration_=1)),
    "a start of fewer columns": (_boosted(), _let_start_be),
    "features of other stages": (_boosted(), _set(n_features_in_=2)),
    "features of other bins": (_by_bins(), _set(n_features_in_=2)),
    "bins of categories": (_by_bins(), _widen_bins),
    "vectors of other features": (SVC().fit(X, Y), _set(n_features_in_=2)),
    "columns of a kernel": (
        SVC(kernel="precomputed").fit(X @ X.T, Y),
        _set(support_=np.arange(10**6, 10**6 + 30, dtype=np.int32)),
    ),
    "another machine": (SVC().fit(X, Y), _set(_impl="epsilon_svr")),
    "centers elsewhere": (
        KMeans(3, n_init=1).fit(X),
        _set(cluster_centers_=X[:3, :2].copy()),
    ),
    "no centers": (KMeans(3, n_init=1).fit(X), _set(cluster_centers_=X[:0])),
}


def _in_a_process(code: str, *arguments: Any) -> list[str]:
    """Return what a process prints that must not crash."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode >= 0, done.stderr
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


_LOAD = """
import sys, sersk
for folder in sys.argv[1:]:
    try:
        sersk.load(folder)
    except ValueError as error:
        print(str(error).replace("\\n", " "))
    else:
        print("loaded:", folder)
"""


def test_what_does_not_fit_together_is_refused(tmp_path):
    folders = []
    for number, (model, change) in enumerate(FORGED.values()):
        change(model)
        folders.append(sersk.save(model, tmp_path / str(number)))
    said = dict(zip(FORGED, _in_a_process(_LOAD, *folders), strict=True))
    for name, message in said.items():
        assert message.startswith("The model in "), name
        assert message.endswith("get it again from where it came."), name
        assert (
            "do not fit together" in message
            or "it replaces '_impl'" in message
            or "features has" in message
            or "has a tree of" in message
        ), (name, message)


# Change a byte of a file, write its digest anew, load the model and ask it.
_FLIP = """
import hashlib, json, pathlib, random, resource, sys, numpy, sersk
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
folder, name, count = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
whole, X = (folder / name).read_bytes(), numpy.zeros((2, int(sys.argv[4])))
manifest = json.loads((folder / "manifest.json").read_text())
generator, said = random.Random(0), []
for _ in range(count):
    data = bytearray(whole)
    data[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
    (folder / name).write_bytes(data)
    manifest["files"][name]["sha256"] = hashlib.sha256(data).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    try:
        model = sersk.load(folder)
    except ValueError as error:
        assert str(error).startswith("The model in "), error
        said.append("refused")
        continue
    try:
        model.predict(X)
    except Exception:
        pass
    said.append("loaded")
print(len(said), *sorted(set(said)))
"""


def _with_bytes_changed(
    model: BaseEstimator, name: str, folder: Path, count: int = 100
) -> None:
    sersk.save(model, folder)
    n_features = model.n_features_in_
    (said,) = _in_a_process(_FLIP, folder, name, count, n_features)
    assert said.startswith(f"{count} ")
    assert "refused" in said or name == "arrays.bin"


@pytest.mark.parametrize("name", ["model.json", "arrays.bin"])
def test_no_byte_of_a_forest_ends_the_process(name, tmp_path):
    forest = RandomForestClassifier(2, max_depth=3, random_state=0).fit(X, Y)
    _with_bytes_changed(forest, name, tmp_path / "model")


def test_no_byte_of_vectors_ends_the_process(tmp_path):
    _with_bytes_changed(SVC().fit(X, Y), "arrays.bin", tmp_path / "model")


def test_no_byte_of_a_booster_ends_the_process(tmp_path):
    xgboost = pytest.importorskip("xgboost")
    model = xgboost.XGBClassifier(n_estimators=2, max_depth=2, n_jobs=1).fit(X, Y)
    _with_bytes_changed(model, "booster_0.json", tmp_path / "model", 200)


def test_no_byte_of_weights_ends_the_process(tmp_path):
    pytest.importorskip("skorch")
    from sersk.estimators import CNN2DClassifier

    net = CNN2DClassifier(
        n_frames=4, hidden_size=4, max_epochs=1, device="cpu", random_state=0
    ).fit(X, Y)
    _with_bytes_changed(net, "net_0.safetensors", tmp_path / "model")


def test_a_net_of_endless_layers_is_refused(tmp_path, resign):
    pytest.importorskip("skorch")
    from sersk.estimators import CRNNClassifier

    net = CRNNClassifier(n_channels=4, hidden_size=4, n_layers=1, max_epochs=1)
    folder = Path(sersk.save(net.fit(X, Y), tmp_path / "model"))
    model = json.loads((folder / "model.json").read_text())
    model["objects"][0]["state"]["n_layers"] = 10**9
    (folder / "model.json").write_text(json.dumps(model))
    resign(folder)
    (said,) = _in_a_process(_LOAD, folder)
    assert "its net has more than" in said


def test_weights_that_two_nets_share_are_refused(tmp_path, resign):
    """Of one file, many nets would take memory without end."""
    pytest.importorskip("skorch")
    from sersk.estimators import CNN1DClassifier, SpeakerFoldVotingClassifier

    voting = SpeakerFoldVotingClassifier(
        CNN1DClassifier(5, max_epochs=1, random_state=0, device="cpu"), cv=KFold(2)
    )
    folder = Path(sersk.save(voting.fit(X, Y), tmp_path / "model"))
    text = (folder / "model.json").read_text()
    assert "net_1.safetensors" in text
    (folder / "model.json").write_text(
        text.replace("net_1.safetensors", "net_0.safetensors")
    )
    resign(folder)
    (said,) = _in_a_process(_LOAD, folder)
    assert "'net_0.safetensors' is missing in it" in said


def test_weights_of_another_shape_are_named(tmp_path, resign):
    pytest.importorskip("skorch")
    safetensors = pytest.importorskip("safetensors.torch")
    from sersk.estimators import CNN1DClassifier

    net = CNN1DClassifier(5, max_epochs=1, random_state=0, device="cpu").fit(X, Y)
    folder = Path(sersk.save(net, tmp_path / "model"))
    path = folder / "net_0.safetensors"
    weights = safetensors.load_file(path)
    last = [name for name in weights if name.endswith("weight")][-1]
    weights[last] = weights[last][:1].contiguous()
    safetensors.save_file(weights, path)
    resign(folder)
    with pytest.raises(ValueError, match=f"size mismatch for {last}"):
        sersk.load(folder)
