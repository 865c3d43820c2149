"""Any signal with any parameters gives finite rows, or an error that says what to do.

Signals, rates and parameters are drawn for every estimator from its own constraints. The tests are
the same at each run; SKLEARN_AUDIO_EXAMPLES=1000 makes a campaign of so many new examples each.
"""

import linecache
import math
import os
import warnings
from collections import Counter
from itertools import groupby
from numbers import Integral

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.utils._param_validation import (
    InvalidParameterError,
    Options,
    StrOptions,
    make_constraint,
)
from test_common import EXTRACTORS, OTHERS, STEPS, name_of

from sklearn_audio import Resampler, Signal, SignalBatch
from sklearn_audio.frames import FrameTransformer
from sklearn_audio.summaries import STATISTICS

N_EXAMPLES = int(os.environ.get("SKLEARN_AUDIO_EXAMPLES", "60"))
any_example = settings(
    max_examples=N_EXAMPLES,
    derandomize="SKLEARN_AUDIO_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

RATES = st.one_of(
    st.sampled_from([8000, 11025.5, 16000, 22050, 44100, 48000]),
    st.sampled_from([1, 100, 96000, 192000, 768000]),
    st.integers(1, 768_000),
)
LENGTHS = st.one_of(
    st.integers(1, 5000), st.sampled_from([1, 2, 3, 511, 512, 513, 2047, 2048, 2049])
)
# Full scale is 1; what is smaller than 1e-38 is not a normal number of float32.
SCALES = st.one_of(
    st.just(1.0), st.sampled_from([1e-40, 1e-30, 1e15]), st.floats(-40, 15).map(lambda x: 10**x)
)


def _noise(n_samples, generator):
    return generator.uniform(-1, 1, n_samples)


def _sine(n_samples, generator):
    return np.sin(np.pi * generator.uniform(0, 1) * np.arange(n_samples) + generator.uniform(0, 6))


def _square(n_samples, generator):
    return np.where(_sine(n_samples, generator) < 0, -1.0, 1.0)


def _clicks(n_samples, generator):
    samples = np.zeros(n_samples)
    samples[generator.integers(0, n_samples, generator.integers(1, 5))] = 1
    return samples


def _pauses(n_samples, generator):
    samples = _noise(n_samples, generator)
    start, stop = np.sort(generator.integers(0, n_samples + 1, 2))
    samples[start:stop] = 0
    return samples


def _offset(n_samples, generator):
    return 0.5 + 0.1 * _noise(n_samples, generator) * generator.integers(0, 2)


def _ramp(n_samples, generator):
    return np.linspace(-1, generator.uniform(-1, 1), n_samples)


def _all_scales(n_samples, generator):
    return _noise(n_samples, generator) * 10 ** generator.uniform(-40, 0, n_samples)


def _silence(n_samples, generator):
    return np.zeros(n_samples)


SHAPES = [_noise, _sine, _square, _clicks, _pauses, _offset, _ramp, _all_scales, _silence]


@st.composite
def signals(draw):
    """Draw samples of any length, shape, scale and dtype."""
    n_samples, shape, seed = draw(LENGTHS), draw(st.sampled_from(SHAPES)), draw(st.integers(0, 99))
    samples = draw(SCALES) * shape(n_samples, np.random.default_rng(seed))
    dtype = draw(st.sampled_from([np.float64, np.float32, np.float16, np.int32, np.uint8, bool]))
    if np.dtype(dtype).kind != "f" or dtype is np.float16:
        samples = samples / max(np.abs(samples).max(), 1e-300) * 100 * draw(st.sampled_from([0, 1]))
        samples = np.abs(samples) if dtype is np.uint8 else samples
    return samples.astype(dtype)


def numbers(low, high):
    """Return a strategy of floats between two bounds, on a logarithmic scale where they are far."""
    if low > 0 and high > 100 * low:
        return st.floats(math.log(low), math.log(high)).map(math.exp).map(float)
    return st.floats(low, high)


def frequencies(rate):
    """Return a strategy of frequencies in Hz, most of them below half the rate."""
    return st.one_of(numbers(5e-4, 1.0).map(lambda share: share * rate / 2), numbers(0.01, 4e5))


FRAME_LENGTHS = st.one_of(
    st.sampled_from([2, 4, 256, 400, 512, 1024, 2048]), st.integers(2, 300), st.integers(2, 4096)
)
WINDOWS = st.sampled_from(
    ["hann", "hamming", "boxcar", "blackman", ("kaiser", 8.0), ("tukey", 0.5)]
)
STATISTIC_NAMES = [*STATISTICS, "q0", "q05", "q97.5", "q100"]
# What no constraint tells: parameters that are sequences, and ranges in which computing takes
# milliseconds.
BY_NAME = {
    "ac_size": numbers(0.01, 100.0),
    "amin": numbers(1e-45, 1e10),
    "beta_parameters": st.tuples(numbers(0.01, 100.0), numbers(0.01, 100.0)),
    "bias": st.one_of(st.just(0.0), numbers(1e-3, 100.0)),
    "bins_per_octave": st.integers(2, 48),
    "boltzmann_parameter": numbers(0.01, 100.0),
    "duration": numbers(1e-5, 10.0),
    "eps": numbers(1e-30, 10.0),
    "feature_range": st.tuples(numbers(-1e15, 1.0), numbers(-1.0, 1e15)),
    "frame_duration": numbers(1e-4, 0.5),
    "frame_length": FRAME_LENGTHS,
    "full_scale": numbers(1e-3, 1e10),
    "gain": st.floats(0, 3),
    "gamma": st.floats(0, 100),
    "hop_duration": numbers(1e-3, 0.5),
    "hop_length": st.one_of(st.sampled_from([64, 128, 256, 512]), st.integers(16, 3000)),
    "intervals": st.one_of(
        st.sampled_from(["equal", "pythagorean", "ji3", "ji5", "ji7"]),
        st.lists(st.floats(1, 1.99), min_size=1, max_size=5, unique=True).map(
            lambda ratios: sorted([1.0, *ratios])
        ),
    ),
    "kernel_size": st.one_of(st.integers(1, 60), st.tuples(st.integers(1, 60), st.integers(1, 60))),
    "lifter": st.one_of(st.just(0), numbers(0.1, 100.0)),
    "margin": numbers(1.0, 50.0),
    "max_tempo": numbers(0.1, 1e5),
    "max_transition_rate": numbers(0.1, 1000.0),
    "n_bands": st.integers(1, 64),
    "n_chroma": st.integers(2, 24),
    "n_fft": FRAME_LENGTHS,
    "n_mels": st.integers(1, 160),
    "n_octaves": st.integers(1, 9),
    "n_thresholds": st.integers(1, 150),
    "order": st.integers(0, 8),
    "p": numbers(0.05, 12.0),
    "power": st.one_of(st.sampled_from([0.5, 1.0, 2.0]), numbers(0.01, 8.0)),
    "quantile_range": st.tuples(st.floats(0, 100), st.floats(0, 100)),
    "resolution": numbers(0.05, 1.0),
    "smoothing_window": WINDOWS,
    "start_bpm": numbers(0.1, 1e4),
    "std_bpm": numbers(0.01, 100.0),
    "summary": st.lists(st.sampled_from(STATISTIC_NAMES), min_size=1, max_size=4, unique=True),
    "switch_prob": numbers(1e-6, 0.999),
    "target_level": st.floats(-200, 200),
    "target_rate": RATES,
    "tightness": numbers(1e-3, 1e5),
    "time_constant": numbers(1e-4, 100.0),
    "top_db": numbers(0.01, 300.0),
    "trough_threshold": numbers(1e-3, 10.0),
    "tuning": st.floats(-2, 2),
    "window": WINDOWS,
    "win_length": FRAME_LENGTHS,
}
LEFT_ALONE = {"sample_rate", "n_jobs"}


def allowed(name, constraint, rate):
    """Return a strategy for one constraint of a parameter, as scikit-learn writes them."""
    constraint = make_constraint(constraint)
    text = str(constraint)
    if text == "None":
        return st.none()
    if "bool" in text.lower():
        return st.booleans()
    if isinstance(constraint, (Options, StrOptions)):
        return st.sampled_from(sorted(constraint.options, key=str))
    if name in ("fmin", "fmax"):
        return frequencies(rate)
    if name == "edges":
        return st.lists(frequencies(rate), min_size=1, max_size=6).map(sorted)
    if name in BY_NAME:
        return BY_NAME[name]
    if not hasattr(constraint, "left"):
        raise AssertionError(f"{name}: nothing says what {text} may be")
    left, right = constraint.left, constraint.right
    if constraint.type is Integral:
        return st.integers(left, min(left + 20, math.inf if right is None else right))
    low = -100.0 if left is None else left
    return st.floats(low, 100.0 if right in (None, math.inf) else right).filter(
        constraint.is_satisfied_by
    )


def parameters(estimator, rate=8000):
    """Return a strategy for some of the parameters of an estimator; the others stay."""
    constraints = {**estimator._parameter_constraints, "summary": [list]}
    every = {
        name: st.one_of([allowed(name, constraint, rate) for constraint in constraints[name]])
        for name in estimator.get_params(deep=False)
        if name not in LEFT_ALONE
    }
    if not every:
        return st.just({})
    names = st.lists(st.sampled_from(sorted(every)), unique=True, max_size=4)
    return names.flatmap(
        lambda chosen: st.fixed_dictionaries({name: every[name] for name in chosen})
    )


def is_deliberate(error):
    """Tell whether an error was raised by the package or by scikit-learn's look at parameters."""
    if isinstance(error, InvalidParameterError):
        return True
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    module = trace.tb_frame.f_globals["__name__"]
    # An error of a function written in C has no frame of its own, but no line that raises it.
    line = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno)
    return module.startswith("sklearn_audio.") and line.strip().startswith("raise ")


