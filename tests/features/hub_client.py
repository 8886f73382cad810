"""A process that asks the hub of its environment for checkpoints, line by line.

The hub's address and cache are read when its library is imported, and the switches for
working offline by everybody: neither is to be set for the tests' own process.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


class Client:
    """Ask another process for checkpoints."""

    def __init__(self, process: subprocess.Popen) -> None:
        self.process = process

    def ask(self, what: str, name: str, revision: str | None = None, **switches: str):
        """Return what a function of this module gives there, or the error's text."""
        request = {"what": what, "name": name, "revision": revision}
        self.process.stdin.write(json.dumps({**request, "switches": switches}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["value"], answer["error"]


@contextmanager
def running_client(url: str, home: Path) -> Iterator[Client]:
    """Run a client of the hub at an address until the block ends."""
    switches = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_CACHE")
    environment = {
        name: os.environ[name] for name in os.environ if name not in switches
    }
    with (
        (home / "stderr.txt").open("w") as messages,
        subprocess.Popen(
            [sys.executable, "-m", "tests.features.hub_client"],
            cwd=REPOSITORY,
            env={**environment, "HF_ENDPOINT": url, "HF_HOME": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
        ) as process,
    ):
        # At the end of its input it ends.
        yield Client(process)


def _speech(name: str, revision: str | None) -> list[str]:
    from sersk.features._checkpoint import find_checkpoint

    return _found(find_checkpoint(name, revision))


def _text(name: str, revision: str | None) -> list[str]:
    from sersk.features._text_checkpoint import find_text_checkpoint

    return _found(find_text_checkpoint(name, revision))


def _found(checkpoint) -> list[str]:
    return [Path(checkpoint.folder).name, checkpoint.digest]


def _embed(name: str, revision: str | None) -> list[float]:
    import numpy as np

    from sersk.features import SpeechEmbedding

    embedding = SpeechEmbedding(name, revision=revision, device="cpu", cache=False)
    return embedding.transform([np.linspace(-0.5, 0.5, 4_000)])[0].tolist()


def _embed_text(name: str, revision: str | None) -> list[float]:
    from sersk import AudioClips
    from sersk.features import TextEmbedding

    embedding = TextEmbedding(name, revision=revision, device="cpu", cache=False)
    return embedding.transform(AudioClips.from_texts(["what a day"]))[0].tolist()


def main() -> None:
    """Answer each line of the input with one of the output."""
    functions = {
        "speech": _speech,
        "text": _text,
        "embed": _embed,
        "embed text": _embed_text,
    }
    for line in sys.stdin:
        request = json.loads(line)
        os.environ.update(request["switches"])
        value, error = None, None
        try:
            value = functions[request["what"]](request["name"], request["revision"])
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
        for name in request["switches"]:
            del os.environ[name]
        print(json.dumps({"value": value, "error": error}), flush=True)


if __name__ == "__main__":
    main()
