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


def bench_long_recording(hours=2):
    """Peak memory of all features of the spectrum of a recording of two hours."""
    waveform = 4 * hours * 3600 * RATE / 2**20
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "long.wav"
        write_repeated(file, thirty_seconds(), 120 * hours)
        n_all, all_imported, all_peak = numbers_of("long_recording.py", file, "array")
        _, imported, peak = numbers_of(
            "long_recording.py", file, "loader", "SpectralCentroidExtractor"
        )
    above = all_peak - all_imported - waveform
    lines = [
        f"### Peak memory of features of a recording of {hours} hours at 22,050 Hz, one process",
        "",
        f"All {n_all:.0f} extractors of the power spectrum in one union, of a waveform in memory; "
        "and one of a WAV file.",
        "",
        "| MB | all features | centroid, from a file |",
        "|---|---|---|",
        f"| peak resident memory | {all_peak:.0f} | {peak:.0f} |",
        f"| of these, the waveform | {waveform:.0f} | {waveform:.0f} |",
        f"| of these, what is imported | {all_imported:.0f} | {imported:.0f} |",
        f"| above these | {above:.0f} | {peak - imported - waveform:.0f} |",
    ]
    return (
        "\n".join(lines)
        + "\n"
        + at_most(150, above, "MB above waveform and imports for all features")
        + at_most(150, peak - imported - waveform, "MB above them for one, from a file")
    )


def write_repeated(file, samples, times):
    """Write samples to a file of sound, again and again."""
    with soundfile.SoundFile(file, "w", RATE, 1, "PCM_16") as sound:
        for _ in range(times):
            sound.write(samples)
