"""What happens to a row store whose process is killed, whose disk is full, whose file is damaged.

Each test shows its figure in the summary of the tests.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from conftest import RATE
from joblib import Parallel, delayed

from sklearn_audio import Loader, RMSExtractor, RowStore

pytestmark = pytest.mark.skipif(os.name == "nt", reason="forks, signals and rights of POSIX")

N_SOUNDS = 12


def sounds(n_sounds=N_SOUNDS):
    generator = np.random.default_rng(0)
    return [
        {"array": generator.uniform(-0.5, 0.5, 2000).astype(np.float32), "sampling_rate": RATE}
        for _ in range(n_sounds)
    ]


def extract(memory, n_sounds=N_SOUNDS):
    return RMSExtractor().fit_transform(Loader(memory=memory).transform(sounds(n_sounds)))


def run(program, *arguments):
    """Run a program, the file beside this one or a text, in another process; return its output."""
    program = [Path(__file__).with_name(program)] if program.endswith(".py") else ["-c", program]
    answer = subprocess.run(
        [sys.executable, *program, *map(str, arguments)], capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


# Kills and crowds ----------------------------------------------------------------------------


def test_after_200_kills_every_row_is_right(tmp_path, show):
    seen = json.loads(run("killed_extraction.py", tmp_path, 200))

    show(
        f"SIGKILL: {seen['kills']} kills, {seen['kills_after_new_rows']} of them after new rows "
        f"were written, in {seen['stores']} stores: {seen['damaged_rows']} damaged rows, "
        f"{seen['different_values']} different values, {seen['hits']} surviving rows used"
    )
    assert seen["kills"] == 200
    assert seen["damaged_rows"] == 0
    assert seen["different_values"] == 0
    assert seen["hits"] > 0
    # Otherwise nothing was tried.
    assert seen["kills_after_new_rows"] > 50


def test_16_processes_of_4_threads_find_what_others_keep(tmp_path, show):
    counts = json.loads(run("crowded_store.py", tmp_path, 16, 4, 2000))

    show(
        f"crowd: 16 processes x 4 threads, 2000 keys: {counts['kept']} rows kept, "
        f"{counts['found']} found, {counts['errors']} errors, {counts['wrong']} wrong values"
    )
    assert counts["processes"] == 16
    assert counts["errors"] == 0
    assert counts["wrong"] == 0
    assert counts["found"] > 2000
    assert counts["kept"] > 16 * 4 * 1000
    store = RowStore(tmp_path)
    assert len(store) == 2000
    assert store.verify() == 0


# Damage --------------------------------------------------------------------------------------


def test_a_flipped_byte_never_gives_a_wrong_row(tmp_path, show):
    seen = json.loads(run("flipped_bytes.py", tmp_path, 2000))

    show(
        f"flipped bytes: {seen['trials']}, each with 20 rows: {seen['found']} rows found, "
        f"{seen['wrong']} wrong, {seen['errors']} errors, {seen['given_up']} stores given up"
    )
    assert seen["trials"] == 2000
    assert seen["wrong"] == 0
    assert seen["errors"] == 0
    # A damaged row is missing, and does not take all others with it.
    assert 17 * 2000 < seen["found"] < 20 * 2000


# Trouble -------------------------------------------------------------------------------------


@pytest.fixture
def public_folder():
    """Return a folder which another user can reach, as those of pytest cannot be."""
    with tempfile.TemporaryDirectory(prefix="rows-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.fixture
def small_file_system(public_folder):
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", public_folder]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this user may not mount a file system")
    yield public_folder
    subprocess.run(["umount", "--lazy", public_folder], check=True)


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("disk full", "full|disk I/O error"),
        ("disk full while open", "full|disk I/O error"),
        ("folder read-only", "Permission denied"),
        ("permission denied", "Permission denied"),
        ("permission denied while open", "Permission denied"),
        ("locked by another process", "database is locked"),
        ("locked by another process while open", "database is locked"),
        ("rubbish", "file is not a database"),
        ("replaced by rubbish while open", "file is not a database"),
    ],
)
def test_in_trouble_the_result_is_right_and_one_warning_says_why(
    public_folder, trouble, message, show
):
    assert_goes_on(public_folder / "rows", trouble, message, show)


def test_rubbish_in_an_open_file_changes_no_result(tmp_path, show):
    # SQLite may have all that it needs in memory, so there need not be a warning in this process.
    seen = json.loads(run("troubled_extraction.py", tmp_path / "rows", "rubbish while open"))
    assert seen["different_values"] == 0
    assert len(seen["warnings"]) <= 1

    later = json.loads(run("troubled_extraction.py", tmp_path / "rows", "none"))
    assert later["different_values"] == 0
    assert len(later["warnings"]) <= 1
    show(
        f"rubbish while open: 0 different values, {len(seen['warnings'])} warning, and "
        f"{len(later['warnings'])} in a later process"
    )


def test_on_a_full_file_system_the_result_is_right_too(small_file_system, show):
    assert_goes_on(small_file_system / "rows", "file system full", "full|disk I/O error", show)


def assert_goes_on(folder, trouble, message, show):
    seen = json.loads(run("troubled_extraction.py", folder, trouble))

    show(f"{trouble}: {seen['different_values']} different values, {len(seen['warnings'])} warning")
    assert seen["different_values"] == 0
    assert seen["categories"] == ["RowStoreWarning"]
    (warning,) = seen["warnings"]
    assert "rows.sqlite is not used any more in this process" in warning
    assert re.search(message, warning)


# Processes -----------------------------------------------------------------------------------

FORKED = """
import os, sys, threading
import numpy as np
from sklearn_audio import RowStore
from sklearn_audio.rows import Row

