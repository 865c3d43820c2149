"""Times in turn, tables of them, and whether what was wanted is reached.

*Conventions.* Times are medians in seconds. A ratio is a time over that of this project, so above
1 is slower than this project. A relative difference is the largest difference of two arrays over
the largest magnitude of the second.
"""

import os
import time
from importlib import import_module
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("SKLEARN_AUDIO_SHARED", ROOT.parent / "shared" / "data"))
REPEATS = 7
RATE = 22050


def optional(module):
    """Return a module, or None where it cannot be imported."""
    try:
        return import_module(module)
    except (ImportError, OSError):  # OSError: a compiled library that does not fit the machine
        return None


def thirty_seconds():
    """Return 30 s of music at 22,050 Hz."""
    samples, _ = soundfile.read(
        SHARED / "music" / "Kevin_MacLeod_-_Vibe_Ace.ogg", dtype="float32", frames=30 * RATE
    )
    return samples


def digit_files():
    """Return the 3000 files of spoken digits, 8 kHz."""
    return sorted((SHARED / "spoken-digits").glob("*.flac"))


def once(function):
    """Return the seconds that one call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def medians(functions):
    """Return the median seconds of each function; they take turns, after a warm-up."""
    for function in functions.values():
        function()
    times = {name: [] for name in functions}
    for _ in range(REPEATS):
        for name, function in functions.items():
            times[name].append(once(function))
    return {name: float(np.median(values)) for name, values in times.items()}


def table(title, seconds, reference, n_signals=1):
    """Return a Markdown table of times a signal and of their ratios to a reference."""
    unit = "ms" if n_signals == 1 else "ms a signal"
    lines = [f"### {title}", "", f"| what | {unit} | ratio |", "|---|---|---|"]
    lines += [
        f"| {name} | {value / n_signals * 1e3:{'.1f' if n_signals == 1 else '.3f'}} "
        f"| {value / seconds[reference]:.2f} |"
        for name, value in seconds.items()
    ]
    return "\n".join(lines) + "\n"


def at_least(wanted, measured, of_what):
    """Return a line on a figure that should be large."""
    return _line(f"at least {wanted:g} {of_what}", f"{measured:.2f}", measured >= wanted)


def at_most(wanted, measured, of_what):
    """Return a line on a figure that should be small."""
    return _line(f"at most {wanted:g} {of_what}", f"{measured:.2f}", measured <= wanted)


def _line(wanted, measured, reached):
    verdict = "Reached" if reached else "**Not reached**"
    return f"\nWanted: {wanted}. {verdict}: {measured}.\n"


def relative_difference(values, reference):
    """Return the largest difference over the largest magnitude of the reference."""
    return float(np.abs(values - reference).max() / np.abs(reference).max())
