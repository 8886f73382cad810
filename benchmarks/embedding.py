"""Leave one speaker out with a frozen encoder, and count how often it runs.

Without ``--encoder``, it has the size of the published base models and random weights,
which cost the same and know nothing of speech.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch.nn.modules.module import register_module_forward_pre_hook

from benchmarks.command import make_parser, open_corpus
from benchmarks.corpora import protocol
from benchmarks.record import publish
from benchmarks.systems import quick_systems
from sersk.evaluation import evaluate
from sersk.features import SpeechEmbedding, make_random_encoder

_PLAIN = "functionals + LR"
_TRANSFORMER = re.compile(r"(Hubert|Wav2Vec2|WavLM)Encoder(StableLayerNorm)?")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table and, if asked, write it to a folder."""
    options = _parser().parse_args(arguments)
    corpus = open_corpus(options)
    with tempfile.TemporaryDirectory() as folder, _counted() as passes:
        model = options.encoder or make_random_encoder(folder, size=options.size)
        embedding = SpeechEmbedding(model, device="cpu")
        classifier = LogisticRegression(max_iter=1000)
        systems = {
            "encoder, mean of the last layer + LR": make_pipeline(
                embedding, StandardScaler(), classifier
            ),
            _PLAIN: quick_systems()[_PLAIN],
        }
        evaluation = evaluate(systems, corpus, cv=protocol(corpus), cache=False)
    counted = (
        f"{len(passes)} forward passes for {len(corpus)} clips, counted in the "
        f"network: {len(passes) / len(corpus):.1f} a clip over all "
        f"{evaluation.folds['fold'].nunique()} folds."
    )
    publish(
        [evaluation.to_markdown(), f"{_origin(options)} {counted}"],
        options.output,
        f"{corpus.name}_embedding",
    )
    return 0


@contextmanager
def _counted() -> Iterator[list[str]]:
    """Note every run of the transformer of a speech encoder in this process."""
    passes: list[str] = []

    def note(module: Any, _: Any) -> None:
        name = type(module).__name__
        if _TRANSFORMER.fullmatch(name):
            passes.append(name)

    handle = register_module_forward_pre_hook(note)
    try:
        yield passes
    finally:
        handle.remove()


def _origin(options: argparse.Namespace) -> str:
    if options.encoder is not None:
        return f"The encoder is {options.encoder}, frozen."
    return (
        f"The encoder is wav2vec 2.0 of the size {options.size!r} with RANDOM weights: "
        "it has learned nothing, and its scores are those of a random network."
    )


def _parser() -> argparse.ArgumentParser:
    parser = make_parser("benchmarks.embedding", __doc__, ("corpus", "output"))
    parser.add_argument("--encoder", help="checkpoint (default: random weights)")
    parser.add_argument(
        "--size", choices=["tiny", "base"], default="base", help="of random weights"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
