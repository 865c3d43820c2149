"""Recordings whose names are unusual, through the whole way: rows kept, other processes, errors."""

import os
import pickle
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import soundfile

from sklearn_audio import AudioError, Loader, RMSExtractor, RowStore

NAMES = {
    "spaces": " a dog  barks .wav",
    "quotes": "'single' \"double\" `back`.wav",
    "newline": "two\nlines\r\tand a tab.wav",
    "leading dash": "--help.wav",
    "dash": "-",
    "backslash": "C:\\sounds\\dog.wav",
    "shell": "$HOME; rm * && {a,b} 100%s ~ # !.wav",
    "URL": "http:example.wav",
    "glob": "[ab]*?.wav",
    "CJK": "録音 녹음 录音.wav",
    "right to left": "تسجيل.wav",
    "emoji": "🐕‍🦺.wav",
    "composed": "\u00e9.wav",
    "decomposed": "e\u0301.wav",
    "hidden": ".wav",
    "dots": "...",
    "no extension": "dog",
    "255 bytes": "x" * 251 + ".wav",
    "255 bytes of CJK": "音" * 83 + "12.wav",
    "no UTF-8": os.fsdecode(b"\xff\xfe caf\xe9.wav"),
}


@pytest.fixture
def recordings(tmp_path):
    """Return the paths of recordings of these names, each of another level."""
    folder = tmp_path / "sounds"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for position, name in enumerate(NAMES.values()):
        sound = generator.uniform(-0.5, 0.5, 1000) * (position + 1) / len(NAMES)
        soundfile.write(tmp_path / "plain.wav", sound, 8000)
        os.rename(tmp_path / "plain.wav", folder / name)
    assert len(os.listdir(folder)) == len(NAMES)
    return [str(folder / name) for name in NAMES.values()]


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def test_names_are_as_long_and_strange_as_they_are_said_to_be():
    assert (
        len(os.fsencode(NAMES["255 bytes"])) == len(os.fsencode(NAMES["255 bytes of CJK"])) == 255
    )
    with pytest.raises(UnicodeDecodeError):
        os.fsencode(NAMES["no UTF-8"]).decode()


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("kept", [False, True], ids=["not kept", "kept"])
def test_rows_are_those_of_the_bytes(recordings, tmp_path, n_jobs, kept):
    expected = RMSExtractor().fit_transform(
        Loader().transform([read_bytes(path) for path in recordings])
    )
    store = RowStore(tmp_path / "rows") if kept else None
    extractor = RMSExtractor(n_jobs=n_jobs)
    for _ in range(2):
        rows = extractor.fit_transform(Loader(memory=store).transform(recordings))
        np.testing.assert_array_equal(rows, expected)
    assert len(np.unique(expected[:, 0])) == len(NAMES)
    if kept:
        assert (store.info().misses, store.info().hits) == (len(NAMES), len(NAMES))


def test_rows_are_those_of_the_bytes_by_relative_paths_too(recordings, tmp_path, monkeypatch):
    expected = RMSExtractor().fit_transform(Loader().transform(recordings))
    monkeypatch.chdir(tmp_path / "sounds")
    names = list(NAMES.values())
    for X in (names, pd.Series(names), pd.DataFrame({"path": names})):
        np.testing.assert_array_equal(RMSExtractor().fit_transform(Loader().transform(X)), expected)


@pytest.mark.parametrize("memory", [False, True], ids=["not kept", "kept"])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_an_error_names_the_file_as_it_is_called(name, recordings, tmp_path, memory):
    path = str(tmp_path / "sounds" / name)
    with open(path, "wb") as file:
        file.write(b"no sound")
    loader = Loader(memory=tmp_path / "rows" if memory else None)
    position = recordings.index(path)
    with pytest.raises(AudioError, match=re.escape(f"{path} (X[{position}]): ")) as caught:
        RMSExtractor().fit_transform(loader.transform(recordings))
    assert caught.value.source == path
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.position) == (str(caught.value), position)


def test_an_error_of_another_process_names_the_file_as_it_is_called(recordings):
    for path in recordings:
        os.truncate(path, 30)
    with pytest.raises(AudioError) as caught:
        RMSExtractor(n_jobs=2).fit_transform(Loader().transform(recordings))
    assert caught.value.source == recordings[caught.value.position]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_an_error_about_any_name_can_be_printed_as_a_traceback(recordings, encoding):
    program = (
        "import os, sys; from sklearn_audio import Loader;"
        "Loader().transform([os.fsdecode(bytes.fromhex(sys.argv[1]))])[0]"
    )
    for path in recordings:
        os.truncate(path, 0)
    path = recordings[list(NAMES).index("no UTF-8")]
    result = subprocess.run(
        [sys.executable, "-c", program, os.fsencode(path).hex()],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )
    assert result.returncode == 1
    last = result.stderr.decode(encoding).splitlines()[-1]
    assert last.startswith("sklearn_audio.errors.")
    assert "(X[0]): " in last
