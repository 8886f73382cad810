"""Getting corpora whose publishers let anyone download them."""

import os
from dataclasses import dataclass
from os import PathLike

from sersk.datasets._archive import extract_archive
from sersk.datasets._download import check_checksum, download_file

# Beside the files of a fetched corpus, says which file they came from.
_RECEIPT = ".sersk-fetched"


@dataclass(frozen=True)
class Download:
    """Where a corpus can be downloaded, what is known of the file, and on what terms.

    `checksum` is None where none is known. `extracted` is the size of what is in the
    archive; None if the file is no archive.
    """

    name: str
    title: str
    file: str
    url: str
    size: int
    checksum: str | None
    extracted: int | None
    licence: str
    terms: str
    terms_url: str


EMODB = Download(
    name="emodb",
    title="the Berlin database of emotional speech (EmoDB 1.3.0)",
    file="emodb.zip",
    url="https://zenodo.org/records/7447302/files/emodb.zip?download=1",
    size=39_981_818,
    checksum="md5:9d21362dbc5676ef3ab4745d83ced0db",
    extracted=48_000_000,
    licence="CC BY 4.0",
    terms="Whoever uses or passes it on names its authors.",
    terms_url="https://zenodo.org/records/7447302",
)
RAVDESS = Download(
    name="ravdess",
    title="the speech of RAVDESS",
    file="Audio_Speech_Actors_01-24.zip",
    url=(
        "https://zenodo.org/records/1188976/files/Audio_Speech_Actors_01-24.zip"
        "?download=1"
    ),
    size=208_468_073,
    checksum="md5:bc696df654c87fed845eb13823edef8a",
    extracted=520_000_000,
    licence="CC BY-NC-SA 4.0",
    terms=(
        "Commercial use is forbidden; whoever uses it names its authors, and passes it "
        "on under the same licence only. Commercial licences are sold."
    ),
    terms_url="https://zenodo.org/records/1188976",
)
SMILE = Download(
    name="smile",
    title="the tweets of SMILE",
    file="smile-annotations-final.csv",
    url="https://figshare.com/ndownloader/files/4988956",
    size=429_669,
    checksum="sha256:d9288a574e13e0f1de65a8f482f71a85aaca8e9d4fceb8f9e8c8ed2e03e1c89f",
    extracted=None,
    licence="CC BY 4.0 for the annotations",
    terms=(
        "Whoever uses the annotations names their authors. The tweets themselves are "
        "not covered: they belong to their writers and Twitter."
    ),
    terms_url="https://doi.org/10.6084/m9.figshare.3187909.v2",
)
DOWNLOADS = {download.name: download for download in (EMODB, RAVDESS, SMILE)}


def fetch_emodb(
    folder: str | PathLike,
    *,
    accept_licence: bool = False,
    sha256: str | None = None,
    url: str | None = None,
) -> str:
    """Download the Berlin database of emotional speech (EmoDB).

    40 MB are downloaded from Zenodo and checked by size and MD5, as published there;
    48 MB are extracted. The archive stays beside the folder.

    Parameters
    ----------
    folder : path
        The folder to make. If an earlier call made it, nothing is downloaded.
    accept_licence : bool, default=False
        Whether you have read the licence, CC BY 4.0, and accept it.
    sha256 : str or None, default=None
        64 hexadecimal digits to check the archive by, instead of what was published;
        for a `url` that holds the corpus in another archive.
    url : str or None, default=None
        Another address of the archive, by https.

    Returns
    -------
    folder : str
        Path of the folder, for :func:`load_emodb`.

    Raises
    ------
    ValueError
        If the licence is not accepted, what the server sends is not what was published,
        the archive is not safe to extract, or there is something else at `folder`, or
        it cannot be made.
    ConnectionError
        If there is no connection, it breaks (the next call goes on from there), or the
        environment variable ``SERSK_OFFLINE`` is set.

    References
    ----------
    F. Burkhardt, A. Paeschke, M. Rolfes, W. Sendlmeier and B. Weiss, "A database of
    German emotional speech", Interspeech 2005. https://zenodo.org/records/7447302

    Examples
    --------
    >>> from sersk.datasets import fetch_emodb, load_emodb
    >>> folder = fetch_emodb("corpora/emodb", accept_licence=True)  # doctest: +SKIP
    >>> load_emodb(folder)  # doctest: +SKIP
    <Corpus emodb: 535 clips, 10 speakers; ...>
    """
    return fetch(EMODB, folder, accept_licence=accept_licence, sha256=sha256, url=url)


