"""How nets are trained: seeds, weights, schedules, devices, and what fit leaves."""

import os
import pickle
import re
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.utils import estimator_checks
from torch.optim.optimizer import register_optimizer_step_pre_hook

from sersk.audio import FrameSequences
from sersk.augmentation import SpecAugment
from sersk.estimators import (
    BaseNetClassifier,
    CNN1DClassifier,
    CNN1DRegressor,
    SpectrogramTrunkClassifier,
)
from sersk.estimators._net_targets import weigh_classes
from sersk.estimators._torch_common import check_epoch
from sersk.nets import AlexNet
from sersk.nets._spectrogram_trunk import TRUNKS
from sersk.utils import EvaluationWarning
from tests.estimators.net_probes import FEW, TRUNK
from tests.public_estimators import TAKE_NO_MATRIX

pytestmark = pytest.mark.usefixtures("one_thread")


def _net(**parameters):
    return CNN1DClassifier(5, **{"max_epochs": 2, **FEW, **parameters})


def _weights(net):
    return np.concatenate(
        [value.numpy().ravel() for value in net.module_.state_dict().values()]
    )


# What scikit-learn's checks ask of parameters, of what takes no matrix.


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_set_params,
    ],
)
@pytest.mark.parametrize("cls", sorted(TAKE_NO_MATRIX, key=str))
def test_parameters_are_those_of_scikit_learn(cls, check):
    check(cls.__name__, cls())


# Seeds.


def test_the_same_seed_gives_the_same_weights(speech):
    one, other = (_net().fit(speech.mfcc, speech.y) for _ in range(2))
    assert_array_equal(_weights(one), _weights(other))
    another = _net(random_state=1).fit(speech.mfcc, speech.y)
    assert (_weights(another) != _weights(one)).any()


@pytest.mark.parametrize("random_state", [0, None])
def test_global_generators_are_left_alone(speech, random_state):
    own = np.random.mtrand._rand  # numpy's global generator
    before = torch.get_rng_state(), own.get_state()[1].copy(), own.get_state()[2]
    net = _net(random_state=random_state, augment=SpecAugment(2))
    net.fit(speech.mfcc, speech.y).predict(speech.mfcc)
    assert_array_equal(torch.get_rng_state(), before[0])
    assert_array_equal(own.get_state()[1], before[1])
    assert own.get_state()[2] == before[2]


def test_the_global_generator_does_not_change_the_weights(speech):
    torch.manual_seed(1)
    one = _net().fit(speech.mfcc, speech.y)
    torch.manual_seed(2)
    assert_array_equal(_weights(_net().fit(speech.mfcc, speech.y)), _weights(one))


def test_a_generator_moves_on_from_fit_to_fit_and_not_in_predict(speech):
    generator = np.random.RandomState(0)
    net = _net(random_state=generator).fit(speech.mfcc, speech.y)
    before = generator.get_state()[2]
    net.predict(speech.mfcc)
    assert generator.get_state()[2] == before
    first = _weights(net)
    assert (_weights(net.fit(speech.mfcc, speech.y)) != first).any()


# What fit leaves.


def test_a_fitted_net_is_pickled_and_cloned(speech):
    net = _net().fit(speech.mfcc, speech.y)
    data = pickle.dumps(net)
    n_bytes = sum(value.nbytes for value in net.module_.state_dict().values())
    assert len(data) < n_bytes + 30_000
    copy = pickle.loads(data)
    assert_array_equal(copy.predict_proba(speech.mfcc), net.predict_proba(speech.mfcc))
    assert not hasattr(clone(net), "module_")
    assert not net.module_.training
    assert {value.device.type for value in net.module_.parameters()} == {"cpu"}


def test_the_history_has_a_row_an_epoch(speech):
    history = _net(max_epochs=3).fit(speech.mfcc, speech.y).history_
    assert history.columns.tolist() == ["epoch", "train_loss"]
    assert history["epoch"].tolist() == [1, 2, 3]
    assert history["train_loss"].is_monotonic_decreasing


def test_classes_are_those_of_the_fit(speech):
    some = np.isin(speech.y, ["sad", "anger"])
    weights = {"sad": 2.0, "anger": 1.0, "bored": 5.0}
    net = _net(class_weight=weights).fit(speech.mfcc[some], speech.y[some])
    assert net.classes_.tolist() == ["anger", "sad"]
    assert net.predict_proba(speech.mfcc).shape == (72, 2)
    numbers = _net().fit(speech.mfcc[some], np.where(speech.y[some] == "sad", 7, 3))
    assert set(numbers.predict(speech.mfcc)) <= {3, 7}


