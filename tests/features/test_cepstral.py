import inspect
import tracemalloc
import warnings

import librosa
import numpy as np
import pytest
import scipy.fft
from gammatone.fftweight import fft_weights
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_audio import (
    AudioError,
    BFCCExtractor,
    GFCCExtractor,
    LFCCExtractor,
    MFCCExtractor,
)
from sklearn_audio.features.cepstral import cosine_matrix, delta
from sklearn_audio.features.decibels import power_to_decibels
from sklearn_audio.features.spectrum import KEPT_BYTES

RATE = 16000


def frames_of(samples, **parameters):
    extractor = MFCCExtractor(summary=None, sample_rate=RATE, **parameters)
    [frames] = extractor.fit_transform([samples])
    return frames


# No deadline: the first example pays for imports.
@settings(deadline=None)
@given(
    exponents=st.lists(st.floats(-15, 5), min_size=1, max_size=20),
    floor=st.sampled_from([1e-10, 1e-5]),
    top_db=st.sampled_from([80.0, 30.0, 0.0]),
)
def test_decibels_are_those_of_librosa(exponents, floor, top_db):
    power = 10.0 ** np.array(exponents)
    expected = librosa.power_to_db(power, amin=floor, top_db=top_db)
    # float64; librosa subtracts the reference of 0 dB.
    level = power_to_decibels(power, floor=floor, top_db=top_db)
    np.testing.assert_allclose(level, expected, rtol=1e-12, atol=1e-12)


def test_decibels_end_80_below_the_loudest():
    level = power_to_decibels(np.array([[1.0, 1e-7], [1e-9, 0.0]]))
    np.testing.assert_allclose(level, [[0, -70], [-80, -80]])


def test_decibels_keep_float32():
    assert power_to_decibels(np.ones(3, dtype=np.float32)).dtype == np.float32


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("n_frames", [*range(1, 12), 100])
def test_deltas_are_those_of_librosa(n_frames, order):
    frames = np.random.default_rng(n_frames).normal(size=(n_frames, 4))
    mode = "interp" if n_frames >= 9 else "nearest"
    expected = librosa.feature.delta(frames.T, order=order, mode=mode).T
    # The same filter in float64, along the other axis.
    np.testing.assert_allclose(delta(frames, order=order), expected, rtol=1e-9, atol=1e-12)


def test_deltas_are_derivatives_per_frame():
    time = np.arange(20.0)
    polynomial = np.stack([np.full(20, 7.0), 3 * time, 0.5 * time**2], axis=1)
    # Exact fits but for rounding in float64.
    np.testing.assert_allclose(delta(polynomial[:, :2]), [[0, 3]] * 20, atol=1e-9)
    np.testing.assert_allclose(delta(polynomial, order=2), [[0, 0, 1]] * 20, atol=1e-9)


def test_deltas_of_one_frame_are_0():
    np.testing.assert_allclose(delta(np.array([[5.0, -3.0]])), 0, atol=1e-12)  # float64 rounding


def test_function_has_the_default_of_librosa():
    parameters = inspect.signature(power_to_decibels).parameters
    assert parameters["floor"].default == 1e-10
    assert parameters["top_db"].default == 80.0


def test_deltas_of_a_stationary_sound_are_0():
    # A period of 64 samples: each hop of 512 sees the very same samples again.
    sound = np.tile(np.random.default_rng(0).normal(size=64), 250)
    frames = frames_of(sound, center=False)
    assert np.ptp(frames[:, :13], axis=0).max() == 0
    # Coefficients of some hundreds, in float32.
    np.testing.assert_allclose(frames[:, 13:], 0, atol=1e-4)


@pytest.mark.parametrize("factor", [0.5, 2.0, 10.0])
def test_level_changes_only_the_first_coefficient(noise, factor):
    difference = frames_of(factor * noise) - frames_of(noise)
    # n_mels levels shifted alike are one cosine of frequency 0, normalised by sqrt(n_mels).
    shift = 20 * np.log10(factor) * np.sqrt(128)
    # Levels of some hundreds are rounded to float32 before they are transformed.
    np.testing.assert_allclose(difference[:, 0], shift, atol=1e-3)
    np.testing.assert_allclose(difference[:, 1:], 0, atol=1e-3)


def test_nothing_is_more_than_80_decibels_below_the_loudest_of_the_signal(noise):
    quiet_end = np.concatenate([noise, 1e-8 * noise])
    silent_end = np.concatenate([noise, 0 * noise])
    np.testing.assert_array_equal(frames_of(quiet_end)[40:], frames_of(silent_end)[40:])
    # All bands at the floor: only the 0th coefficient is left, but for rounding in float32.
    np.testing.assert_allclose(frames_of(silent_end)[-1, 1:13], 0, atol=1e-3)