def key(number): return number.to_bytes(16, "little")
def row(number): return Row(8000, np.full(40, number, np.float32))
def keep(numbers): store.keep([(key(number), row(number)) for number in numbers])

store = RowStore(sys.argv[1])
"""


def test_a_child_keeps_rows_also_when_its_parent_has_gone(tmp_path):
    """The locks that SQLite knows of are those of the parent; it must not rely on them."""
    program = FORKED + (
        "keep([0])\n"
        "reader, writer = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    os.close(writer)\n"
        "    keep([1])\n"
        "    os.read(reader, 1)  # it ends with the parent\n"
        "    for number in range(2, 50): keep([number])\n"
        "    assert len(store) == 50 and store.verify() == 0\n"
    )
    # The output ends when both have ended.
    run(program, tmp_path)

    store = RowStore(tmp_path)
    assert len(store) == 50
    assert store.verify() == 0


def test_parent_and_children_write_in_turns(tmp_path, show):
    program = FORKED + (
        "keep([0])\n"
        "for child in range(1, 21):\n"
        "    if os.fork() == 0:\n"
        "        keep([100 * child])\n"
        "        assert store.find([key(0)])[0].values[0] == 0\n"
        "        sys.exit()\n"
        "    keep([child])\n"
        "for child in range(1, 21):\n"
        "    assert os.wait()[1] == 0\n"
        "    keep([1000 + child])\n"
        "assert len(store) == 1 + 3 * 20 and store.verify() == 0\n"
    )
    run(program, tmp_path)
    show("forks: 20 children and their parent kept 61 rows in turns, all there and right")

    store = RowStore(tmp_path)
    assert len(store) == 61
    assert store.verify() == 0


def test_a_child_does_not_wait_for_a_thread_of_its_parent(tmp_path, show):
    """Forked while other threads are in the middle of a transaction."""
    program = FORKED + (
        "stop = threading.Event()\n"
        "def write(start):\n"
        "    while not stop.is_set(): keep(range(start, start + 200))\n"
        "threads = [threading.Thread(target=write, args=(1000 * n,)) for n in range(3)]\n"
        "for thread in threads: thread.start()\n"
        "for child in range(50):\n"
        "    if os.fork() == 0:\n"
        "        keep([10**6 + child])\n"
        "        os._exit(0)\n"
        "    assert os.wait()[1] == 0\n"
        "stop.set()\n"
        "for thread in threads: thread.join()\n"
        "assert store.verify() == 0\n"
    )
    run(program, tmp_path)
    show("forks: 50 children of a parent with 3 writing threads, none waited for ever")

    assert len(RowStore(tmp_path)) == 3 * 200 + 50


def test_threads_share_what_they_extract(tmp_path):
    store = RowStore(tmp_path)
    rows = extract(None)

    results = Parallel(n_jobs=4, backend="threading")(delayed(extract)(store) for _ in range(20))

    for result in results:
        np.testing.assert_array_equal(result, rows)
    assert len(store) == N_SOUNDS
    assert store.verify() == 0


@pytest.mark.parametrize("way", ["fork", "spawn", "forkserver", "loky"])
def test_workers_share_what_they_extract(tmp_path, way, show):
    seen = json.loads(run("extracting_workers.py", tmp_path, way))

    show(f"workers by {way}: {seen['different']} different values, {seen['found']} rows found")
    assert seen["different"] == 0
    assert seen["damaged"] == 0
    assert seen["rows"] == 30
    # Of six times 30 each of the two computes 30 at most.
    assert seen["found"] >= 4 * 30
