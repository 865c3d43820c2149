"""A report tells what scan tells, shows it, and writes it to one file."""

import html
import os
import re
import sys

import numpy as np
import pandas as pd
import pytest
import soundfile

from sklearn_audio import Loader, scan
from sklearn_audio.datasets import load_percussion
from sklearn_audio.errors import AudioError
from sklearn_audio.reporting import report


def look(X, y=None, groups=None, **parameters):
    return report(X, y, groups, **{"n_examples": 0, "progress": False, **parameters})


@pytest.fixture(scope="module")
def percussion():
    """Return the set that comes with the package, and its report."""
    data = load_percussion()
    return data, look(data.paths, data.target, display_labels=data.target_names, n_examples=2)


def test_table_has_what_scan_tells_and_the_labels(percussion):
    data, found = percussion

    scanned = scan(data.paths, progress=False)
    pd.testing.assert_frame_equal(found.table[scanned.columns], scanned)
    assert found.table["label"].tolist() == [data.target_names[code] for code in data.target]
    assert list(found.table["label"].cat.categories) == data.target_names
    assert "group" not in found.table


def test_table_has_the_index_of_the_recordings_and_labels_go_by_position(write):
    X = pd.Series([write("a.wav"), write("b.wav")], index=["first", "second"])

    table = look(X, pd.Series(["bark", "howl"], index=["second", "first"])).table

    assert table.index.tolist() == ["first", "second"]
    assert table["label"].tolist() == ["bark", "howl"]


def test_each_recording_is_opened_once_without_examples_and_once_more_for_each_example(
    write, opened
):
    paths = [write(f"{name}.wav") for name in "abcdef"]
    opened.clear()

    look(paths, ["x", "y"] * 3)
    assert sorted(opened) == sorted(paths)

    opened.clear()
    look(paths, ["x", "y"] * 3, n_examples=1)
    # The sound that a player holds is written in memory.
    assert len([path for path in opened if isinstance(path, str)]) == 6 + 2


def test_two_processes_find_the_same(percussion):
    data, found = percussion

    again = look(data.paths, data.target, display_labels=data.target_names, n_examples=2, n_jobs=2)

    assert again.page == found.page
    pd.testing.assert_frame_equal(again.table, found.table)


def test_every_kind_of_recordings_is_taken(write):
    path = write("noise.wav")
    samples, rate = soundfile.read(path, dtype="float32")
    with open(path, "rb") as file:
        content = file.read()
        file.seek(0)
        X = [path, content, file, {"array": samples[:3000], "sampling_rate": rate}]
        found = look(X, [0, 1, 0, 1], n_examples=1)

    assert found.table["ok"].all()
    assert found.table["duration"].tolist() == [0.5, 0.5, 0.5, 0.375]


def test_segments_are_recordings_of_their_own(write, taken_apart):
    path = write("noise.wav")
    X = pd.DataFrame({"path": [path, path], "start": [0.0, 0.25], "end": [0.25, None]})

    found = look(X, ["x", "y"], n_examples=1)

    assert found.table["duration"].tolist() == [0.25, 0.25]
    assert "contradiction" not in {finding.name for finding in found.findings}
    names = [name.text for name in taken_apart(found.page).all("figcaption")]
    assert ["[0 s to 0.25 s]" in name for name in names if "noise.wav" in name] == [True, False]


def test_no_recordings_are_a_page_too(taken_apart):
    found = look([])

    assert len(found.table) == 0
    assert found.findings == ()
    assert taken_apart(found.page).all("h1")[0].text == "Report on 0 recordings"


@pytest.mark.parametrize("name", ["y", "groups"])
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0, 1, 1], r"has 3 values and X has 2 recordings"),
        ([[0, 1], [1, 0]], r"has the shape \(2, 2\); one value a recording is wanted"),
        ("ab", r"has the shape \(\)"),
        ([0, "one"], r"mixes values that cannot be sorted \(int, str\)"),
    ],
)
def test_labels_that_do_not_fit_are_refused_before_anything_is_read(
    write, opened, name, values, message
):
    paths = [write("a.wav"), write("b.wav")]
    opened.clear()

    with pytest.raises(ValueError, match=f"^{name} {message}"):
        look(paths, **{name: values})
    assert opened == []