def test_class_weights_are_those_of_the_training_clips(speech):
    codes = np.array([0, 0, 0, 2])  # 4 clips, 2 classes: 4 / (2 * 3) and 4 / (2 * 1)
    weights = weigh_classes("balanced", np.array(["a", "b", "c"]), codes)
    assert weights.tolist() == pytest.approx([2 / 3, 1, 2])
    # A class counted ten times is predicted more often.
    plain = _net(max_epochs=5).fit(speech.mfcc, speech.y)
    heavy = clone(plain).set_params(
        class_weight={"sad": 50.0, "anger": 1.0, "happy": 1.0, "neutral": 1.0}
    )
    heavy.fit(speech.mfcc, speech.y)
    assert (
        heavy.predict_proba(speech.mfcc)[:, 3].mean()
        > plain.predict_proba(speech.mfcc)[:, 3].mean()
    )


# Schedules, precision, augmentation.


@contextmanager
def _rates():
    """Note the learning rate of each step of any optimizer."""
    rates = []
    handle = register_optimizer_step_pre_hook(
        lambda optimizer, *_: rates.append(optimizer.param_groups[0]["lr"])
    )
    try:
        yield rates
    finally:
        handle.remove()


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("scheduler", [None, "one_cycle", "cosine"])
def test_schedules_last_as_long_as_training(speech, optimizer, scheduler):
    net = _net(optimizer=optimizer, scheduler=scheduler, lr=0.01, batch_size=4)
    with _rates() as rates:
        net.fit(speech.mfcc[:20], speech.y[:20])
    step = np.arange(10)
    assert len(rates) == len(step)
    if scheduler is None:
        assert set(rates) == {0.01}
    elif scheduler == "cosine":
        assert rates == pytest.approx(0.005 * (1 + np.cos(np.pi * step / 10)))
    else:
        # torch's: from 1/25 of the peak up, and then down to 1/10,000 of the start.
        assert rates[0] == pytest.approx(0.01 / 25)
        assert max(rates) == pytest.approx(0.01)
        assert rates[-1] == pytest.approx(0.01 / 25 / 1e4)


def test_on_a_plateau_the_rate_falls_to_a_tenth(speech):
    net = _net(
        scheduler="plateau", early_stopping=True, patience=20, max_epochs=12, lr=0.03
    )
    with _rates() as rates:
        net.fit(speech.mfcc, speech.y)
    steps = np.array(rates).reshape(len(net.history_["valid_loss"]), -1)
    expected, best, waited, rate = [], np.inf, 0, 0.03
    for loss in net.history_["valid_loss"]:
        expected.append(rate)
        improved = loss < best * (1 - 1e-4)
        best, waited = (loss, 0) if improved else (best, waited + 1)
        if waited > 3:
            rate, waited = rate / 10, 0
    assert rate < 0.03
    assert steps[:, 0] == pytest.approx(expected)
    assert (steps == steps[:, :1]).all()


def test_a_plateau_needs_validation(speech):
    net = _net(scheduler="plateau")
    with pytest.raises(ValueError, match="scheduler='plateau' follows the loss of val"):
        net.fit(speech.mfcc, speech.y)
    net.set_params(early_stopping=True).fit(speech.mfcc, speech.y)
    assert "valid_loss" in net.history_


def test_half_precision_gives_nearly_the_same(speech):
    whole, half = (
        _net(precision=precision).fit(speech.mfcc, speech.y)
        for precision in ("float32", "bfloat16")
    )
    assert half.predict_proba(speech.mfcc).dtype == np.float32
    difference = whole.history_["train_loss"] - half.history_["train_loss"]
    assert 0 < difference.abs().max() < 0.05


class _Recorder:
    """Keep what is augmented."""

    def __init__(self):
        self.calls = []

    def __call__(self, frames, rng, *, length, pad_value):
        self.calls.append((frames.copy(), length, np.asarray(pad_value)))
        return frames * 0.5


def test_training_clips_alone_are_augmented(speech):
    recorder = _Recorder()
    net = _net(max_epochs=2, early_stopping=True)
    # As an attribute: a copy would keep the calls to itself.
    net.augment = recorder
    net.fit(speech.mfcc, speech.y)
    n_training = 72 * 4 // 5
    assert len(recorder.calls) in range(2 * 48, 2 * (n_training + 3) + 1)
    n_calls = len(recorder.calls)
    net.predict(speech.mfcc)
    assert len(recorder.calls) == n_calls
    frames, length, pad_value = recorder.calls[0]
    assert_array_equal(pad_value, speech.mfcc.pad_value)
    assert_array_equal(frames[length:], np.tile(pad_value, (len(frames) - length, 1)))


