"""Each example of the gallery runs, shows something, and looks like a page of the gallery."""

import ast
import re
import runpy
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def named(pattern):
    """Return the examples whose names match, as parameters of a test."""
    return [pytest.param(path, id=path.stem) for path in sorted(EXAMPLES.glob(pattern))]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs an example in an empty folder and counts its figures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    plt.switch_backend("agg")

    def run_and_count(path):
        runpy.run_path(str(path), run_name="__main__")
        return len(plt.get_fignums())

    yield run_and_count
    plt.close("all")


@pytest.mark.parametrize("path", named("plot_*.py"))
def test_example_runs_without_real_recordings_and_leaves_figures_but_no_files(
    path, run, tmp_path, monkeypatch
):
    monkeypatch.delenv("SKLEARN_AUDIO_SHARED", raising=False)
    assert run(path) >= 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.shared_data
@pytest.mark.parametrize("path", named("recordings_*.py"))
def test_example_runs_with_real_recordings_and_leaves_figures_but_no_files(
    path, run, tmp_path, monkeypatch, shared_data
):
    monkeypatch.setenv("SKLEARN_AUDIO_SHARED", str(shared_data))
    assert run(path) >= 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", named("plot_*.py") + named("recordings_*.py"))
def test_example_begins_with_a_title_and_a_paragraph_and_has_blocks(path):
    source = path.read_text()
    page = ast.get_docstring(ast.parse(source))
    title, line, empty, *paragraph = page.splitlines()
    assert line == "=" * len(title)
    assert empty == ""
    assert paragraph
    assert "" not in paragraph  # one, which the gallery shows under the picture
    headings = re.findall(r"^# %%\n# (.+)\n# (-+)\n#\n# \S", source, re.M)
    assert len(headings) >= 2
    assert all(len(heading) == len(line) for heading, line in headings)


def test_the_gallery_has_ten_examples_that_run_anywhere_or_with_real_recordings():
    assert len(named("plot_*.py")) + len(named("recordings_*.py")) >= 10