@pytest.mark.parametrize(
    ("y", "names", "message"),
    [
        ([0.5, 1], None, "y holds 0.5, and a report is on classes"),
        ([0, 2], ["bark", "howl"], "y holds 2, and display_labels has 2 names"),
        ([0, -1], ["bark", "howl"], "y holds -1"),
        (["bark", "howl"], ["bark", "howl"], "y holds 'bark'"),
        ([0, 1], ["bark", "bark"], "names two classes alike"),
    ],
)
def test_labels_that_are_no_classes_are_refused(y, names, message):
    with pytest.raises(ValueError, match=message):
        look(["a.wav", "b.wav"], y, display_labels=names)


@pytest.mark.parametrize("n_examples", [-1, 1.5, None])
def test_n_examples_is_a_count(n_examples):
    with pytest.raises(ValueError, match="an int of 0 or more is wanted"):
        look([], n_examples=n_examples)


def test_what_is_no_list_of_recordings_is_refused_as_by_a_loader():
    with pytest.raises(AudioError, match="a list of paths is wanted"):
        look("a.wav")


def test_missing_labels_of_ints_leave_the_others_ints(write):
    paths = [write(f"{name}.wav") for name in "abc"]

    table = look(paths, [2.0, np.nan, 10.0]).table

    assert list(table["label"].cat.categories) == ["2", "10"]
    assert table["label"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize("package", ["jinja2", "matplotlib"])
def test_a_missing_package_is_said_before_anything_is_read(write, opened, monkeypatch, package):
    path = write("a.wav")
    opened.clear()
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(ImportError, match=rf"{package} is needed.*sklearn-audio\[plot\]"):
        look([path])
    assert opened == []


def test_page_is_written_as_it_is(percussion, tmp_path):
    _, found = percussion

    path = found.to_html(str(tmp_path / "report.html"))

    assert path == tmp_path / "report.html"
    assert path.read_bytes() == found.page.encode("utf-8")
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_an_older_page_is_replaced_and_not_written_into(percussion, tmp_path):
    _, found = percussion
    path, older = tmp_path / "report.html", tmp_path / "older.html"
    path.write_text("older")
    os.link(path, older)

    found.to_html(path)

    assert older.read_text() == "older"
    assert path.read_text("utf-8") == found.page


def test_a_folder_that_is_not_there_is_named(percussion, tmp_path):
    _, found = percussion

    with pytest.raises(FileNotFoundError, match=r"there is no such folder.*nowhere"):
        found.to_html(tmp_path / "nowhere" / "report.html")


def test_notebook_shows_the_whole_page_in_a_frame_of_its_own(percussion, taken_apart):
    _, found = percussion

    [frame] = taken_apart(found._repr_html_()).all("iframe")

    assert frame.attributes["srcdoc"] == found.page
    assert frame.attributes["sandbox"] == "allow-scripts"  # nothing of the notebook is in reach
    assert "92 recordings" in frame.attributes["title"]


def test_repr_tells_the_findings(write):
    found = look([write("a.wav"), "missing.wav"])

    first, second = repr(found).splitlines()[:2]
    assert first == "Report on 2 recordings"
    assert second.startswith("  problem: 1 recording cannot be used.")


def test_messages_are_those_of_a_loader(write, tmp_path, taken_apart):
    (tmp_path / "empty.wav").touch()
    X = [write("a.wav"), "missing.wav", str(tmp_path / "empty.wav")]

    section = taken_apart(look(X).page).all("section", id="unusable")[0]

    told = [each.text for each in section.all("dd")]
    expected = []
    for path in X[1:]:
        with pytest.raises(AudioError) as raised:
            Loader().transform([path])[0]
        expected.append(raised.value.reason)
    assert sorted(told) == sorted(expected)
    kinds = {each.text for each in section.all("h3")}
    assert kinds == {"MissingAudioError 1", "EmptyAudioError 1"}


@pytest.mark.shared_data
def test_every_recording_of_the_odd_files_has_a_place(shared_data, taken_apart):
    folder = shared_data / "odd-files"
    manifest = pd.read_csv(folder / "MANIFEST.csv")
    paths = [str(folder / path) for path in manifest["path"]]

    found = look(paths, manifest["source"], n_examples=2)

    rows = taken_apart(found.page).all("table", id="all")[0].rows()
    assert sorted(int(row[0]) for row in rows[1:]) == list(range(len(paths)))
    scanned = scan(paths, progress=False)
    [unusable] = [each for each in found.findings if each.name == "unusable"]
    assert unusable.positions.tolist() == np.flatnonzero(~scanned["ok"]).tolist()
    assert re.search(f"^{len(unusable.positions)} recordings", unusable.title)
    assert html.unescape(found._repr_html_()).count("<audio") == found.page.count("<audio") > 10