def test_spec_augment_changes_the_weights_and_not_the_clips(speech):
    before = [clip.copy() for clip in speech.mfcc]
    plain = _net().fit(speech.mfcc, speech.y)
    masked = _net(augment=SpecAugment(3, 5)).fit(speech.mfcc, speech.y)
    assert (_weights(plain) != _weights(masked)).any()
    for clip, copy in zip(speech.mfcc, before, strict=True):
        assert_array_equal(clip, copy)


def test_a_trunk_is_frozen_and_starts_from_weights(speech, tmp_path, monkeypatch):
    monkeypatch.setattr("sersk.nets._spectrogram_trunk._SIZE", (64, 64))
    torch.manual_seed(0)
    start = AlexNet(n_outputs=None).state_dict()
    torch.save(start, tmp_path / "alexnet.pth")
    net = clone(TRUNK).set_params(
        weights=tmp_path / "alexnet.pth", max_epochs=1, freeze_epochs=1
    )
    X, y = speech.mel[:16], speech.y[:16]
    trunk = net.fit(X, y).module_.trunk.state_dict()
    assert all(torch.equal(trunk[name], value) for name, value in start.items())
    assert all(one.requires_grad for one in net.module_.parameters())
    trunk = net.set_params(max_epochs=2).fit(X, y).module_.trunk.state_dict()
    assert not any(torch.equal(trunk[name], value) for name, value in start.items())


def test_a_trunk_is_frozen_without_its_own_head(speech, monkeypatch):
    monkeypatch.setattr("sersk.nets._spectrogram_trunk._SIZE", (64, 64))
    net = clone(TRUNK).set_params(head="linear", max_epochs=1, scheduler=None)
    X, y = speech.mel[:16], speech.y[:16]
    start, frozen = (
        net.set_params(**changes).fit(X, y).module_.state_dict()
        for changes in ({"lr": 1e-12}, {"lr": 1e-3, "freeze_epochs": 1})
    )
    moved = {
        name for name, value in start.items() if not torch.allclose(value, frozen[name])
    }
    assert moved == {name for name in start if name.startswith("trunk.classifier.")}


def test_every_trunk_can_be_named():
    (names,) = SpectrogramTrunkClassifier._parameter_constraints["trunk"]
    assert names.options == set(TRUNKS)


# Where it ends.


# The last is more than single precision holds.
@pytest.mark.parametrize("lr", [1e30, 1e38])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_training_that_diverges_says_so(speech, lr, optimizer):
    net = _net(lr=lr, optimizer=optimizer, max_epochs=5)
    with pytest.raises(ValueError, match=re.escape(f"training diverges with lr={lr}.")):
        net.fit(speech.mfcc, speech.y)


def test_a_last_step_that_ends_in_nothing_says_so(speech):
    # The loss is that before the step.
    once = {"lr": 1e30, "max_epochs": 1, "batch_size": 100}
    net = _net(**once).fit(speech.mfcc, speech.y)
    for predict in (net.predict, net.predict_proba):
        with pytest.raises(ValueError, match=r"clip 0 values that .* 72 clips in all"):
            predict(speech.mfcc)
    with pytest.raises(ValueError, match="Outputs after epoch 1 are not finite: train"):
        _net(early_stopping=True, **once).fit(speech.mfcc, speech.y)
    module = torch.nn.Linear(1, 1)
    module.weight.data.fill_(torch.inf)
    with pytest.raises(ValueError, match=r"1 is 0\.25, and weights are not finite: t"):
        check_epoch(module, 0.25, 1, "lr=0.5.")


class _Greedy(torch.nn.Linear):
    """Run out of memory in a batch of more than four clips."""

    def forward(self, x, x_lengths):
        if len(x) > 4:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return super().forward(x[:, 0])


class _GreedyClassifier(BaseNetClassifier):
    def _make_module(self, widths, n_outputs):
        return _Greedy(widths["x"], n_outputs)


def test_a_device_of_too_little_memory(speech):
    net = _GreedyClassifier(max_epochs=1, batch_size=8, device="cpu")
    with pytest.raises(MemoryError, match=r"'cpu' .* Pass a lower batch_size"):
        net.fit(speech.mfcc, speech.y)
    net.set_params(batch_size=4).fit(speech.mfcc, speech.y)
    with pytest.raises(MemoryError, match="too little memory for 8 clips at"):
        net.set_params(batch_size=8).predict(speech.mfcc)


