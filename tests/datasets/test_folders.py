import os
import re
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_files

from sklearn_audio.datasets import load_audio_files


def touch(folder, *names):
    """Make empty files, which is all that a function that reads only names needs."""
    for name in names:
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def relative_paths(data, folder):
    return [Path(path).relative_to(folder).as_posix() for path in data.paths]


def test_each_subfolder_is_a_class(tmp_path):
    touch(tmp_path, "dog/2.wav", "dog/1.wav", "cat/deep/down/3.flac", "cat/1.ogg")

    data = load_audio_files(tmp_path)

    assert relative_paths(data, tmp_path) == [
        "cat/1.ogg",
        "cat/deep/down/3.flac",
        "dog/1.wav",
        "dog/2.wav",
    ]
    assert data.target_names == ["cat", "dog"]
    assert data.target.tolist() == [0, 0, 1, 1]
    assert np.issubdtype(data.target.dtype, np.integer)
    assert data.groups is None
    assert data.DESCR.startswith("4 recordings of 2 classes in ")


def test_same_labels_as_load_files(tmp_path):
    touch(tmp_path, "dog/1.wav", "dog/2.wav", "cat/1.wav", "a bird/1.wav")

    data = load_audio_files(tmp_path)
    files = load_files(tmp_path, load_content=False, shuffle=False)

    assert data.target_names == files.target_names
    assert dict(zip(data.paths, data.target, strict=True)) == dict(
        zip(map(str, files.filenames), files.target, strict=True)
    )


def test_paths_are_strings_that_begin_with_the_folder_as_given(tmp_path, monkeypatch):
    touch(tmp_path, "sounds/dog/1.wav")
    monkeypatch.chdir(tmp_path)

    assert load_audio_files("sounds").paths == [str(Path("sounds/dog/1.wav"))]
    assert load_audio_files(".").paths == [str(Path("sounds/dog/1.wav"))]


def test_audio_endings_are_as_documented_and_in_either_case(tmp_path):
    listed = re.search(r"lower case:((?:\s+\.\w+,)+\s+\.\w+)\.", load_audio_files.__doc__)[1]
    documented = " ".join(listed.split())
    assert documented == ".aif, .aiff, .caf, .flac, .mp3, .oga, .ogg, .opus, .rf64, .w64, .wav"
    names = [
        f"dog/1{ending}" for text in (documented, documented.upper()) for ending in text.split(", ")
    ]
    touch(tmp_path, *names)

    assert relative_paths(load_audio_files(tmp_path), tmp_path) == sorted(names)


def test_hidden_and_other_files_are_skipped(tmp_path):
    touch(
        tmp_path,
        "dog/1.wav",
        "dog/._1.wav",
        "dog/.thumbnails/1.wav",
        ".git/1.wav",
        "dog/notes.txt",
        "dog/wav",
        "dog/1.wav.part",
        "README.md",
    )

    assert relative_paths(load_audio_files(tmp_path), tmp_path) == ["dog/1.wav"]


def test_subfolder_without_recordings_is_no_class(tmp_path):
    touch(tmp_path, "dog/1.wav", "metadata/labels.csv")

    assert load_audio_files(tmp_path).target_names == ["dog"]


def test_recordings_beside_the_class_folders_are_left_out_with_a_warning(tmp_path):
    touch(tmp_path, "dog/1.wav", "stray.wav", "tray.wav")

    with pytest.warns(UserWarning, match=r"2 recordings lie in .* first is 'stray\.wav'") as caught:
        data = load_audio_files(tmp_path)

    assert relative_paths(data, tmp_path) == ["dog/1.wav"]
    assert caught[0].filename == __file__


def test_linked_class_folder_is_followed(tmp_path):
    touch(tmp_path, "elsewhere/1.wav", "sounds/cat/1.wav")
    link(tmp_path / "sounds" / "dog", tmp_path / "elsewhere")

    data = load_audio_files(tmp_path / "sounds")

    assert relative_paths(data, tmp_path / "sounds") == ["cat/1.wav", "dog/1.wav"]


@pytest.mark.parametrize("destination", [".", "sounds", "sounds/dog"])
def test_link_back_is_not_walked_without_end(tmp_path, destination):
    touch(tmp_path, "sounds/dog/1.wav")
    link(tmp_path / "sounds" / "dog" / "back", tmp_path / destination)

    data = load_audio_files(tmp_path / "sounds")

    assert relative_paths(data, tmp_path / "sounds") == ["dog/1.wav"]


def link(path, destination):
    try:
        path.symlink_to(destination, target_is_directory=True)
    except OSError as error:
        pytest.skip(f"links to folders cannot be made here: {error}")


