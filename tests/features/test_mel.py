import inspect
import tracemalloc
import warnings

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_audio import (
    AudioError,
    LogMelSpectrogramExtractor,
    MelSpectrogramExtractor,
    MFCCExtractor,
    PCENExtractor,
)
from sklearn_audio.features.mel import (
    hertz_to_mel,
    mel_filter_bank,
    mel_to_hertz,
    per_channel_energy_normalization,
)

RATE = 16000


@pytest.mark.parametrize("htk", [False, True])
def test_scale_is_that_of_librosa(htk):
    frequencies = np.linspace(0, 24000, 1001)
    # Both in float64; the constants of the scales are computed in another order.
    mels = librosa.hz_to_mel(frequencies, htk=htk)
    np.testing.assert_allclose(hertz_to_mel(frequencies, htk=htk), mels, rtol=1e-12)
    hertz = librosa.mel_to_hz(mels, htk=htk)
    np.testing.assert_allclose(mel_to_hertz(mels, htk=htk), hertz, rtol=1e-12)


def test_1000_hertz_are_where_the_scales_say():
    # 15 of Slaney's mels by definition; 1000 of the HTK book but for its rounded constants.
    assert hertz_to_mel(1000.0) == pytest.approx(15, rel=1e-12)
    assert hertz_to_mel(1000.0, htk=True) == pytest.approx(1000, rel=1e-4)


# No deadline: the first example pays for imports.
@settings(deadline=None)
@given(frequency=st.floats(0, 1e5), htk=st.booleans())
def test_scale_and_back_is_the_same_frequency(frequency, htk):
    # Two inverse functions in float64, whose logarithm loses the last digits near 0 Hz.
    back = mel_to_hertz(hertz_to_mel(frequency, htk=htk), htk=htk)
    assert back == pytest.approx(frequency, rel=1e-10, abs=1e-9)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"n_mels": 40},
        {"n_mels": 26, "fmin": 133.3, "fmax": 6855.5},
        {"n_mels": 64, "htk": True},
        {"n_mels": 64, "norm": None},
    ],
    ids=str,
)
def test_filters_are_those_of_librosa(parameters):
    expected = librosa.filters.mel(sr=22050, n_fft=2048, **parameters)
    weights = mel_filter_bank(22050, 2048, **parameters)
    assert weights.dtype == np.float32
    # float32 results of the same float64 arithmetic in another order.
    np.testing.assert_allclose(weights.toarray(), expected, rtol=1e-4, atol=1e-6 * expected.max())


def test_bands_of_equal_height_reach_1_and_share_each_bin():
    weights = mel_filter_bank(RATE, 4096, n_mels=20, norm=None).toarray()
    assert (weights.max(axis=1) <= 1).all()
    assert (weights.max(axis=1) > 0.9).all()
    # Between the centres of the first and the last band, neighbours add up to 1.
    first, last = weights[0].argmax() + 1, weights[-1].argmax()
    np.testing.assert_allclose(weights[:, first:last].sum(axis=0), 1, rtol=1e-6)  # float32


def test_bands_of_equal_area_have_the_area_1():
    # In Hz. The triangles are sampled at bins of 3.9 Hz; the narrowest is 200 Hz wide.
    weights = mel_filter_bank(RATE, 4096, n_mels=20).toarray()
    np.testing.assert_allclose(weights.sum(axis=1) * RATE / 4096, 1, rtol=0.01)


@pytest.mark.parametrize("htk", [False, True])
@pytest.mark.parametrize("band", [0, 7, 20, 39])
def test_a_tone_is_loudest_in_its_band(tone, band, htk):
    edges = librosa.mel_frequencies(n_mels=42, fmax=RATE / 2, htk=htk)
    extractor = MelSpectrogramExtractor(
        n_mels=40, htk=htk, norm=None, summary=["median"], sample_rate=RATE
    )
    [row] = extractor.fit_transform([tone(edges[band + 1], rate=RATE)])
    assert row.argmax() == band


