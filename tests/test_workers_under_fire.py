"""What becomes of an extraction whose workers are killed, and of one that is interrupted.

Each test shows its figures in the summary of the tests.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")


def run(program, *arguments):
    """Run the program beside this file; return what it prints."""
    program = Path(__file__).with_name(program)
    answer = subprocess.run(
        [sys.executable, program, *map(str, arguments)], capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_after_kills_of_workers_every_row_is_there_and_right(tmp_path, show):
    seen = run("killed_workers.py", tmp_path, 6)

    show(
        f"workers killed: {seen['kills']} in {seen['extractions']} extractions of 1000 recordings: "
        f"{seen['missing']} rows missing, {seen['different']} different, {seen['recomputed']} "
        "recordings computed again"
    )
    assert seen["kills"] == 6
    assert seen["missing"] == 0
    assert seen["different"] == 0
    assert seen["damaged"] == 0
    # Far from all: what had come back before a kill is not computed again.
    assert seen["recomputed"] < 6 * 300


@pytest.mark.parametrize("n_jobs", [1, 2, 4])
def test_an_interruption_ends_all_and_keeps_what_is_finished(n_jobs, tmp_path, show):
    seen = run("interrupted_extraction.py", tmp_path, n_jobs, 4)

    seconds = [one["seconds"] for one in seen]
    finished, kept = (sum(one[what] for one in seen) for what in ("finished", "kept"))
    show(
        f"Ctrl-C, n_jobs={n_jobs}: {len(seen)} times, ended after {np.median(seconds):.2f} s "
        f"(median), {max(seconds):.2f} s (maximum); {kept} rows kept of {finished} finished before"
    )
    for one in seen:
        assert one["has_ended"], one
        assert one["left"] == [], one
        assert one["is_interrupt"], one
        assert one["processes"] >= (1 if n_jobs == 1 else n_jobs + 1), one
        # What has not come back from the workers yet is lost, and what is just being kept.
        assert one["kept"] >= one["finished"] - (1 if n_jobs == 1 else 2 * (n_jobs + 1)), one
        assert one["damaged"] == 0, one
        assert one["found"] == one["kept"], one
        assert one["different"] == 0, one
