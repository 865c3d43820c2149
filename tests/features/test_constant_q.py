import tracemalloc

import librosa
import numpy as np
import pytest
import soundfile
import soxr

from sklearn_audio import (
    AudioError,
    ChromaCENSExtractor,
    ChromaCQTExtractor,
    ConstantQSpectrogramExtractor,
    Signal,
    TonnetzExtractor,
    make_union,
)
from sklearn_audio.features.constant_q import (
    C1,
    ConstantQ,
    constant_q_blocks,
    constant_q_transform,
    estimated_tuning,
    octave_filters,
)

RATE = 22050

pytestmark = [
    # librosa warns about signals shorter than a filter, and where there is no peak at all.
    pytest.mark.filterwarnings("ignore:n_fft=.* is too large:UserWarning"),
    pytest.mark.filterwarnings("ignore:Trying to estimate tuning from empty:UserWarning"),
]


def assert_equal_to_librosa(magnitudes, expected):
    assert magnitudes.shape == expected.shape
    assert magnitudes.dtype == np.float32
    # Rounding of float32 sums is in proportion to the loudest; this is 120 dB below.
    np.testing.assert_allclose(magnitudes, expected, rtol=1e-4, atol=1e-6 * expected.max())


def loudest_bin(samples, **parameters):
    extractor = ConstantQSpectrogramExtractor(summary=["median"], sample_rate=RATE, **parameters)
    return extractor.fit_transform([samples])[0].argmax()


@pytest.mark.parametrize("note", [4, 16, 33, 45, 57, 69, 83])
def test_a_note_is_loudest_in_its_bin(tone, note):
    assert loudest_bin(tone(C1 * 2 ** (note / 12), rate=RATE, seconds=3)) == note


def test_bins_begin_at_fmin_and_divide_the_octave(tone):
    samples = tone(440 * 2 ** (7 / 24), rate=RATE)
    assert loudest_bin(samples, fmin=220, n_octaves=3, bins_per_octave=24) == 24 + 7


def test_bins_follow_the_tuning(tone):
    half_a_bin_sharp = tone(440 * 2 ** (0.5 / 12), rate=RATE)
    assert loudest_bin(half_a_bin_sharp, tuning=0.4) == 45
    assert loudest_bin(half_a_bin_sharp, tuning=-0.4) == 46


def test_tones_of_equal_amplitude_are_as_loud_as_the_root_of_their_period(tone):
    # A sine of amplitude 1 behind a filter of amplification 1 has the magnitude 0.5, times the
    # square root of the length of the filter, which is 17 periods: Q of twelve bins an octave.
    q = (2 ** (1 / 6) + 1) / (2 ** (1 / 6) - 1)
    for note in (33, 45, 69):
        frequency = C1 * 2 ** (note / 12)
        magnitudes = constant_q_transform(tone(frequency, rate=RATE, seconds=2), RATE)
        # The smallest hundredth of a filter's spectrum is left out.
        expected = 0.5 * np.sqrt(q * RATE / frequency)
        assert magnitudes[40, note] == pytest.approx(expected, rel=0.01)


def test_magnitudes_follow_the_amplitude(noise):
    # By powers of two, which round nothing.
    np.testing.assert_array_equal(
        constant_q_transform(4 * noise, 16000), 4 * constant_q_transform(noise, 16000)
    )


def test_frames_are_centred_at_multiples_of_the_hop():
    click = np.zeros(20000)
    click[20 * 256] = 1
    highest = constant_q_transform(click, RATE, hop_length=256)[:, 72:]
    assert (highest.argmax(axis=0) == 20).all()


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000])
@pytest.mark.parametrize("n_octaves", [5, 6])
@pytest.mark.parametrize("bins_per_octave", [12, 36])
def test_transform_is_that_of_librosa_at_any_rate(noise, rate, n_octaves, bins_per_octave):
    expected = librosa.cqt(
        noise, sr=rate, n_bins=n_octaves * bins_per_octave, bins_per_octave=bins_per_octave
    )
    magnitudes = constant_q_transform(
        noise, rate, n_octaves=n_octaves, bins_per_octave=bins_per_octave
    )
    assert_equal_to_librosa(magnitudes, np.abs(expected).T)


