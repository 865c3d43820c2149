"""What every public estimator promises, tested for each of them alike.

A new estimator is one line in ESTIMATORS; a test fails where one is missing.
"""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from conftest import RATE, as_kind
from joblib import Parallel, delayed
from sklearn import pipeline
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr, get_tags
from sklearn.utils.estimator_checks import check_estimator

import sklearn_audio
from sklearn_audio import (
    AttackTimeExtractor,
    BandEnergyExtractor,
    BeatExtractor,
    BFCCExtractor,
    CepstralNormalizer,
    ChromaCENSExtractor,
    ChromaCQTExtractor,
    ChromaExtractor,
    ChromaVQTExtractor,
    ConstantQSpectrogramExtractor,
    CrestFactorExtractor,
    DeEmphasis,
    Delta,
    DurationExtractor,
    DynamicRangeExtractor,
    FeatureUnion,
    FixedLength,
    FourierTempogramExtractor,
    FrameStacker,
    GFCCExtractor,
    HarmonicSeparator,
    HTKMFCCExtractor,
    KaldiFilterBankExtractor,
    KaldiMFCCExtractor,
    LFCCExtractor,
    Loader,
    LogMelSpectrogramExtractor,
    LoudnessExtractor,
    MelSpectrogramExtractor,
    MFCCExtractor,
    MinMaxNormalizer,
    MomentaryLoudnessExtractor,
    OnsetStrengthExtractor,
    PCENExtractor,
    PeakNormalizer,
    PercussiveSeparator,
    PolynomialExtractor,
    PreEmphasis,
    PYINExtractor,
    Resampler,
    RMSExtractor,
    RMSNormalizer,
    Signal,
    SignalBatch,
    SilenceRatioExtractor,
    SilenceTrimmer,
    SpectralBandwidthExtractor,
    SpectralCentroidExtractor,
    SpectralContrastExtractor,
    SpectralCrestExtractor,
    SpectralDecreaseExtractor,
    SpectralEntropyExtractor,
    SpectralFlatnessExtractor,
    SpectralFluxExtractor,
    SpectralKurtosisExtractor,
    SpectralRMSExtractor,
    SpectralRolloffExtractor,
    SpectralSkewnessExtractor,
    SpectralSlopeExtractor,
    Summarizer,
    TempoExtractor,
    TempogramExtractor,
    TempogramRatioExtractor,
    TemporalCentroidExtractor,
    TonnetzExtractor,
    YINExtractor,
    ZeroCrossingRateExtractor,
)
from sklearn_audio.base import SignalTransformer

STEPS = [
    DeEmphasis(),
    FixedLength(0.3, sample_rate=RATE),
    HarmonicSeparator(),
    MinMaxNormalizer(),
    PeakNormalizer(),
    PercussiveSeparator(),
    PreEmphasis(),
    RMSNormalizer(),
    Resampler(11025, sample_rate=RATE),
    SilenceTrimmer(),
]
EXTRACTORS = [
    AttackTimeExtractor(sample_rate=RATE),
    BFCCExtractor(sample_rate=RATE),
    BeatExtractor(sample_rate=RATE),
    CrestFactorExtractor(sample_rate=RATE),
    DurationExtractor(sample_rate=RATE),
    DynamicRangeExtractor(sample_rate=RATE),
    FourierTempogramExtractor(sample_rate=RATE),
    GFCCExtractor(sample_rate=RATE),
    HTKMFCCExtractor(sample_rate=RATE),
    KaldiFilterBankExtractor(sample_rate=RATE),
    KaldiMFCCExtractor(sample_rate=RATE),
    LFCCExtractor(sample_rate=RATE),
    LogMelSpectrogramExtractor(sample_rate=RATE),
    ChromaCENSExtractor(n_octaves=6, sample_rate=RATE),
    ChromaCQTExtractor(n_octaves=6, sample_rate=RATE),
    ChromaExtractor(sample_rate=RATE),
    ChromaVQTExtractor(n_octaves=6, sample_rate=RATE),
    ConstantQSpectrogramExtractor(n_octaves=6, sample_rate=RATE),
    LoudnessExtractor(sample_rate=RATE),
    MFCCExtractor(sample_rate=RATE),
    MelSpectrogramExtractor(sample_rate=RATE),
    MomentaryLoudnessExtractor(sample_rate=RATE),
    OnsetStrengthExtractor(sample_rate=RATE),
    PCENExtractor(sample_rate=RATE),
    PYINExtractor(sample_rate=RATE),
    RMSExtractor(sample_rate=RATE),
    SilenceRatioExtractor(sample_rate=RATE),
    PolynomialExtractor(sample_rate=RATE),
    SpectralBandwidthExtractor(sample_rate=RATE),
    SpectralContrastExtractor(sample_rate=RATE, n_bands=4),
    SpectralFlatnessExtractor(sample_rate=RATE),
    SpectralFluxExtractor(sample_rate=RATE),
    SpectralEntropyExtractor(sample_rate=RATE),
    SpectralSkewnessExtractor(sample_rate=RATE),
    SpectralKurtosisExtractor(sample_rate=RATE),
    SpectralSlopeExtractor(sample_rate=RATE),
    SpectralCrestExtractor(sample_rate=RATE),
    SpectralDecreaseExtractor(sample_rate=RATE),
    BandEnergyExtractor(sample_rate=RATE),
    SpectralCentroidExtractor(sample_rate=RATE),
    SpectralRMSExtractor(sample_rate=RATE),
    SpectralRolloffExtractor(sample_rate=RATE),
    TempoExtractor(sample_rate=RATE),
    TempogramExtractor(sample_rate=RATE),
    TempogramRatioExtractor(sample_rate=RATE),
    TemporalCentroidExtractor(sample_rate=RATE),
    YINExtractor(sample_rate=RATE),
    TonnetzExtractor(n_octaves=6, sample_rate=RATE),
    ZeroCrossingRateExtractor(sample_rate=RATE),
]
UNION = FeatureUnion(
    [("mfcc", MFCCExtractor(sample_rate=RATE)), ("rms", RMSExtractor(sample_rate=RATE))]
)
OTHERS = [CepstralNormalizer(), Delta(), FrameStacker(), Loader(), Summarizer()]
ESTIMATORS = [*STEPS, *EXTRACTORS, UNION, *OTHERS]


