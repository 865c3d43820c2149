"""What is drawn of samples."""

import pickle
import warnings

import librosa
import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_audio import AudioError, Loader, PeakNormalizer, Resampler, Signal
from sklearn_audio.datasets import load_percussion
from sklearn_audio.plotting import WaveformDisplay

RATE = 8000


def sine(frequency, n_samples=RATE, phase=0.5):
    return np.sin(2 * np.pi * frequency * np.arange(n_samples) / RATE + phase).astype(np.float32)


def test_samples_are_drawn_over_their_time_in_seconds():
    samples = sine(200)
    display = WaveformDisplay.from_signal(samples, RATE)
    times, values = display.line_.get_data()
    np.testing.assert_array_equal(values, samples)
    np.testing.assert_allclose(times, np.arange(RATE) / RATE)
    assert display.ax_.get_xlabel() == "time (s)"
    assert display.ax_.get_ylabel() == "amplitude"
    assert display.ax_.get_xlim() == (0, 1)


def test_a_signal_needs_no_rate_of_its_own():
    display = WaveformDisplay.from_signal(Signal(sine(200), RATE))
    assert display.sample_rate == RATE
    with pytest.raises(AudioError, match=r"sample_rate \(Hz\) is missing"):
        WaveformDisplay.from_signal(sine(200))
    with pytest.raises(AudioError, match="its rate is 8000 Hz, but sample_rate=16000"):
        WaveformDisplay.from_signal(Signal(sine(200), RATE), 16000)


def test_a_stretch_keeps_the_time_of_the_recording():
    samples = sine(200)
    display = WaveformDisplay.from_signal(samples, RATE, start=0.25, end=0.26)
    times, values = display.line_.get_data()
    np.testing.assert_array_equal(values, samples[2000:2080])
    assert times[0] == 0.25
    assert display.ax_.get_xlabel() == "time (ms)"
    assert display.ax_.xaxis.get_major_formatter()(0.25, 0) == "250"


def test_a_stretch_without_samples_is_refused():
    with pytest.raises(AudioError, match=r"no sample lies from start=2 to end=3 s; .* has 1 s"):
        WaveformDisplay.from_signal(sine(200), RATE, start=2, end=3)


def test_zero_crossings_are_counted_as_librosa_counts_them():
    noise = np.random.default_rng(0).normal(size=2000)
    display = WaveformDisplay.from_signal(noise, RATE, zero_crossings=True)
    assert display.n_zero_crossings == librosa.zero_crossings(noise, pad=False).sum()
    assert len(display.crossings_.get_xdata()) == display.n_zero_crossings
    [text] = display.ax_.get_legend().get_texts()
    assert text.get_text() == f"{display.n_zero_crossings} zero crossings"


def test_zero_crossings_of_a_sine_lie_half_a_period_apart():
    display = WaveformDisplay.from_signal(
        sine(100, phase=0.3), RATE, start=0, end=0.05, zero_crossings=True
    )
    expected = (np.arange(1, 11) * np.pi - 0.3) / (2 * np.pi * 100)
    # Between two samples the sine is all but straight: the sagitta of 1/80 of a period.
    np.testing.assert_allclose(display.crossings_.get_xdata(), expected, atol=2e-6)


def test_a_long_signal_is_an_outline_that_loses_no_peak():
    samples = np.random.default_rng(0).uniform(-0.1, 0.3, 1_500_000).astype(np.float32)
    samples[777_777], samples[1_000_003] = 0.9, -0.8
    display = WaveformDisplay.from_signal(samples, RATE)
    assert display.line_ is None
    [polygon] = display.area_.get_paths()
    assert len(polygon.vertices) < 10_000
    times, values = polygon.vertices.T
    assert values.max() == np.float32(0.9)
    assert values.min() == np.float32(-0.8)
    assert times[values.argmax()] == pytest.approx(777_777 / RATE, abs=1_500_000 / RATE / 4000)
    assert display.ax_.get_xlabel() == "time (min:s)"


def test_it_draws_into_the_axes_that_are_given():
    figure, (left, right) = plt.subplots(1, 2)
    display = WaveformDisplay.from_signal(sine(200), RATE, ax=left)
    assert display.ax_ is left
    assert display.figure_ is figure
    assert display.plot(right) is display
    assert display.ax_ is right
    assert len(right.lines) == len(left.lines) == 1


def test_an_estimator_shows_what_comes_behind_its_steps():
    paths = load_percussion().paths
    pipeline = make_pipeline(Loader(), Resampler(8000), PeakNormalizer())
    display = WaveformDisplay.from_estimator(pipeline, paths, index=-1)
    expected = pipeline.fit_transform(paths)[-1]
    np.testing.assert_array_equal(display.line_.get_ydata(), expected.samples)
    assert display.sample_rate == 8000
    assert np.abs(display.samples).max() == pytest.approx(1)


