"""The Free Spoken Digit Dataset: downloaded once, verified every time."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

import numpy as np
from sklearn.utils import Bunch

_COMMIT = "26eb9aaf76e81b692f806f9140c2d2777410d7a1"
ARCHIVE_URL = f"https://github.com/Jakobovski/free-spoken-digit-dataset/archive/{_COMMIT}.zip"

_DIGITS = range(10)
_SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
_INDICES = range(50)
_TEST_INDICES = range(5)

_FILE_NAMES = sorted(
    f"{digit}_{speaker}_{index}.wav"
    for digit in _DIGITS
    for speaker in _SPEAKERS
    for index in _INDICES
)

# The archive cannot be verified as a whole: the same commit may be packed into different bytes.
# This is the SHA-256 of the list that `_list_of_digests` makes from the files themselves.
_DIGEST_OF_LIST = "44c8e2002eef7b944445e96603c78e68ce69f0a0156657cc7c92e6ed7828925f"

_TIMEOUT = 30  # seconds without an answer, or without a further byte, until a download fails

_REMEDY = (
    f"Download {ARCHIVE_URL} anew, on another machine if this one has no network, and call "
    "fetch_spoken_digits(local_copy='path/to/the-archive.zip')."
)

_DESCRIPTION = f"""\
Free Spoken Digit Dataset
=========================

3000 recordings of the English digits 0 to 9: six speakers say each digit 50 times. WAV, 16 bits,
one channel, 8000 Hz, about 0.4 s each, trimmed to the voice. A file is named
digit_speaker_index.wav. The official test split is index 0 to 4 (``test``). ``groups`` names the
speaker: split by speaker to learn how well a model does on a voice it has never heard, which is
much harder.

