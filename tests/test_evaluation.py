import weakref
from collections import Counter

import numpy as np
import pytest
from conftest import RATE, as_kind
from joblib import Parallel, delayed
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_info

from sklearn_audio import (
    AudioError,
    ChromaExtractor,
    Loader,
    MFCCExtractor,
    PreEmphasis,
    Resampler,
    RMSExtractor,
    Signal,
    SignalBatch,
    SpectralCentroidExtractor,
    make_union,
)
from sklearn_audio.base import SignalTransformer
from sklearn_audio.features import FramedWaveformExtractor


def noise(n_samples=4000, seed=0):
    return np.random.default_rng(seed).uniform(-0.5, 0.5, n_samples)


def batch_of(*rates):
    return SignalBatch([Signal(noise(seed=seed), rate) for seed, rate in enumerate(rates)])


def timbre_and_harmony(n_jobs=None):
    return make_union(
        MFCCExtractor(n_deltas=1), ChromaExtractor(), SpectralCentroidExtractor(), n_jobs=n_jobs
    )


class NamedSource:
    """A source of our own; like a recording, it is made anew each time."""

    def __init__(self, name, seed=0):
        self.name = name
        self.seed = seed

    def read(self):
        return Signal(noise(seed=self.seed), RATE)


# Rates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "extractor", [MFCCExtractor(), RMSExtractor(), make_union(RMSExtractor())], ids=repr
)
def test_signals_of_different_rates_are_an_error_that_names_both(extractor):
    batch = batch_of(8000, 8000, 44100, 8000)

    with pytest.raises(
        AudioError,
        match=r"X\[2\].*: signals of different rates reach \w+: 8000 Hz \(X\[0\]\) and 44100 Hz "
        r"\(X\[2\]\). Put a Resampler before it$",
    ):
        extractor.fit_transform(batch)


def test_different_rates_in_different_processes_are_an_error_too():
    # Eight chunks of one signal.
    batch = batch_of(*[8000] * 7, 44100)

    with pytest.raises(
        AudioError, match=r"8000 Hz \(X\[0\]\) and 44100 Hz \(X\[7\]\). Put a Resampler before it"
    ):
        RMSExtractor(n_jobs=2).fit_transform(batch)


def test_a_resampler_before_it_helps():
    batch = Resampler(8000).fit_transform(batch_of(8000, 44100))

    assert RMSExtractor().fit_transform(batch).shape == (2, 2)


def test_rates_known_and_not_known_do_not_mix():
    with pytest.raises(AudioError, match=r"8000 Hz \(X\[0\]\) and not known \(X\[1\]\)"):
        RMSExtractor().fit_transform(batch_of(8000, None))


def test_a_stated_rate_completes_those_that_are_not_known():
    rows = MFCCExtractor(sample_rate=8000).fit_transform(batch_of(8000, None))

    np.testing.assert_array_equal(rows, MFCCExtractor().fit_transform(batch_of(8000, 8000)))


def test_a_stated_rate_may_not_contradict_a_batch():
    with pytest.raises(
        AudioError,
        match=r"^X\[1\]: its rate is 44100 Hz, but sample_rate=8000 was given. .*Resampler",
    ):
        RMSExtractor(sample_rate=8000).fit_transform(batch_of(8000, 44100))


# Errors of steps -----------------------------------------------------------------------------


class DividesByItsFirstSample(SignalTransformer):
    """A step that a user wrote, with a mistake in it."""

    def process(self, signal):
        return Signal([1 / int(signal.samples[0])], signal.rate)


def test_an_unexpected_error_keeps_its_type_and_tells_the_recording():
    sources = [Signal([1.0], RATE), NamedSource("bark.wav")]
    batch = DividesByItsFirstSample().fit_transform(SignalBatch(sources))

    for compute in (RMSExtractor().transform, lambda batch: batch[1], list):
        with pytest.raises(ZeroDivisionError) as caught:
            compute(batch)
        assert caught.value.__notes__ == ["while computing X[1], bark.wav"]


def test_an_unexpected_error_of_a_signal_without_name_tells_its_position():
    with pytest.raises(ZeroDivisionError) as caught:
        DividesByItsFirstSample().transform([[1.0], [2.0], [0.5]])

    assert caught.value.__notes__ == ["while computing X[2]"]


def test_a_step_that_returns_no_signal_is_an_error():
    class Forgetful(SignalTransformer):
        def process(self, signal):
            signal.samples.max()

    with pytest.raises(AttributeError, match="'NoneType' object"):
        RMSExtractor().transform(Forgetful().transform(batch_of(RATE)))


# Rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("X", [SignalBatch([]), [], np.empty((0, 100))])
@pytest.mark.parametrize(
    "extractor", [MFCCExtractor(sample_rate=RATE), RMSExtractor(), ChromaExtractor()]
)
def test_no_signals_give_no_rows_of_all_columns(X, extractor):
    rows = extractor.fit_transform(X)

    assert rows.shape == (0, len(extractor.get_feature_names_out()))
    assert rows.dtype == np.float32


def test_no_signals_give_no_frames():
    assert RMSExtractor(summary=None).fit_transform(SignalBatch([])) == []


@pytest.mark.shared_data
def test_a_row_depends_on_its_own_signal_only(shared_data):
    paths = sorted(shared_data.glob("spoken-digits/*.flac"))[::150]
    batch = PreEmphasis().transform(Loader().transform(paths))
    union = timbre_and_harmony()
    rows = union.fit_transform(batch)

    backwards = np.arange(len(paths))[::-1]
    np.testing.assert_array_equal(union.transform(batch[backwards]), rows[backwards])
    np.testing.assert_array_equal(union.transform(batch[5:9]), rows[5:9])
    np.testing.assert_array_equal(union.transform(batch[[7]]), rows[[7]])
    np.testing.assert_array_equal(union.transform(batch[[3, 3]]), rows[[3, 3]])


