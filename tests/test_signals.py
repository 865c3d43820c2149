import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from conftest import RATE

from sklearn_audio import (
    AudioError,
    Loader,
    PreEmphasis,
    Resampler,
    RMSNormalizer,
    Signal,
    SignalBatch,
)

# Signal --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int16, np.uint8, bool])
def test_numbers_of_every_kind_become_float32_as_they_are(dtype):
    signal = Signal(np.array([0, 1, 1, 0], dtype=dtype))

    assert signal.samples.dtype == np.float32
    assert signal.samples.tolist() == [0, 1, 1, 0]


def test_lists_are_samples():
    assert Signal([0.5, -0.25]).samples.tolist() == [0.5, -0.25]


def test_samples_cannot_be_written():
    samples = np.zeros(4, dtype=np.float32)
    signal = Signal(samples)

    with pytest.raises(ValueError, match="read-only"):
        signal.samples[0] = 1
    assert samples.flags.writeable  # those that were given can be, as before


def test_a_signal_cannot_be_changed():
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'rate'"):
        Signal([0.0], RATE).rate = 16000


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([], "the signal is empty; at least one sample is needed"),
        (np.zeros((2, 4)), r"1-D array; this one has the shape \(2, 4\). Average the channels"),
        (np.zeros((1, 4)), r"1-D array; this one has the shape \(1, 4\)"),
        (0.5, r"1-D array; this one has the shape \(\)"),
        ([0.0, np.nan], "sample 1 is NaN, infinite or beyond 1e"),
        ([0.0, 0.0, -np.inf], "sample 2 is NaN, infinite or beyond 1e"),
        ([2e15], "sample 0 is NaN, infinite or beyond 1e"),
        ([1e39], "sample 0 is NaN, infinite or beyond 1e"),
        (["a", "b"], "a signal holds real numbers; this one does not .*dtype is <U1"),
        (["0.5", "1"], "a signal holds real numbers; this one does not .*dtype is <U3"),
        ([b"a"], "a signal holds real numbers; this one does not .*dtype is .S1"),
        ([1j], "a signal holds real numbers; this one does not .*dtype is complex128"),
        (np.array(["2024"], dtype="M8[s]"), "a signal holds real numbers; this one does not"),
        ([[1.0, 2.0], [3.0]], "a signal holds real numbers; this one does not .*inhomogeneous"),
        ([{}], "a signal holds real numbers; this one does not"),
    ],
)
def test_what_is_no_signal_is_refused(samples, message):
    with pytest.raises(AudioError, match=message):
        Signal(samples, RATE)


@pytest.mark.parametrize(
    ("rate", "kept"),
    [(8000, "8000"), (8000.0, "8000"), (np.float32(8000), "8000"), (11025.5, "11025.5")],
)
def test_rates_are_numbers_whole_where_they_can_be(rate, kept):
    assert repr(Signal([0.0], rate).rate) == kept


@pytest.mark.parametrize("rate", [0, -8000, np.nan, np.inf, "fast", 1j, [8000, 8000]])
def test_what_is_no_rate_is_refused(rate):
    with pytest.raises(AudioError, match=r"the sampling rate is .*; a positive number of Hz"):
        Signal([0.0], rate)


def test_length_and_duration():
    signal = Signal(np.zeros(4000), RATE)

    assert len(signal) == 4000
    assert signal.duration == 0.5
    assert Signal([0.0]).duration is None


def test_what_a_signal_looks_like():
    assert repr(Signal(np.zeros(4000), RATE)) == "Signal(4000 samples, 8000 Hz, 0.5 s)"
    assert repr(Signal([0.0])) == "Signal(1 samples, rate not known)"


def test_a_rate_can_be_stated_but_not_contradicted():
    assert Signal([0.0]).with_rate(RATE).rate == RATE
    assert Signal([0.0], RATE).with_rate(None).rate == RATE
    assert Signal([0.0], RATE).with_rate(float(RATE)).rate == RATE
    with pytest.raises(AudioError, match=r"its rate is 8000 Hz, but sample_rate=16000 was given"):
        Signal([0.0], RATE).with_rate(16000)


def test_a_rate_that_is_not_known_says_how_to_state_it():
    assert Signal([0.0], RATE).known_rate == RATE
    with pytest.raises(AudioError, match=r"not known.* its sample_rate \(Hz\), or .* a Loader"):
        _ = Signal([0.0]).known_rate


# SignalBatch ---------------------------------------------------------------------------------


@pytest.fixture
def batch():
    """Return a batch of five signals: one sample of 0, two of 1, three of 2, and so on."""
    return SignalBatch([Signal(np.full(value + 1, value), RATE) for value in range(5)])


def values(batch):
    """Return which signals of the fixture a batch holds."""
    return [int(signal.samples[0]) for signal in batch]


def test_length_and_shape(batch):
    assert len(batch) == 5
    assert batch.shape == (5,)
    assert (len(SignalBatch([])), SignalBatch([]).shape) == (0, (0,))


def test_iterating_evaluates_one_signal_after_the_other(batch):
    assert [type(signal) for signal in batch] == [Signal] * 5
    assert values(batch) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("key", "value"), [(0, 0), (4, 4), (-1, 4), (-5, 0), (np.int64(2), 2), (np.uint8(3), 3)]
)
def test_an_integer_gives_an_evaluated_signal(batch, key, value):
    signal = batch[key]

    assert type(signal) is Signal
    assert signal.samples.tolist() == [value] * (value + 1)