def test_power_is_the_exponent_of_the_magnitudes(tone):
    def bands(power, amplitude):
        extractor = MelSpectrogramExtractor(power=power, n_mels=40, sample_rate=RATE)
        return extractor.fit_transform([amplitude * tone(1000, rate=RATE)])

    for power in (1.0, 2.0, 3.0):
        # Twice the amplitude, which rounds nothing but in the root and the power itself.
        np.testing.assert_allclose(bands(power, 2), 2**power * bands(power, 1), rtol=1e-5)


def test_silence_has_no_energy():
    extractor = MelSpectrogramExtractor(n_mels=40, sample_rate=RATE)
    assert not extractor.fit_transform([np.zeros(5000)]).any()


def test_names_count_the_bands():
    names = MelSpectrogramExtractor(n_mels=3).get_feature_names_out().tolist()
    bands = ["mel_0", "mel_1", "mel_2"]
    assert names == [f"{band}_mean" for band in bands] + [f"{band}_std" for band in bands]
    names = MelSpectrogramExtractor(n_mels=3, summary=None).get_feature_names_out().tolist()
    assert names == bands


def test_there_is_a_name_for_each_column(noise):
    extractor = MelSpectrogramExtractor(sample_rate=RATE)
    assert extractor.fit_transform([noise]).shape == (1, 256)
    assert len(extractor.get_feature_names_out()) == 256


def test_level_without_a_limit_ends_at_the_floor(noise):
    extractor = LogMelSpectrogramExtractor(top_db=None, summary=None, sample_rate=RATE)
    loud_and_silent = np.concatenate([noise, 0 * noise])
    [frames] = extractor.fit_transform([loud_and_silent])
    np.testing.assert_allclose(frames[-5:], -100, rtol=1e-6)  # 1e-10, in float32
    energies = librosa.feature.melspectrogram(y=noise, sr=RATE)
    expected = librosa.power_to_db(energies, top_db=None).T[:20]
    np.testing.assert_allclose(frames[:20], expected, atol=1e-3)  # float32, some tens of dB


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"gain": 0.5, "bias": 10.0, "power": 0.25, "time_constant": 0.06, "eps": 1e-3},
        {"power": 0.0},
        {"bias": 0.0, "gain": 0.0},
    ],
    ids=str,
)
def test_pcen_is_that_of_librosa(parameters):
    generator = np.random.default_rng(0)
    energies = 10 ** generator.uniform(-3, 6, size=(200, 12))
    normalized = per_channel_energy_normalization(energies, frame_rate=31.25, **parameters)
    expected = librosa.pcen(energies.T, sr=16000, hop_length=512, **parameters).T
    # The same formula in float64; small values are differences of numbers near 1.
    np.testing.assert_allclose(normalized, expected, rtol=1e-9, atol=1e-14)


def test_functions_have_the_defaults_of_librosa_and_of_the_extractor():
    names = ["gain", "bias", "power", "time_constant", "eps"]
    theirs = inspect.signature(librosa.pcen).parameters
    ours = inspect.signature(per_channel_energy_normalization).parameters
    for name in names:
        assert theirs[name].default == ours[name].default == getattr(PCENExtractor(), name)


def test_pcen_takes_out_what_lasts(tone):
    extractor = PCENExtractor(n_mels=40, summary=None, sample_rate=RATE)
    hum = tone(1000, rate=RATE, seconds=4.0)
    [frames] = extractor.fit_transform([np.concatenate([np.zeros(RATE), hum])])
    band = frames.max(axis=0).argmax()
    begin, end = frames[32:40, band].max(), frames[-8, band]
    # At the end M = E: (E ** (1 - gain) + bias) ** power - bias ** power, of E = 512 * 2 ** 31
    # times the weights of the triangle, between 1e-3 and 1.
    assert 0.3 < end < 0.5
    assert begin > 2 * end


def test_pcen_of_silence_is_0():
    for parameters in ({}, {"bias": 0.0}, {"power": 0.0}):
        extractor = PCENExtractor(sample_rate=RATE, **parameters)
        assert not extractor.fit_transform([np.zeros(5000)]).any()