def test_silence_is_the_level_of_the_smallest_power(noise):
    frames = frames_of(np.zeros(5000))
    # 1e-10 is -100 dB; float32 rounds the sum.
    np.testing.assert_allclose(frames[:, 0], -100 * np.sqrt(128), rtol=1e-5)
    np.testing.assert_allclose(frames[:, 1:], 0, atol=1e-4)


def test_fewer_coefficients_are_the_first_of_more(noise):
    np.testing.assert_array_equal(
        frames_of(noise, n_mfcc=5, n_deltas=0), frames_of(noise, n_mfcc=20, n_deltas=0)[:, :5]
    )


def test_as_many_coefficients_as_bands_hold_all_of_them(noise):
    frames = frames_of(noise, n_mfcc=40, n_mels=40, n_deltas=0)
    loudness = librosa.feature.mfcc(y=noise, sr=RATE, n_mfcc=40, n_mels=40).T
    # float32 coefficients of some hundreds.
    np.testing.assert_allclose(frames, loudness, atol=1e-2)


@pytest.mark.parametrize("dct_type", [1, 2, 3])
@pytest.mark.parametrize("norm", ["ortho", None])
def test_cosines_are_the_transform_of_scipy(dct_type, norm):
    levels = np.random.default_rng(0).normal(size=(5, 20))
    expected = scipy.fft.dct(levels, type=dct_type, norm=norm, axis=1)[:, :7]
    cosines = cosine_matrix(20, 7, dct_type=dct_type, norm=norm)
    np.testing.assert_allclose(levels @ cosines, expected, rtol=1e-5, atol=1e-5)  # float32


def test_cubic_roots_are_of_magnitudes(noise):
    def frames(amplitude):
        extractor = GFCCExtractor(
            compression="cubic_root", n_deltas=0, summary=None, sample_rate=RATE
        )
        return extractor.fit_transform([amplitude * noise])[0]

    # Eight times the amplitude is twice the loudness; float32.
    np.testing.assert_allclose(frames(8), 2 * frames(1), rtol=1e-4, atol=1e-3)


def test_cubic_roots_are_those_of_the_energies_of_gammatone_filters(noise):
    extractor = GFCCExtractor(
        compression="cubic_root", n_gfcc=64, n_deltas=0, summary=None, sample_rate=RATE
    )
    [frames] = extractor.fit_transform([noise])
    response, _ = fft_weights(2048, RATE, 64, 1, 50, RATE / 2, 1025)
    magnitudes = np.sqrt(response**2 @ np.abs(librosa.stft(noise)) ** 2)
    expected = scipy.fft.dct(magnitudes ** (1 / 3), axis=0, norm="ortho").T
    # float32, of coefficients up to some tens.
    np.testing.assert_allclose(frames, expected, rtol=1e-4, atol=1e-3)


def test_cubic_roots_of_silence_are_0():
    extractor = GFCCExtractor(compression="cubic_root", sample_rate=RATE)
    assert not extractor.fit_transform([np.zeros(5000)]).any()


def test_lifter_weights_the_coefficients(noise):
    weights = 1 + 11 * np.sin(np.pi * np.arange(1, 14) / 22)
    plain, liftered = frames_of(noise, n_deltas=0), frames_of(noise, n_deltas=0, lifter=22)
    np.testing.assert_allclose(liftered, plain * weights, rtol=1e-5)  # float32


