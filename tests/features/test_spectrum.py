import pickle
import tracemalloc
from dataclasses import field

import librosa
import numpy as np
import pandas
import polars
import pytest
import scipy.fft
from sklearn import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_audio import (
    AudioError,
    ChromaExtractor,
    MelSpectrogramExtractor,
    MFCCExtractor,
    PreEmphasis,
    Signal,
    SpectralCentroidExtractor,
    SpectralEntropyExtractor,
    SpectralRolloffExtractor,
    make_union,
)
from sklearn_audio.features import PowerSpectrum, SpectrumExtractor
from sklearn_audio.features.spectrum import STFT, padded_window

RATE = 16000
EXTRACTORS = [
    MFCCExtractor,
    MelSpectrogramExtractor,
    ChromaExtractor,
    SpectralCentroidExtractor,
    SpectralRolloffExtractor,
]
# 8193 frames of 2048 samples: a spectrum of 8193 * 1025 * 4 bytes, just above the 32 MiB that
# are kept for a second look.
LONG = {"n_fft": 2048, "hop_length": 16}
N_LONG_FRAMES = 8193
N_LONG_SAMPLES = (N_LONG_FRAMES - 1) * LONG["hop_length"]


class SpectralCrestExtractor(SpectrumExtractor):
    """A feature of one's own, as the docstring of SpectrumExtractor has it."""

    def value_names(self):
        return ["spectral_crest"]

    def block_values(self, block):
        power = block.power + 1e-10
        return power.max(axis=1, keepdims=True) / power.mean(axis=1, keepdims=True)


class BandEnergyExtractor(SpectrumExtractor):
    """A feature of one's own with a parameter, several values, and a look at the whole signal."""

    def __init__(
        self,
        *,
        corner=1000.0,
        n_fft=2048,
        hop_length=512,
        summary=("mean", "std"),
        sample_rate=None,
        n_jobs=None,
    ):
        super().__init__(
            n_fft=n_fft,
            hop_length=hop_length,
            summary=summary,
            sample_rate=sample_rate,
            n_jobs=n_jobs,
        )
        self.corner = corner

    def value_names(self):
        return ["energy_below", "energy_above"]

    def block_values(self, block):
        below = block.spectrum.frequencies < self.corner
        return np.stack([block.power[:, below].sum(axis=1), block.power[:, ~below].sum(axis=1)], 1)

    def finish(self, values, spectrum):
        return values / values.sum(axis=1).max()


@pytest.fixture
def n_transformed(monkeypatch):
    """Return a list to which the number of frames of each Fourier transform is added."""
    transform, counts = scipy.fft.rfft, []

    def counting_transform(frames, *args, **kwargs):
        counts.append(frames.shape[1])  # the frames lie side by side
        return transform(frames, *args, **kwargs)

    monkeypatch.setattr(scipy.fft, "rfft", counting_transform)
    return counts


@pytest.fixture(scope="module")
def long_signal():
    """Return a signal whose spectrum with the settings LONG is not kept."""
    time = np.arange(N_LONG_SAMPLES) / RATE
    phase = 2 * np.pi * (300 * time + 20 * time**2)
    return (np.sin(phase) + 0.5 * np.sin(2 * phase)).astype(np.float32)


@pytest.mark.parametrize(
    "settings",
    [
        STFT(2048, 512, 2048, "hann", True, "constant"),
        STFT(1024, 100, 800, "hamming", True, "reflect"),
        STFT(301, 400, 301, ("kaiser", 5.0), True, "edge"),
        STFT(512, 128, 511, "boxcar", False, "constant"),
    ],
    ids=str,
)
def test_power_is_the_squared_magnitude_of_the_transform_of_librosa(noise, settings):
    blocks = list(PowerSpectrum(Signal(noise, RATE), settings).blocks())
    stft = librosa.stft(
        noise,
        n_fft=settings.n_fft,
        hop_length=settings.hop_length,
        win_length=settings.win_length,
        window=settings.window,
        center=settings.center,
        pad_mode=settings.pad_mode,
    )
    magnitude = np.abs(stft).T
    # float32 transforms, whose rounding is in proportion to the loudest bin.
    allowed = {"rtol": 1e-5, "atol": 1e-6 * magnitude.max()}
    np.testing.assert_allclose(
        np.concatenate([block.magnitude for block in blocks]), magnitude, **allowed
    )
    power = np.concatenate([block.power for block in blocks])
    assert power.dtype == np.float32
    np.testing.assert_allclose(np.sqrt(power), magnitude, **allowed)


