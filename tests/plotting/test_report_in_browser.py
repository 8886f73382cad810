"""The report in a real browser, which says what it may not load and does not run."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sersk.plotting import write_report
from tests.plotting.toy import make_evaluation

matplotlib = pytest.importorskip("matplotlib")

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--enable-logging=stderr",
)


@pytest.fixture
def browse(tmp_path):
    """Return a function that opens a page and returns what the browser printed."""
    chromium = next(filter(None, map(shutil.which, _NAMES)), None)
    if chromium is None:
        pytest.skip(f"none of the browsers {', '.join(_NAMES)} is installed")

    def run(page: Path, *flags: str) -> tuple[str, list[str]]:
        command = [chromium, *_FLAGS, f"--user-data-dir={tmp_path / 'profile'}"]
        done = subprocess.run(
            [*command, *flags, page.as_uri()],
            capture_output=True,
            timeout=300,
            check=True,
        )
        console = re.findall(r".*CONSOLE.*", done.stderr.decode(errors="replace"))
        return done.stdout.decode(), console

    return run


@pytest.fixture
def report(with_probabilities, optimism, tmp_path):
    return write_report(with_probabilities, tmp_path / "report.html", optimism=optimism)


def test_a_browser_shows_tables_and_pictures(browse, report):
    document, console = browse(report, "--dump-dom")
    assert console == []
    assert document.count("<table>") == 9
    assert document.count("<img ") == 7
    assert document.count("<section ") == 10
    # What a browser has to move or to close is not in its place.
    written = report.read_text(encoding="utf-8").replace("<!DOCTYPE html>", "").split()
    shown = document.replace("<!DOCTYPE html>", "").split()
    assert _plain(shown) == _plain(written)


def _plain(words):
    """Return the words of a page, with what a browser may write in two ways alike."""
    text = "".join(words).replace("&quot;", '"').replace("&#x27;", "'")
    return text.replace("&gt;", ">")


def test_pictures_are_drawn_in_light_and_dark_and_on_a_phone(browse, report, tmp_path):
    colours = {}
    for name, flags in {
        "light": ("--window-size=1000,3000",),
        "dark": ("--window-size=1000,3000", "--force-dark-mode"),
        "phone": ("--window-size=500,3000",),
    }.items():
        picture = tmp_path / f"{name}.png"
        _, console = browse(report, f"--screenshot={picture}", *flags)
        assert console == []
        pixels = matplotlib.image.imread(picture)[..., :3]
        colours[name] = {tuple(pixel) for pixel in pixels[::4, ::4].reshape(-1, 3)}
    # Blue of the first system, in a plot: broken pictures have none.
    blue = pytest.approx((0, 0x72 / 255, 0xB2 / 255), abs=0.01)
    for seen in colours.values():
        assert any(colour == blue for colour in seen)
        assert len(seen) > 100


def test_names_do_not_run(browse, predictions, tmp_path):
    name = "<script>document.title = 'run'</script><img src=x onerror=alert(1)>"
    renamed = predictions.replace({"good": name, "happy": name})
    evaluation = make_evaluation(renamed, classes=(name, "sad"))
    page = write_report(evaluation, tmp_path / "named.html")
    document, console = browse(page, "--dump-dom")
    assert console == []
    assert "<script" not in document
    assert "<title>Evaluation on toy</title>" in document


@pytest.mark.parametrize(
    "added",
    [
        "<script>document.title = 'run'</script>",
        '<img src="picture.png" alt="">',
        '<link rel="stylesheet" href="style.css">',
        '<img src="x" alt="" onerror="document.title = \'run\'">',
    ],
)
def test_the_policy_holds_what_it_should(browse, report, added):
    source = report.read_text(encoding="utf-8").replace("</main>", f"{added}</main>")
    report.write_text(source, encoding="utf-8")
    document, console = browse(report, "--dump-dom")
    assert "Content Security Policy" in "".join(console)
    assert "<title>Evaluation on toy</title>" in document