@pytest.mark.parametrize("gamma", [0, 3.5, 20, None])
@pytest.mark.parametrize("intervals", ["equal", "ji5", [1, 1.2, 1.5]])
def test_variable_q_transform_is_that_of_librosa(noise, intervals, gamma):
    n_bins = 12 if isinstance(intervals, str) else 3
    expected = librosa.vqt(
        noise, sr=16000, n_bins=6 * n_bins, fmin=40.1, intervals=intervals, gamma=gamma
    )
    magnitudes = constant_q_transform(
        noise, 16000, n_octaves=6, fmin=40.1, intervals=intervals, gamma=gamma
    )
    assert_equal_to_librosa(magnitudes, np.abs(expected).T)


@pytest.mark.parametrize("n_samples", [1, 2, 3, 511, 512, 777, 1023, 1024, 5001])
@pytest.mark.parametrize("hop_length", [512, 500, 441])
def test_short_signals_are_those_of_librosa(noise, n_samples, hop_length):
    samples = noise[:n_samples]
    expected = librosa.cqt(samples, sr=RATE, hop_length=hop_length)
    magnitudes = constant_q_transform(samples, RATE, hop_length=hop_length)
    assert_equal_to_librosa(magnitudes, np.abs(expected).T)


def test_a_signal_that_librosa_finds_too_short_is_one_frame():
    # It cannot be resampled to a quarter of its rate there.
    [frames] = ConstantQSpectrogramExtractor(
        n_octaves=5, summary=None, sample_rate=RATE
    ).fit_transform([[0.5]])
    assert frames.shape == (1, 60)
    assert np.isfinite(frames).all()


def test_silence_is_0():
    assert not constant_q_transform(np.zeros(5000), RATE, tuning=None).any()


@pytest.mark.parametrize(
    ("rate", "parameters"),
    [(RATE, {}), (16000, {"bins_per_octave": 36}), (48000, {"hop_length": 500, "n_octaves": 6})],
    ids=str,
)
def test_a_long_signal_is_what_its_parts_are(rate, parameters):
    # Longer than what is computed at once, 4096 frames.
    samples = np.random.default_rng(0).normal(size=4500 * 512).astype(np.float32)
    magnitudes = constant_q_transform(samples, rate, **parameters)
    hop_length = parameters.get("hop_length", 512)
    # Frames in the middle of this part do not reach beyond it.
    part = constant_q_transform(samples[3900 * hop_length : 4300 * hop_length], rate, **parameters)
    assert_equal_to_librosa(magnitudes[4050:4150], part[150:250])