@pytest.mark.shared_data
def test_rows_are_the_same_whatever_the_number_of_processes(shared_data):
    paths = sorted(shared_data.glob("spoken-digits/*.flac"))[::300]
    paths += sorted(shared_data.glob("music/*.ogg"))[:2]
    batch = Resampler(16000).transform(Loader(duration=10).transform(paths))

    rows = timbre_and_harmony().fit_transform(batch)

    np.testing.assert_array_equal(timbre_and_harmony(n_jobs=2).fit_transform(batch), rows)
    for extractor in (MFCCExtractor(n_deltas=1, n_jobs=2), MFCCExtractor(n_deltas=1, n_jobs=-1)):
        np.testing.assert_array_equal(extractor.fit_transform(batch), rows[:, :52])


def test_frames_are_the_same_whatever_the_number_of_processes():
    batch = batch_of(*[RATE] * 5)

    for one, two in zip(
        MFCCExtractor(summary=None).fit_transform(batch),
        MFCCExtractor(summary=None, n_jobs=2).fit_transform(batch),
        strict=True,
    ):
        np.testing.assert_array_equal(one, two)


def test_rows_do_not_depend_on_the_kind_of_input(kind, equal_signals):
    rows = MFCCExtractor(sample_rate=RATE).fit_transform(as_kind(equal_signals, kind))

    for samples, row in zip(equal_signals, rows, strict=True):
        alone = MFCCExtractor(sample_rate=RATE).fit_transform(samples[np.newaxis])
        np.testing.assert_array_equal(alone[0], row)


# Work and memory -----------------------------------------------------------------------------


def test_no_more_than_one_signal_is_kept_in_memory():
    alive = weakref.WeakSet()
    most = 0

    class TrackedSource(NamedSource):
        def read(self):
            nonlocal most
            signal = super().read()
            alive.add(signal)
            most = max(most, len(alive))
            return signal

    batch = SignalBatch([TrackedSource(f"{seed}.wav", seed) for seed in range(50)])
    timbre_and_harmony().fit_transform(PreEmphasis().transform(batch))

    # The one that is read, and the one before it, whose name the loop still holds.
    assert 1 <= most <= 2
    assert len(alive) == 0


def test_each_signal_is_read_once_in_order():
    reads = []

    class CountedSource(NamedSource):
        def read(self):
            reads.append(self.name)
            return super().read()

    names = [f"{seed}.wav" for seed in range(5)]
    batch = SignalBatch([CountedSource(name) for name in names])
    extractor = MFCCExtractor().fit(batch)
    assert reads == []

    extractor.transform(batch)
    assert reads == names

    extractor.transform(batch)
    assert Counter(reads) == dict.fromkeys(names, 2)


class Gain(SignalTransformer):
    """A step whose parameter is a dict."""

    def __init__(self, *, gains=None):
        self.gains = gains

    def process(self, signal):
        return Signal(signal.samples * self.gains["all"], signal.rate)


def test_a_step_may_have_a_dict_as_parameter():
    batch = SignalBatch([Signal([0.25, 0.25], RATE)])
    peak = RMSExtractor(summary=["max"], frame_length=2, hop_length=2, center=False)
    union = make_union(
        make_pipeline(Gain(gains={"all": 2}), peak), make_pipeline(Gain(gains={"all": 4}), peak)
    )
    assert union.fit_transform(batch).tolist() == [[0.5, 1.0]]


class MisshapenExtractor(FramedWaveformExtractor):
    """A feature whose author has made a mistake."""

    def __init__(self, *, values=None, summary=("mean",), sample_rate=None, n_jobs=None):
        super().__init__(summary=summary, sample_rate=sample_rate, n_jobs=n_jobs)
        self.values = values

    def value_names(self):
        return ["level"]

    def signal_values(self, signal):
        return np.array(self.values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[1.0, 2.0]], r"frames of the shape \(1, 2\), but names 1 values"),
        ([1.0], r"frames of the shape \(1,\)"),
        (np.empty((0, 1)), r"frames of the shape \(0, 1\)"),
        ([[np.nan]], "NaN or infinite"),
    ],
)
def test_frames_that_do_not_fit_their_names_are_refused(values, message):
    with pytest.raises(AudioError, match=r"X\[0\]: MisshapenExtractor made .*" + message):
        MisshapenExtractor(values=values).transform([[0.0]])


@pytest.mark.parametrize("extractor", [MFCCExtractor, ChromaExtractor, RMSExtractor])
def test_the_largest_samples_give_finite_rows(extractor):
    signals = 1e15 * np.random.default_rng(0).uniform(-1, 1, size=(1, 8000))
    assert np.isfinite(extractor(sample_rate=RATE).fit_transform(signals)).all()


def test_threads_leave_the_number_of_threads_of_linear_algebra_as_it_was(equal_signals):
    def n_threads():
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

    before = n_threads()
    chroma = ChromaExtractor(sample_rate=RATE)
    Parallel(n_jobs=4, backend="threading")(
        delayed(chroma.transform)(equal_signals[: 1 + k % 5]) for k in range(40)
    )
    assert n_threads() == before


def test_a_window_that_does_not_exist_is_refused_by_fit():
    with pytest.raises(ValueError, match="window='hanning' of 2048 samples is none"):
        MFCCExtractor(window="hanning", sample_rate=RATE).fit([[0.0]])
