import inspect
import pickle

import numpy as np
import pandas
import polars
import pytest
from sklearn import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_audio import (
    AudioError,
    MFCCExtractor,
    RMSExtractor,
    Signal,
    SignalBatch,
    ZeroCrossingRateExtractor,
    make_union,
)
from sklearn_audio.features import FramedWaveformExtractor, WaveformExtractor
from sklearn_audio.features.framing import frame_blocks

RATE = 16000
EXTRACTORS = [RMSExtractor, ZeroCrossingRateExtractor]


class PeakExtractor(WaveformExtractor):
    """A feature of one's own of the whole signal, as the docstring of WaveformExtractor has it."""

    def value_names(self):
        return ["peak"]

    def signal_values(self, signal):
        return [[np.abs(signal.samples).max()]]


class CrestFactorExtractor(FramedWaveformExtractor):
    """A feature of one's own, frame by frame, with a parameter."""

    floor: float = 1e-6

    def value_names(self):
        return ["peak", "crest_factor"]

    def signal_values(self, signal):
        blocks = frame_blocks(
            signal.samples,
            frame_length=self.frame_length,
            hop_length=self.hop_length,
            center=self.center,
        )
        return np.concatenate([self.block_values(frames) for frames in blocks])

    def block_values(self, frames):
        peak = np.abs(frames).max(axis=1)
        level = np.sqrt(np.mean(frames**2, axis=1))
        return np.stack([peak, peak / np.maximum(level, self.floor)], axis=1)


class DurationExtractor(WaveformExtractor):
    """A feature of one's own that needs the rate."""

    def value_names(self):
        return ["seconds"]

    def signal_values(self, signal):
        return np.array([[len(signal) / signal.known_rate]])


@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize("n_samples", [1, 2047, 2048, 2049])
def test_signals_about_as_long_as_a_frame_have_finite_rows(extractor, n_samples, noise):
    samples = noise[:n_samples]
    [frames] = extractor(summary=None).fit_transform([samples])
    assert len(frames) == 1 + n_samples // 512
    assert np.isfinite(extractor().fit_transform([samples])).all()


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_signals_shorter_than_a_frame_are_an_error_where_they_are_not_continued(extractor, noise):
    extractor = extractor(center=False, summary=None)
    message = r"X\[0\]: the signal has 2047 samples, fewer than the 2048 of one frame.*center=True"
    with pytest.raises(AudioError, match=message):
        extractor.fit_transform([noise[:2047]])
    assert [len(frames) for frames in extractor.fit_transform([noise[:2048]])] == [1]


@pytest.mark.parametrize(
    "parameters",
    [
        {"frame_length": 1},
        {"frame_length": 2048.0},
        {"hop_length": 0},
        {"center": "yes"},
        {"sample_rate": -1.0},
        {"n_jobs": "all"},
    ],
    ids=str,
)
@pytest.mark.parametrize("extractor", [*EXTRACTORS, CrestFactorExtractor])
def test_wrong_parameters_are_refused(extractor, parameters, noise):
    [name] = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of {extractor.__name__}"):
        extractor(**parameters).fit([noise])


@pytest.mark.parametrize(
    ("summary", "message"),
    [
        (("mean", "mode"), "'mode' is not a statistic"),
        ("mean", "summary='mean'; a list or tuple of statistics is wanted"),
        (["max", "max"], "names a statistic twice"),
    ],
)
@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_a_wrong_summary_is_refused(extractor, summary, message, noise):
    with pytest.raises(ValueError, match=message):
        extractor(summary=summary).fit([noise])


def test_a_feature_of_the_whole_signal_is_one_frame():
    extractor = PeakExtractor()
    assert extractor.fit_transform([[0.0, -0.5, 0.25]]).tolist() == [[0.5]]
    assert extractor.get_feature_names_out().tolist() == ["peak"]


def test_a_feature_of_ones_own_sees_the_rate():
    batch = SignalBatch([Signal(np.ones(4000), 8000)])
    assert DurationExtractor().fit_transform(batch).tolist() == [[0.5]]
    extractor = DurationExtractor(sample_rate=16000)
    assert extractor.fit_transform([np.ones(4000)]).tolist() == [[0.25]]
    with pytest.raises(AudioError, match=r"rate of this signal is not known.*sample_rate \(Hz\)"):
        DurationExtractor().fit_transform([np.ones(4000)])