def test_pcen_is_of_the_past_alone(noise):
    extractor = PCENExtractor(center=False, summary=None, sample_rate=RATE)
    whole, begin = extractor.fit_transform([noise, noise[: RATE // 2]])
    np.testing.assert_allclose(whole[: len(begin)], begin, rtol=1e-6)  # float32


@pytest.mark.parametrize(
    ("extractor", "name"), [(LogMelSpectrogramExtractor, "log_mel"), (PCENExtractor, "pcen")]
)
def test_names_of_levels_count_the_bands(extractor, name):
    names = extractor(n_mels=2, summary=None).get_feature_names_out().tolist()
    assert names == [f"{name}_0", f"{name}_1"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"gain": -1.0},
        {"bias": -1.0},
        {"power": -0.5},
        {"time_constant": 0.0},
        {"eps": 0.0},
        {"full_scale": 0.0},
    ],
    ids=str,
)
def test_wrong_parameters_of_pcen_are_refused(parameters, noise):
    [name] = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of PCENExtractor"):
        PCENExtractor(sample_rate=RATE, **parameters).fit([noise])


@pytest.mark.parametrize("extractor", [MelSpectrogramExtractor, MFCCExtractor])
@pytest.mark.parametrize(
    ("band", "message"),
    [
        ({"fmin": 500.0, "fmax": 500.0}, "from fmin=500 Hz to fmax=500 Hz"),
        ({"fmin": 600.0, "fmax": 500.0}, "from fmin=600 Hz to fmax=500 Hz"),
        ({"fmin": 8000.0}, "from fmin=8000 Hz to fmax=8000 Hz at a rate of 16000 Hz"),
    ],
)
def test_an_empty_range_of_frequencies_is_an_error(extractor, band, message, noise):
    with pytest.raises(AudioError, match=rf"X\[0\]: bands {message}"):
        extractor(sample_rate=RATE, **band).fit_transform([noise])


@pytest.mark.parametrize("extractor", [MelSpectrogramExtractor, MFCCExtractor])
def test_bands_without_a_bin_warn(extractor, noise):
    mel_filter_bank.cache_clear()  # the filters are kept, and warn when they are made
    with pytest.warns(UserWarning, match=r"of 201 bands hold no bin of a spectrum of 257 bins"):
        extractor(n_fft=512, n_mels=201, sample_rate=RATE).fit_transform([noise])


def test_bands_that_warn_are_0(noise):
    mel_filter_bank.cache_clear()
    extractor = MelSpectrogramExtractor(n_fft=512, n_mels=201, summary=["max"], sample_rate=RATE)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        [row] = extractor.fit_transform([noise])
    [warning] = caught
    assert str(warning.message).startswith(f"{np.count_nonzero(row == 0)} of 201 bands")


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_mels": 0},
        {"fmin": -1.0},
        {"fmax": 0.0},
        {"power": 0.0},
        {"norm": "area"},
        {"htk": "yes"},
    ],
    ids=str,
)
def test_wrong_parameters_are_refused(parameters, noise):
    [name] = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of MelSpectrogramExtractor"):
        MelSpectrogramExtractor(sample_rate=RATE, **parameters).fit([noise])


def test_plain_arrays_need_a_rate(noise):
    with pytest.raises(AudioError, match=r"rate of this signal is not known.*sample_rate \(Hz\)"):
        MelSpectrogramExtractor().fit_transform([noise])


def test_a_power_of_magnitudes_too_large_for_float32_is_refused():
    mel = MelSpectrogramExtractor(power=3, sample_rate=RATE)
    with pytest.raises(AudioError, match=r"power=3 of magnitudes up to 1.*e\+18 is too large"):
        mel.fit_transform([np.full(8000, 1e15)])


def test_energies_of_a_long_signal_are_normalized_in_the_memory_of_one_copy():
    energies = np.random.default_rng(0).random((10000, 40))
    per_channel_energy_normalization(energies[:2], frame_rate=40)  # imports
    tracemalloc.start()
    try:
        per_channel_energy_normalization(energies, frame_rate=40)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.1 * energies.nbytes
