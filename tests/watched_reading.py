"""Read recordings in processes that are watched, so that a crash or a hang of the decoder is seen.

    python tests/watched_reading.py JOBS FIRST

reads those of the file JOBS from number FIRST on, and prints a line of JSON for each. `read_all`
starts such processes; where one dies, or says nothing for too long, the recording at which it was
is named, and another process goes on behind it.
"""

import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import warnings
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from malformed import malformed

from sklearn_audio import AudioError, Loader, SpectralCentroidExtractor

PATIENCE_SECONDS = 10
# Importing what is needed takes longer on a busy machine, and is no matter of the recording.
START_SECONDS = 120
# Jobs of one process, so that a crash costs few that follow it, and the work spreads evenly.
AT_ONCE = 1000


def read_all(jobs, n_workers=2, patience=PATIENCE_SECONDS):
    """Read the recordings of all jobs.

    A job is a list: "malformed", a seed, a number and, where they are not "common", the formats of
    the Loader; or "path" and a path. The outcome of each is a dict with the "kind": "row", the name
    of a kind of AudioError, "untyped" with the error in "what", "crash" with the status of the
    process, or "hang". Of what was read there is the number of "frames" and the "rate". "warnings"
    holds those that were given, "printed" the number of bytes that were written to the file
    descriptors 1 and 2, "differs" what the bytes of a file gave, where that is not what its path
    gave, and "memory" the most that its process has needed so far.
    """
    parts = [jobs[start : start + AT_ONCE] for start in range(0, len(jobs), AT_ONCE)]
    with ThreadPoolExecutor(n_workers) as workers:
        outcomes = workers.map(lambda part: read_part(part, patience), parts)
        return [outcome for part in outcomes for outcome in part]


def read_part(jobs, patience):
    """Read the recordings of some jobs one after the other; go on behind what does harm."""
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "jobs.json")
        listed.write_text(json.dumps(jobs))
        while len(outcomes) < len(jobs):
            command = [sys.executable, __file__, listed, str(len(outcomes))]
            with (
                open(Path(folder, "printed"), "wb") as printed,
                subprocess.Popen(command, stdout=subprocess.PIPE, stderr=printed) as process,
            ):
                outcomes += answers(process, patience)
                harm = "hang" if process.poll() is None and len(outcomes) < len(jobs) else "crash"
                process.kill()
            if len(outcomes) < len(jobs):
                what = f"exit {process.returncode}, {Path(folder, 'printed').read_bytes()[-300:]}"
                outcomes.append({"job": jobs[len(outcomes)], "kind": harm, "what": what})
    return outcomes


def answers(process, patience):
    """Return what a process tells until it ends, or until it has been silent for too long."""
    told = b""
    while select.select([process.stdout], [], [], patience if told else START_SECONDS)[0]:
        more = os.read(process.stdout.fileno(), 2**16)
        told += more
        if not more:
            process.wait()
            break
    lines = [line for line in told.splitlines(keepends=True) if line.endswith(b"\n")]
    if not lines:
        raise RuntimeError("a process that should read recordings did not even start")
    return [json.loads(line) for line in lines[1:]]  # the first one says that it has started


def summary(outcomes):
    """Return what became of malformed files as lines, by format and mutation, and the harm done."""
    counts = defaultdict(Counter)
    for outcome in outcomes:
        kind = outcome["kind"]
        counts["all"][kind] += 1
        about = outcome.get("format"), outcome.get("mutation")
        if None in about:  # a crash or a hang tells no more than its job
            about = malformed(*outcome["job"][1:3])[:2]
        counts[", ".join(about)][kind] += 1
    memory = max(outcome.get("memory", 0) for outcome in outcomes)
    return [
        *(
            f"{name}: {sum(kinds.values())} files, "
            + ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
            for name, kinds in sorted(counts.items())
        ),
        f"most memory of a process: {memory / 1e6:.0f} MB",
        *(f"{name}: {len(found)}" for name, found in harm(outcomes).items()),
    ]


def harm(outcomes):
    """Return what should not be, by its name: the jobs, and what they did."""
    return {
        "crashes": [one for one in outcomes if one["kind"] == "crash"],
        "hangs": [one for one in outcomes if one["kind"] == "hang"],
        "untyped errors": [one for one in outcomes if one["kind"] == "untyped"],
        "warnings": [one for one in outcomes if one.get("warnings")],
        "printed by the decoder": [one for one in outcomes if one.get("printed")],
        "other than their bytes": [one for one in outcomes if "differs" in one],
        "cut short without a word": [
            one
            for one in outcomes
            if one.get("mutation") == "truncation"
            and one.get("frames", 2**63) < one["whole_frames"]
        ],
    }


def work(listed, first):
    """Do the jobs of a file from one on, and tell of each when it is done."""
    # Decoders print on either; what they print must not be mixed with what is told.
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print("started", file=told, flush=True)
    extractor = SpectralCentroidExtractor()
    with tempfile.TemporaryDirectory() as folder:
        for job in json.loads(Path(listed).read_text())[first:]:
            before = os.fstat(2).st_size
            outcome = {"job": job, **done(job, extractor, Path(folder))}
            outcome["printed"] = os.fstat(2).st_size - before
            outcome["memory"] = most_memory()
            print(json.dumps(outcome), file=told, flush=True)


def most_memory():
    """Return the most bytes that this process has had; what `resource` tells is inherited."""
    return 1024 * int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])


def done(job, extractor, folder):
    if job[0] == "malformed":
        made = malformed(*job[1:3])
        path = folder / f"{job[2]}.{made.extension}"
        path.write_bytes(made.content)
        outcome = of_path(str(path), extractor, *job[3:])
        path.unlink()
        about = ("format", "mutation", "whole_frames")
        return outcome | {name: getattr(made, name) for name in about}
    if job[0] == "path":
        return of_path(job[1], extractor, *job[2:])
    return DEEDS[job[1]]() or {"kind": "row"}


def of_path(path, extractor, formats="common"):
    """Return what comes of a file, by its path and by its bytes."""
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        outcome = of_recording(path, extractor, formats)
        again = of_recording(Path(path).read_bytes(), extractor, formats)
    outcome["warnings"] = [f"{one.category.__name__}: {one.message}" for one in given]
    told = ("kind", "row", "frames", "rate")
    if any(outcome.get(key) != again.get(key) for key in told):
        outcome["differs"] = {key: again[key] for key in told if key in again}
    return outcome


def of_recording(recording, extractor, formats):
    batch = Loader(formats=formats).transform([recording])
    try:
        signal_read = batch[0]
        row = extractor.transform(batch)
    except AudioError as error:
        return {"kind": type(error).__name__, "reason": error.reason}
    except Exception as error:
        return {"kind": "untyped", "what": repr(error)}
    return {
        "kind": "row",
        "frames": len(signal_read),
        "rate": signal_read.rate,
        "row": row.tobytes().hex(),
    }


# What the tests of the watch itself let a process do.
DEEDS = {
    "abort": os.abort,
    "wait": signal.pause,
    "leave": lambda: os._exit(3),
    "print": lambda: os.write(2, b"a decoder complains") and None,
    "nothing": lambda: None,
}


if __name__ == "__main__":
    work(sys.argv[1], int(sys.argv[2]))