def test_a_feature_of_ones_own_works_in_a_union_and_a_pipeline(tone, noise):
    signals = [tone(300), tone(4000), noise, 2 * noise]
    model = make_pipeline(
        make_union(PeakExtractor(), CrestFactorExtractor(), MFCCExtractor(sample_rate=RATE)),
        StandardScaler(),
        LogisticRegression(),
    )
    labels = ["tone", "tone", "noise", "noise"]
    assert model.fit(signals, labels).predict(signals).tolist() == labels
    assert model[:1].get_feature_names_out().tolist()[:5] == [
        "peakextractor__peak",
        "crestfactorextractor__peak_mean",
        "crestfactorextractor__crest_factor_mean",
        "crestfactorextractor__peak_std",
        "crestfactorextractor__crest_factor_std",
    ]


def test_a_feature_of_ones_own_gives_data_frames(tone):
    signals = [tone(440), tone(600)]
    extractor = CrestFactorExtractor(summary=["median", "max"])
    rows = extractor.fit_transform(signals)
    names = ["peak_median", "crest_factor_median", "peak_max", "crest_factor_max"]
    for container, kind in [("pandas", pandas.DataFrame), ("polars", polars.DataFrame)]:
        table = clone(extractor).set_output(transform=container).fit_transform(signals)
        assert isinstance(table, kind)
        assert list(table.columns) == names
        np.testing.assert_array_equal(table.to_numpy(), rows)


@pytest.mark.parametrize("copy", [clone, lambda extractor: pickle.loads(pickle.dumps(extractor))])
def test_a_feature_of_ones_own_can_be_copied(copy, noise):
    extractor = CrestFactorExtractor(floor=0.5, frame_length=512)
    rows = extractor.fit_transform([noise])
    copied = copy(extractor)
    assert copied is not extractor
    assert copied.get_params() == extractor.get_params()
    np.testing.assert_array_equal(copied.fit_transform([noise]), rows)
    assert (rows != CrestFactorExtractor(frame_length=512).fit_transform([noise])).any()


def test_frames_of_ones_own_are_kept_as_float32(noise):
    [frames] = CrestFactorExtractor(summary=None).fit_transform([noise.astype(np.float64)])
    assert frames.dtype == np.float32
    assert frames[0, 0] == np.abs(noise[:1024]).max()


def test_a_field_is_a_parameter_and_inherits_its_documentation():
    class SteadyExtractor(CrestFactorExtractor):
        """A feature with a parameter more.

        Parameters
        ----------
        patience : int, default=3
            For how long.
        center : bool, default=False
            Not as in the base.
        """

        patience: int = 3
        center: bool = False

    assert SteadyExtractor().get_params()["floor"] == 1e-6
    assert SteadyExtractor(patience=5).get_params()["patience"] == 5
    assert (
        SteadyExtractor.__doc__.split("Parameters\n")[1]
        == inspect.cleandoc(
            """
        ----------
        patience : int, default=3
            For how long.
        center : bool, default=False
            Not as in the base.
        frame_length : int, default=2048
            Samples of a frame.
        hop_length : int, default=512
            Samples from one frame to the next.
        summary : tuple of str or None, default=("mean", "std")
            Statistics over the frames, see `sklearn_audio.summaries`. None gives the frames.
        sample_rate : float or None, default=None
            Rate of the signals in Hz. Needed for plain arrays by features that depend on it; an
            error where it contradicts a batch.
        n_jobs : int or None, default=None
            Processes over which signals are spread, as in joblib.
        """
        )
        + "\n"
    )


def test_an_init_of_ones_own_in_the_manner_of_scikit_learn_is_kept():
    class ScaledPeakExtractor(PeakExtractor):
        def __init__(self, factor=2, *, sample_rate=None, n_jobs=None):
            super().__init__(sample_rate=sample_rate, n_jobs=n_jobs)
            self.factor = factor

        def signal_values(self, signal):
            return self.factor * np.array(super().signal_values(signal))

    assert clone(ScaledPeakExtractor(3)).fit_transform([[0.0, -0.5]]).tolist() == [[1.5]]


def test_two_frames_where_the_whole_signal_has_one_are_refused():
    class TwoPeaksExtractor(PeakExtractor):
        def signal_values(self, signal):
            return [[1.0], [2.0]]

    with pytest.raises(AudioError, match="made 2 frames, but describes the whole signal in one"):
        TwoPeaksExtractor().fit_transform([[0.0, -0.5]])
