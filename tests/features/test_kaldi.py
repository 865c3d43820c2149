"""The features of Kaldi beside kaldi-native-fbank, its own code without the rest of Kaldi."""

import numpy as np
import pytest
import soundfile
import soxr
from kaldi_reference import TOLERANCE, kaldi

from sklearn_audio import (
    AudioError,
    FeatureUnion,
    KaldiFilterBankExtractor,
    KaldiMFCCExtractor,
)
from sklearn_audio.features.speech import sine_lifter, speech_filter_bank

RATE = 16000

# Both sides compute in float32. What is 16 nepers (70 dB) below the loudest band of its frame is
# rough by the rounding of pre-emphasis and transform, in Kaldi as here.
DYNAMIC_RANGE = 16


def frames_of(samples, rate=RATE, extractor=KaldiMFCCExtractor, **parameters):
    [frames] = extractor(summary=None, sample_rate=rate, **parameters).fit_transform([samples])
    return frames


@pytest.fixture(scope="module")
def recordings(shared_data):
    """Return music at 16 kHz and digits at 8 kHz, as integers of 16 bit over 32768."""
    music = sorted(shared_data.glob("music/*.ogg"))
    digits = sorted(shared_data.glob("spoken-digits/*.flac"))[::150]
    sounds = []
    for path, rate in [*((path, 16000) for path in music), *((path, 8000) for path in digits)]:
        original = soundfile.info(path).samplerate
        samples, _ = soundfile.read(path, frames=10 * original, dtype="float32", always_2d=True)
        samples = soxr.resample(samples.mean(axis=1), original, rate)
        integers = np.clip(np.round(32768 * samples), -32768, 32767)
        sounds.append((path.name, (integers / 32768).astype(np.float32), rate))
    assert len(sounds) >= 30
    return sounds