def test_a_recording_that_is_missing_is_named_with_its_position():
    with pytest.raises(AudioError, match=r"gone\.wav \(X\[1\]\): there is no such file"):
        WaveformDisplay.from_estimator(Loader(), [load_percussion().paths[0], "gone.wav"], 1)


def test_an_index_beyond_the_end_is_refused():
    with pytest.raises(IndexError, match="there is no signal 3: the SignalBatch has 2"):
        WaveformDisplay.from_estimator(Loader(), load_percussion().paths[:2], 3)


@pytest.mark.parametrize(
    ("start", "end", "label", "written"),
    [
        (0.001, 0.0062, "time (ms)", ["1", "2", "3", "4", "5", "6"]),
        (10.25, 10.26, "time (s)", ["10.25", "10.252", "10.254", "10.256", "10.258", "10.26"]),
        (0, 60, "time (s)", ["0", "10", "20", "30", "40", "50", "60"]),
        (75.3, 75.8, "time (min:s)", ["1:15.3", "1:15.4", "1:15.5", "1:15.6", "1:15.7", "1:15.8"]),
        (100, 108, "time (min:s)", [f"1:4{n}" for n in range(9)]),
        (0, 300, "time (min:s)", ["0:00", "1:00", "2:00", "3:00", "4:00", "5:00"]),
        (0, 3600, "time (min:s)", ["0:00", "10:00", "20:00", "30:00", "40:00", "50:00", "60:00"]),
        (3590, 3605, "time (h:min:s)", ["0:59:50", "0:59:52", "0:59:54", "0:59:56"]),
        (0, 7200, "time (h:min:s)", ["0:00:00", "0:15:00", "0:30:00", "0:45:00", "1:00:00"]),
    ],
)
def test_times_are_written_as_people_write_them(start, end, label, written):
    signal = Signal(np.zeros(7200 * 1000), 1000)
    display = WaveformDisplay.from_signal(signal, start=start, end=end)
    display.figure_.canvas.draw()
    left, right = display.ax_.get_xlim()
    shown = [
        tick.label1.get_text()
        for tick in display.ax_.xaxis.get_major_ticks()
        if left - 1e-9 <= tick.get_loc() <= right + 1e-9
    ]
    assert shown[: len(written)] == written
    assert display.ax_.get_xlabel() == label


def test_so_many_crossings_that_marks_would_be_a_bar_are_only_counted():
    noise = np.random.default_rng(0).normal(size=RATE)
    display = WaveformDisplay.from_signal(noise, RATE, zero_crossings=True)
    assert display.n_zero_crossings > 2000
    assert len(display.crossings_.get_xdata()) == 0
    [text] = display.ax_.get_legend().get_texts()
    assert text.get_text().endswith(" zero crossings, too many to be marked")


@pytest.mark.parametrize("end", [0.02, 0.5])
def test_a_display_is_pickled_with_its_figure(end):
    display = WaveformDisplay.from_signal(sine(200), RATE, end=end)
    again = pickle.loads(pickle.dumps(display))
    np.testing.assert_array_equal(again.line_.get_ydata(), display.samples)


def test_nothing_outside_of_the_axes_is_changed():
    before = dict(plt.rcParams)
    filters = list(warnings.filters)
    WaveformDisplay.from_signal(np.zeros(70), 1)
    assert dict(plt.rcParams) == before
    assert warnings.filters == filters


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"start": float("nan")}, "no sample lies from start=nan to end=None s"),
        ({"start": 0.5, "end": 0.5}, "no sample lies from start=0.5 to end=0.5 s"),
    ],
)
def test_a_stretch_that_is_none_is_refused(parameters, message):
    with pytest.raises(AudioError, match=message):
        WaveformDisplay.from_signal(sine(200), RATE, **parameters)


def test_what_is_no_estimator_and_no_index_is_refused():
    paths = load_percussion().paths[:2]
    with pytest.raises(TypeError, match="estimator is None; a Pipeline, a step or an extractor"):
        WaveformDisplay.from_estimator(None, paths)
    with pytest.raises(TypeError, match=r"estimator is <class '.*Loader'>; a Pipeline"):
        WaveformDisplay.from_estimator(Loader, paths)
    with pytest.raises(TypeError, match="'slice' object cannot be interpreted as an integer"):
        WaveformDisplay.from_estimator(Loader(), paths, slice(0, 2))


def test_samples_of_integers_are_warned_of():
    with pytest.warns(UserWarning, match="the samples are int16 .* divide them by 32768"):
        WaveformDisplay.from_signal(np.array([0, 1000], dtype=np.int16), RATE)
