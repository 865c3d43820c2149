"""Peak memory, each figure from a process of its own."""

import subprocess
import sys
import tempfile
from pathlib import Path

import soundfile
from measuring import RATE, ROOT, SHARED, at_most, thirty_seconds


def numbers_of(script, *arguments):
    """Run a script of this folder in a process of its own; return the numbers that it prints."""
    answer = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / script, *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
    )
    return [float(number) for number in answer.stdout.split()]


def bench_corpus():
    """Peak memory of 15 features of 100 and of 900 MP3s."""
    peaks = {
        n_files: numbers_of("memory.py", SHARED / "instruments", n_files)[0]
        for n_files in (100, 900)
    }
    lines = [
        "### Peak memory of 15 features, one process",
        "",
        "The longest recording (78 s at 44.1 kHz) is among the files in both cases.",
        "",
        "| MP3 files | peak resident memory (MB) |",
        "|---|---|",
        *(f"| {n_files} | {peak:.0f} |" for n_files, peak in peaks.items()),
    ]
    return "\n".join(lines) + "\n" + at_most(30, peaks[900] - peaks[100], "MB more for 900 files")


# The features of the spectrum that the benchmark of nine features has.
USUAL = [
    "MFCCExtractor",
    "ChromaExtractor",
    "SpectralCentroidExtractor",
    "SpectralBandwidthExtractor",
    "SpectralContrastExtractor",
    "SpectralFlatnessExtractor",
    "SpectralRolloffExtractor",
]


def bench_long_recording(hours=2):
    """Peak memory of features of the spectrum of a recording of two hours."""
    waveform = 4 * hours * 3600 * RATE / 2**20
    cases = {
        "the seven of the nine that look at the spectrum": ("array", USUAL),
        "all extractors of the spectrum": ("array", []),
        "centroid, decoded from a WAV file": ("loader", ["SpectralCentroidExtractor"]),
    }
    lines = [
        f"### Peak memory of features of a recording of {hours} hours at 22,050 Hz, one process",
        "",
        f"Above what is imported and the waveform, {waveform:.0f} MB.",
        "",
        "| features in one union | extractors | MB above |",
        "|---|---|---|",
    ]
    verdicts = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "long.wav"
        write_repeated(file, thirty_seconds(), 120 * hours)
        for name, (source, extractors) in cases.items():
            n_extractors, imported, peak = numbers_of(
                "long_recording.py", file, source, *extractors
            )
            above = peak - imported - waveform
            lines.append(f"| {name} | {n_extractors:.0f} | {above:.0f} |")
            verdicts.append(at_most(150, above, f"MB above for {name}"))
    lines += [
        "",
        "Features of mel bands, of the onset envelope and the tempograms have 128 to 384 values a "
        "frame, 160 to 480 MB in two hours, and all are held until their statistics are known.",
    ]
    return "\n".join(lines) + "\n" + "".join(verdicts)


def write_repeated(file, samples, times):
    """Write samples to a file of sound, again and again."""
    with soundfile.SoundFile(file, "w", RATE, 1, "PCM_16") as sound:
        for _ in range(times):
            sound.write(samples)
