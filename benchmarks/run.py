"""Measure this project beside its peers in one run and write benchmarks/RESULTS.md.

    make bench

Needs the folder of real recordings (SKLEARN_AUDIO_SHARED, by default ../shared/data). Times are
medians of one thread; compare the ratios, not the milliseconds, which depend on the machine and its
other guests.
"""

import os
import platform
import subprocess
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import librosa
import numpy as np
import scipy.fft
import soundfile

from sklearn_audio import (
    ChromaExtractor,
    Loader,
    MFCCExtractor,
    RMSExtractor,
    SpectralCentroidExtractor,
    SpectralRolloffExtractor,
    ZeroCrossingRateExtractor,
    make_union,
)

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("SKLEARN_AUDIO_SHARED", ROOT.parent / "shared" / "data"))
REPEATS = 7
PACKAGES = ["numpy", "scipy", "scikit-learn", "librosa", "soundfile", "soxr"]


def medians(functions):
    """Return the median seconds of each function; they take turns, after a warm-up."""
    for function in functions.values():
        function()
    times = {name: [] for name in functions}
    for _ in range(REPEATS):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            times[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) for name, values in times.items()}


def table(title, seconds, reference):
    """Return a Markdown table of times and of their ratios to a reference."""
    lines = [f"### {title}", "", "| what | ms | ratio |", "|---|---|---|"]
    lines += [
        f"| {name} | {value * 1e3:.1f} | {value / seconds[reference]:.2f} |"
        for name, value in seconds.items()
    ]
    return "\n".join(lines) + "\n"


def thirty_seconds():
    """Return 30 s of music at 22,050 Hz."""
    samples, _ = soundfile.read(
        SHARED / "music" / "Kevin_MacLeod_-_Vibe_Ace.ogg", dtype="float32", frames=30 * 22050
    )
    return samples


def bench_mfcc():
    """MFCC of 30 s beside librosa and the bare transform."""
    samples = thirty_seconds()
    padded = np.pad(samples, 1024)
    frames = np.ascontiguousarray(librosa.util.frame(padded, frame_length=2048, hop_length=512).T)
    mfcc = MFCCExtractor(n_deltas=0, summary=None, sample_rate=22050)
    seconds = medians(
        {
            "sklearn_audio": lambda: mfcc.transform([samples]),
            "bare scipy.fft.rfft of its frames": lambda: scipy.fft.rfft(frames),
            "librosa": lambda: librosa.feature.mfcc(y=samples, sr=22050, n_mfcc=13),
        }
    )
    return table("MFCC of 30 s at 22,050 Hz", seconds, "sklearn_audio")


def bench_union():
    """Six features of 30 s in one union, one by one, and by librosa."""
    samples = thirty_seconds()
    extractors = [
        MFCCExtractor(n_deltas=0, sample_rate=22050),
        ChromaExtractor(sample_rate=22050),
        SpectralCentroidExtractor(sample_rate=22050),
        SpectralRolloffExtractor(sample_rate=22050),
        RMSExtractor(),
        ZeroCrossingRateExtractor(),
    ]
    union = make_union(*extractors)

    def by_librosa():
        features = [
            librosa.feature.mfcc(y=samples, sr=22050, n_mfcc=13),
            librosa.feature.chroma_stft(y=samples, sr=22050),
            librosa.feature.spectral_centroid(y=samples, sr=22050),
            librosa.feature.spectral_rolloff(y=samples, sr=22050),
            librosa.feature.rms(y=samples),
            librosa.feature.zero_crossing_rate(samples),
        ]
        return np.concatenate([np.r_[frames.mean(1), frames.std(1)] for frames in features])

    seconds = medians(
        {
            "sklearn_audio, in one union": lambda: union.transform([samples]),
            "sklearn_audio, one by one": lambda: [each.transform([samples]) for each in extractors],
            "librosa, one by one": by_librosa,
        }
    )
    return table(
        "Six features of 30 s (mfcc, chroma, centroid, rolloff, rms, zcr; mean and std)",
        seconds,
        "sklearn_audio, in one union",
    )


def bench_digits():
    """MFCC of 600 digit files, decoding included."""
    paths = sorted((SHARED / "spoken-digits").glob("*.flac"))[::5]
    mfcc = MFCCExtractor(n_deltas=0)

    def by_librosa():
        rows = []
        for path in paths:
            samples, rate = soundfile.read(path, dtype="float32")
            frames = librosa.feature.mfcc(y=samples, sr=rate, n_mfcc=13)
            rows.append(np.r_[frames.mean(1), frames.std(1)])
        return np.array(rows)

    seconds = medians(
        {
            "sklearn_audio": lambda: mfcc.transform(Loader().transform(paths)),
            "a loop over soundfile and librosa": by_librosa,
        }
    )
    return table(f"MFCC of {len(paths)} spoken digits, decoding included", seconds, "sklearn_audio")


def bench_memory():
    """Peak memory of 15 features of 100 and of 900 MP3s, each in a process of its own."""
    lines = [
        "### Peak memory of 15 features, one process",
        "",
        "The longest recording (78 s at 44.1 kHz) is among the files in both cases.",
        "",
        "| MP3 files | peak resident memory (MB) |",
        "|---|---|",
    ]
    script = ROOT / "benchmarks" / "memory.py"
    peaks = {}
    for n_files in (100, 900):
        answer = subprocess.run(
            [sys.executable, script, SHARED / "instruments", str(n_files)],
            check=True,
            capture_output=True,
            text=True,
        )
        peaks[n_files] = float(answer.stdout)
        lines.append(f"| {n_files} | {peaks[n_files]:.0f} |")
    lines += ["", f"Difference: {peaks[900] - peaks[100]:.1f} MB (wanted: at most 30 MB)."]
    return "\n".join(lines) + "\n"


def processor():
    """Return the name of the processor."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def main():
    """Run all and write the results."""
    # librosa warns of every digit shorter than a frame.
    warnings.filterwarnings("ignore", message="n_fft=2048 is too large")
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    parts = [
        "# Results\n\nWritten by `make bench`. Medians of "
        f"{REPEATS} runs in turn, one thread. A ratio above 1 is slower than this project.\n\n"
        f"Python {platform.python_version()}, {versions}; {processor()}, {os.cpu_count()} cores.\n"
    ]
    for bench in (bench_mfcc, bench_union, bench_digits, bench_memory):
        parts.append(bench())
        print(parts[-1], flush=True)
    (ROOT / "benchmarks" / "RESULTS.md").write_text("\n".join(parts))


if __name__ == "__main__":
    main()
