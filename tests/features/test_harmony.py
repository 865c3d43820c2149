import librosa
import numpy as np
import pytest

from sklearn_audio import (
    ChromaCENSExtractor,
    ChromaCQTExtractor,
    ChromaVQTExtractor,
    TonnetzExtractor,
)
from sklearn_audio.features.chroma import PITCH_CLASSES
from sklearn_audio.features.constant_q import C1
from sklearn_audio.features.harmony import (
    energy_normalized_chroma,
    pitch_class_weights,
    tonal_centroids,
)

RATE = 22050
# librosa warns about signals shorter than a filter.
pytestmark = pytest.mark.filterwarnings("ignore:n_fft=.* is too large:UserWarning")
CHROMAS = [ChromaCQTExtractor, ChromaCENSExtractor, ChromaVQTExtractor]
EXTRACTORS = [*CHROMAS, TonnetzExtractor]

each_chroma = pytest.mark.parametrize("chroma", CHROMAS)
each_extractor = pytest.mark.parametrize("extractor", EXTRACTORS)


def note(name, octave, cents=0):
    """Return the frequency of a note in Hz."""
    return C1 * 2 ** ((PITCH_CLASSES.index(name) + cents / 100) / 12 + octave - 1)


@pytest.fixture(scope="module")
def chord(tone):
    """Return two seconds of A major, with overtones."""
    frequencies = [note("a", 3), note("c_sharp", 4), note("e", 4)]
    samples = sum(
        tone(harmonic * frequency, rate=RATE, seconds=2) / harmonic
        for frequency in frequencies
        for harmonic in (1, 2, 3)
    )
    samples.flags.writeable = False
    return samples


@each_chroma
@pytest.mark.parametrize(("name", "octave"), [("c", 4), ("a", 1), ("f_sharp", 2), ("b", 6)])
def test_a_note_is_its_pitch_class_in_any_octave(tone, chroma, name, octave):
    extractor = chroma(summary=["median"], sample_rate=RATE)
    [row] = extractor.fit_transform([tone(note(name, octave), rate=RATE, seconds=2)])
    loudest = extractor.get_feature_names_out()[row.argmax()]
    assert loudest.removesuffix("_median").split("_", 2)[2] == name


@each_chroma
@pytest.mark.parametrize("fmin", [55.0, 110.0, 36.7])
def test_pitch_classes_begin_with_c_whatever_the_lowest_bin(chord, chroma, fmin):
    extractor = chroma(fmin=fmin, n_octaves=5, summary=["mean"], sample_rate=RATE)
    [row] = extractor.fit_transform([chord])
    assert set(np.argsort(row)[-3:]) == {1, 4, 9}


def test_a_recording_out_of_tune_is_its_pitch_classes(tone):
    samples = sum(tone(note(name, 4, cents=40), rate=RATE) for name in ("c", "e", "g"))
    [row] = ChromaCQTExtractor(summary=["mean"], sample_rate=RATE).fit_transform([samples])
    assert set(np.argsort(row)[-3:]) == {0, 4, 7}


@pytest.mark.parametrize(
    ("extractor", "reference"),
    [
        (ChromaCQTExtractor, librosa.feature.chroma_cqt),
        (ChromaCENSExtractor, librosa.feature.chroma_cens),
        (
            ChromaVQTExtractor,
            lambda **sound: librosa.feature.chroma_vqt(intervals="equal", **sound),
        ),
        (TonnetzExtractor, librosa.feature.tonnetz),
    ],
)
def test_default_setting_is_that_of_librosa(chord, extractor, reference):
    [frames] = extractor(summary=None, sample_rate=RATE).fit_transform([chord])
    np.testing.assert_allclose(frames, reference(y=chord, sr=RATE).T, atol=1e-5)  # of 1, float32


@each_chroma
@pytest.mark.parametrize("norm", [1, 2, np.inf])
def test_frames_have_the_norm_1(chord, chroma, norm):
    [frames] = chroma(norm=norm, summary=None, sample_rate=RATE).fit_transform([chord])
    np.testing.assert_allclose(np.linalg.norm(frames, ord=norm, axis=1), 1, rtol=1e-5)  # float32


@each_extractor
def test_loudness_does_not_count(chord, extractor):
    # A power of two rounds nothing.
    loud, soft = extractor(sample_rate=RATE).fit_transform([chord, chord / 4])
    np.testing.assert_array_equal(loud, soft)