def test_frames_beyond_all_measure_have_no_class(speech):
    net = _net().fit(speech.mfcc, speech.y)
    frames = [speech.mfcc[0], np.full((9, 13), 3e38)]
    with pytest.raises(ValueError, match=r"gives clip 1 values .* 1 clips in all"):
        net.predict(FrameSequences.from_arrays(frames))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (lambda frames: None, r"augment gave object of shape \(\) for frames of shape"),
        (lambda frames: frames[:3], r"augment gave float32 of shape \(3, 13\)"),
        (lambda frames: np.repeat(frames, 2, axis=0), "It must return as many frames"),
        (lambda frames: frames.astype(str), "augment gave <U"),
        (lambda frames: frames * np.nan, "augment gave values that are not finite"),
    ],
)
def test_what_is_augmented_stays_frames(speech, changed, message):
    net = _net(augment=lambda frames, rng, *, length, pad_value: changed(frames))
    with pytest.raises(ValueError, match=message):
        net.fit(speech.mfcc, speech.y)


@pytest.mark.parametrize("device", ["cuda:99", "meta"])
def test_a_device_that_is_not_there(speech, device):
    with pytest.raises(ValueError, match=f"device='{device}' cannot be used: .* Pass"):
        _net(device=device).fit(speech.mfcc, speech.y)


def test_a_cycle_of_one_step_learns(speech):
    once = {"max_epochs": 1, "batch_size": 100}
    plain = _net(**once).fit(speech.mfcc, speech.y)
    cycle = _net(scheduler="one_cycle", **once).fit(speech.mfcc, speech.y)
    assert_array_equal(_weights(cycle), _weights(plain))


def test_threads_fit_what_one_fits(speech):
    alone = _weights(_net().fit(speech.mfcc, speech.y))
    before = torch.get_rng_state()
    with ThreadPoolExecutor(4) as pool:
        nets = pool.map(lambda _: _net().fit(speech.mfcc, speech.y), range(4))
        for net in nets:
            assert_array_equal(_weights(net), alone)
    assert torch.equal(torch.get_rng_state(), before)


class _Interrupts:
    """Augment so many clips, and then be the user who gives up."""

    def __init__(self, n_clips):
        self.left = n_clips

    def __call__(self, frames, rng, *, length, pad_value):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return frames


@pytest.mark.parametrize("n_clips", [10, 100])
def test_an_interrupted_fit_keeps_what_it_has(speech, n_clips):
    net = _net(max_epochs=50)
    net.augment = _Interrupts(n_clips)
    with pytest.warns(EvaluationWarning, match="interrupted after . of 50 epochs"):
        net.fit(speech.mfcc, speech.y)
    assert len(net.history_) == n_clips // 72
    assert net.history_.columns.tolist() == ["epoch", "train_loss"]
    assert net.predict(speech.mfcc).shape == (72,)


def test_an_interrupted_fit_returns_to_its_best_epoch(speech):
    whole = _net(max_epochs=3, early_stopping=True).fit(speech.mfcc, speech.y)
    net = _net(max_epochs=50, early_stopping=True)
    net.augment = _Interrupts(4 * 60)
    with pytest.warns(EvaluationWarning, match="weights of the best epoch are kept"):
        net.fit(speech.mfcc, speech.y)
    assert 1 <= net.best_epoch_ <= len(net.history_)
    pd.testing.assert_frame_equal(net.history_[:3], whole.history_)


_INTERRUPTED = """
    import os, signal, warnings
    import numpy as np
    from sersk.estimators import CNN1DRegressor

    class Interrupts:
        left = 100
        def __call__(self, frames, rng, *, length, pad_value):
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGINT)
            return frames

    X = np.random.default_rng(0).normal(size=(64, 9, 4)).astype(np.float32)
    net = CNN1DRegressor(5, max_epochs=10**6, device="cpu", augment=Interrupts())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.fit(X, X[:, 0, 0])
    assert any("interrupted" in str(one.message) for one in caught)
    print(net.predict(X[:2]).shape)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
def test_a_signal_interrupts_a_fit():
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_INTERRUPTED)],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert (ended.returncode, ended.stdout) == (0, "(2,)\n"), ended.stderr


def test_a_last_clip_that_is_alone_joins_the_others(speech):
    X = speech.mfcc[:9]
    y = np.linspace(0, 1, 9)
    net = CNN1DRegressor(5, max_epochs=1, **FEW).fit(X, y)
    assert np.isfinite(net.predict(X)).all()


def test_importing_the_estimators_imports_no_torch():
    program = (
        "import sys, sersk.estimators; "
        "print([m for m in ('torch', 'skorch', 'transformers') if m in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert out.stdout == "[]\n"