def test_spectrum_knows_its_frames_and_frequencies(noise):
    spectrum = PowerSpectrum(Signal(noise, RATE), SpectralCentroidExtractor(n_fft=1024).domain())
    assert spectrum.rate == RATE
    assert spectrum.n_fft == 1024
    assert spectrum.n_frames == 1 + 16000 // 512 == sum(len(b.power) for b in spectrum.blocks())
    assert spectrum.frequencies.shape == (513,)
    assert spectrum.frequencies[[0, 1, 512]].tolist() == [0, RATE / 1024, RATE / 2]


@pytest.mark.parametrize("window", ["hann", "hamming", ("kaiser", 4.0)])
@pytest.mark.parametrize(("win_length", "n_fft"), [(512, 512), (400, 512), (401, 512), (100, 301)])
def test_window_is_in_the_middle_of_the_frame_as_in_librosa(window, win_length, n_fft):
    shape = librosa.filters.get_window(window, win_length)
    padded = padded_window(window, win_length, n_fft)
    assert padded.dtype == np.float32
    assert not padded.flags.writeable
    np.testing.assert_array_equal(padded, librosa.util.pad_center(shape, size=n_fft).astype("f4"))


def test_one_transform_serves_all_extractors_and_both_looks_of_chroma(noise, n_transformed):
    union = make_union(
        MFCCExtractor(sample_rate=RATE),
        ChromaExtractor(sample_rate=RATE),
        ChromaExtractor(n_chroma=24, sample_rate=RATE),
        SpectralCentroidExtractor(sample_rate=RATE),
        SpectralCrestExtractor(sample_rate=RATE),
    )
    union.fit_transform([noise])
    assert sum(n_transformed) == 32  # frames of a second


def test_each_setting_and_each_chain_of_steps_is_transformed_once(noise, n_transformed):
    union = make_union(
        MFCCExtractor(sample_rate=RATE),
        SpectralRolloffExtractor(hop_length=1024, sample_rate=RATE),
        make_pipeline(PreEmphasis(), MFCCExtractor(sample_rate=RATE)),
        make_pipeline(PreEmphasis(), SpectralCentroidExtractor(sample_rate=RATE)),
    )
    union.fit_transform([noise])
    assert sum(n_transformed) == 32 + 16 + 32


def test_a_spectrum_of_up_to_32_mebibytes_is_kept_for_a_second_look(long_signal, n_transformed):
    samples = long_signal[LONG["hop_length"] * 9 :]
    spectrum = PowerSpectrum(Signal(samples, RATE), ChromaExtractor(**LONG).domain())
    spectrum.tuning(12)
    assert sum(len(block.power) for block in spectrum.blocks()) == 8184
    assert sum(n_transformed) == 8184


def test_a_longer_spectrum_is_transformed_again_for_the_second_look(long_signal, n_transformed):
    ChromaExtractor(sample_rate=RATE, **LONG).fit_transform([long_signal])
    assert sum(n_transformed) == 2 * N_LONG_FRAMES


def test_a_longer_spectrum_is_transformed_once_where_one_look_is_enough(long_signal, n_transformed):
    union = make_union(
        ChromaExtractor(tuning=0.0, sample_rate=RATE, **LONG),
        SpectralCentroidExtractor(sample_rate=RATE, **LONG),
    )
    union.fit_transform([long_signal])
    assert sum(n_transformed) == N_LONG_FRAMES


def test_chroma_of_a_long_signal_is_that_of_librosa(long_signal):
    [frames] = ChromaExtractor(summary=None, sample_rate=RATE, **LONG).fit_transform([long_signal])
    expected = librosa.feature.chroma_stft(y=long_signal, sr=RATE, **LONG).T
    assert len(frames) == N_LONG_FRAMES
    np.testing.assert_allclose(frames, expected, atol=1e-4)  # float32, frames of maximum 1


def test_the_spectrum_of_a_long_signal_is_never_held_as_a_whole(long_signal):
    extractor = make_union(
        ChromaExtractor(sample_rate=RATE, **LONG),
        SpectralCentroidExtractor(sample_rate=RATE, **LONG),
    )
    extractor.fit_transform([long_signal[:4000]])  # imports, filters
    tracemalloc.start()
    try:
        extractor.fit_transform([long_signal])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < N_LONG_FRAMES * 1025 * 4 / 4


