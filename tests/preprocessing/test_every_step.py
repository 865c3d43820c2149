"""What all steps have in common."""

import numpy as np
import pytest
from conftest import RATE, as_kind
from sklearn.pipeline import make_pipeline

from sklearn_audio import (
    AudioError,
    DeEmphasis,
    FixedLength,
    MinMaxNormalizer,
    PeakNormalizer,
    PreEmphasis,
    Resampler,
    RMSNormalizer,
    Signal,
    SignalBatch,
    SilenceTrimmer,
    ZeroCrossingRateExtractor,
)

STEPS = [
    DeEmphasis(),
    FixedLength(0.3, sample_rate=RATE),
    MinMaxNormalizer(),
    PeakNormalizer(),
    PreEmphasis(),
    Resampler(4000, sample_rate=RATE),
    RMSNormalizer(),
    SilenceTrimmer(),
]

pytestmark = pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)


class CountedSource:
    """A source of our own that counts how often it is read."""

    name = "counted"

    def __init__(self, samples):
        self.samples = samples
        self.n_reads = 0

    def read(self):
        self.n_reads += 1
        return Signal(self.samples, RATE)


def processed_one_by_one(step, signals):
    return [step.process(Signal(samples, RATE)).samples for samples in signals]


def test_the_answer_is_of_the_kind_given(step, kind, equal_signals):
    answer = step.fit_transform(as_kind(equal_signals, kind))

    if kind == "batch":
        assert type(answer) is SignalBatch
        answer = [signal.samples for signal in answer]
    elif kind == "array" and not isinstance(step, SilenceTrimmer):
        assert type(answer) is np.ndarray
        assert answer.ndim == 2
    else:
        assert type(answer) is list
    expected = processed_one_by_one(step, equal_signals)
    for samples, expected_samples in zip(answer, expected, strict=True):
        np.testing.assert_array_equal(samples, expected_samples, strict=True)


def test_signals_of_a_list_may_differ_in_length(step, equal_signals):
    ragged = [equal_signals[0], equal_signals[1][:3000], equal_signals[2][:1234]]

    answer = step.fit_transform(ragged)

    assert type(answer) is list
    for samples, expected in zip(answer, processed_one_by_one(step, ragged), strict=True):
        np.testing.assert_array_equal(samples, expected, strict=True)


def test_samples_are_float32_whatever_comes(step, equal_signals):
    for dtype in (np.float64, np.float16):
        assert step.fit_transform(equal_signals.astype(dtype))[0].dtype == np.float32
    integers = (1000 * equal_signals).astype(np.int16)
    assert step.fit_transform(integers)[0].dtype == np.float32


def test_the_input_stays_as_it_is(step, equal_signals):
    signals = equal_signals.copy()

    answer = step.fit_transform(signals)
    answer[0][:] = 7  # nor is the answer a view of the input

    np.testing.assert_array_equal(signals, equal_signals)


def test_a_batch_gets_one_more_step_and_is_not_read(step, equal_signals):
    sources = [CountedSource(samples) for samples in equal_signals]

    batch = step.fit_transform(SignalBatch(sources))

    assert [type(step) for step in batch.steps] == [type(step)]
    assert [source.n_reads for source in sources] == [0] * 5
    assert len(batch[2]) == len(step.process(Signal(equal_signals[2], RATE)))
    assert [source.n_reads for source in sources] == [0, 0, 1, 0, 0]


def test_a_signal_that_is_not_usable_is_named(step, equal_signals):
    broken = equal_signals.copy()
    broken[3, 17] = np.nan

    with pytest.raises(AudioError, match=r"^X\[3\]: sample 17 is NaN"):
        step.fit(broken)
    with pytest.raises(AudioError, match=r"^X\[3\]: sample 17 is NaN"):
        step.transform(broken)


def test_paths_are_sent_to_a_loader(step):
    with pytest.raises(AudioError, match=r"Put a Loader\(\) before"):
        step.fit_transform(["dog.wav"])


def test_dataframe_output_leaves_signals_alone_and_reaches_the_extractor(step, equal_signals):
    pipeline = make_pipeline(step, ZeroCrossingRateExtractor()).set_output(transform="pandas")

    table = pipeline.fit_transform(equal_signals)

    assert table.columns.tolist() == [
        "zero_crossing_rate_mean",
        "zero_crossing_rate_std",
    ]
    expected = ZeroCrossingRateExtractor().transform(processed_one_by_one(step, equal_signals))
    np.testing.assert_array_equal(table.to_numpy(), expected)


def test_a_row_of_names_passes_through(step):
    assert step.get_feature_names_out().tolist() == ["signal"]
    assert step.get_feature_names_out(["bark"]).tolist() == ["bark"]