def outcome(compute):
    """Return what became of it: "computed", or the name of an error that a user can act on."""
    try:
        with warnings.catch_warnings():
            # Advice, as that some bands hold no bin; a RuntimeWarning is an error.
            warnings.simplefilter("ignore", UserWarning)
            compute()
    except ValueError as error:
        if not is_deliberate(error) or len(str(error)) < 30:
            raise
        return type(error).__name__
    return "computed"


def family_of(estimator):
    return type(estimator).__module__.removeprefix("sklearn_audio.")


def with_rate(estimator, rate):
    estimator = clone(estimator)
    known = {"sample_rate": rate} if "sample_rate" in estimator.get_params() else {}
    return estimator.set_params(**known)


def outcomes_of(check, estimators, seen):
    """Let hypothesis call check(data, estimator) for each estimator; tell what was seen."""
    for estimator in estimators:
        try_examples(check, estimator)
    counts = ", ".join(f"{seen[name]} {name}" for name in sorted(seen))
    return f"{len(estimators)} estimators, {counts}"


def try_examples(check, estimator):
    @any_example
    @given(st.data())
    def try_example(data):
        check(data, estimator)

    try:
        try_example()
    except Exception as error:
        error.add_note(f"while trying {name_of(estimator)}")
        raise


OF_SIGNALS = sorted([*STEPS, *EXTRACTORS], key=family_of)
FAMILIES = {family: list(members) for family, members in groupby(OF_SIGNALS, key=family_of)}


