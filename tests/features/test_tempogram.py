import inspect
import tracemalloc

import numpy as np
import pytest
import scipy.signal

from sklearn_audio import (
    FourierTempogramExtractor,
    MFCCExtractor,
    OnsetStrengthExtractor,
    TempogramExtractor,
    TempogramRatioExtractor,
    make_union,
)
from sklearn_audio.features import PowerSpectrum
from sklearn_audio.features.tempogram import fourier_tempogram, mean_tempogram, tempogram

RATE = 8000
EXTRACTORS = [TempogramExtractor, FourierTempogramExtractor, TempogramRatioExtractor]


@pytest.fixture
def onset_envelope():
    """Return an envelope of 300 frames."""
    return np.random.default_rng(0).exponential(size=300).astype(np.float32)


@pytest.fixture
def clicks():
    """Return ten seconds with a click each half second."""
    samples = np.zeros(10 * RATE, dtype=np.float32)
    samples[::4000] = 1
    return samples


@pytest.mark.parametrize("win_length", [1, 2, 40, 41])
def test_frames_are_autocorrelations_of_windows(win_length, onset_envelope):
    window = scipy.signal.get_window("hamming", win_length)
    frames = tempogram(onset_envelope, win_length=win_length, window="hamming", norm=None)
    assert frames.shape == (300, win_length)
    for frame in (50, 200):
        first = frame - win_length // 2
        windowed = window * onset_envelope[first : first + win_length]
        expected = scipy.signal.correlate(windowed, windowed, method="direct")[win_length - 1 :]
        np.testing.assert_allclose(frames[frame], expected, rtol=1e-5)


@pytest.mark.parametrize("norm", [np.inf, 1, 2])
def test_frames_have_norm_1(norm, onset_envelope):
    frames = tempogram(onset_envelope, win_length=50, norm=norm)
    np.testing.assert_allclose(np.linalg.norm(frames, ord=norm, axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize("win_length", [64, 65, 400])
def test_mean_over_the_frames_is_their_mean(win_length, onset_envelope):
    onset_envelope[100:250] = 0
    frames = tempogram(onset_envelope, win_length=win_length)
    mean = mean_tempogram(onset_envelope, win_length=win_length)
    np.testing.assert_allclose(mean, frames.mean(axis=0, dtype=np.float64), atol=1e-8)


@pytest.mark.parametrize("win_length", [40, 41])
def test_frames_are_transforms_of_windows(win_length, onset_envelope):
    window = scipy.signal.get_window("hann", win_length)
    frames = fourier_tempogram(onset_envelope, win_length=win_length)
    assert frames.shape == (301 - win_length % 2, win_length // 2 + 1)
    for frame in (50, 200):
        first = frame - win_length // 2
        expected = np.fft.rfft(window * onset_envelope[first : first + win_length])
        np.testing.assert_allclose(frames[frame], np.abs(expected), rtol=1e-4, atol=1e-5)


def test_clicks_correlate_at_multiples_of_their_distance(clicks):
    extractor = TempogramExtractor(
        win_length=40, hop_length=500, n_fft=512, sample_rate=RATE, summary=["mean"]
    )
    [means] = extractor.fit_transform([clicks])
    assert (means[[0, 8, 16, 24]] > [0.99, 0.5, 0.2, 0.02]).all()
    assert np.delete(means, [0, 8, 16, 24, 32]).max() < 0.01


def test_clicks_have_peaks_at_multiples_of_their_rate(clicks):
    extractor = FourierTempogramExtractor(
        win_length=80, hop_length=500, n_fft=512, sample_rate=RATE, summary=["median"]
    )
    [medians] = extractor.fit_transform([clicks])
    # 10 periods of 8 frames in a window, and the neighbours that a Hann window has.
    peaks = np.flatnonzero(medians > 0.6 * medians.max())
    assert peaks.tolist() == [0, 10, 20, 30, 40]


@pytest.mark.parametrize("samples", [np.zeros(9000), np.zeros(1), np.full(3, 0.5)], ids=len)
@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_without_onsets_all_values_are_0(extractor, samples):
    [frames] = extractor(summary=None, sample_rate=RATE).fit_transform([samples])
    assert len(frames) >= 1 + len(samples) // 512
    assert not frames.any()


def test_the_spectrum_is_shared_whatever_the_window_of_the_tempogram(clicks, monkeypatch):
    blocks, n_asked = PowerSpectrum.blocks, []

    def counting_blocks(spectrum):
        n_asked.append(spectrum.n_frames)
        return blocks(spectrum)

    monkeypatch.setattr(PowerSpectrum, "blocks", counting_blocks)
    make_union(
        MFCCExtractor(sample_rate=RATE),
        TempogramExtractor(win_length=50, window="boxcar", sample_rate=RATE),
        FourierTempogramExtractor(win_length=60, sample_rate=RATE),
    ).fit_transform([clicks])
    assert n_asked == [157]


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_the_window_may_be_longer_than_a_frame_of_the_spectrum(extractor, noise):
    [frames] = extractor(n_fft=128, n_mels=20, sample_rate=RATE, summary=None).fit_transform(
        [noise]
    )
    assert np.isfinite(frames).all()


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_a_window_may_have_a_list_of_coefficients(extractor, noise):
    hann, cosine = (
        extractor(win_length=30, window=window, sample_rate=RATE).fit_transform([noise])
        for window in ("hann", ("general_cosine", [0.5, 0.5]))
    )
    np.testing.assert_allclose(cosine, hann, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "parameters", [{"win_length": 0}, {"norm": 3}, {"norm": "max"}, {"window": 2}], ids=str
)
def test_wrong_parameters_are_refused(parameters, noise):
    [name] = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of TempogramExtractor"):
        TempogramExtractor(**parameters).fit([noise])


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_a_window_that_is_unknown_is_refused(extractor, noise):
    with pytest.raises(ValueError, match="window='flattish' of 384 samples is none"):
        extractor(window="flattish").fit([noise])


@pytest.mark.parametrize(
    ("function", "extractor"),
    [(tempogram, TempogramExtractor), (fourier_tempogram, FourierTempogramExtractor)],
)
def test_functions_have_the_defaults_of_the_extractors(function, extractor):
    parameters = inspect.signature(function).parameters
    defaults = {name: parameters[name].default for name in parameters if name != "onset_envelope"}
    assert defaults == {name: extractor().get_params()[name] for name in defaults}


def test_names_are_numbered():
    names = TempogramExtractor(summary=None).get_feature_names_out()
    assert (len(names), names[0], names[-1]) == (384, "tempogram_0", "tempogram_383")
    names = FourierTempogramExtractor(summary=None).get_feature_names_out()
    assert (len(names), names[-1]) == (193, "fourier_tempogram_192")


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_precision_is_that_of_the_onset_strength(extractor, clicks):
    noisy = clicks + 1e-4 * np.random.default_rng(0).normal(size=len(clicks))

    def frames_of(extractor, precision):
        [frames] = extractor(summary=None, precision=precision, sample_rate=RATE).fit_transform(
            [noisy]
        )
        return frames

    strengths = [frames_of(OnsetStrengthExtractor, precision) for precision in ("single", "double")]
    assert (strengths[0] != strengths[1]).any()
    assert (frames_of(extractor, "single") != frames_of(extractor, "double")).any()


def test_a_long_envelope_takes_the_memory_of_its_tempogram(onset_envelope):
    long_envelope = np.tile(onset_envelope, 50)
    tempogram(onset_envelope, win_length=200)  # the window
    tracemalloc.start()
    try:
        frames = tempogram(long_envelope, win_length=200)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * frames.nbytes
