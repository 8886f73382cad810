"""The pipelines of the reports, with what can be made smaller as arguments."""

from typing import Any

from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.systems import SEED
from sersk.estimators import (
    CNN1DClassifier,
    CNN2DClassifier,
    CRNNClassifier,
    MelCNNClassifier,
    SpectrogramTrunkClassifier,
)
from sersk.features import AcousticFunctionals, EGeMAPS, MelSpectrogram, MFCCSequence
from sersk.preprocessing import (
    FixDuration,
    LabelEncodedClassifier,
    NormalizeAmplitude,
    SequenceScaler,
    TrimSilence,
)
from sersk.utils import import_optional

# Report 003: 8 kHz, windows of 64 ms every 12.5 ms.
_FOURIER_003 = {
    "sampling_rate": 8000,
    "n_fft": 1024,
    "win_length": 512,
    "window": "hamming",
    "hop_length": 100,
}
# 1 + 80 frames a second: as many as fit into 300.
_SECONDS_003 = 3.7


def front_end_001(duration: float = 3.0) -> list[BaseEstimator]:
    """Return what report 001 does to a clip: peak, trim, and 3 s of it."""
    return [
        NormalizeAmplitude("peak"),
        TrimSilence(top_db=60),
        # Longer clips lose their end by design, as they do in the report.
        FixDuration(duration, max_removed=1.0),
    ]


def linear_001() -> Pipeline:
    """Return report 001's 8 scalars, and logistic regression."""
    scalars = AcousticFunctionals(
        ("waveform", "power_mfcc", "log_mel", "zcr"),
        per_coefficient=False,
        n_mfcc=13,
        fmax=8000.0,
    )
    classifier = LogisticRegression()
    return make_pipeline(*front_end_001(), scalars, StandardScaler(), classifier)


def linear() -> Pipeline:
    """Return mean and deviation of each coefficient, and logistic regression."""
    functionals = AcousticFunctionals(("mfcc", "log_mel", "zcr"), n_mfcc=13)
    classifier = LogisticRegression(max_iter=1000)
    return make_pipeline(*front_end_001(), functionals, StandardScaler(), classifier)


def mel_cnn(max_epochs: int = 20) -> Pipeline:
    """Return the mel CNN of report 001, on decibels as they are."""
    net = MelCNNClassifier(max_epochs=max_epochs, random_state=SEED)
    return make_pipeline(*front_end_001(), MelSpectrogram(fmax=8000.0), net)


def cnn1d(n_layers: int, summary: str | None = None, max_epochs: int = 50) -> Pipeline:
    """Return a 1D CNN of report 003, on 40 coefficients or a mean of 13."""
    net = CNN1DClassifier(
        n_layers,
        summary=summary,
        max_epochs=max_epochs,
        early_stopping=max_epochs > 10,
        random_state=SEED,
    )
    return make_pipeline(*_cepstra_003(40 if summary is None else 13), net)


def cnn2d(n_layers: int, max_epochs: int = 50) -> Pipeline:
    """Return a 2D CNN of report 003."""
    net = CNN2DClassifier(
        n_layers,
        max_epochs=max_epochs,
        early_stopping=max_epochs > 10,
        random_state=SEED,
    )
    return make_pipeline(*_cepstra_003(40), net)


def crnn(attention: str | None, max_epochs: int = 50, **parameters: Any) -> Pipeline:
    """Return CNN + LSTM, without or with attention, on mel bands."""
    net = CRNNClassifier(
        attention,
        max_epochs=max_epochs,
        early_stopping=max_epochs > 10,
        random_state=SEED,
        **parameters,
    )
    return make_pipeline(*_mel_003(), SequenceScaler(), net)


def image_trunk(
    trunk: str, head: str = "pooled", max_epochs: int = 20, early_stopping: bool = True
) -> Pipeline:
    """Return a net made for images, on mel spectrograms."""
    net = SpectrogramTrunkClassifier(
        trunk,
        head=head,
        max_epochs=max_epochs,
        early_stopping=early_stopping and max_epochs > 10,
        random_state=SEED,
    )
    return make_pipeline(*_mel_003(), SequenceScaler("minmax", clip=True), net)


def egemaps_xgboost(n_estimators: int = 100) -> Pipeline:
    """Return eGeMAPS and XGBoost, as nkululeko sets them."""
    xgboost = import_optional("xgboost", extra="xgboost")
    classifier = xgboost.XGBClassifier(
        n_estimators=n_estimators, max_depth=6, n_jobs=1, random_state=42
    )
    return make_pipeline(
        EGeMAPS(), StandardScaler(), LabelEncodedClassifier(classifier)
    )


def egemaps_svm() -> Pipeline:
    """Return eGeMAPS and a support vector machine, as nkululeko sets them."""
    return make_pipeline(EGeMAPS(), StandardScaler(), SVC(random_state=42))


def _mel_003() -> list[BaseEstimator]:
    return [_trim_003(), MelSpectrogram(128, **_FOURIER_003)]


def _cepstra_003(n_mfcc: int) -> list[BaseEstimator]:
    return [
        _trim_003(),
        FixDuration(_SECONDS_003, max_removed=1.0),
        MFCCSequence(n_mfcc, **_FOURIER_003),
        SequenceScaler(),
    ]


def _trim_003() -> TrimSilence:
    # Recordings of RAVDESS are silent for half of their time.
    return TrimSilence(top_db=30, max_removed=1.0)
