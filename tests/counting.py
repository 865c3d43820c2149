"""Steps and extractors that write down what they are given, for tests that count work.

They stand in a module of their own because rows of classes without one are not kept, and because
worker processes import them.
"""

import os
import wave
import zlib
from pathlib import Path

import numpy as np

from sklearn_audio import AudioError, Signal
from sklearn_audio.base import SignalTransformer
from sklearn_audio.features import WaveformExtractor

RATE = 8000


def write_recording(path, seed, *, n_samples=800, rate=RATE):
    """Write noise as 16-bit PCM: of another seed, other bytes, and of the same length as many."""
    samples = np.random.default_rng(seed).integers(-9000, 9000, n_samples, dtype="<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return str(path)


def write_recordings(folder, n_recordings):
    """Write recordings of equal length, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        write_recording(folder / f"noise {seed}.wav", seed, n_samples=800 + 8 * seed)
        for seed in range(n_recordings)
    ]


def calls(log):
    """Return the lines of a log: one a call, in order."""
    return Path(log).read_text().splitlines() if os.path.exists(log) else []


def _write_line(log, *words):
    # One write of a few bytes at the end of a file is never mixed with that of another process.
    with open(log, "a") as file:
        file.write(" ".join(map(str, words)) + "\n")


def _name(signal):
    return f"{zlib.crc32(signal.samples.tobytes()):08x}"


class CountedStep(SignalTransformer):
    """A gain that writes a line at each signal."""

    def __init__(self, *, log="", gain=1.0):
        self.log = log
        self.gain = gain

    def process(self, signal):
        _write_line(self.log, "step", self.gain, _name(signal))
        return Signal(signal.samples * np.float32(self.gain), signal.rate)


class CountedExtractor(WaveformExtractor):
    """Level and sharpness of a signal, to some power, with a line at each signal."""

    log: str = ""
    power: float = 1.0

    _parameter_constraints = {**WaveformExtractor._parameter_constraints, "power": [int, float]}

    def value_names(self):
        return ["level", "sharpness"]

    def signal_values(self, signal):
        _write_line(self.log, "extractor", self.power, _name(signal))
        levels = np.abs(signal.samples).mean(), np.abs(np.diff(signal.samples)).mean()
        return [np.array(levels) ** self.power]


class InterruptedExtractor(CountedExtractor):
    """As long as a file is there, its user presses Ctrl-C at the fifth signal."""

    impatience: str = ""

    def signal_values(self, signal):
        if len(calls(self.log)) == 4 and os.path.exists(self.impatience):
            raise KeyboardInterrupt
        return super().signal_values(signal)


class RewritingExtractor(CountedExtractor):
    """While it looks at its first signal, somebody puts another file in the place of one.

    Or writes its content over the other, at the very same moment as far as times of files tell.
    """

    replacement: str = ""
    replaced: str = ""
    in_place: bool = False

    def signal_values(self, signal):
        if os.path.exists(self.replacement):
            if self.in_place:
                times = os.stat(self.replaced)
                Path(self.replaced).write_bytes(Path(self.replacement).read_bytes())
                os.utime(self.replaced, ns=(times.st_atime_ns, times.st_mtime_ns))
                os.remove(self.replacement)
            else:
                os.replace(self.replacement, self.replaced)
        return super().signal_values(signal)


class FastidiousExtractor(CountedExtractor):
    """Refuses short signals."""

    shortest: int = 0

    def signal_values(self, signal):
        if len(signal) < self.shortest:
            raise AudioError(f"{len(signal)} samples are too few for it")
        return super().signal_values(signal)
