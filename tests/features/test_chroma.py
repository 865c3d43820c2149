import librosa
import numpy as np
import pytest

from sklearn_audio import AudioError, ChromaExtractor
from sklearn_audio.features.chroma import PITCH_CLASSES, chroma_filter_bank

RATE = 22050


def frequency_of(pitch_class, octave, cents=0):
    """Return the frequency of a note in Hz, by the names of the features."""
    semitones = PITCH_CLASSES.index(pitch_class) - PITCH_CLASSES.index("a") + 12 * (octave - 4)
    return 440 * 2 ** ((semitones + cents / 100) / 12)


def loudest_name(samples, **parameters):
    extractor = ChromaExtractor(summary=["mean"], sample_rate=RATE, **parameters)
    [row] = extractor.fit_transform([samples])
    return extractor.get_feature_names_out()[row.argmax()]


@pytest.mark.parametrize(
    ("hertz", "name"),
    [
        (261.63, "chroma_c_mean"),  # C4
        (440.0, "chroma_a_mean"),  # A4
        (739.99, "chroma_f_sharp_mean"),  # F#5
    ],
)
def test_a_note_is_its_pitch_class(tone, hertz, name):
    assert loudest_name(tone(hertz, rate=RATE)) == name


@pytest.mark.parametrize("octave", [4, 5, 6])
@pytest.mark.parametrize("pitch_class", PITCH_CLASSES)
def test_all_octaves_of_a_note_are_its_pitch_class(tone, pitch_class, octave):
    samples = tone(frequency_of(pitch_class, octave), rate=RATE)
    assert loudest_name(samples) == f"chroma_{pitch_class}_mean"


@pytest.mark.parametrize("cents", [-45, -30, 30, 45])
def test_a_note_out_of_tune_is_still_its_pitch_class(tone, cents):
    samples = tone(frequency_of("d", 5, cents), rate=RATE)
    assert loudest_name(samples) == "chroma_d_mean"


def test_tuning_that_is_given_moves_the_pitch_classes(tone):
    halfway = tone(frequency_of("d", 5, 50), rate=RATE)
    assert loudest_name(halfway, tuning=0.4) == "chroma_d_mean"
    assert loudest_name(halfway, tuning=-0.4) == "chroma_d_sharp_mean"


def test_estimated_tuning_equals_the_same_tuning_given(tone):
    samples = tone(frequency_of("a", 4, 30), rate=RATE)
    estimated = ChromaExtractor(sample_rate=RATE).fit_transform([samples])
    given = ChromaExtractor(tuning=0.3, sample_rate=RATE).fit_transform([samples])
    # The estimate is in steps of 0.01, and interpolated peaks are some steps off.
    np.testing.assert_allclose(estimated, given, atol=0.05)
    untuned = ChromaExtractor(tuning=0.0, sample_rate=RATE).fit_transform([samples])
    assert np.abs(untuned - given).max() > 0.1


def test_a_chord_is_its_three_notes(tone):
    chord = sum(tone(frequency_of(note, 5), rate=RATE) for note in ("c", "e", "g"))
    extractor = ChromaExtractor(summary=["mean"], sample_rate=RATE)
    [row] = extractor.fit_transform([chord])
    loudest = extractor.get_feature_names_out()[np.argsort(row)[-3:]]
    assert set(loudest) == {"chroma_c_mean", "chroma_e_mean", "chroma_g_mean"}


@pytest.mark.parametrize("norm", [1, 2, np.inf])
def test_frames_have_the_norm_1(noise, norm):
    [frames] = ChromaExtractor(norm=norm, summary=None, sample_rate=16000).fit_transform([noise])
    lengths = np.linalg.norm(frames, ord=norm, axis=1)
    np.testing.assert_allclose(lengths, 1, rtol=1e-6)  # float32


