"""Nets of users' own, on the bases that train them."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from numpydoc.docscrape import ClassDoc
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import sersk
from sersk import estimators
from sersk.estimators import BaseNetClassifier, BaseNetRegressor
from sersk.estimators._net import BaseNet
from sersk.utils import _progress
from tests.estimators.net_probes import FEW

pytestmark = pytest.mark.usefixtures("one_thread")


class FirstFrame(torch.nn.Module):
    """Look at the first frame of a clip."""

    def __init__(self, n_features, n_outputs):
        super().__init__()
        self.output = torch.nn.Linear(n_features, n_outputs)

    def forward(self, x, x_lengths):
        return self.output(x[:, 0])


class FirstFrameClassifier(BaseNetClassifier):
    def _make_module(self, widths, n_outputs):
        return FirstFrame(widths["x"], n_outputs)


class WeighedClassifier(FirstFrameClassifier):
    def __init__(self, *, lr=0.1, max_epochs=30, class_weight=None):
        super().__init__(lr=lr, max_epochs=max_epochs, device="cpu", random_state=0)
        self.class_weight = class_weight


class FirstFrameRegressor(BaseNetRegressor):
    def _make_module(self, widths, n_outputs):
        return FirstFrame(widths["x"], n_outputs)


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(size=(64, 3, 2)).astype(np.float32)


def test_a_module_is_all_that_a_classifier_needs(X):
    labels = np.where(X[:, 0, 0] > 0, "high", "low")
    net = FirstFrameClassifier(lr=0.1, max_epochs=30, **FEW).fit(X, labels)
    assert net.score(X, labels) > 0.95
    assert_array_equal(clone(net).fit(X, labels).predict(X), net.predict(X))


def test_parameters_that_a_subclass_names_are_all_that_it_has(X):
    labels = np.where(X[:, 0, 0] > 1, "rare", "often")
    plain = WeighedClassifier().fit(X, labels)
    weighed = clone(plain).set_params(class_weight={"rare": 50.0}).fit(X, labels)
    assert sorted(plain.get_params()) == ["class_weight", "lr", "max_epochs"]
    assert (weighed.predict(X) == "rare").sum() > (plain.predict(X) == "rare").sum()


def test_a_regressor_learns_by_concordance(X):
    net = FirstFrameRegressor(lr=0.1, max_epochs=30, **FEW).fit(X, X[:, 0])
    assert net.score(X, X[:, 0]) > 0.95


@pytest.mark.parametrize(
    ("spoil", "got"),
    [
        (lambda logits: logits[:, :1], r"shape \(8, 1\)"),
        (lambda logits: logits[:, None], r"shape \(8, 1, 2\)"),
        (lambda logits: logits.sum(1), r"shape \(8,\)"),
        (lambda logits: (logits, None), "a tuple"),
    ],
)
def test_a_module_of_other_outputs_is_told_what_to_return(X, spoil, got):
    class Spoilt(FirstFrame):
        def forward(self, x, x_lengths):
            return spoil(super().forward(x, x_lengths))

    class SpoiltClassifier(BaseNetClassifier):
        def _make_module(self, widths, n_outputs):
            return Spoilt(widths["x"], n_outputs)

    labels = np.where(X[:, 0, 0] > 0, "high", "low")
    with pytest.raises(ValueError, match=rf"Spoilt\.forward gave {got}, not \(batch"):
        SpoiltClassifier(**FEW).fit(X, labels)


def test_the_bar_shows_how_the_loss_goes(X, monkeypatch, capsys):
    monkeypatch.setattr(_progress, "_SECONDS_BEFORE_A_BAR", 0.0)
    monkeypatch.setattr(_progress, "_SECONDS_IN_A_LOG", 0.0)
    net = FirstFrameRegressor(max_epochs=2, **FEW)
    with sersk.config_context(progress="always"):
        net.fit(X, X[:, 0])
    assert f"epoch=2, train_loss={net.history_['train_loss'][1]:.3g}" in (
        capsys.readouterr().err
    )


def test_a_subclass_without_a_module_is_told(X):
    with pytest.raises(NotImplementedError, match="does not define _make_module"):
        BaseNetClassifier(**FEW).fit(X, [0, 1] * 32)


def test_a_net_of_your_own_is_not_saved(X, tmp_path):
    net = FirstFrameClassifier(max_epochs=1, **FEW).fit(X, [0, 1] * 32)
    with pytest.raises(TypeError, match=r"FirstFrameClassifier\) cannot be saved"):
        sersk.save(net, tmp_path / "model")


NETS = [
    one
    for one in vars(estimators).values()
    if isinstance(one, type) and issubclass(one, BaseNet)
]


@pytest.mark.parametrize("name", BaseNet._parameter_constraints)
def test_what_nets_share_is_described_alike(name):
    # What is scored, and what is augmented, is not the same for all.
    same = {
        "early_stopping": lambda net: issubclass(net, BaseNetRegressor),
        "augment": lambda net: net._augmented,
    }.get(name, lambda net: None)
    said = {
        (same(net), " ".join(parameter.desc))
        for net in NETS
        for parameter in ClassDoc(net)["Parameters"]
        if parameter.name == name
    }
    assert len(said) == len(set(map(same, NETS))), said


def test_a_fit_that_fails_leaves_no_net_of_another(X):
    net = WeighedClassifier(max_epochs=1).fit(X, ["a", "b"] * 32)
    with pytest.raises(ValueError, match="training diverges with lr"):
        net.set_params(lr=1e38).fit(X, ["c", "d"] * 32)
    with pytest.raises(NotFittedError):
        net.predict(X)