def test_memory_does_not_grow_with_the_signal():
    samples = np.random.default_rng(0).normal(size=4 * 4096 * 512).astype(np.float32)

    def peak(n_samples):
        signal = Signal(samples[:n_samples], RATE)
        tracemalloc.start()
        for _ in constant_q_blocks(signal, ConstantQ()):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(len(samples)) == pytest.approx(peak(len(samples) // 2), rel=0.1)


@pytest.mark.parametrize("bins_per_octave", [12, 36])
def test_estimated_tuning_is_that_of_librosa(tone, bins_per_octave):
    chord = sum(tone(440 * 2 ** ((note + 0.17) / 12), rate=RATE) for note in (0, 4, 7))
    expected = librosa.estimate_tuning(y=chord, sr=RATE, bins_per_octave=bins_per_octave)
    assert estimated_tuning(Signal(chord, RATE), bins_per_octave) == pytest.approx(expected)


@pytest.mark.shared_data
@pytest.mark.parametrize("pattern", ["*trumpet*", "*Vibe_Ace*", "*waltz*", "*humpback*"])
def test_estimated_tuning_of_music_is_that_of_librosa(shared_data, pattern):
    [path] = (shared_data / "music").glob(pattern + ".ogg")
    samples, rate = soundfile.read(path, frames=5 * RATE, dtype="float32")
    expected = librosa.estimate_tuning(y=samples, sr=rate, bins_per_octave=36)
    assert estimated_tuning(Signal(samples, rate), 36) == pytest.approx(expected, abs=1e-9)


def test_tuning_that_is_estimated_equals_the_same_tuning_given(tone):
    samples = tone(440 * 2 ** (0.3 / 12), rate=RATE)
    tuning = estimated_tuning(Signal(samples, RATE), 12)
    assert tuning == pytest.approx(0.3, abs=0.03)
    np.testing.assert_array_equal(
        constant_q_transform(samples, RATE, tuning=None),
        constant_q_transform(samples, RATE, tuning=tuning),
    )


def test_a_union_of_equal_settings_has_one_transform(noise, monkeypatch):
    resample, calls = soxr.resample, []

    def counting_resample(*args, **kwargs):
        calls.append(args)
        return resample(*args, **kwargs)

    monkeypatch.setattr(soxr, "resample", counting_resample)
    settings = {"bins_per_octave": 12, "sample_rate": 16000}
    chroma = ChromaCQTExtractor(**settings)
    alone = chroma.fit_transform([noise])
    assert len(calls) == 6  # of seven octaves, all but the highest at a lower rate

    calls.clear()
    # Spelled otherwise, but the same.
    cens = ChromaCENSExtractor(**settings, fmin=C1, hop_length=np.int64(512))
    tonnetz = TonnetzExtractor(**settings, chroma="cens")
    together = make_union(chroma, cens, tonnetz).fit_transform([noise])
    assert len(calls) == 6
    np.testing.assert_array_equal(together[:, :24], alone)

    calls.clear()
    other = TonnetzExtractor(bins_per_octave=24, sample_rate=16000)
    make_union(chroma, other).fit_transform([noise])
    assert len(calls) == 12


def test_filters_are_computed_once_for_octaves_that_are_alike(tone):
    octave_filters.cache_clear()
    samples = tone(440, rate=RATE)
    constant_q_transform(samples, RATE, fmin=31.0)
    # The outermost bins have but one neighbour, whose ratio may be rounded otherwise.
    assert octave_filters.cache_info().currsize <= 3
    even, odd = octave_filters((0.1, 0.11), (0.01, 0.011))
    assert not even.flags.writeable
    assert not odd.flags.writeable


@pytest.mark.parametrize(
    ("rate", "parameters", "message"),
    [
        (8000, {}, r"7 octaves from fmin=32.7 Hz reach up to 4122 Hz, .* n_octaves=6 is the most"),
        (8000, {"fmin": 60}, r"nothing above 4000 Hz. Here n_octaves=6 .* fmin=31.7 is the"),
        (2000, {"fmin": 990, "n_octaves": 1}, r"above 1000 Hz. Here fmin=507.7 is the highest"),
    ],
)
def test_octaves_above_half_the_rate_are_refused(noise, rate, parameters, message):
    extractor = ConstantQSpectrogramExtractor(sample_rate=rate, **parameters)
    with pytest.raises(AudioError, match=message):
        extractor.fit_transform([noise])


@pytest.mark.parametrize("parameters", [{"n_octaves": 6}, {"fmin": 31.7}], ids=str)
def test_what_the_error_says_is_possible(noise, parameters):
    ConstantQSpectrogramExtractor(sample_rate=8000, **parameters).fit_transform([noise])


def test_plain_arrays_need_a_rate(noise):
    with pytest.raises(AudioError, match=r"rate of this signal is not known.*sample_rate \(Hz\)"):
        ConstantQSpectrogramExtractor().fit_transform([noise])


@pytest.mark.parametrize(
    "parameters",
    [
        {"hop_length": 0},
        {"fmin": 0.0},
        {"n_octaves": 0},
        {"bins_per_octave": 1},
        {"tuning": np.inf},
    ],
    ids=str,
)
def test_wrong_parameters_are_refused(parameters, noise):
    [name] = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of ConstantQSpectrogramExtractor"):
        ConstantQSpectrogramExtractor(sample_rate=RATE, **parameters).fit([noise])
