"""Measure this project beside its peers in one run and write benchmarks/RESULTS.md.

    make bench

Needs the folder of real recordings (SKLEARN_AUDIO_SHARED, by default ../shared/data). Times are
medians of one thread; compare the ratios, not the milliseconds, which depend on the machine and its
other guests. Names of parts print these alone: ``python benchmarks/run.py mfcc nine``.
"""

import os
import platform
import sys
import warnings
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

from files import bench_digits, bench_workers
from fma import bench_fma
from hits import bench_hits
from many_features import bench_nine
from measuring import REPEATS, ROOT
from one_feature import bench_each, bench_mfcc, bench_short_mfcc
from peak_memory import bench_corpus, bench_long_recording
from peers import LEFT_OUT, versions
from search import bench_search

PARTS = {
    "mfcc": bench_mfcc,
    "short": bench_short_mfcc,
    "nine": bench_nine,
    "fma": bench_fma,
    "each": bench_each,
    "digits": bench_digits,
    "workers": bench_workers,
    "search": bench_search,
    "hits": bench_hits,
    "corpus": bench_corpus,
    "long": bench_long_recording,
}


def processor():
    """Return the name of the processor."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def preface():
    """Return the conditions of all figures."""
    left_out = ", ".join(LEFT_OUT) or "none"
    return (
        f"# Results\n\nWritten by `make bench`. Medians of {REPEATS} runs in turn, one thread "
        "unless said. A ratio is a time over that of this project: above 1 is slower than this "
        f"project.\n\nPython {platform.python_version()}, {versions()}; {processor()}, "
        f"{os.cpu_count()} cores. Peers left out because they are not installed: {left_out}.\n"
    )


def main():
    """Run all parts and write the results, or print some."""
    # librosa and python_speech_features warn of signals shorter than a frame.
    warnings.filterwarnings("ignore", message="n_fft=2048 is too large")
    names = sys.argv[1:] or PARTS
    parts = [preface()]
    for name in names:
        parts.append(PARTS[name]())
        print(parts[-1], flush=True)
    if names is PARTS:
        (ROOT / "benchmarks" / "RESULTS.md").write_text("\n".join(parts))


if __name__ == "__main__":
    main()
