import tracemalloc

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sklearn_audio import AudioError
from sklearn_audio.summaries import STATISTICS, statistic_names, summarize, validate_summary

REFERENCES = {
    "mean": lambda values: np.mean(values, axis=0),
    "std": lambda values: np.std(values, axis=0),
    "var": lambda values: np.var(values, axis=0),
    "min": lambda values: np.min(values, axis=0),
    "max": lambda values: np.max(values, axis=0),
    "range": lambda values: np.max(values, axis=0) - np.min(values, axis=0),
    "median": lambda values: np.median(values, axis=0),
    "iqr": lambda values: scipy.stats.iqr(values, axis=0),
    "skew": lambda values: np.nan_to_num(scipy.stats.skew(values, axis=0)),
    "kurtosis": lambda values: np.nan_to_num(scipy.stats.kurtosis(values, axis=0)),
    "slope": lambda values: [linear_slope(column) for column in values.T],
    "difference_mean": lambda values: np.mean(differences(values), axis=0),
    "difference_std": lambda values: np.std(differences(values), axis=0),
    "q05": lambda values: np.quantile(values, 0.05, axis=0),
    "q5": lambda values: np.quantile(values, 0.05, axis=0),
    "q97.5": lambda values: np.quantile(values, 0.975, axis=0),
    "q0": lambda values: np.min(values, axis=0),
    "q100": lambda values: np.max(values, axis=0),
}

FRAMES = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, max_side=12),
    # Whole sixteenths: equal values are equal, different ones are far apart.
    elements=st.integers(-1600, 1600).map(lambda number: number / 16),
)


def linear_slope(values):
    return scipy.stats.linregress(np.arange(len(values)), values).slope if len(values) > 1 else 0.0


def differences(values):
    return np.diff(values, axis=0) if len(values) > 1 else np.zeros_like(values)


def summary_of(values, statistic):
    [result] = summarize(np.array(values)[:, np.newaxis], [statistic])
    return result


def test_every_statistic_has_a_reference():
    assert set(STATISTICS) <= set(REFERENCES)


# scipy says that skew and kurtosis of constant values mean little; here they are 0.
@pytest.mark.filterwarnings("ignore:Precision loss occurred:RuntimeWarning")
# No deadline: the first example pays for imports.
@settings(deadline=None)
@given(frames=FRAMES)
def test_statistics_are_those_of_numpy_and_scipy(frames):
    for statistic, reference in REFERENCES.items():
        row = summarize(frames, [statistic])
        assert row.dtype == np.float32
        # One rounding to float32 after arithmetic in float64, whose sums end near 0.
        expected = reference(frames.astype(np.float64))
        np.testing.assert_allclose(row, expected, rtol=1e-6, atol=1e-10, err_msg=statistic)


def test_slope_of_two_frames_is_their_difference():
    assert summary_of([1.0, 4.0], "slope") == 3


@pytest.mark.parametrize("constant", [0.0, 1.0, 0.1, -1e6, 1e-6, float(np.float32(0.3))])
@pytest.mark.parametrize("n_frames", [1, 2, 7, 1000])
def test_constant_values_have_no_shape(constant, n_frames):
    values = np.full(n_frames, constant)
    for statistic in ("skew", "kurtosis", "range", "iqr", "difference_mean", "difference_std"):
        assert summary_of(values, statistic) == 0
    assert summary_of(values, "slope") == pytest.approx(0, abs=1e-9 * abs(constant))
    assert summary_of(values, "mean") == pytest.approx(constant, rel=1e-6)  # float32


def test_constant_values_do_not_hide_the_shape_of_their_neighbours():
    values = np.array([0.0, 0.0, 0.0, 1.0])
    frames = np.stack([np.ones(4), values], axis=1)
    row = summarize(frames, ["skew", "kurtosis"])
    expected = [0, scipy.stats.skew(values), 0, scipy.stats.kurtosis(values)]
    np.testing.assert_allclose(row, expected, rtol=1e-6, atol=1e-10)