@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize("n_samples", [1, 2047, 2048, 2049])
def test_signals_about_as_long_as_a_frame_have_finite_rows(extractor, n_samples, noise):
    samples = noise[:n_samples]
    [frames] = extractor(summary=None, sample_rate=RATE).fit_transform([samples])
    assert len(frames) == 1 + n_samples // 512
    [row] = extractor(sample_rate=RATE).fit_transform([samples])
    assert np.isfinite(row).all()


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_signals_shorter_than_a_frame_are_an_error_where_they_are_not_continued(extractor, noise):
    extractor = extractor(center=False, summary=None, sample_rate=RATE)
    message = r"X\[1\]: the signal has 2047 samples, fewer than the 2048 of one frame.*center=True"
    with pytest.raises(AudioError, match=message):
        extractor.fit_transform([noise, noise[:2047]])
    assert [len(frames) for frames in extractor.fit_transform([noise[:2048]])] == [1]


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_rows_of_a_signal_do_not_depend_on_its_neighbours(extractor, noise):
    signals = [noise, noise[:5000], np.zeros(3000)]
    rows = extractor(sample_rate=RATE).fit_transform(signals)
    assert rows.dtype == np.float32
    for samples, row in zip(signals, rows, strict=True):
        np.testing.assert_array_equal(extractor(sample_rate=RATE).fit_transform([samples])[0], row)


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_a_window_longer_than_the_frame_is_refused(extractor, noise):
    with pytest.raises(ValueError, match="win_length=2049 is longer than n_fft=2048"):
        extractor(win_length=2049, sample_rate=RATE).fit([noise])


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_fft": 1},
        {"n_fft": 2048.0},
        {"hop_length": 0},
        {"win_length": 0},
        {"window": 4.0},
        {"center": "yes"},
        {"pad_mode": "wrap"},
        {"sample_rate": 0},
        {"n_jobs": 1.5},
    ],
    ids=str,
)
def test_wrong_parameters_are_refused(parameters, noise):
    [name] = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of SpectralCrestExtractor"):
        SpectralCrestExtractor(**parameters).fit([noise])


@pytest.mark.parametrize("n_fft", [16384, 32768])
def test_powers_of_the_largest_samples_are_finite_or_refused(n_fft):
    entropy = SpectralEntropyExtractor(n_fft=n_fft, window="boxcar", center=False, summary=["max"])
    loudest = np.full((1, 32768), 1e15)
    if n_fft == 16384:
        assert entropy.fit_transform(loudest) == 0
    else:
        with pytest.raises(AudioError, match="samples up to 1e\\+15 with n_fft=32768 may be too"):
            entropy.fit_transform(loudest)
    assert entropy.fit_transform(loudest / 10) == 0


@pytest.mark.parametrize("window", ["round", (), ("kaiser",)])
def test_a_window_that_scipy_does_not_know_is_refused(window, noise):
    with pytest.raises(ValueError, match=r"window=.* of 2048 samples is none that scipy"):
        SpectralCrestExtractor(window=window).fit([noise])


@pytest.mark.parametrize(
    ("summary", "message"),
    [
        (("mean", "mode"), "'mode' is not a statistic. Known are mean, std"),
        ("mean", "summary='mean'; a list or tuple of statistics is wanted"),
        (("mean", "std", "mean"), "names a statistic twice"),
        ((), r"summary=\(\); a list or tuple of statistics is wanted"),
    ],
)
@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_a_wrong_summary_is_refused(extractor, summary, message, noise):
    with pytest.raises(ValueError, match=message):
        extractor(summary=summary, sample_rate=RATE).fit([noise])


def test_a_feature_without_block_values_says_so(noise):
    class Unfinished(SpectrumExtractor):
        def value_names(self):
            return ["unfinished"]

    with pytest.raises(NotImplementedError, match="Unfinished has no block_values"):
        Unfinished().fit_transform([noise])


