"""What show_versions prints, beside what the packages say of themselves."""

import sqlite3
import subprocess
import sys

import numpy as np
import pandas as pd
import scipy
import sklearn
import soundfile
import soxr

from sklearn_audio import __version__, show_versions


def printed(capsys):
    """Return what is printed, as a dict of name and value."""
    show_versions()
    lines = capsys.readouterr().out.splitlines()
    return {name.strip(): value for name, _, value in (line.partition(": ") for line in lines)}


def test_versions_are_those_that_the_packages_state_themselves(capsys):
    shown = printed(capsys)
    assert shown["python"] == sys.version.replace("\n", " ")
    assert {
        "sklearn-audio": __version__,
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "pandas": pd.__version__,
        "soundfile": soundfile.__version__,
        "soxr": soxr.__version__,
        "libsoxr": soxr.__libsoxr_version__,
        "SQLite": sqlite3.sqlite_version,
    }.items() <= shown.items()


def test_the_decoder_is_shown_with_its_version_and_its_file(capsys):
    version, origin, path = printed(capsys)["libsndfile"].replace(": ", ", ").split(", ")
    assert version == soundfile.__libsndfile_version__
    assert origin in {"bundled with soundfile", "of the system"}
    if origin == "bundled with soundfile":
        with open(path, "rb") as library:
            assert f"libsndfile-{version}".encode() in library.read()


def test_no_package_is_shown_without_a_version_and_none_is_imported_for_it():
    program = (
        "import sys; from sklearn_audio import show_versions; before = set(sys.modules);"
        "show_versions(); added = set(sys.modules) - before;"
        "assert not {'librosa', 'matplotlib', 'pooch', 'polars', 'tqdm', 'skops'} & added, added"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert "None" not in result.stdout
    assert result.stderr == ""