@pytest.mark.parametrize("statistic", ["slope", "difference_mean", "difference_std", "std", "skew"])
def test_one_frame_does_not_change(statistic):
    assert summarize(np.array([[3.0, -5.0]]), [statistic]).tolist() == [0, 0]


def test_change_is_told_per_frame():
    values = [1.0, 3.0, 5.0, 7.0]
    assert summary_of(values, "slope") == 2
    assert summary_of(values, "difference_mean") == 2
    assert summary_of(values, "difference_std") == 0


def test_statistics_do_not_suffer_from_float32():
    # A variance of 1 on top of a mean whose square float32 cannot tell from the next.
    values = np.array([8191.0, 8193.0] * 5000, dtype=np.float32)
    assert summary_of(values, "var") == 1
    assert summary_of(values, "kurtosis") == -2


def test_rows_of_many_values_take_little_memory():
    frames = np.random.default_rng(0).normal(size=(2000, 1000)).astype(np.float32)
    tracemalloc.start()
    try:
        row = summarize(frames, ["mean", "max"])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < frames.nbytes / 2
    expected = np.concatenate([frames.mean(axis=0, dtype=np.float64), frames.max(axis=0)])
    np.testing.assert_allclose(row, expected, rtol=1e-6)


def test_a_statistic_too_large_for_float32_is_refused_by_its_name():
    frames = np.array([[0.0, 1e30], [1.0, -1e30]])
    np.testing.assert_array_equal(summarize(frames, ["max"]), np.float32([1, 1e30]))
    with pytest.raises(AudioError, match=r"'var' of values up to 1e\+30 is too large"):
        summarize(frames, ["mean", "var"])


def test_frames_are_not_changed():
    frames = np.arange(12.0).reshape(4, 3)
    frames.flags.writeable = False
    summarize(frames, list(STATISTICS))
    np.testing.assert_array_equal(frames, np.arange(12.0).reshape(4, 3))


def test_rows_and_names_hold_all_values_of_one_statistic_after_the_other():
    frames = np.array([[1.0, 10.0, 100.0], [3.0, 30.0, 300.0]])
    summary = ["max", "q05", "difference_std"]
    row = summarize(frames, summary)
    assert row[:3].tolist() == [3, 30, 300]
    assert row[6:].tolist() == [0, 0, 0]
    names = statistic_names(["a", "b", "c"], summary)
    expected = ["a_max", "b_max", "c_max", "a_q05", "b_q05", "c_q05"]
    assert names == [*expected, "a_difference_std", "b_difference_std", "c_difference_std"]


@pytest.mark.parametrize(
    "name", ["q", "q-5", "q101", "q100.5", "q5.", "p05", "Mean", "", "mean ", 5, None, ["mean"]]
)
def test_unknown_statistics_are_refused(name):
    message = "is not a statistic. Known are mean, std, .* and quantiles in per cent such as 'q05'"
    with pytest.raises(ValueError, match=message):
        validate_summary((name,))
    with pytest.raises(ValueError, match=message):
        summarize(np.ones((2, 2)), [name])


@pytest.mark.parametrize(
    "summary",
    ["mean", (), [], {"mean"}, 5, iter(["mean"])],
    ids=["text", "empty tuple", "empty list", "set", "number", "iterator"],
)
def test_a_summary_that_is_no_list_is_refused(summary):
    with pytest.raises(ValueError, match=r"a list or tuple of statistics is wanted.*or None"):
        validate_summary(summary)


def test_a_statistic_named_twice_is_refused():
    with pytest.raises(ValueError, match=r"\('mean', 'mean'\) names a statistic twice"):
        validate_summary(("mean", "mean"))


def test_good_summaries_are_accepted():
    for summary in (None, ["mean"], ("mean", "q05", "q5.5", "q100"), tuple(STATISTICS)):
        assert validate_summary(summary) is None