def test_a_feature_of_ones_own_needs_no_rate_if_it_does_not_ask_for_it(tone, noise):
    [tonal], [noisy] = SpectralCrestExtractor(summary=["median"]).fit_transform([tone(500), noise])
    # 500 Hz are the middle of a bin: the tone has 1, 4 and 1 sixths of its power in three bins.
    # The largest of 1025 bins of noise is about ln(1025) times their mean.
    assert tonal == pytest.approx(1025 * 4 / 6, rel=1e-3)
    assert noisy == pytest.approx(np.log(1025), rel=0.2)
    with pytest.raises(AudioError, match="rate of this signal is not known"):
        BandEnergyExtractor().fit_transform([noise])


def test_a_feature_of_ones_own_may_look_at_the_whole_signal(tone):
    samples = np.concatenate([tone(500), tone(3000)])
    extractor = BandEnergyExtractor(summary=["max"], sample_rate=RATE)
    np.testing.assert_allclose(extractor.fit_transform([samples]), [[1, 1]], rtol=1e-3)  # leakage
    extractor.set_params(corner=100.0)
    assert extractor.fit_transform([samples])[0, 0] < 1e-3


def test_a_feature_of_ones_own_is_finished_with_the_spectrum_at_hand():
    class LoudestMomentExtractor(SpectrumExtractor):
        summary: tuple | None = field(init=False, default=())

        def value_names(self):
            return ["loudest_moment"]

        def block_values(self, block):
            return block.power.sum(axis=1, keepdims=True)

        def finish(self, values, spectrum):
            return np.array([[values.argmax() * self.hop_length / spectrum.rate]])

    click = np.zeros(RATE)
    click[6400] = 1
    extractor = LoudestMomentExtractor(hop_length=100, sample_rate=RATE)
    np.testing.assert_allclose(extractor.fit_transform([click]), [[6400 / RATE]])


def test_a_feature_of_ones_own_works_in_a_union_and_a_pipeline(tone, noise):
    signals = [tone(300), tone(4000), 0.5 * noise, noise]
    model = make_pipeline(
        make_union(
            SpectralCrestExtractor(),
            BandEnergyExtractor(sample_rate=RATE),
            MFCCExtractor(sample_rate=RATE),
        ),
        StandardScaler(),
        LogisticRegression(),
    )
    labels = ["tone", "tone", "noise", "noise"]
    assert model.fit(signals, labels).predict(signals).tolist() == labels
    assert model[:1].get_feature_names_out().tolist()[:6] == [
        "spectralcrestextractor__spectral_crest_mean",
        "spectralcrestextractor__spectral_crest_std",
        "bandenergyextractor__energy_below_mean",
        "bandenergyextractor__energy_above_mean",
        "bandenergyextractor__energy_below_std",
        "bandenergyextractor__energy_above_std",
    ]


def test_a_feature_of_ones_own_gives_data_frames(noise):
    extractor = BandEnergyExtractor(sample_rate=RATE)
    rows = extractor.fit_transform([noise])
    for container, kind in [("pandas", pandas.DataFrame), ("polars", polars.DataFrame)]:
        table = clone(extractor).set_output(transform=container).fit_transform([noise])
        assert isinstance(table, kind)
        assert list(table.columns) == extractor.get_feature_names_out().tolist()
        np.testing.assert_array_equal(table.to_numpy(), rows)


@pytest.mark.parametrize("copy", [clone, lambda extractor: pickle.loads(pickle.dumps(extractor))])
def test_a_feature_of_ones_own_can_be_copied(copy, noise):
    extractor = BandEnergyExtractor(corner=2000.0, n_fft=512, sample_rate=RATE)
    rows = extractor.fit_transform([noise])
    copied = copy(extractor)
    assert copied is not extractor
    assert copied.get_params() == extractor.get_params()
    np.testing.assert_array_equal(copied.fit_transform([noise]), rows)


def test_a_window_may_have_a_list_of_coefficients(noise):
    hann = SpectralCentroidExtractor(sample_rate=RATE).fit_transform([noise])
    window = ("general_cosine", [0.5, 0.5])
    cosine = SpectralCentroidExtractor(window=window, sample_rate=RATE).fit_transform([noise])
    np.testing.assert_allclose(cosine, hann, rtol=1e-6)


def test_an_extractor_cannot_change_what_others_get(noise):
    class Writer(SpectralCrestExtractor):
        def block_values(self, block):
            block.power *= 0
            return super().block_values(block)

    with pytest.raises(ValueError, match="read-only"):
        Writer().fit_transform([noise])
