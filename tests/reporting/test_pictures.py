"""Small spectrograms show frequency upwards on the mel scale, and dB in magma."""

import io

import librosa
import matplotlib
import numpy as np
import PIL.Image
import pytest

from sklearn_audio import Signal
from sklearn_audio.reporting.pictures import bin_edges, spectrogram_png

RATE = 8000
TIME = np.arange(RATE) / RATE


def picture(samples, rate=RATE):
    return PIL.Image.open(io.BytesIO(spectrogram_png(Signal(samples, rate))))


@pytest.mark.parametrize("frequency", [300, 1000, 3000])
def test_a_tone_is_a_line_at_its_height(frequency):
    codes = np.asarray(picture(np.sin(2 * np.pi * frequency * TIME)))

    from_below = codes.shape[0] - 1 - codes[:, codes.shape[1] // 2].argmax()
    height = librosa.hz_to_mel(frequency) / librosa.hz_to_mel(RATE / 2)
    # A line is as wide as a bin of the spectrum, 31 Hz here, which is up to two rows.
    assert from_below / codes.shape[0] == pytest.approx(height, abs=2 / 96)


def test_time_goes_to_the_right():
    codes = np.asarray(picture(np.where(TIME < 0.5, 0, np.sin(2 * np.pi * 1000 * TIME))))

    loudest = codes.max(axis=0)
    assert (loudest[:150] == 0).all()
    assert (loudest[170:] > 50).all()


def test_colours_are_those_of_magma():
    image = picture(np.random.default_rng(0).normal(size=RATE))

    assert image.mode == "P"
    used = np.unique(np.asarray(image.convert("RGB")).reshape(-1, 3), axis=0)
    magma = matplotlib.colormaps["magma"].resampled(64)(np.arange(64), bytes=True)[:, :3]
    assert {tuple(colour) for colour in used} <= {tuple(colour) for colour in magma}
    assert tuple(magma[-1]) in {tuple(colour) for colour in used}  # the loudest


def test_colours_are_decibels_below_the_loudest():
    quiet_and_loud = np.where(TIME < 0.5, 0.01, 1) * np.sin(2 * np.pi * 1000 * TIME)

    codes = np.asarray(picture(quiet_and_loud)).astype(float)

    # Sixty-four colours for 80 dB: 40 dB less are 31.5 colours less.
    loudest = codes.max(axis=0)
    assert loudest[-80] - loudest[80] == pytest.approx(31.5, abs=1)
    # A thousand times softer it looks the same, but for rounding.
    softer = np.asarray(picture(0.001 * quiet_and_loud)).astype(float)
    np.testing.assert_allclose(softer, codes, atol=1)


def test_silence_is_black():
    assert np.asarray(picture(np.zeros(RATE)).convert("RGB")).max() <= 4


@pytest.mark.parametrize(
    ("n_samples", "rate"), [(1, RATE), (10, 1), (RATE, 768000), (30 * 44100, 44100)]
)
def test_pictures_of_any_length_and_rate_are_small(n_samples, rate):
    image = picture(np.random.default_rng(0).normal(size=n_samples), rate)

    assert image.height == 96
    assert 1 <= image.width <= 321


def test_bins_hold_all_values():
    values = np.random.default_rng(0).normal(size=100)
    for shifted in (values, 1e6 + values, 1e-6 * values, np.array([5.0])):
        edges = bin_edges(shifted)
        assert np.histogram(shifted, edges)[0].sum() == len(shifted)
        assert 1 <= len(edges) - 1 <= 40
