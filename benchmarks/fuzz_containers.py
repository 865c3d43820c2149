"""Fuzz what looks at the first bytes and chunks of a recording, guided by coverage.

    pip install atheris
    python benchmarks/fuzz_containers.py [SECONDS] [FOLDER]

Only an AudioError may come of any bytes, and nothing that looks at a header may take long for few
of them. The fuzzer sees which lines of the package its bytes reach, and goes on from those that
reach new ones; libsndfile behind them is run, but not seen. It begins with small recordings of all
formats, and, where the real recordings are there, with the odd ones among them. FOLDER keeps what
was found between runs, and the bytes that did harm. Where atheris is not installed nothing is done:
it has wheels for Linux, and for some versions of Python only.
"""

import argparse
import io
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

# Longer than the 64 KiB within which the first frame of an MP3 is looked for.
MOST_BYTES = 100_000
# Longer files are no good beginning, since the fuzzer is slow with them.
MOST_BYTES_OF_SEED = 20_000
# Of a processor, so that other processes do not count. Some thousand times what is usual.
SECONDS_PER_KB = 0.05

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
        from sklearn_audio.loading import containers

    loader = Loader()

    def read(content):
        with suppress(AudioError):
            look(containers, content)
        with suppress(AudioError):
            loader.transform([io.BytesIO(content)])[0]

    options = [
        f"-max_total_time={seconds}",
        f"-artifact_prefix={folder / 'harmful'}/",
        f"-max_len={MOST_BYTES}",
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(folder / "corpus")], read)
    atheris.Fuzz()


def look(containers, content):
    """Call each function that looks at the bytes of a recording, as the decoding does."""
    file = io.BytesIO(content)
    with in_time("recognised", content):
        container = containers.recognised(file)
    for function in (containers.shortfall, containers.declared_frames):
        with in_time(function.__name__, content):
            function(file, container)
    mpeg, n_samples = containers.mpeg, 0
    for function in (mpeg.declares_length, mpeg.vbri_samples, mpeg.without_tags, mpeg.shortfall):
        with in_time(function.__name__, content):
            function(file, container.start)
    with in_time("n_samples", content):
        n_samples = mpeg.n_samples(file, container.start)
    if n_samples > 0:  # otherwise there is no frame whose length could be declared
        with in_time("with_length", content):
            mpeg.with_length(file, container.start)


@contextmanager
def in_time(name, content):
    """Raise where what is done here takes longer than so many bytes may."""
    start = time.process_time()
    yield
    seconds = time.process_time() - start
    if seconds > SECONDS_PER_KB * (1 + len(content) / 1000):
        raise TimeoutError(f"{name} took {seconds:.2f} s for {len(content)} bytes")


def seeds():
    """Return whole recordings of all formats, and odd ones, by their names."""
    from malformed import originals
    from measuring import SHARED

    found = {
        f"{form}-{position}": content
        for form, contents in originals().items()
        for position, content in enumerate(contents)
    }
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 3000)
    for form, encoding, order in (
        ("WAVEX", "PCM_24", None),
        ("WAV", "PCM_16", "BIG"),  # RIFX
        ("WAV", "ALAW", None),
        ("WAV", "IMA_ADPCM", None),
        ("RF64", "PCM_16", None),
        ("AIFF", "ULAW", None),  # which makes it AIFC
        ("CAF", "PCM_16", None),
        ("CAF", "ALAC_16", None),
        ("OGG", "OPUS", None),
    ):
        file = io.BytesIO()
        soundfile.write(file, sound, 8000, format=form, subtype=encoding, endian=order)
        found[f"{form}-{encoding}-{order}"] = file.getvalue()
    file = io.BytesIO()
    soundfile.write(file, sound, 8000, format="MP3", bitrate_mode="VARIABLE")
    mp3 = file.getvalue()
    found["MP3-variable"] = mp3
    found["MP3-without-header"] = mp3[mp3.index(mp3[:2], 4) :]
    found["MP3-behind-tags"] = b"ID3\4\0\0\0\0\2\0" + bytes(256) + mp3 + b"TAG" + bytes(125)
    for path in sorted((SHARED / "odd-files").rglob("*.*")):
        if path.suffix not in (".csv", ".md") and path.stat().st_size <= MOST_BYTES_OF_SEED:
            found[f"odd-{len(found)}-{path.name}"] = path.read_bytes()
    return found


def campaign(folder, seconds):
    """Fuzz in another process, from whole recordings on; return its status and its figures."""
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    (folder / "harmful").mkdir(exist_ok=True)
    recordings = seeds()
    for name, content in recordings.items():
        (folder / "corpus" / name).write_bytes(content)
    command = [sys.executable, __file__, "--inside", str(seconds), str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    lines = [f"recordings to begin with: {len(recordings)}"]
    for name, pattern in FIGURES.items():
        found = re.findall(pattern, result.stderr)
        lines.append(f"{name}: {found[-1] if found else 'not told'}")
    harmful = sorted(path.name for path in (folder / "harmful").iterdir())
    lines.append(
        f"inputs that did harm (a crash, a hang, too much time, an untyped error): {len(harmful)}"
    )
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