By Zohar Jackson and contributors, under CC BY-SA 4.0, as published at
https://github.com/Jakobovski/free-spoken-digit-dataset
in commit {_COMMIT}.
"""


def fetch_spoken_digits(
    data_home: str | os.PathLike[str] | None = None,
    *,
    local_copy: str | os.PathLike[str] | None = None,
    url: str = ARCHIVE_URL,
) -> Bunch:
    """Load the paths of the Free Spoken Digit Dataset, downloading it the first time.

    3000 recordings of English digits by six speakers: WAV, 16 bits, one channel, 8000 Hz, about
    0.4 s each. One archive is downloaded, and only the recordings are taken out of it. Whichever
    way they came, and on every call, each file is compared with the published one by SHA-256.

    Parameters
    ----------
    data_home : str or path-like, default=None
        The folder under which downloads are kept. By default the cache folder that the operating
        system sets aside for a user's programs, as `pooch.os_cache` finds it.
    local_copy : str or path-like, default=None
        A copy of the dataset to take instead of downloading: a folder that holds the WAV files,
        itself or in a subfolder ``recordings``, which is used where it is; or a zip archive,
        which is unpacked under `data_home` unless the dataset is there already.
    url : str, default=ARCHIVE_URL
        Where to download the archive: the dataset's repository on GitHub, at a fixed commit, or
        a mirror of it.

    Returns
    -------
    Bunch
        What is found under each name, as an item or as an attribute:

        paths : list of str of length 3000
            Sorted.
        target : ndarray of int of shape (3000,)
            The digit.
        target_names : list of str
            "0" to "9".
        groups : ndarray of str of shape (3000,)
            The name of the speaker.
        test : ndarray of bool of shape (3000,)
            Whether the recording is in the official test split: 300 are.
        DESCR : str
            What the recordings are, whose, and their licence.

    Raises
    ------
    FileNotFoundError
        If there is no `local_copy`.
    OSError
        If the download fails, or what was downloaded or given is not the whole dataset, unchanged.

    See Also
    --------
    load_percussion : A small set that comes with the package.
    load_audio_files : Recordings in a folder of your own.

    Examples
    --------
    >>> from itertools import compress
    >>> from sklearn_audio.datasets import fetch_spoken_digits
    >>> data = fetch_spoken_digits()  # doctest: +SKIP
    >>> test_paths = list(compress(data.paths, data.test))  # doctest: +SKIP
    """
    if local_copy is not None:
        local_copy = Path(local_copy).expanduser()
        if not local_copy.exists():
            raise FileNotFoundError(
                errno.ENOENT,
                "there is no such local_copy; wanted a folder of the recordings or a zip archive",
                str(local_copy),
            )
        if local_copy.is_dir():
            return _describe(_verified_folder(local_copy))

    if data_home is None:
        import pooch

        data_home = pooch.os_cache("sklearn_audio")
    folder = Path(data_home).expanduser() / "free-spoken-digit-dataset"
    fault = _fault(folder)
    if fault is not None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if local_copy is None:
            _download(url, folder, fault)
        else:
            _unpack(local_copy, folder, source=f"local_copy={str(local_copy)!r}")
    return _describe(folder)


def _describe(folder: Path) -> Bunch:
    """Return the dataset whose recordings are in `folder`."""
    fields = [name.removesuffix(".wav").split("_") for name in _FILE_NAMES]
    digits, speakers, indices = zip(*fields, strict=True)
    return Bunch(
        paths=[str(folder / name) for name in _FILE_NAMES],
        target=np.array(digits, dtype=int),
        target_names=[str(digit) for digit in _DIGITS],
        groups=np.array(speakers),
        test=np.isin(np.array(indices, dtype=int), _TEST_INDICES),
        DESCR=_DESCRIPTION,
    )


def _fault(folder: Path) -> str | None:
    """Say what keeps `folder` from being the whole dataset, unchanged; None if nothing does."""
    missing = [name for name in _FILE_NAMES if not (folder / name).is_file()]
    if missing:
        return f"{len(missing)} of {len(_FILE_NAMES)} recordings are missing, first {missing[0]}"
    if hashlib.sha256(_list_of_digests(folder)).hexdigest() != _DIGEST_OF_LIST:
        return "every recording is there, but at least one is not as published"
    return None


def _list_of_digests(folder: Path) -> bytes:
    """Return a line for each recording: its SHA-256, a space, its name."""
    return b"".join(
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()} {name}\n".encode()
        for name in _FILE_NAMES
    )


def _verified_folder(local_copy: Path) -> Path:
    """Return the folder that holds the recordings: `local_copy` or ``recordings`` in it."""
    inner = local_copy / "recordings"
    folder = inner if inner.is_dir() else local_copy
    fault = _fault(folder)
    if fault is not None:
        raise OSError(f"local_copy={str(local_copy)!r} is not the dataset: {fault}. {_REMEDY}")
    return folder


def _download(url: str, folder: Path, fault: str) -> None:
    """Fill `folder`, which has a fault, from the archive at `url`."""
    import pooch

    with tempfile.TemporaryDirectory(prefix="download-", dir=folder.parent) as temporary:
        archive = Path(temporary, "archive.zip")
        download = pooch.HTTPDownloader(timeout=_TIMEOUT, chunk_size=2**16)
        try:
            download(url, archive, pooch=None)
        except OSError as error:  # what requests raises is an OSError too
            raise OSError(
                f"the Free Spoken Digit Dataset is not in {str(folder)!r} ({fault}), and it could "
                f"not be downloaded from {url} ({type(error).__name__}: {error}). {_REMEDY}"
            ) from error
        _unpack(archive, folder, source=f"what {url} sent")


def _unpack(archive: Path, folder: Path, source: str) -> None:
    """Fill `folder` from a zip archive, wherever in it the recordings are.

    The recordings are unpacked beside `folder` and moved there only once they are verified.
    Only their names are taken from the archive, never a path.
    """
    with tempfile.TemporaryDirectory(prefix="unpack-", dir=folder.parent) as temporary:
        fresh = Path(temporary, folder.name)
        fresh.mkdir()
        expected = set(_FILE_NAMES)
        try:
            with zipfile.ZipFile(archive) as opened:
                for member in opened.infolist():
                    name = PurePosixPath(member.filename).name
                    if name in expected:
                        (fresh / name).write_bytes(opened.read(member))
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise OSError(f"{source} is no whole zip archive: {error}. {_REMEDY}") from error
        fault = _fault(fresh)
        if fault is not None:
            raise OSError(f"{source} is not the dataset: {fault}. {_REMEDY}")
        _move(fresh, folder)


def _move(fresh: Path, folder: Path) -> None:
    """Put the recordings in `fresh` into `folder`, at once where it does not exist."""
    try:
        fresh.rename(folder)
    except OSError:
        # It exists, damaged or filled by another process in the meantime. Replacing the files one
        # by one mends it, and leaves alone whatever else somebody keeps there.
        for name in _FILE_NAMES:
            (fresh / name).replace(folder / name)