@pytest.mark.parametrize("key", [5, -6, np.int64(99)])
def test_an_integer_out_of_range_is_an_index_error(batch, key):
    with pytest.raises(IndexError, match=r"there is no signal .*: the SignalBatch has 5"):
        batch[key]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (slice(1, 3), [1, 2]),
        (slice(None, None, -2), [4, 2, 0]),
        (slice(9, None), []),
        (np.array([3, 0, 3]), [3, 0, 3]),
        (np.array([-1]), [4]),
        (np.array([True, False, True, False, True]), [0, 2, 4]),
        ([2, 1], [2, 1]),
        ([False, True, False, False, False], [1]),
        ([], []),
        (np.array([], dtype=int), []),
        (range(2), [0, 1]),
        (pd.Series([4, 3]), [4, 3]),
        (([1, 2],), [1, 2]),
        ((np.array([1, 2]), ...), [1, 2]),
        ((..., slice(2)), [0, 1]),
        ((slice(2), ...), [0, 1]),
    ],
)
def test_any_other_index_gives_a_batch_of_these(batch, key, expected):
    part = batch[key]

    assert type(part) is SignalBatch
    assert part.shape == (len(expected),)
    assert values(part) == expected


def test_an_integer_in_a_tuple_is_an_integer(batch):
    assert batch[3,].samples[0] == 3
    assert batch[3, ...].samples[0] == 3


@pytest.mark.parametrize("key", [(0, 0), (slice(2), slice(2)), ([0, 1], 0, ...), (), (...,)])
def test_two_axes_are_refused(batch, key):
    with pytest.raises(IndexError, match=r"a SignalBatch has one axis, not [023]"):
        batch[key]


@pytest.mark.parametrize("key", [[5], [True, False], [0.5], "bark", None])
def test_indices_that_fit_no_batch_are_index_errors(batch, key):
    with pytest.raises(IndexError):
        batch[key]


def test_slices_keep_the_steps(batch):
    louder = batch.then(RMSNormalizer(target_level=0))

    assert louder[3:][0].samples.tolist() == [1, 1, 1, 1]


def test_then_leaves_the_original(batch):
    louder = batch.then(RMSNormalizer(target_level=0))

    assert (len(batch.steps), len(louder.steps)) == (0, 1)
    assert values(batch) == [0, 1, 2, 3, 4]
    assert values(louder) == [0, 1, 1, 1, 1]


def test_steps_run_in_their_order(batch):
    up_down = batch.then(Resampler(16000)).then(Resampler(4000))

    assert up_down[0].rate == 4000
    assert [step.target_rate for step in up_down.steps] == [16000, 4000]


def test_later_parameters_of_a_step_do_not_change_a_batch(batch):
    step = RMSNormalizer(target_level=0)
    louder = step.fit_transform(batch)

    step.set_params(target_level=20)

    assert values(louder) == [0, 1, 1, 1, 1]


@pytest.mark.parametrize("convert", [np.asarray, np.array, np.sum])
def test_becoming_an_array_is_refused_with_advice(batch, convert):
    with pytest.raises(
        TypeError, match=r"SignalBatch of 5 signals .* Put an extractor \(for example MFCC"
    ):
        convert(batch)


def test_the_plan_is_printed(batch):
    plan = batch.then(Resampler(16000)).then(PreEmphasis(coef=0.9))

    assert repr(plan).splitlines() == [
        "SignalBatch of 5 signals, not read yet",
        "  from Signal(1 samples, 8000 Hz, 0.000125 s), ...",
        "  then Resampler(target_rate=16000)",
        "  then PreEmphasis(coef=0.9)",
    ]


def test_the_plan_of_one_recording_and_of_none():
    assert repr(Loader().transform(["dog.wav"])).splitlines() == [
        "SignalBatch of 1 signal, not read yet",
        "  from dog.wav",
    ]
    assert repr(SignalBatch([])) == "SignalBatch of 0 signals, not read yet"


def test_it_pickles_with_its_steps(batch):
    again = pickle.loads(pickle.dumps(batch.then(Resampler(16000))))

    assert again.shape == (5,)
    assert again[4].rate == 16000
    assert values(SignalBatch(again.sources)) == [0, 1, 2, 3, 4]


def test_a_signal_that_cannot_be_read_is_named_by_its_position(batch):
    class Broken:
        name = "broken.wav"

        def read(self):
            return Signal([np.nan])

    mixed = SignalBatch([*batch.sources, Broken()])

    with pytest.raises(AudioError, match=r"^broken.wav \(X\[5\]\): sample 0 is NaN"):
        mixed[-1]
    with pytest.raises(AudioError, match=r"^broken.wav \(X\[1\]\): sample 0 is NaN"):
        list(mixed[4:])


@pytest.mark.parametrize("key", [np.array([[0, 1]]), True, 0.5, ["a"]], ids=repr)
def test_odd_indices_are_index_errors(key):
    with pytest.raises(IndexError, match="indexed by an int"):
        SignalBatch([Signal([0.0]), Signal([1.0])])[key]


def test_an_array_of_no_axes_is_an_integer():
    assert SignalBatch([Signal([0.0]), Signal([1.0])])[np.array(1)].samples[0] == 1


def test_a_rate_beyond_all_numbers_is_refused():
    with pytest.raises(AudioError, match="rate"):
        Signal([0.0], 10**400)