@pytest.mark.parametrize("pattern", [r"^(\d)_", re.compile(r"^(\d)_")])
def test_labels_and_groups_from_the_names(tmp_path, pattern):
    touch(tmp_path, "7_theo_0.flac", "7_lucas_0.flac", "0_theo_0.flac")

    data = load_audio_files(tmp_path, target_pattern=pattern, group_pattern=r"_([a-z]+)_")

    assert relative_paths(data, tmp_path) == ["0_theo_0.flac", "7_lucas_0.flac", "7_theo_0.flac"]
    assert data.target_names == ["0", "7"]
    assert data.target.tolist() == [0, 1, 1]
    assert isinstance(data.groups, np.ndarray)
    assert data.groups.tolist() == ["theo", "lucas", "theo"]


def test_patterns_see_the_relative_path_with_forward_slashes(tmp_path):
    touch(tmp_path, "train/dog/rex.wav", "test/cat/tom.wav", "test/dog/ada.wav")

    data = load_audio_files(tmp_path, target_pattern="^[^/]+/([^/]+)/", group_pattern="^([^/]+)/")

    assert data.target_names == ["cat", "dog"]
    assert data.target.tolist() == [0, 1, 1]
    assert data.groups.tolist() == ["test", "test", "train"]


def test_groups_with_labels_by_subfolder_need_not_match_what_is_left_out(tmp_path):
    touch(tmp_path, "dog/rex_1.wav", "stray.wav")

    with pytest.warns(UserWarning, match="stray"):
        data = load_audio_files(tmp_path, group_pattern="/([^_/]+)_")

    assert data.groups.tolist() == ["rex"]


def test_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no such folder; wanted .*nowhere"):
        load_audio_files(tmp_path / "nowhere")


def test_file_instead_of_a_folder(tmp_path):
    touch(tmp_path, "1.wav")

    with pytest.raises(NotADirectoryError, match=r"this is a file; wanted the folder .*1\.wav"):
        load_audio_files(tmp_path / "1.wav")


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs the users of a Unix system")
def test_folder_that_may_not_be_listed_is_an_error():
    user = os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        touch(folder, "dog/1.wav", "cat/1.wav")
        folder.chmod(0o755)
        (folder / "cat").chmod(0)
        try:
            if user == 0:
                os.seteuid(65534)  # root may list everything, nobody may not
            with pytest.raises(PermissionError, match="cat"):
                load_audio_files(folder)
        finally:
            os.seteuid(user)
            (folder / "cat").chmod(0o700)


def test_no_recordings(tmp_path):
    touch(tmp_path, "dog/1.txt")

    with pytest.raises(ValueError, match=r"no recordings under .*\.aif, .*\.flac, .*\.wav"):
        load_audio_files(tmp_path)


def test_flat_folder_suggests_target_pattern(tmp_path):
    touch(tmp_path, "dog_1.wav", "dog_2.wav", "notes/notes.txt")

    with pytest.raises(ValueError, match=r"'dog_1.wav' and 1 more\).*target_pattern='\(\[\^_\]"):
        load_audio_files(tmp_path)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_audio_files(tmp_path, target_pattern="([^_]+)_").target_names == ["dog"]


@pytest.mark.parametrize("parameter", ["target_pattern", "group_pattern"])
@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"dog/(\d)_", r"='dog/\(\\\\d\)_' finds nothing in 'cat/1.wav'"),
        (r"dog/(\d)|cat/", r"finds nothing in 'cat/1.wav'"),
        (r"\d", r"='\\\\d' has no group: put parentheses"),
        (r"(\d", r"='\(\\\\d' is no regular expression: .*unterminated"),
    ],
    ids=["no match", "empty group", "no group", "no regular expression"],
)
def test_pattern_that_does_not_do(tmp_path, parameter, pattern, message):
    touch(tmp_path, "cat/1.wav", "dog/1_1.wav")

    with pytest.raises(ValueError, match=parameter + ".*" + message):
        load_audio_files(tmp_path, **{parameter: pattern})


@pytest.mark.shared_data
def test_real_folders(shared_data):
    speakers = load_audio_files(shared_data / "speakers")
    assert np.bincount(speakers.target).tolist() == [10] * 10

    instruments = load_audio_files(shared_data / "instruments")
    assert len(instruments.target_names) == 15
    assert instruments.target_names[:2] == ["banjo", "bass clarinet"]
    assert np.bincount(instruments.target).tolist() == [60] * 15

    digits = load_audio_files(
        shared_data / "spoken-digits", target_pattern=r"^(\d)_", group_pattern="_(.+)_"
    )
    assert np.bincount(digits.target).tolist() == [300] * 10
    assert np.unique(digits.groups, return_counts=True)[1].tolist() == [500] * 6
