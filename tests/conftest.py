"""What the tests share: signals of every kind, and the folder of real recordings."""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sklearn_audio import Signal, SignalBatch

# librosa compiles with numba, which keeps what it compiled. Processes that fill one empty cache at
# the same time may leave halves there that do not fit, and every later process crashes (numba's
# issue 10128). So each process of the tests has a cache of its own, which numba finds by this name
# when it is first imported.
_NUMBA_CACHE = tempfile.TemporaryDirectory(prefix="numba-")
os.environ["NUMBA_CACHE_DIR"] = _NUMBA_CACHE.name
# Pictures are drawn without a screen, also where there is one.
os.environ["MPLBACKEND"] = "agg"

ROOT = Path(__file__).parents[1]
SHARED_DATA = Path(os.environ.get("SKLEARN_AUDIO_SHARED", ROOT.parent / "shared" / "data"))
RATE = 8000


def pytest_collection_modifyitems(items):
    if SHARED_DATA.is_dir():
        return
    reason = (
        f"the real recordings are not in {SHARED_DATA}; SKLEARN_AUDIO_SHARED names another place"
    )
    for item in items:
        if "shared_data" in item.keywords:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter):
    """Print the figures that tests have measured, those of other processes too."""
    figures = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, value in report.user_properties
        if name == "figure"
    ]
    if figures:
        terminalreporter.section("figures")
    for figure in sorted(figures):
        terminalreporter.line(figure)


@pytest.fixture
def show(record_property):
    """Return a function that shows a figure, a line of text, in the summary of the tests."""
    return lambda figure: record_property("figure", figure)


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="session")
def shared_data():
    """Return the folder of real recordings; for tests marked with shared_data."""
    return SHARED_DATA


@pytest.fixture(scope="session")
def equal_signals():
    """Return five equally long signals at RATE: tones with noise, a 2-D float32 array."""
    generator = np.random.default_rng(0)
    time = np.arange(4000) / RATE
    tones = np.sin(2 * np.pi * np.array([[200.0], [440.0], [600.0], [1000.0], [3000.0]]) * time)
    signals = (0.5 * tones + 0.05 * generator.normal(size=tones.shape)).astype(np.float32)
    signals.flags.writeable = False
    return signals


def as_kind(signals, kind):
    """Return signals as one of the kinds of X that every step and extractor takes."""
    if kind == "array":
        return np.array(signals)
    if kind == "list":
        return list(signals)
    if kind == "object array":
        array = np.empty(len(signals), dtype=object)
        for position, samples in enumerate(signals):
            array[position] = samples
        return array
    return SignalBatch([Signal(samples, RATE) for samples in signals])


@pytest.fixture(params=["array", "list", "object array", "batch"])
def kind(request):
    """Return the name of each kind of X in turn, for `as_kind`."""
    return request.param


@pytest.fixture
def opened(monkeypatch):
    """Return a list that grows with the path of every file that soundfile opens."""
    paths = []

    open_file = soundfile.SoundFile.__init__

    def counted(self, file, *args, **kwargs):
        # A file that is open already is known by its number.
        paths.append(os.readlink(f"/proc/self/fd/{file}") if isinstance(file, int) else file)
        open_file(self, file, *args, **kwargs)

    monkeypatch.setattr(soundfile.SoundFile, "__init__", counted)
    return paths
