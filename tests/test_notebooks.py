"""Every notebook runs as a notebook, without a warning, and shows what it promises."""

import sys
import time
from pathlib import Path

import jupytext
import nbformat
import pytest
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
# How many pictures and players each of them shows.
SHOWN = {
    "1_sound_as_data": (7, 3),
    "2_preprocessing": (9, 3),
    "3_features": (10, 2),
    "4_from_a_folder_to_a_classifier": (2, 6),
    "5_your_own_feature": (3, 2),
}

# Warnings are errors, but not those of the kernel about itself, nor that of tqdm where ipywidgets
# is not installed: its bars are text then.
FIRST_CELL = """
import sys
import warnings

warnings.simplefilter("error")
warnings.filterwarnings("ignore", module="ipykernel")
warnings.filterwarnings("ignore", message="IProgress not found")
print(sys.executable)
"""


def run(name, folder):
    """Return a notebook with its outputs, run in a folder by the interpreter of the tests."""
    notebook = jupytext.read(NOTEBOOKS / f"{name}.py")
    notebook.cells.insert(0, nbformat.v4.new_code_cell(FIRST_CELL))
    # Without the kernels that are installed somewhere, "python3" is this Python.
    manager = AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[])
    )
    client = NotebookClient(notebook, km=manager, resources={"metadata": {"path": str(folder)}})
    client.execute(cleanup_kc=True)  # an error in a cell is an error here
    return notebook


def outputs_of(notebook, kind):
    """Return what the cells show in one format, such as image/png."""
    return [
        output.data[kind]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if kind in output.get("data", {})
    ]


def streams_of(notebook, name):
    """Return what the cells print to a stream."""
    return [
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == name
    ]


@pytest.mark.parametrize("name", SHOWN)
def test_notebook_runs_and_shows_pictures_and_players(
    name, tmp_path, tmp_path_factory, monkeypatch, show
):
    monkeypatch.delenv("MPLBACKEND", raising=False)  # pictures belong into the notebook
    # What numba has kept for this process can crash another one, when librosa calls it there.
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path_factory.mktemp("numba")))
    start = time.perf_counter()
    notebook = run(name, tmp_path)
    show(f"notebook {name}: {time.perf_counter() - start:.0f} s")
    assert streams_of(notebook, "stdout")[0].strip() == sys.executable
    assert streams_of(notebook, "stderr") == []
    n_players = sum(page.count("<audio") for page in outputs_of(notebook, "text/html"))
    assert (len(outputs_of(notebook, "image/png")), n_players) == SHOWN[name]


def test_every_notebook_is_run():
    assert sorted(path.stem for path in NOTEBOOKS.glob("*.py")) == sorted(SHOWN)


@pytest.mark.parametrize("name", SHOWN)
def test_notebook_opens_as_text_and_code(name):
    cells = jupytext.read(NOTEBOOKS / f"{name}.py").cells
    assert {cell.cell_type for cell in cells} == {"markdown", "code"}
    assert cells[0].source.startswith(f"# {name[0]} ")
    # Where jupytext takes the file for another format, the marks of the cells are left in them.
    assert not any(cell.source.startswith(("%% [", "# %%\n")) for cell in cells)
