"""The versions of everything that the numbers depend on, for reports of errors."""

from __future__ import annotations

import platform
import re
import sqlite3
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import soundfile
import soxr

_REQUIRED = (
    "sklearn-audio",
    "scikit-learn",
    "numpy",
    "scipy",
    "joblib",
    "threadpoolctl",
    "soundfile",
    "soxr",
    "pandas",
    "pooch",
    "tqdm",
)
_OPTIONAL = ("librosa", "matplotlib", "jinja2", "ipython", "polars", "skops")


def show_versions() -> None:
    """Print the versions of Python, of the packages and of the decoder; for reports of errors.

    See Also
    --------
    sklearn.show_versions : The same for scikit-learn, with the libraries of linear algebra.

    Examples
    --------
    >>> from sklearn_audio import show_versions
    >>> show_versions()  # doctest: +ELLIPSIS
    System:
           python: ...
          machine: ...
    <BLANKLINE>
    Packages:
    sklearn-audio: ...
    <BLANKLINE>
    Libraries:
       libsndfile: ..., bundled with soundfile: ...libsndfile...
          libsoxr: ...
           SQLite: ...
    """
    optional = {name: _installed(name) for name in _OPTIONAL}
    sections: dict[str, dict[str, str | None]] = {
        "System": {
            "python": sys.version.replace("\n", " "),
            "executable": sys.executable,
            "machine": platform.platform(),
        },
        "Packages": {name: _installed(name) for name in _REQUIRED}
        | {name: number for name, number in optional.items() if number is not None},
        "Libraries": {
            "libsndfile": f"{soundfile.__libsndfile_version__}, {_origin_of_libsndfile()}",
            "libsoxr": soxr.__libsoxr_version__,
            "SQLite": sqlite3.sqlite_version,
        },
    }
    print("\n\n".join(_section(title, lines) for title, lines in sections.items()))


def _section(title: str, lines: dict[str, str | None]) -> str:
    return "\n".join([f"{title}:", *(f"{name:>13}: {value}" for name, value in lines.items())])


def _installed(package: str) -> str | None:
    # From the metadata, since importing some of them takes seconds.
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _origin_of_libsndfile() -> str:
    """Return whether the decoder came with soundfile or is that of the system, and its path."""
    # soundfile has no public name for it, but the library that it opened shows its own.
    found = re.search("'(.*)'", repr(soundfile._snd))
    if found is None:
        return "from a place that is not known"
    path = found[1]
    bundled = Path(path).parent.name == "_soundfile_data"
    return f"{'bundled with soundfile' if bundled else 'of the system'}: {path}"