@pytest.mark.parametrize("family", FAMILIES)
def test_any_signal_with_any_parameters_is_computed_or_refused_with_advice(family, show):
    seen = Counter()

    def check(data, template):
        rate, samples = data.draw(RATES, "rate"), data.draw(signals(), "samples")
        estimator = with_rate(template, rate)
        chosen = data.draw(parameters(estimator, rate), name_of(estimator))
        if isinstance(estimator, Resampler):  # a result of gigabytes takes its time
            assume(not 1e7 < len(samples) * chosen.get("target_rate", 1) / rate <= 2**29)
        estimator.set_params(**chosen)

        def compute():
            answer = estimator.fit_transform(SignalBatch([Signal(samples, rate)]))
            if isinstance(answer, SignalBatch):
                assert np.isfinite(answer[0].samples).all()
            else:
                assert_finite_rows(answer, estimator)

        seen[outcome(compute)] += 1

    show(f"any signal, {family}: {outcomes_of(check, FAMILIES[family], seen)}")


def assert_finite_rows(rows, estimator):
    assert rows.shape == (1, len(estimator.get_feature_names_out()))
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()


@st.composite
def any_frames(draw):
    """Draw frames as extractors give them, of any scale."""
    shape = draw(st.integers(1, 60)), draw(st.integers(1, 20))
    generator = np.random.default_rng(draw(st.integers(0, 99)))
    frames = generator.uniform(-1, 1, shape) * draw(numbers(1e-45, 3e38))
    frames += draw(st.sampled_from([0.0, 1.0, -1000.0]))
    frames[:, generator.integers(0, shape[1])] = draw(numbers(1e-45, 3e38))  # one is constant
    return frames.astype(draw(st.sampled_from([np.float32, np.float64])))


def test_any_frames_with_any_parameters_are_computed_or_refused_with_advice(show):
    seen = Counter()

    def check(data, template):
        frames, estimator = data.draw(any_frames(), "frames"), clone(template)
        estimator.set_params(**data.draw(parameters(estimator), name_of(estimator)))

        def compute():
            [answer] = estimator.fit_transform([frames])
            assert answer.dtype == np.float32
            assert answer.shape[-1] == len(estimator.get_feature_names_out())
            assert np.isfinite(answer).all()

        seen[outcome(compute)] += 1

    of_frames = [estimator for estimator in OTHERS if isinstance(estimator, FrameTransformer)]
    show(f"any frames: {outcomes_of(check, of_frames, seen)}")