def test_energies_follow_the_power_and_normalised_ones_do_not(noise):
    def row(samples, norm):
        return ChromaExtractor(norm=norm, sample_rate=16000).fit_transform([samples])

    # By powers of two, which round nothing.
    np.testing.assert_array_equal(row(2 * noise, None), 4 * row(noise, None))
    np.testing.assert_array_equal(row(2 * noise, np.inf), row(noise, np.inf))


@pytest.mark.parametrize("norm", [1, 2, np.inf, None])
def test_silence_is_0(norm):
    extractor = ChromaExtractor(norm=norm, summary=["min", "max"], sample_rate=RATE)
    assert not extractor.fit_transform([np.zeros(5000)]).any()


def test_silent_frames_of_a_sound_are_0(noise):
    samples = np.concatenate([noise, np.zeros(8000)])
    [frames] = ChromaExtractor(summary=None, sample_rate=16000).fit_transform([samples])
    assert not frames[-13:].any()
    assert (frames[:-13].max(axis=1) == 1).all()


@pytest.mark.parametrize("n_chroma", [12, 24, 36])
@pytest.mark.parametrize(("rate", "n_fft"), [(22050, 2048), (8000, 1001), (44100, 8192)])
@pytest.mark.parametrize("tuning", [0.0, -0.31])
def test_filters_are_those_of_librosa(rate, n_fft, n_chroma, tuning):
    expected = librosa.filters.chroma(sr=rate, n_fft=n_fft, n_chroma=n_chroma, tuning=tuning)
    weights = chroma_filter_bank(rate, n_fft, n_chroma=n_chroma, tuning=tuning)
    assert weights.dtype == np.float32
    # float32 results of the same float64 arithmetic; weights are at most 1.
    np.testing.assert_allclose(weights, expected, atol=1e-6)


def test_filters_are_read_only():
    assert not chroma_filter_bank(RATE, 2048).flags.writeable


def test_names_are_those_of_the_pitch_classes():
    expected = ["chroma_c_mean", "chroma_c_sharp_mean", "chroma_d_mean", "chroma_d_sharp_mean"]
    expected += ["chroma_e_mean", "chroma_f_mean", "chroma_f_sharp_mean", "chroma_g_mean"]
    expected += ["chroma_g_sharp_mean", "chroma_a_mean", "chroma_a_sharp_mean", "chroma_b_mean"]
    names = ChromaExtractor().get_feature_names_out().tolist()
    assert names[:12] == expected
    assert names[12:] == [name.replace("_mean", "_std") for name in expected]


def test_finer_pitch_classes_are_numbered(noise):
    extractor = ChromaExtractor(n_chroma=24, summary=None, sample_rate=16000)
    names = extractor.get_feature_names_out().tolist()
    assert names == [f"chroma_{pitch_class}" for pitch_class in range(24)]
    assert extractor.fit_transform([noise])[0].shape[1] == 24


def test_one_sample_is_one_frame():
    [frames] = ChromaExtractor(summary=None, sample_rate=RATE).fit_transform([[0.5]])
    assert frames.shape == (1, 12)
    assert frames.max() == 1


@pytest.mark.parametrize("n_chroma", [1, 13, 18])
def test_pitch_classes_that_are_no_multiple_of_12_are_refused(noise, n_chroma):
    with pytest.raises(ValueError, match=f"n_chroma={n_chroma}; 12 pitch classes or a multiple"):
        ChromaExtractor(n_chroma=n_chroma, sample_rate=RATE).fit([noise])


@pytest.mark.parametrize(
    "parameters", [{"norm": 3}, {"norm": "max"}, {"tuning": np.nan}, {"tuning": "a"}], ids=str
)
def test_wrong_parameters_are_refused(parameters, noise):
    [name] = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of ChromaExtractor"):
        ChromaExtractor(sample_rate=RATE, **parameters).fit([noise])


def test_plain_arrays_need_a_rate(noise):
    with pytest.raises(AudioError, match=r"rate of this signal is not known.*sample_rate \(Hz\)"):
        ChromaExtractor().fit_transform([noise])