def test_energies_follow_the_amplitude_without_a_norm(chord):
    for chroma in (ChromaCQTExtractor, ChromaVQTExtractor):
        loud, soft = chroma(norm=None, sample_rate=RATE).fit_transform([chord, chord / 4])
        np.testing.assert_array_equal(loud, 4 * soft)


@each_extractor
def test_silence_is_0(extractor):
    rows = extractor(sample_rate=RATE).fit_transform([np.zeros(5000), np.zeros(1)])
    assert not rows.any()


@each_extractor
def test_one_sample_is_one_frame(extractor):
    [frames] = extractor(summary=None, sample_rate=RATE).fit_transform([[0.5]])
    assert frames.shape[0] == 1
    assert np.isfinite(frames).all()


def test_energies_below_the_threshold_are_0(chord):
    for chroma in (ChromaCQTExtractor, ChromaVQTExtractor):
        plain, cut = (
            chroma(norm=None, threshold=threshold, summary=None, sample_rate=RATE)
            for threshold in (0.0, 3.0)
        )
        [energies], [others] = plain.fit_transform([chord]), cut.fit_transform([chord])
        np.testing.assert_array_equal(others, np.where(energies < 3, 0, energies))
        assert 0 < np.count_nonzero(others) < energies.size


def test_a_window_spreads_bins_over_neighbouring_pitch_classes(tone):
    samples = tone(note("d", 4), rate=RATE)
    settings = {"bins_per_octave": 12, "norm": None, "summary": ["mean"], "sample_rate": RATE}
    [plain] = ChromaCQTExtractor(**settings).fit_transform([samples])
    [spread] = ChromaCQTExtractor(window=[0.5, 1, 0.5], **settings).fit_transform([samples])
    assert plain[0] < 0.1 * plain[2]
    assert spread[1] > 0.5 * spread[2]


@pytest.mark.parametrize("fmin", [C1, 55.0, 36.7, 440.0])
@pytest.mark.parametrize(("bins_per_octave", "n_chroma"), [(12, 12), (36, 12), (36, 36), (24, 6)])
@pytest.mark.parametrize("window", [None, (0.2, 0.5, 0.3), (0.1, 0.2, 0.3, 0.4)])
def test_weights_are_those_of_librosa(fmin, bins_per_octave, n_chroma, window):
    expected = librosa.filters.cq_to_chroma(
        5 * bins_per_octave,
        bins_per_octave=bins_per_octave,
        n_chroma=n_chroma,
        fmin=fmin,
        window=window,
    )
    weights = pitch_class_weights(5, bins_per_octave, n_chroma=n_chroma, fmin=fmin, window=window)
    np.testing.assert_allclose(weights, expected.T, atol=1e-7)  # float32 of at most 1
    assert not weights.flags.writeable


def test_shares_are_told_in_four_steps():
    shares = np.array([[0.04, 0.06, 0.15, 0.25, 0.5]], dtype=np.float32)
    told = energy_normalized_chroma(7 * shares, norm=None, win_len_smooth=None)
    np.testing.assert_array_equal(told, [[0, 0.25, 0.5, 0.75, 1]])


def test_smoothing_is_a_weighted_mean_over_time():
    chroma = np.zeros((9, 12), dtype=np.float32)
    chroma[4, 3] = 1
    smooth = energy_normalized_chroma(chroma, norm=None, win_len_smooth=3)
    # A Hann window of five values, the outer ones 0.
    expected = np.array([0, 0, 0, 0.25, 0.5, 0.25, 0, 0, 0])
    np.testing.assert_allclose(smooth[:, 3], expected, atol=1e-7)
    assert not np.delete(smooth, 3, axis=1).any()


def test_notes_a_fifth_apart_are_neighbours_on_the_circle_of_fifths():
    fifths = tonal_centroids(np.eye(12, dtype=np.float32))[:, :2]
    np.testing.assert_allclose(np.linalg.norm(fifths, axis=1), 1, rtol=1e-6)
    to_c = np.linalg.norm(fifths - fifths[0], axis=1)
    assert set(np.argsort(to_c)[1:3]) == {5, 7}  # F and G
    assert to_c.argmax() == 6  # F sharp


def test_thirds_share_a_place_on_the_circles_of_thirds():
    centroids = tonal_centroids(np.eye(12, dtype=np.float32))
    minor, major = centroids[:, 2:4], centroids[:, 4:]
    # Four minor thirds, and three major ones, are an octave.
    np.testing.assert_allclose(minor[::4], np.tile(minor[0], (3, 1)), atol=1e-6)
    np.testing.assert_allclose(major[::3], np.tile(major[0], (4, 1)), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(major, axis=1), 0.5, rtol=1e-6)


