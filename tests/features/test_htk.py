"""HTK's features by the formulas of its book, and by Kaldi's options that make it compatible."""

import numpy as np
import pytest
from kaldi_reference import TOLERANCE, kaldi

from sklearn_audio import HTKMFCCExtractor

RATE = 16000


def frames_of(samples, rate=RATE, **parameters):
    extractor = HTKMFCCExtractor(summary=None, sample_rate=rate, **parameters)
    return extractor.fit_transform([samples])[0]


def by_the_book(samples, n_mels=26, n_mfcc=12, lifter=22):
    """Return MFCC_0 of the HTK book in float64, frame by frame, with its 1-based counting."""
    samples = 32768 * samples.astype(np.float64)
    rows = []
    for start in range(0, len(samples) - 400 + 1, 160):
        frame = samples[start : start + 400]
        emphasised = frame - 0.97 * np.append(frame[0], frame[:-1])
        n = np.arange(1, 401)
        windowed = emphasised * (0.54 - 0.46 * np.cos(2 * np.pi * (n - 1) / 399))
        magnitudes = np.abs(np.fft.rfft(windowed, 512))
        mels = 2595 * np.log10(1 + np.arange(257) * RATE / 512 / 700)
        centers = np.arange(n_mels + 2) * mels[-1] / (n_mels + 1)
        bands = []
        for j in range(1, n_mels + 1):
            rising = (mels - centers[j - 1]) / (centers[j] - centers[j - 1])
            falling = (centers[j + 1] - mels) / (centers[j + 1] - centers[j])
            bands.append(np.log(magnitudes @ np.clip(np.minimum(rising, falling), 0, None)))
        j = np.arange(1, n_mels + 1)
        row = []
        for i in [*range(1, n_mfcc + 1), 0]:
            cosines = np.cos(np.pi * i / n_mels * (j - 0.5))
            coefficient = np.sqrt(2 / n_mels) * np.sum(bands * cosines)
            row.append((1 + lifter / 2 * np.sin(np.pi * i / lifter)) * coefficient)
        rows.append(row)
    return np.array(rows)


def test_coefficients_are_those_of_the_book(noise):
    # float32 against float64; coefficients of up to some hundreds.
    np.testing.assert_allclose(frames_of(noise), by_the_book(noise), rtol=1e-5, atol=TOLERANCE)


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_coefficients_of_powers_are_those_of_kaldi_made_compatible(noise, rate):
    expected = kaldi(
        noise,
        rate,
        options={"htk_compat": True, "use_energy": False},
        frames={"window_type": "hamming", "remove_dc_offset": False},
        bands={"num_bins": 26, "low_freq": 0, "htk_mode": True},
    )
    ours = frames_of(noise, rate, use_power=True)
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=TOLERANCE)


def test_energy_is_that_of_kaldi_made_compatible(noise):
    expected = kaldi(
        noise,
        RATE,
        options={"htk_compat": True, "use_energy": True},
        frames={"window_type": "hamming", "remove_dc_offset": False},
        bands={"num_bins": 26, "low_freq": 0, "htk_mode": True},
    )
    ours = frames_of(noise, use_power=True, energy="log_energy")
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=TOLERANCE)


def test_energy_is_the_sum_of_squares_before_all_else():
    # 400 samples of 16384: 400 * 2 ** 28.
    frames = frames_of(np.full(400, 0.5), energy="log_energy")
    np.testing.assert_allclose(frames[0, -1], np.log(400 * 2.0**28), rtol=1e-6)  # float32


def test_silence_counts_as_1():
    # The logarithms are 0, and so is every coefficient.
    assert not frames_of(np.zeros(2000)).any()
    assert not frames_of(np.zeros(2000), energy="log_energy").any()


def test_mean_of_a_frame_may_be_taken_out(noise):
    shifted = noise + np.float32(0.25)
    plain = frames_of(noise, remove_dc_offset=True)
    np.testing.assert_allclose(frames_of(shifted, remove_dc_offset=True), plain, atol=0.05)
    assert np.abs(frames_of(shifted) - frames_of(noise)).max() > 1


@pytest.mark.parametrize("energy", ["mfcc_0", "log_energy", None])
def test_names_have_the_energy_last(energy, noise):
    extractor = HTKMFCCExtractor(n_mfcc=2, energy=energy, summary=None, sample_rate=RATE)
    names = extractor.get_feature_names_out().tolist()
    assert names == ["mfcc_1", "mfcc_2"] + ([] if energy is None else [energy])
    assert extractor.fit_transform([noise])[0].shape[1] == len(names)


def test_edges_are_always_snipped():
    with pytest.raises(TypeError, match="snip_edges"):
        HTKMFCCExtractor(snip_edges=False)


@pytest.mark.parametrize(
    "parameters",
    [{"n_mfcc": 0}, {"lifter": -1.0}, {"energy": "c0"}, {"use_power": "yes"}],
    ids=str,
)
def test_wrong_parameters_are_refused(parameters, noise):
    [name] = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of HTKMFCCExtractor"):
        HTKMFCCExtractor(sample_rate=RATE, **parameters).fit([noise])


def test_as_many_coefficients_as_bands_are_refused(noise):
    with pytest.raises(ValueError, match="n_mfcc=26 coefficients and the 0th of n_mels=26 bands"):
        HTKMFCCExtractor(n_mfcc=26, sample_rate=RATE).fit([noise])