def fetch_ravdess(
    folder: str | PathLike,
    *,
    accept_licence: bool = False,
    sha256: str | None = None,
    url: str | None = None,
) -> str:
    """Download the speech of RAVDESS, without song and video.

    208 MB are downloaded from Zenodo and checked by size and MD5, as published there;
    520 MB are extracted. The archive stays beside the folder.

    Parameters
    ----------
    folder : path
        The folder to make. If an earlier call made it, nothing is downloaded.
    accept_licence : bool, default=False
        Whether you have read the licence, CC BY-NC-SA 4.0, and accept it. It forbids
        commercial use.
    sha256 : str or None, default=None
        64 hexadecimal digits to check the archive by, instead of what was published;
        for a `url` that holds the corpus in another archive.
    url : str or None, default=None
        Another address of the archive, by https.

    Returns
    -------
    folder : str
        Path of the folder, for :func:`load_ravdess`.

    Raises
    ------
    ValueError
        If the licence is not accepted, what the server sends is not what was published,
        the archive is not safe to extract, or there is something else at `folder`, or
        it cannot be made.
    ConnectionError
        If there is no connection, it breaks (the next call goes on from there), or the
        environment variable ``SERSK_OFFLINE`` is set.

    References
    ----------
    S. R. Livingstone and F. A. Russo, "The Ryerson audio-visual database of emotional
    speech and song (RAVDESS)", PLoS ONE 13(5), 2018. https://zenodo.org/records/1188976

    Examples
    --------
    >>> from sersk.datasets import fetch_ravdess, load_ravdess
    >>> folder = fetch_ravdess("corpora/ravdess", accept_licence=True)  # doctest: +SKIP
    >>> load_ravdess(folder)  # doctest: +SKIP
    <Corpus ravdess: 1440 clips, 24 speakers; ...>
    """
    return fetch(RAVDESS, folder, accept_licence=accept_licence, sha256=sha256, url=url)


def fetch_smile(
    folder: str | PathLike,
    *,
    accept_licence: bool = False,
    sha256: str | None = None,
    url: str | None = None,
) -> str:
    """Download the annotated tweets of SMILE.

    A table of 0.4 MB is downloaded from figshare. The checksum that its publisher may
    have given could not be found: size and SHA-256 are those of three equal copies of
    the original table, with all 3085 rows, in repositories of others.

    Parameters
    ----------
    folder : path
        The folder to put the table into.
    accept_licence : bool, default=False
        Whether you have read the licence, CC BY 4.0 for the annotations but not for the
        tweets, and accept it.
    sha256 : str or None, default=None
        64 hexadecimal digits to check the table by instead.
    url : str or None, default=None
        Another address of the table, by https.

    Returns
    -------
    folder : str
        Path of the folder, for :func:`load_smile`.

    Raises
    ------
    ValueError
        If the licence is not accepted, `folder` cannot be made, or the table, whether
        sent by the server or there already, is another one.
    ConnectionError
        If there is no connection, it breaks (the next call goes on from there), or the
        environment variable ``SERSK_OFFLINE`` is set.

    References
    ----------
    B. Wang, A. Tsakalidis, M. Liakata, A. Zubiaga, R. Procter and E. Jensen, "SMILE
    Twitter emotion dataset", 2016. https://doi.org/10.6084/m9.figshare.3187909.v2

    Examples
    --------
    >>> from sersk.datasets import fetch_smile, load_smile
    >>> folder = fetch_smile("corpora/smile", accept_licence=True)  # doctest: +SKIP
    >>> load_smile(folder)  # doctest: +SKIP
    """
    return fetch(SMILE, folder, accept_licence=accept_licence, sha256=sha256, url=url)


def fetch(
    what: Download,
    folder: str | PathLike,
    *,
    accept_licence: bool,
    sha256: str | None,
    url: str | None,
) -> str:
    """Download a corpus into a folder of its own and return the path."""
    if not isinstance(folder, (str, PathLike)):
        raise TypeError(f"folder must be the path of a folder, got {folder!r}.")
    if accept_licence is not True:
        raise ValueError(_licence_text(what))
    target = _target_of(folder)
    checksum = _choose_checksum(what, sha256)
    if what.extracted is None:
        _download(what, os.path.join(target, what.file), checksum, url)
    elif not _was_fetched(target, checksum):
        _fetch_archive(what, target, checksum, url)
    return target


def _target_of(folder: str | PathLike) -> str:
    name = os.path.expanduser(os.fsdecode(folder))
    if not name or "\0" in name:
        raise ValueError(
            f"folder={name!r} is no path. Pass the folder that is to be made."
        )
    return os.path.abspath(name)


def _licence_text(what: Download) -> str:
    return (
        f"The licence of {what.title} is {what.licence}. {what.terms} Read it at "
        f"{what.terms_url}; if you accept it, pass accept_licence=True."
    )


def _choose_checksum(what: Download, sha256: str | None) -> str:
    if sha256 is not None:
        return check_checksum(f"sha256:{sha256}")
    if what.checksum is None:
        raise ValueError(
            f"No checksum of {what.title} was published. Download {what.url} by other "
            "means, make sure that it is what you want, and pass the SHA-256 of the "
            "file as sha256=."
        )
    return what.checksum


def _download(what: Download, path: str, checksum: str, url: str | None) -> None:
    # A checksum of the user's own may be that of another archive, of another size.
    size = what.size if checksum == what.checksum else None
    address = what.url if url is None else url
    download_file(address, path, checksum=checksum, size=size)


def _was_fetched(target: str, checksum: str) -> bool:
    """Return whether an earlier call made the folder, of the same archive."""
    try:
        with open(os.path.join(target, _RECEIPT), encoding="utf-8") as file:
            return file.read().strip() == checksum
    except (OSError, UnicodeError):
        return False


def _fetch_archive(what: Download, target: str, checksum: str, url: str | None) -> None:
    if os.path.lexists(target):
        raise ValueError(
            f"{target!r} exists, and not from this download. If it holds the corpus, "
            f"load it with load_{what.name}; if not, delete it or pass another folder."
        )
    archive = os.path.join(os.path.dirname(target), what.file)
    _download(what, archive, checksum, url)
    extract_archive(archive, target, max_bytes=what.extracted or 0)
    with open(os.path.join(target, _RECEIPT), "w", encoding="utf-8") as file:
        file.write(f"{checksum}\n")