def name_of(estimator):
    return type(estimator).__name__


def each(estimators):
    return pytest.mark.parametrize("estimator", estimators, ids=name_of)


each_step = each(STEPS)
each_extractor = each([*EXTRACTORS, UNION])
each_of_signals = each([*STEPS, *EXTRACTORS, UNION])


def samples_of(result):
    """Return what an estimator gave as a list of arrays, whatever the kind."""
    if isinstance(result, SignalBatch):
        return [signal.samples for signal in result]
    return [np.asarray(item) for item in result]


def assert_same(left, right):
    left, right = samples_of(left), samples_of(right)
    assert len(left) == len(right)
    for one, other in zip(left, right, strict=True):
        np.testing.assert_array_equal(one, other)


def test_every_public_estimator_is_tested_here():
    public = {
        name
        for name in sklearn_audio.__all__
        if isinstance(value := getattr(sklearn_audio, name), type)
        and issubclass(value, BaseEstimator)
    }
    assert public == {name_of(estimator) for estimator in ESTIMATORS}


@each([estimator for estimator in ESTIMATORS if estimator is not UNION])
@pytest.mark.filterwarnings("ignore")  # some checks test that warnings do no harm
def test_passes_all_checks_of_scikit_learn(estimator, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # one check is skipped without it
    results = check_estimator(estimator, on_skip=None, on_fail=None)
    failed = {
        result["check_name"]: result["exception"]
        for result in results
        if result["status"] != "passed"
    }
    assert failed == {}
    print(f"{name_of(estimator)}: {len(results)} checks of scikit-learn passed")
    # scikit-learn has few checks for what does not take a 2-D array; the tests below are theirs.
    assert len(results) >= (35 if get_tags(estimator).input_tags.two_d_array else 1)


@pytest.mark.filterwarnings("ignore")
def test_union_passes_all_checks_but_one_that_no_union_of_scikit_learn_passes(monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")

    def failed(estimator):
        results = check_estimator(estimator, on_skip=None, on_fail=None)
        assert len(results) >= 35
        return {result["check_name"] for result in results if result["status"] == "failed"}

    # fit of scikit-learn's union puts a new list in the place of transformer_list.
    known = {"check_dont_overwrite_parameters"}
    assert failed(UNION) == known
    assert known <= failed(pipeline.FeatureUnion([("scaler", StandardScaler())]))


@each_of_signals
def test_gives_the_same_for_every_kind(estimator, kind, equal_signals):
    expected = clone(estimator).fit_transform(np.array(equal_signals))
    assert_same(clone(estimator).fit_transform(as_kind(equal_signals, kind)), expected)


@each_step
def test_step_answers_in_the_kind_it_was_given(estimator, kind, equal_signals):
    answer = clone(estimator).fit_transform(as_kind(equal_signals, kind))
    if kind == "array" and get_tags(estimator).input_tags.two_d_array:
        assert isinstance(answer, np.ndarray)
        assert answer.ndim == 2
    else:
        assert type(answer) is (SignalBatch if kind == "batch" else list)


@each_of_signals
@pytest.mark.parametrize("ragged_kind", ["list", "object array", "batch"])
def test_takes_signals_of_different_lengths(estimator, ragged_kind, equal_signals):
    ragged = [samples[: 2500 + 300 * k] for k, samples in enumerate(equal_signals)]
    expected = [samples_of(clone(estimator).fit_transform([samples]))[0] for samples in ragged]
    assert_same(clone(estimator).fit_transform(as_kind(ragged, ragged_kind)), expected)


@each_of_signals
def test_takes_one_signal(estimator, kind, equal_signals):
    assert len(samples_of(clone(estimator).fit_transform(as_kind(equal_signals[:1], kind)))) == 1


@each_extractor
def test_an_empty_batch_has_no_rows_but_all_columns(estimator):
    rows = clone(estimator).fit_transform(SignalBatch([]))
    assert rows.shape == (0, len(estimator.get_feature_names_out()))


@each_step
def test_an_empty_batch_stays_one(estimator):
    assert len(clone(estimator).fit_transform(SignalBatch([]))) == 0


@each_of_signals
def test_result_of_a_signal_does_not_depend_on_the_others(estimator, equal_signals):
    expected = samples_of(clone(estimator).fit_transform(equal_signals))
    order = [3, 0, 4, 1, 2]
    shuffled = samples_of(clone(estimator).fit_transform(equal_signals[order]))
    subset = samples_of(clone(estimator).fit_transform(equal_signals[[3]]))
    assert_same(shuffled, [expected[position] for position in order])
    assert_same(subset, [expected[3]])


@each_of_signals
def test_leaves_its_input_as_it_is(estimator, equal_signals):
    writable = np.array(equal_signals)
    clone(estimator).fit_transform(writable)
    np.testing.assert_array_equal(writable, equal_signals)


@each_step
def test_step_gives_arrays_that_may_be_written(estimator, equal_signals):
    for kind in ("array", "list"):
        signals = as_kind(equal_signals.copy(), kind)
        answer = clone(estimator).fit_transform(signals)
        answer[0][:] = 7
        np.testing.assert_array_equal(signals[0], equal_signals[0])


@each_of_signals
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gives_float32(estimator, dtype, equal_signals):
    answer = clone(estimator).fit_transform(equal_signals.astype(dtype))
    assert {array.dtype for array in samples_of(answer)} == {np.dtype(np.float32)}


@each_extractor
def test_names_are_unique_and_one_a_column(estimator, equal_signals):
    rows = clone(estimator).fit_transform(equal_signals)
    names = estimator.get_feature_names_out()
    assert rows.shape == (len(equal_signals), len(names))
    assert len(set(names)) == len(names)


@each_of_signals
@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_output_container_goes_through_a_whole_pipeline(estimator, container, equal_signals):
    batch = as_kind(equal_signals, "batch")
    tail = [MFCCExtractor()] if isinstance(estimator, SignalTransformer) else []
    estimator = clone(estimator)
    if isinstance(estimator, Resampler):
        tail = [MFCCExtractor(sample_rate=estimator.target_rate)]
    model = make_pipeline(PeakNormalizer(), estimator, *tail, StandardScaler())
    table = model.set_output(transform=container).fit_transform(batch)
    assert isinstance(table, pd.DataFrame if container == "pandas" else pl.DataFrame)
    assert list(table.columns) == list(model.get_feature_names_out())
    plain = clone(model).set_output(transform="default").fit_transform(batch)
    # StandardScaler computes in float64 where it is given a polars DataFrame, else in float32.
    np.testing.assert_allclose(table.to_numpy(), plain, rtol=1e-3, atol=1e-4)


@each(ESTIMATORS)
def test_clone_and_pickle_keep_the_parameters(estimator):
    parameters = repr(estimator.get_params())
    assert repr(clone(estimator).get_params()) == parameters
    assert repr(pickle.loads(pickle.dumps(estimator)).get_params()) == parameters


@each_of_signals
def test_pickled_estimator_gives_the_same(estimator, equal_signals):
    expected = clone(estimator).fit_transform(equal_signals)
    fitted = clone(estimator).fit(equal_signals)
    assert_same(pickle.loads(pickle.dumps(fitted)).transform(equal_signals), expected)


@each_of_signals
def test_gives_the_same_in_a_process_of_loky(estimator, equal_signals):
    expected = clone(estimator).fit_transform(equal_signals)
    [answer] = Parallel(n_jobs=2, backend="loky")(
        delayed(clone(estimator).fit_transform)(signals) for signals in [equal_signals]
    )
    assert_same(answer, expected)


@each_extractor
def test_number_of_processes_does_not_change_a_bit(estimator, equal_signals):
    many = np.concatenate([equal_signals] * 4)
    one = clone(estimator).set_params(n_jobs=1).fit_transform(many)
    two = clone(estimator).set_params(n_jobs=2).fit_transform(many)
    np.testing.assert_array_equal(one, two)


@each(ESTIMATORS)
def test_has_an_html_diagram(estimator):
    assert name_of(estimator) in estimator_html_repr(estimator)


@each_extractor
def test_a_batch_of_another_rate_is_refused(estimator, equal_signals):
    batch = SignalBatch([Signal(equal_signals[0], RATE + 1)])
    with pytest.raises(sklearn_audio.AudioError, match=f"{RATE + 1} Hz, but sample_rate={RATE}"):
        clone(estimator).fit_transform(batch)


class CountedSource:
    """A source that counts how often it is read."""

    name = "counted"

    def __init__(self, samples):
        self.samples = samples
        self.n_reads = 0

    def read(self):
        self.n_reads += 1
        return Signal(self.samples, RATE)


@each_step
def test_step_adds_itself_to_a_batch_and_reads_nothing(estimator, equal_signals):
    sources = [CountedSource(samples) for samples in equal_signals]
    batch = clone(estimator).fit_transform(SignalBatch(sources))
    assert [type(step) for step in batch.steps] == [type(estimator)]
    assert [source.n_reads for source in sources] == [0] * 5
    assert len(batch[2]) == len(estimator.process(Signal(equal_signals[2], RATE)))
    assert [source.n_reads for source in sources] == [0, 0, 1, 0, 0]


@each_step
def test_a_2d_array_without_signals_comes_back_as_one(estimator):
    if get_tags(estimator).input_tags.two_d_array:
        assert np.shape(clone(estimator).fit_transform(np.empty((0, 100)))) == (0, 100)
    else:
        assert clone(estimator).fit_transform(np.empty((0, 100))) == []


@each_step
def test_names_pass_through_a_step(estimator):
    assert estimator.get_feature_names_out().tolist() == ["signal"]
    assert estimator.get_feature_names_out(["bark"]).tolist() == ["bark"]


@each_of_signals
def test_a_signal_that_is_not_usable_is_named(estimator, equal_signals):
    broken = equal_signals.copy()
    broken[3, 17] = np.nan
    for method in (clone(estimator).fit, clone(estimator).fit_transform):
        with pytest.raises(sklearn_audio.AudioError, match=r"^X\[3\]: sample 17 is NaN"):
            method(broken)


@each_of_signals
def test_paths_are_sent_to_a_loader(estimator):
    with pytest.raises(sklearn_audio.AudioError, match=r"Put a Loader\(\) before"):
        clone(estimator).fit_transform(["dog.wav"])


@each_of_signals
@pytest.mark.parametrize(
    ("X", "message"),
    [
        ((samples for samples in np.zeros((2, 9))), r"X is a generator; .* list\(X\)"),
        (None, r"X is a NoneType; a 2-D array"),
        (np.array(["a.wav"]), r"Put a Loader\(\) before"),
        (np.zeros((2, 2, 9)), r"shape \(2, 2, 9\); .* mean of the channels"),
        (np.zeros(9), r"shape \(9,\); .* X.reshape\(1, -1\) for a single signal"),
        ([0.0, 0.1], r"X is a list of numbers; .* write \[X\]"),
        ([Signal([0.0])], r"make a batch of it: SignalBatch\(X\)"),
    ],
    ids=["generator", "None", "array of paths", "3-D", "1-D", "numbers", "Signals"],
)
def test_what_holds_no_signals_is_refused_with_advice(estimator, X, message):
    with pytest.raises(sklearn_audio.AudioError, match=message):
        clone(estimator).fit_transform(X)


@each_of_signals
def test_warns_of_integers_as_files_hold_them(estimator, equal_signals):
    pcm = (1000 * equal_signals).astype(np.int16)
    with pytest.warns(UserWarning, match="samples are int16 .* divide them by 32768"):
        clone(estimator).fit_transform(pcm)
