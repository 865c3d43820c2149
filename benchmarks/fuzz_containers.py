"""Fuzz what looks at the first bytes and chunks of a recording, guided by coverage.

    pip install atheris
    python benchmarks/fuzz_containers.py [SECONDS] [FOLDER]

Only an AudioError may come of any bytes. The fuzzer sees which lines of the package its bytes
reach, and goes on from those that reach new ones; libsndfile behind them is run, but not seen.
FOLDER keeps what was found between runs, and the bytes that did harm. Where atheris is not
installed nothing is done: it has wheels for Linux, and for some versions of Python only.
"""

import argparse
import io
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

# What libFuzzer prints of a run.
FIGURES = {
    "inputs that were run": r"stat::number_of_executed_units:\s+(\d+)",
    "inputs that reached new code": r"stat::new_units_added:\s+(\d+)",
    "edges and comparisons of the package that were reached": r".*\bcov: (\d+)",
    "slowest input in seconds": r"stat::slowest_unit_time_sec:\s+(\d+)",
    "most memory in MB": r"stat::peak_rss_mb:\s+(\d+)",
}


def fuzz(folder, seconds):
    """Fuzz in this process, until the time is over or something else than an AudioError comes."""
    import atheris

    with atheris.instrument_imports(include=["sklearn_audio.loading", "sklearn_audio.signals"]):
        from sklearn_audio import AudioError, Loader

    loader = Loader()

    def read(content):
        with suppress(AudioError):
            loader.transform([io.BytesIO(content)])[0]

    options = [
        f"-max_total_time={seconds}",
        f"-artifact_prefix={folder / 'harmful'}/",
        "-max_len=20000",
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(folder / "corpus")], read)
    atheris.Fuzz()


def campaign(folder, seconds):
    """Fuzz in another process, from whole recordings on; return its status and its figures."""
    from malformed import originals

    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    (folder / "harmful").mkdir(exist_ok=True)
    for form, contents in originals().items():
        for position, content in enumerate(contents):
            (folder / "corpus" / f"{form}-{position}").write_bytes(content)
    command = [sys.executable, __file__, "--inside", str(seconds), str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    lines = []
    for name, pattern in FIGURES.items():
        found = re.findall(pattern, result.stderr)
        lines.append(f"{name}: {found[-1] if found else 'not told'}")
    harmful = sorted(path.name for path in (folder / "harmful").iterdir())
    lines.append(f"inputs that did harm (a crash, a hang, an untyped error): {len(harmful)}")
    if harmful or result.returncode:
        print(result.stderr[-5000:])
        print(f"in {folder / 'harmful'}: {harmful}")
    return result.returncode, lines


def main():
    """Write the figures of a campaign; the status tells whether all was right."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("seconds", nargs="?", type=int, default=600)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if find_spec("atheris") is None:
        print("atheris is not installed, so nothing is fuzzed: pip install atheris")
        return 0
    if arguments.inside:
        fuzz(arguments.folder, arguments.seconds)
    from reliability import write_section

    with tempfile.TemporaryDirectory() as temporary:
        start = time.perf_counter()
        status, lines = campaign(arguments.folder or Path(temporary), arguments.seconds)
        write_section("Fuzzing of the containers", lines, time.perf_counter() - start)
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main())
