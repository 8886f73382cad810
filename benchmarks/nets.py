"""Compare the nets of the reports with plain systems on one corpus, by speaker."""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from sklearn.base import BaseEstimator

from benchmarks.command import (
    COMPARING,
    at_least,
    choose,
    make_parser,
    open_corpus,
    run,
)
from benchmarks.paired import compare_with, differences
from benchmarks.record import publish
from benchmarks.reports._encoders import co_attention
from benchmarks.reports._systems import (
    cnn1d,
    cnn2d,
    crnn,
    egemaps_xgboost,
    linear,
    mel_cnn,
)
from sersk.estimators import SpeakerFoldVotingClassifier
from sersk.features import make_random_encoder
from sersk.model_selection import SpeakerKFold

_PLAIN = "mean and std + LR"
_CO_ATTENTION = "co-attention"
_DEEPEST = "2D CNN, 6 layers"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables and, if asked, write them to a folder."""
    options = _parser().parse_args(arguments)
    corpus = open_corpus(options)
    with tempfile.TemporaryDirectory() as folder:
        # By where its encoder lies, a finished fold is found again.
        place = Path(options.resume or folder, "encoder")
        encoder = options.encoder or make_random_encoder(place)
        made = systems(options.epochs, encoder, _passes(options), options.members)
        chosen = choose(made, options.systems, _PLAIN)
        cv = None if options.folds is None else SpeakerKFold(options.folds)
        evaluation = run(chosen, corpus, options, cv)
    compared = compare_with(_PLAIN, evaluation)
    names = evaluation.pipelines["pipeline"].tolist()
    publish(
        [
            evaluation.to_markdown(),
            differences(compared),
            _reservation(options, names),
        ],
        options.output,
        f"{corpus.name}_nets",
        {"folds": evaluation.folds},
    )
    return 0


def systems(
    epochs: int,
    encoder: str,
    passes: Mapping[str, int] = MappingProxyType({}),
    n_members: int = 3,
) -> dict[str, BaseEstimator]:
    """Return the nets and two plain systems, each trained for so many epochs.

    Parameters
    ----------
    epochs : int
        Passes over the training clips. Nothing is stopped early up to 10; from then on
        by training speakers, where the report stops early.
    encoder : str
        Folder of the checkpoint whose frames co-attention takes.
    passes : mapping of str to int, default={}
        The epochs of the deepest 2D CNN and of co-attention, if they differ: a pass
        takes them longest.
    n_members : int, default=3
        Members of the vote.

    Returns
    -------
    systems : dict of str to estimator
        By the names of the table.
    """
    deepest, joint = (passes.get(name, epochs) for name in (_DEEPEST, _CO_ATTENTION))
    return {
        _PLAIN: linear(),
        "eGeMAPS + XGBoost": egemaps_xgboost(),
        "mel CNN": mel_cnn(epochs),
        **{f"1D CNN, {n} layers": cnn1d(n, max_epochs=epochs) for n in (3, 5, 8)},
        "2D CNN, 2 layers": cnn2d(2, max_epochs=epochs),
        _DEEPEST: cnn2d(6, max_epochs=deepest),
        "CNN + LSTM": crnn(None, epochs),
        "CNN + LSTM + attention": crnn("additive", epochs),
        f"vote of {n_members} 1D CNNs, 5 layers": SpeakerFoldVotingClassifier(
            cnn1d(5, max_epochs=epochs), cv=n_members, voting="soft"
        ),
        # Few passes teach it nothing in steps as small and few as the report's.
        _CO_ATTENTION: co_attention(
            encoder,
            max_epochs=joint,
            early_stopping=joint > 10,
            lr=3e-4,
            batch_size=16,
            precision="bfloat16",
        ),
    }


def _reservation(options: argparse.Namespace, names: Sequence[str]) -> str:
    """Return how long nets were trained, and what encoder one of them had."""
    passes = _passes(options)
    others = (f"; {name}: {passes[name]}" for name in names if name in passes)
    said = f"Nets were trained for {options.epochs} passes over their clips at most"
    said += f"{''.join(others)}."
    if _CO_ATTENTION not in names:
        return said
    encoder = (
        "is tiny and has random weights: it stands for the third input, and knows "
        "nothing of speech"
        if options.encoder is None
        else f"is {options.encoder}, frozen"
    )
    return f"{said} Co-attention was trained in bfloat16; its encoder {encoder}."


def _passes(options: argparse.Namespace) -> dict[str, int]:
    """Return the epochs of the two nets that take longest over one."""
    return {_DEEPEST: options.long_epochs, _CO_ATTENTION: options.co_attention_epochs}


def _parser() -> argparse.ArgumentParser:
    parser = make_parser("benchmarks.nets", __doc__, COMPARING)
    parser.add_argument("--epochs", type=at_least(1), default=10, help="default: 10")
    parser.add_argument(
        "--long-epochs",
        type=at_least(1),
        default=3,
        help=f"the same of {_DEEPEST} (default: 3)",
    )
    parser.add_argument(
        "--co-attention-epochs",
        type=at_least(1),
        default=5,
        help=f"the same of {_CO_ATTENTION} (default: 5)",
    )
    parser.add_argument(
        "--folds",
        type=at_least(2),
        help="folds of speakers, instead of one a speaker",
    )
    parser.add_argument(
        "--members",
        type=at_least(2),
        default=3,
        help="members of the vote (default: 3)",
    )
    parser.add_argument(
        "--encoder", help="checkpoint for co-attention (default: a tiny random one)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
