"""Frames of features as pictures."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import sklearn_audio
from sklearn_audio import (
    BandEnergyExtractor,
    BeatExtractor,
    ChromaExtractor,
    ConstantQSpectrogramExtractor,
    Loader,
    LogMelSpectrogramExtractor,
    MelSpectrogramExtractor,
    MFCCExtractor,
    PreEmphasis,
    PYINExtractor,
    Resampler,
    RMSExtractor,
    Signal,
    SpectralCentroidExtractor,
    SpectralRolloffExtractor,
    make_union,
)
from sklearn_audio.base import FeatureExtractor
from sklearn_audio.datasets import load_percussion
from sklearn_audio.plotting import FeatureDisplay, WaveformDisplay

RATE = 22050


@pytest.fixture(scope="module")
def signal():
    """Return two seconds of a tone of 440 Hz that starts four times, with noise."""
    time = np.arange(2 * RATE) / RATE
    tone = np.sin(2 * np.pi * 440 * time) * np.exp(-6 * (time % 0.5))
    noise = np.random.default_rng(0).normal(scale=1e-3, size=len(time))
    return Signal(0.5 * tone + noise, RATE)


def extractors_of_frames():
    for name in sklearn_audio.__all__:
        value = getattr(sklearn_audio, name)
        if isinstance(value, type) and issubclass(value, FeatureExtractor):
            extractor = value()
            if "summary" in extractor.get_params():
                yield pytest.param(extractor, id=name)


@pytest.mark.parametrize("extractor", list(extractors_of_frames()))
def test_every_feature_is_drawn_with_labelled_axes_over_the_time_of_the_signal(signal, extractor):
    display = FeatureDisplay.from_signal(signal, extractor=extractor)
    assert display.ax_.get_xlim() == (0, 2)
    assert display.ax_.get_xlabel() == "time (s)"
    assert display.ax_.get_ylabel()
    assert len(display.times) == len(display.frames)
    assert np.all(np.diff(display.times) > 0)
    # The middle of every frame lies within the signal, or up to half a frame of 384 hops outside.
    assert display.times[0] >= 0
    assert display.times[-1] < 2.1
    if display.line_ is None:
        assert display.image_.get_array().shape == display.frames.T.shape
        assert display.colorbar_.ax.get_ylabel()
    else:
        np.testing.assert_array_equal(display.line_.get_ydata(), display.frames[:, 0])
        assert display.line_.axes.get_ylabel()


def test_frames_are_those_of_the_extractor(signal):
    display = FeatureDisplay.from_signal(
        signal, extractor=MFCCExtractor(n_mfcc=13, n_deltas=0, summary=["median"])
    )
    [expected] = MFCCExtractor(n_mfcc=13, n_deltas=0, summary=None, sample_rate=RATE).transform(
        [signal.samples]
    )
    np.testing.assert_array_equal(display.frames, expected)


def test_one_value_is_a_curve_over_the_waveform_with_its_own_numbers(signal):
    display = FeatureDisplay.from_signal(signal, extractor=SpectralCentroidExtractor())
    assert isinstance(display.waveform_, WaveformDisplay)
    np.testing.assert_array_equal(display.waveform_.line_.get_ydata(), signal.samples)
    curve = display.line_.axes
    assert curve is not display.ax_
    assert curve.get_ylabel() == "spectral centroid (Hz)"
    # Scaled so that the least and the largest value fill the picture, but for matplotlib's margin.
    low, high = curve.get_ylim()
    span = np.ptp(display.frames)
    assert low == pytest.approx(display.frames.min() - 0.05 * span)
    assert high == pytest.approx(display.frames.max() + 0.05 * span)


def test_pitch_classes_have_their_names(signal):
    display = FeatureDisplay.from_signal(signal, extractor=ChromaExtractor())
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert names == ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"]
    row = int(np.asarray(display.image_.get_array()).mean(axis=1).argmax())
    assert names[row] == "A"  # 440 Hz


def test_mel_bands_lie_at_their_frequencies_and_are_levels(signal):
    display = FeatureDisplay.from_signal(signal, extractor=MelSpectrogramExtractor())
    assert display.ax_.get_ylabel() == "frequency (Hz)"
    assert display.colorbar_.ax.get_ylabel() == "level (dB)"
    level = np.asarray(display.image_.get_array())
    assert level.max() == 0
    assert level.min() == -80
    loudest = display.axis.positions[level.max(axis=1).argmax()]
    assert loudest == pytest.approx(440, abs=30)  # half a mel band


def test_the_exponent_of_the_magnitudes_does_not_change_levels(signal):
    power = FeatureDisplay.from_signal(signal, extractor=ConstantQSpectrogramExtractor())
    loudest = power.axis.positions[np.asarray(power.image_.get_array()).max(axis=1).argmax()]
    assert loudest == pytest.approx(440, rel=1e-6)
    magnitude = MelSpectrogramExtractor(power=1.0)
    level = FeatureDisplay.from_signal(signal, extractor=magnitude).frames
    assert level.min() == pytest.approx(-80)


def test_coefficients_are_numbered_and_standardised(signal):
    display = FeatureDisplay.from_signal(signal, extractor=MFCCExtractor(n_mfcc=13))
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert names[0] == "0"
    assert names == [
        *("0", "3", "6", "9", "Δ 0", "Δ 3", "Δ 6", "Δ 9"),
        *("ΔΔ 0", "ΔΔ 3", "ΔΔ 6", "ΔΔ 9", "ΔΔ 12"),
    ]
    rows = np.asarray(display.image_.get_array())
    expected = StandardScaler().fit_transform(display.frames.astype(np.float64)).T
    np.testing.assert_allclose(rows, expected, atol=1e-3)  # single precision of large means


def test_other_values_have_the_rest_of_their_names(signal):
    display = FeatureDisplay.from_signal(signal, extractor=BandEnergyExtractor())
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert names == ["0", "200", "400", "800", "1600", "3200", "6400"]
    assert display.ax_.get_ylabel() == "energy above"


def test_one_value_of_several_is_a_curve(signal):
    pitch = PYINExtractor()
    first = FeatureDisplay.from_signal(signal, extractor=pitch)
    assert first.line_.axes.get_ylabel() == "f0 (Hz)"  # they differ in their units
    voiced = FeatureDisplay.from_signal(signal, extractor=pitch, value="voiced_probability")
    assert voiced.line_.axes.get_ylabel() == "voiced probability (0 to 1)"
    with pytest.raises(ValueError, match="value='pitch'; one of f0, voiced, voiced_probability"):
        FeatureDisplay.from_signal(signal, extractor=pitch, value="pitch")


def test_a_feature_of_the_whole_signal_has_no_frames(signal):
    with pytest.raises(ValueError, match="BeatExtractor describes the whole signal in one row"):
        FeatureDisplay.from_signal(signal, extractor=BeatExtractor())


def test_something_that_is_no_extractor_is_refused(signal):
    with pytest.raises(TypeError, match="extractor is a PreEmphasis; an extractor such as"):
        FeatureDisplay.from_signal(signal, extractor=PreEmphasis())


def model():
    return make_pipeline(
        Loader(),
        Resampler(16000),
        make_union(
            MFCCExtractor(),
            make_pipeline(PreEmphasis(), SpectralRolloffExtractor(roll_percent=0.1)),
        ),
        StandardScaler(),
        SVC(),
    )


def test_an_estimator_shows_one_of_its_features_behind_all_steps_before_it():
    paths = load_percussion().paths
    display = FeatureDisplay.from_estimator(model(), paths, 3, feature="pipeline")
    chain = make_pipeline(
        Loader(),
        Resampler(16000),
        PreEmphasis(),
        SpectralRolloffExtractor(roll_percent=0.1, summary=None),
    )
    np.testing.assert_array_equal(display.frames, chain.fit_transform(paths[3:4])[0])


def test_a_search_shows_the_features_of_its_estimator():
    paths = load_percussion().paths
    search = GridSearchCV(model(), {"featureunion__mfccextractor__n_mfcc": [5, 8]}, cv=2)
    before = FeatureDisplay.from_estimator(search, paths, 3, feature="mfccextractor")
    assert before.frames.shape[1] == 39
    search.fit(paths[::10], load_percussion().target[::10] > 2)
    after = FeatureDisplay.from_estimator(search, paths, 3, feature="mfccextractor")
    best = search.best_params_["featureunion__mfccextractor__n_mfcc"]
    assert after.frames.shape[1] == 3 * best


def test_of_several_features_one_has_to_be_named():
    message = r"feature was not given; wanted .* which has 'mfccextractor', 'pipeline'"
    with pytest.raises(ValueError, match=message):
        FeatureDisplay.from_estimator(model(), load_percussion().paths)
    with pytest.raises(ValueError, match="feature='chroma'; wanted the name of one extractor"):
        FeatureDisplay.from_estimator(model(), load_percussion().paths, feature="chroma")


def test_the_rate_that_the_extractor_is_told_is_that_of_plain_arrays():
    tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    display = FeatureDisplay.from_estimator(SpectralCentroidExtractor(sample_rate=8000), [tone])
    assert np.median(display.frames) == pytest.approx(1000, abs=5)
    assert display.ax_.get_xlim() == (0, 1)


@pytest.mark.parametrize("extractor", [RMSExtractor(), MFCCExtractor(n_mfcc=2, n_deltas=0)])
def test_frames_are_drawn_at_their_time(extractor):
    samples = 1e-3 * np.random.default_rng(0).normal(size=4 * RATE)
    samples[3 * RATE - 200 : 3 * RATE + 200] += 1.0
    display = FeatureDisplay.from_signal(samples, RATE, extractor=extractor, start=1)
    if display.line_ is None:
        edges = display.image_.get_coordinates()[0, :, 0]
        row = np.asarray(display.image_.get_array())[0]
        time = edges[row.argmax() : row.argmax() + 2].mean()
    else:
        times, values = display.line_.get_data()
        time = np.average(times, weights=values**2)
    assert time == pytest.approx(3, abs=2048 / RATE)
    assert display.ax_.get_xlim() == (1, 4)


def test_a_long_signal_shows_several_frames_in_each_column():
    samples = 1e-3 * np.random.default_rng(0).normal(size=8000 * 100).astype(np.float32)
    samples[8000 * 75] = 1.0
    mel = LogMelSpectrogramExtractor(n_mels=8, n_fft=256, hop_length=64)
    display = FeatureDisplay.from_signal(samples, 8000, extractor=mel)
    assert display.frames.shape == (12501, 8)
    level = np.asarray(display.image_.get_array())
    assert level.shape == (8, 1786)  # of seven frames each
    assert level.max() == display.frames.max()
    edges = display.image_.get_coordinates()[0, :, 0]
    column = level.max(axis=0).argmax()
    assert edges[column] - 0.03 <= 75 <= edges[column + 1] + 0.03


def test_silence_has_no_deviations():
    display = FeatureDisplay.from_signal(np.zeros(RATE), RATE, extractor=MFCCExtractor(n_deltas=0))
    assert display.colorbar_.ax.get_ylabel() == "level (dB)"
    np.testing.assert_array_equal(display.image_.get_array(), display.frames.T)


def test_no_pitch_is_no_line(signal):
    silence_and_tone = np.concatenate([np.zeros(RATE), signal.samples])
    display = FeatureDisplay.from_signal(silence_and_tone, RATE, extractor=PYINExtractor())
    drawn = display.line_.get_ydata()
    voiced = display.frames[:, 0] > 0
    assert 0 < voiced.sum() < len(voiced)
    assert np.isnan(drawn[~voiced]).all()
    np.testing.assert_array_equal(drawn[voiced], display.frames[voiced, 0])


def test_what_is_in_the_axes_already_stays_as_it_is(signal):
    _, ax = plt.subplots()
    [line] = ax.plot([0, 1], [0, 1], color="red")
    FeatureDisplay.from_signal(signal, extractor=SpectralCentroidExtractor(), ax=ax)
    assert (line.get_color(), line.get_alpha()) == ("red", None)


def test_a_class_in_the_place_of_an_extractor_is_refused(signal):
    with pytest.raises(TypeError, match=r"extractor is a class; .*: MFCCExtractor\(\)"):
        FeatureDisplay.from_signal(signal, extractor=MFCCExtractor)


def test_coefficients_of_a_long_signal_are_means_of_several_frames():
    noise = np.random.default_rng(0).normal(size=8000 * 100).astype(np.float32)
    mfcc = MFCCExtractor(n_mfcc=3, n_deltas=0, n_fft=256, hop_length=64)
    display = FeatureDisplay.from_signal(noise, 8000, extractor=mfcc)
    assert display.frames.shape == (12501, 3)
    means = display.frames[:12495].reshape(-1, 7, 3).mean(axis=1)
    expected = StandardScaler().fit(np.vstack([means, display.frames[12495:].mean(axis=0)]))
    shown = np.asarray(display.image_.get_array())[:, :-1].T
    # Single precision of sums of seven.
    np.testing.assert_allclose(shown, expected.transform(means), atol=1e-2)