def test_tonnetz_of_smooth_chroma_is_that_of_librosa(chord):
    smooth = librosa.feature.chroma_cens(y=chord, sr=RATE, bins_per_octave=12)
    expected = librosa.feature.tonnetz(chroma=smooth)
    tonnetz = TonnetzExtractor(chroma="cens", bins_per_octave=12, summary=None, sample_rate=RATE)
    np.testing.assert_allclose(tonnetz.fit_transform([chord])[0], expected.T, atol=1e-5)


@pytest.mark.parametrize("chroma", [ChromaCQTExtractor, ChromaCENSExtractor])
def test_names_are_those_of_the_pitch_classes(chroma):
    kind = chroma.__name__.removeprefix("Chroma").removesuffix("Extractor").lower()
    names = chroma(summary=None).get_feature_names_out().tolist()
    assert names == [f"chroma_{kind}_{name}" for name in PITCH_CLASSES]
    numbered = chroma(n_chroma=36, summary=None).get_feature_names_out()
    assert numbered[[0, -1]].tolist() == [f"chroma_{kind}_0", f"chroma_{kind}_35"]


def test_names_of_a_scale_are_numbers():
    scale = ChromaVQTExtractor(intervals=[1, 1.25, 1.5], summary=None)
    expected = ["chroma_vqt_0", "chroma_vqt_1", "chroma_vqt_2"]
    assert scale.get_feature_names_out().tolist() == expected
    assert ChromaVQTExtractor(summary=None).get_feature_names_out()[1] == "chroma_vqt_c_sharp"


def test_names_of_tonal_centroids_tell_circle_and_axis():
    assert TonnetzExtractor(summary=None).get_feature_names_out().tolist() == [
        "tonnetz_fifth_x",
        "tonnetz_fifth_y",
        "tonnetz_minor_x",
        "tonnetz_minor_y",
        "tonnetz_major_x",
        "tonnetz_major_y",
    ]


def test_intervals_may_be_an_array(chord):
    ratios = 2 ** (np.arange(12) / 12)
    given = ChromaVQTExtractor(intervals=ratios, sample_rate=RATE).fit_transform([chord])
    named = ChromaVQTExtractor(intervals="equal", sample_rate=RATE).fit_transform([chord])
    np.testing.assert_array_equal(given, named)


@pytest.mark.parametrize(
    ("extractor", "message"),
    [
        (
            ChromaCQTExtractor(bins_per_octave=20),
            "bins_per_octave=20 is no multiple of n_chroma=12",
        ),
        (TonnetzExtractor(n_chroma=24), "bins_per_octave=36 is no multiple of n_chroma=24"),
        (ChromaVQTExtractor(intervals=[1, 1.5, 1.2]), "at least two ascending ratios from 1 up"),
        (ChromaVQTExtractor(intervals=[1, 1.5, 2]), "not including, 2 are wanted"),
        (ChromaVQTExtractor(intervals=[1]), "at least two"),
        (ChromaVQTExtractor(intervals="ji11"), "'intervals' parameter of ChromaVQTExtractor"),
        (ChromaVQTExtractor(gamma=-1), "'gamma' parameter of ChromaVQTExtractor"),
        (ChromaVQTExtractor(intervals=["c", "g"]), "intervals=.'c', 'g'.; at least two"),
        (ChromaCQTExtractor(window=["wide"]), "window=.'wide'.; numbers are wanted"),
        (ChromaCQTExtractor(window=[1, np.nan]), "window=.1, nan.; numbers are wanted"),
        (ChromaCQTExtractor(window=[[1, 2], [1, 2]]), "numbers are wanted"),
        (ChromaCQTExtractor(window=np.ones(253)), "at most one for each of the 252 bins"),
        (ChromaCENSExtractor(smoothing_window="round"), "window='round' of 43 samples is none"),
        (ChromaCENSExtractor(win_len_smooth=0), "'win_len_smooth' parameter of Chroma"),
        (ChromaCQTExtractor(threshold=np.nan), "'threshold' parameter of ChromaCQTExtractor"),
        (ChromaCQTExtractor(norm=3), "'norm' parameter of ChromaCQTExtractor"),
        (TonnetzExtractor(chroma="stft"), "'chroma' parameter of TonnetzExtractor"),
    ],
)
def test_wrong_parameters_are_refused(extractor, message, noise):
    with pytest.raises(ValueError, match=message):
        extractor.set_params(sample_rate=RATE).fit([noise])