@pytest.mark.parametrize("n_samples", [1, 600, 4000, 4096])
def test_short_signals_have_deltas(noise, n_samples):
    frames = frames_of(noise[:n_samples])
    assert frames.shape == (1 + n_samples // 512, 39)
    assert np.isfinite(frames).all()


def test_names_tell_order_and_coefficient():
    names = MFCCExtractor().get_feature_names_out().tolist()
    assert len(names) == 78
    assert names[:3] == ["mfcc_0_mean", "mfcc_1_mean", "mfcc_2_mean"]
    assert names[12:15] == ["mfcc_12_mean", "mfcc_delta_0_mean", "mfcc_delta_1_mean"]
    assert names[26] == "mfcc_delta2_0_mean"
    assert names[38:40] == ["mfcc_delta2_12_mean", "mfcc_0_std"]
    assert names[77] == "mfcc_delta2_12_std"


@pytest.mark.parametrize(
    ("n_deltas", "expected"),
    [
        (0, ["mfcc_0", "mfcc_1"]),
        (1, ["mfcc_0", "mfcc_1", "mfcc_delta_0", "mfcc_delta_1"]),
        (
            3,
            [
                "mfcc_0",
                "mfcc_1",
                "mfcc_delta_0",
                "mfcc_delta_1",
                "mfcc_delta2_0",
                "mfcc_delta2_1",
                "mfcc_delta3_0",
                "mfcc_delta3_1",
            ],
        ),
    ],
)
def test_there_is_a_name_for_each_value(noise, n_deltas, expected):
    extractor = MFCCExtractor(n_mfcc=2, n_deltas=n_deltas, summary=None, sample_rate=RATE)
    assert extractor.get_feature_names_out().tolist() == expected
    assert extractor.fit_transform([noise])[0].shape[1] == len(expected)


@pytest.mark.parametrize(
    ("extractor", "name"),
    [(LFCCExtractor, "lfcc"), (BFCCExtractor, "bfcc"), (GFCCExtractor, "gfcc")],
)
def test_each_cepstrum_has_its_names(extractor, name, noise):
    cepstrum = extractor(**{f"n_{name}": 2}, n_deltas=1, summary=None, sample_rate=RATE)
    names = [f"{name}_0", f"{name}_1", f"{name}_delta_0", f"{name}_delta_1"]
    assert cepstrum.get_feature_names_out().tolist() == names
    assert cepstrum.fit_transform([noise])[0].shape[1] == 4
    with pytest.raises(ValueError, match=f"n_{name}=31 coefficients of n_bands=30 bands"):
        extractor(**{f"n_{name}": 31}, n_bands=30, sample_rate=RATE).fit([noise])
    with pytest.raises(ValueError, match=r"at least two bands; n_bands=1"):
        extractor(**{f"n_{name}": 1}, n_bands=1, dct_type=1, sample_rate=RATE).fit([noise])


def test_compression_that_is_unknown_is_refused(noise):
    with pytest.raises(ValueError, match="'compression' parameter of GFCCExtractor"):
        GFCCExtractor(compression="root", sample_rate=RATE).fit([noise])


def test_more_coefficients_than_bands_are_refused(noise):
    with pytest.raises(ValueError, match="n_mfcc=41 coefficients of n_mels=40 bands"):
        MFCCExtractor(n_mfcc=41, n_mels=40, sample_rate=RATE).fit([noise])
    MFCCExtractor(n_mfcc=40, n_mels=40, sample_rate=RATE).fit([noise])


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_mfcc": 0},
        {"n_deltas": -1},
        {"n_deltas": 9},
        {"dct_type": 4},
        {"norm": "l2"},
        {"lifter": -1.0},
        {"n_mels": 0},
        {"mel_norm": "ortho"},
    ],
    ids=str,
)
def test_wrong_parameters_are_refused(parameters, noise):
    [name] = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of MFCCExtractor"):
        MFCCExtractor(sample_rate=RATE, **parameters).fit([noise])


def test_plain_arrays_need_a_rate(noise):
    with pytest.raises(AudioError, match=r"rate of this signal is not known.*sample_rate \(Hz\)"):
        MFCCExtractor().fit_transform([noise])


@pytest.mark.parametrize("n_deltas", [0, 2])
def test_a_signal_of_many_frames_has_the_coefficients_of_librosa(n_deltas):
    # So many that their bands take more than is kept, and the loudest is looked for beforehand.
    parameters = {"n_fft": 128, "hop_length": 4, "n_mels": 20, "n_mfcc": 5}
    n_samples = 4 * 430_000
    assert 4 * 20 * n_samples // 4 > KEPT_BYTES
    time = np.arange(n_samples) / RATE
    samples = (np.sin(2 * np.pi * 500 * time) * np.exp(-0.3 * time)).astype(np.float32)
    samples += np.float32(1e-5) * np.random.default_rng(0).normal(size=n_samples)
    samples = np.roll(samples, n_samples // 2).astype(np.float32)  # the loudest is in the middle
    mfcc = MFCCExtractor(n_deltas=n_deltas, summary=None, sample_rate=RATE, **parameters)
    [frames] = mfcc.fit_transform([samples])
    expected = librosa.feature.mfcc(y=samples, sr=RATE, **parameters)
    deltas = [librosa.feature.delta(expected, order=order) for order in range(1, n_deltas + 1)]
    expected = np.concatenate([expected, *deltas]).T
    assert frames.shape == expected.shape
    np.testing.assert_allclose(frames, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def test_the_bands_of_a_signal_of_many_frames_are_not_kept():
    samples = np.zeros(4 * 430_000, dtype=np.float32)
    samples[1000] = 1
    mfcc = MFCCExtractor(
        n_fft=128, hop_length=4, n_mels=100, n_mfcc=2, n_deltas=0, summary=["max"], sample_rate=RATE
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of the bands are empty
        tracemalloc.start()
        mfcc.fit_transform([samples])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    # All bands would take 172 MB, the two coefficients 3.4 MB.
    assert peak < 60e6