@pytest.mark.shared_data
@pytest.mark.parametrize("snip_edges", [True, False])
@pytest.mark.parametrize("use_energy", [True, False])
def test_features_of_recordings_are_those_of_kaldi(recordings, snip_edges, use_energy):
    n_frames = n_within = 0
    for name, samples, rate in recordings:
        bands = kaldi(samples, rate, bands_only=True, frames={"snip_edges": snip_edges})
        ours = frames_of(samples, rate, KaldiFilterBankExtractor, snip_edges=snip_edges)
        assert ours.shape == bands.shape, name
        within = bands > bands.max(axis=1, keepdims=True) - DYNAMIC_RANGE
        np.testing.assert_allclose(ours[within], bands[within], atol=TOLERANCE, rtol=0)

        mfcc = kaldi(
            samples, rate, options={"use_energy": use_energy}, frames={"snip_edges": snip_edges}
        )
        ours = frames_of(samples, rate, use_energy=use_energy, snip_edges=snip_edges)
        assert ours.shape == mfcc.shape
        all_within = within.all(axis=1)
        np.testing.assert_allclose(
            ours[all_within], mfcc[all_within], atol=TOLERANCE, rtol=0, err_msg=name
        )
        n_frames += len(bands)
        n_within += np.count_nonzero(all_within)
    assert n_within > 0.95 * n_frames


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000])
@pytest.mark.parametrize("snip_edges", [True, False])
def test_frames_are_as_long_as_those_of_kaldi_at_any_rate(noise, rate, snip_edges):
    expected = kaldi(noise, rate, frames={"snip_edges": snip_edges})
    ours = frames_of(noise, rate, snip_edges=snip_edges)
    np.testing.assert_allclose(ours, expected, atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("n_samples", [80, 100, 239, 240, 399, 400, 401, 559, 560])
@pytest.mark.parametrize("snip_edges", [True, False])
def test_signals_about_as_long_as_a_frame_are_those_of_kaldi(noise, n_samples, snip_edges):
    # Kaldi has no frame of a signal that is shorter than one, where it snips the edges.
    n_zeros = max(0, 400 - n_samples) if snip_edges else 0
    samples = np.pad(noise[:n_samples], (0, n_zeros))
    expected = kaldi(samples, RATE, frames={"snip_edges": snip_edges})
    ours = frames_of(noise[:n_samples], snip_edges=snip_edges)
    np.testing.assert_allclose(ours, expected, atol=TOLERANCE, rtol=0)


def test_a_signal_too_short_for_kaldi_is_one_frame_of_its_mirror_images(noise):
    # Kaldi has no frame where there is less than half a hop.
    assert len(kaldi(noise[:79], RATE, frames={"snip_edges": False})) == 0
    frames = frames_of(noise[:1], snip_edges=False)
    assert frames.shape == (1, 13)
    # One sample and its mirror images are a constant, of which nothing but rounding is left.
    assert np.isfinite(frames).all()
    assert frames[0, 0] < -10


@pytest.mark.parametrize("snip_edges", [True, False])
def test_longer_hops_than_frames_are_those_of_kaldi(noise, snip_edges):
    expected = kaldi(
        noise,
        RATE,
        frames={"frame_length_ms": 16, "frame_shift_ms": 50, "snip_edges": snip_edges},
    )
    ours = frames_of(noise, frame_duration=0.016, hop_duration=0.05, snip_edges=snip_edges)
    np.testing.assert_allclose(ours, expected, atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize(
    ("window", "name"),
    [
        ("povey", "povey"),
        ("hamming", "hamming"),
        ("hann", "hanning"),
        ("blackman", "blackman"),
        ("boxcar", "rectangular"),
    ],
)
def test_parameters_mean_what_they_mean_in_kaldi(noise, window, name):
    expected = kaldi(
        noise + 0.1,
        RATE,
        options={"num_ceps": 20, "cepstral_lifter": 30, "use_energy": False},
        frames={"window_type": name, "preemph_coeff": 0.9, "remove_dc_offset": False},
        bands={"num_bins": 40, "low_freq": 100, "high_freq": 7600},
    )
    ours = frames_of(
        noise + np.float32(0.1),
        n_mfcc=20,
        lifter=30,
        use_energy=False,
        window=window,
        preemphasis=0.9,
        remove_dc_offset=False,
        n_mels=40,
        fmin=100,
        fmax=7600,
    )
    np.testing.assert_allclose(ours, expected, atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("extractor", [KaldiMFCCExtractor, KaldiFilterBankExtractor])
@pytest.mark.parametrize("value", [0.0, 0.5])
def test_silence_and_direct_current_are_those_of_kaldi(extractor, value):
    samples = np.full(2000, value, dtype=np.float32)
    expected = kaldi(samples, RATE, bands_only=extractor is KaldiFilterBankExtractor)
    ours = frames_of(samples, extractor=extractor)
    np.testing.assert_allclose(ours, expected, atol=TOLERANCE, rtol=0)


def test_bands_are_triangles_on_the_mel_scale():
    weights = speech_filter_bank(RATE, 4096, n_mels=20).toarray()
    mels = 1127 * np.log(1 + np.arange(2049) * RATE / 4096 / 700)
    edges = np.linspace(1127 * np.log(1 + 20 / 700), mels[-1], 22)
    for band in (0, 9, 19):
        expected = np.interp(mels, edges[band : band + 3], [0, 1, 0])
        np.testing.assert_allclose(weights[band], expected, atol=1e-6)  # float32


def test_lifter_begins_and_ends_at_1():
    weights = sine_lifter(23, 22)
    np.testing.assert_allclose(weights[[0, 11, 22]], [1, 12, 1], rtol=1e-6)  # float32
    np.testing.assert_array_equal(sine_lifter(5, 0), 1)


@pytest.mark.parametrize("factor", [1e-3, 1e14])
def test_level_changes_only_the_energy(noise, factor):
    difference = frames_of(factor * noise) - frames_of(noise)
    # Logarithms of up to 100 in float32, whose transform multiplies their rounding.
    np.testing.assert_allclose(difference[:, 0], 2 * np.log(factor), rtol=1e-5)
    np.testing.assert_allclose(difference[:, 1:], 0, atol=1e-2)


def test_names_tell_energy_from_the_0th_coefficient():
    names = KaldiMFCCExtractor(n_mfcc=3, summary=None).get_feature_names_out().tolist()
    assert names == ["log_energy", "mfcc_1", "mfcc_2"]
    extractor = KaldiMFCCExtractor(n_mfcc=3, use_energy=False, summary=None)
    assert extractor.get_feature_names_out().tolist() == ["mfcc_0", "mfcc_1", "mfcc_2"]
    extractor = KaldiFilterBankExtractor(n_mels=2, summary=None)
    assert extractor.get_feature_names_out().tolist() == ["log_mel_0", "log_mel_1"]


def test_a_union_gives_the_same_as_each_alone(noise):
    mfcc = KaldiMFCCExtractor(sample_rate=RATE)
    bands = KaldiFilterBankExtractor(sample_rate=RATE)
    union = FeatureUnion([("mfcc", mfcc), ("bands", bands)])
    expected = np.concatenate([mfcc.fit_transform([noise]), bands.fit_transform([noise])], axis=1)
    np.testing.assert_array_equal(union.fit_transform([noise]), expected)
    assert mfcc.domain() == bands.domain()


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_mfcc": 0},
        {"lifter": -1.0},
        {"frame_duration": 0.0},
        {"hop_duration": 0.0},
        {"window": "kaiser"},
        {"preemphasis": 1.5},
        {"n_mels": 0},
        {"fmin": -1.0},
        {"snip_edges": 2},
    ],
    ids=str,
)
def test_wrong_parameters_are_refused(parameters, noise):
    [name] = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of KaldiMFCCExtractor"):
        KaldiMFCCExtractor(sample_rate=RATE, **parameters).fit([noise])


def test_more_coefficients_than_bands_are_refused(noise):
    with pytest.raises(ValueError, match="n_mfcc=24 coefficients of n_mels=23 bands"):
        KaldiMFCCExtractor(n_mfcc=24, sample_rate=RATE).fit([noise])


def test_plain_arrays_need_a_rate(noise):
    with pytest.raises(AudioError, match=r"rate of this signal is not known.*sample_rate \(Hz\)"):
        KaldiMFCCExtractor().fit_transform([noise])
