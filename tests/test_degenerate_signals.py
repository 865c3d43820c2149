"""Signals at the edge: each gives finite rows, or an error that says what came and what to do."""

import re
import warnings
from collections import Counter
from numbers import Integral

import numpy as np
import pytest
from conftest import RATE
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.utils._param_validation import Interval, make_constraint
from test_common import EXTRACTORS, STEPS, UNION, each_of_signals, name_of

from sklearn_audio import (
    AudioError,
    CepstralNormalizer,
    ChromaVQTExtractor,
    ConstantQSpectrogramExtractor,
    Delta,
    FixedLength,
    FrameStacker,
    KaldiFilterBankExtractor,
    LFCCExtractor,
    Loader,
    MFCCExtractor,
    PCENExtractor,
    PeakNormalizer,
    Resampler,
    RMSExtractor,
    RMSNormalizer,
    Signal,
    SilenceTrimmer,
    Summarizer,
    TempoExtractor,
)
from sklearn_audio.base import SignalTransformer
from sklearn_audio.errors import (
    AudioLimitError,
    EmptyAudioError,
    NonFiniteAudioError,
    UnsupportedAudioError,
)

N_FFT = 2048  # of all extractors, by default
EVERY_STATISTIC = ("mean", "std", "skew", "kurtosis", "slope", "iqr", "q05", "difference_std")


def noise(n_samples, scale=0.1):
    return scale * np.random.default_rng(n_samples).normal(size=n_samples)


def impulse(position, n_samples=4000):
    samples = np.zeros(n_samples)
    samples[position] = 1
    return samples


TIME = np.arange(4000) / RATE
SINE = np.sin(2 * np.pi * 440 * TIME)
SQUARE = np.where(SINE < 0, -1.0, 1.0)
ALTERNATING = (-1.0) ** np.arange(4000)
LONG_PAUSE = np.concatenate([np.zeros(12000), noise(4000)])

# What may be computed: whatever has at least one sample, finite and up to 1e15.
USABLE = {
    "silence": np.zeros(4000),
    "ten seconds of silence": np.zeros(10 * RATE),
    "one sample of silence": np.zeros(1),
    "a small constant": np.full(4000, 1e-3),
    "a constant at full scale": np.ones(4000),
    "one sample": np.array([0.5]),
    "two samples": np.array([0.5, -0.5]),
    "three samples": np.array([0.5, -0.5, 0.25]),
    **{f"{n} samples": noise(n) for n in (63, 255, 256, 257, 400, 511, 512, 513)},
    "n_fft - 1 samples": noise(N_FFT - 1),
    "n_fft samples": noise(N_FFT),
    "n_fft + 1 samples": noise(N_FFT + 1),
    "an impulse at the start": impulse(0),
    "an impulse in the middle": impulse(2000),
    "an impulse at the end": impulse(-1),
    "a step": np.where(TIME < 0.25, 0.0, 1.0),
    "noise after a long pause": LONG_PAUSE,
    "a full-scale sine": SINE,
    "a full-scale square": SQUARE,
    "samples that alternate": ALTERNATING,
    "a constant denormal": np.full(4000, 1e-40),
    "denormal noise": noise(4000, 1e-40),
    "a denormal impulse": 1e-40 * impulse(2000),
    "a tiny sine": 1e-30 * SINE,
    "noise of 1e-20": noise(4000, 1e-20),
    "noise of 1e-6": noise(4000, 1e-6),
    "noise of 1e10": noise(4000, 1e10),
    "the largest constant": np.full(4000, 1e15),
    "the largest square": 1e15 * SQUARE,
    "the largest samples alternating": 1e15 * ALTERNATING,
    "the largest impulse": 1e15 * impulse(2000),
    "denormals before the largest": np.where(TIME < 0.25, 1e-40, 1e15),
}
PLAIN_NUMBERS = {
    np.dtype(kind).name: (100 * np.abs(SINE)).astype(kind)
    for kind in (np.int64, np.uint16, np.uint32, np.float16, np.float64, np.longdouble, bool)
}
PCM = {
    "int8": (100 * SINE).astype(np.int8),
    "int16": (32767 * SQUARE).astype(np.int16),
    "int32": (2147483647 * SQUARE).astype(np.int32),
    "uint8": (128 + 127 * SQUARE).astype(np.uint8),
}


def variants():
    """Yield each step and extractor, and what changes how it computes, by a name."""
    for estimator in [*STEPS, *EXTRACTORS, UNION]:
        name, parameters = name_of(estimator), estimator.get_params(deep=False)
        yield name, estimator
        changes = {"summary": EVERY_STATISTIC, "precision": "double", "center": False}
        for parameter, value in changes.items():
            if parameter in parameters:
                changed = clone(estimator).set_params(**{parameter: value})
                yield f"{name}({parameter}={value!r})", changed
    frames = MFCCExtractor(n_deltas=0, summary=None, sample_rate=RATE)
    summarizer = Summarizer(summary=EVERY_STATISTIC)
    for between in [Delta(), FrameStacker(), CepstralNormalizer()]:
        pipeline = make_pipeline(frames, between, summarizer)
        yield f"MFCCExtractor, {name_of(between)}, Summarizer", pipeline


VARIANTS = dict(variants())


def answer_to(estimator, samples):
    """Return the samples or the row that an estimator makes of one signal, or its AudioError."""
    try:
        return np.asarray(clone(estimator).fit_transform([samples])[0])
    except AudioError as error:
        return error


@pytest.fixture(scope="module")
def answers():
    """Return what each variant makes of each usable signal; any other error fails."""
    return {
        (variant, name): answer_to(estimator, samples)
        for variant, estimator in VARIANTS.items()
        for name, samples in {**USABLE, **PLAIN_NUMBERS}.items()
    }


def test_whatever_is_computed_is_finite(answers):
    not_finite = [
        key
        for key, answer in answers.items()
        if not isinstance(answer, AudioError) and not np.isfinite(answer).all()
    ]
    assert not_finite == []


def test_rows_of_every_signal_have_the_same_columns(answers):
    widths = Counter(
        (variant, answer.shape)
        for (variant, _), answer in answers.items()
        if not isinstance(answer, AudioError)
        and not isinstance(VARIANTS[variant], SignalTransformer)
    )
    assert len({variant for variant, _ in widths}) == len(widths)


# Why a usable signal may still be refused, and the kind of the error.
REASONS = {
    r"fewer than the \d+ of one frame. Use shorter frames, center=True, or put a FixedLength": (
        AudioError
    ),
    r"the statistic '\w+' of values up to .* is too large for float32. Leave it out": (
        NonFiniteAudioError
    ),
    r"sample \d+ is NaN, infinite or beyond 1e\+15 \(.*\); full scale is 1, so mend, scale": (
        NonFiniteAudioError
    ),
}


def test_what_is_refused_is_too_short_or_too_large_and_the_error_says_so(answers, show):
    refused = {key: answer for key, answer in answers.items() if isinstance(answer, AudioError)}
    unexpected = [
        (key, str(error))
        for key, error in refused.items()
        if not any(
            re.search(pattern, str(error)) and type(error) is kind
            for pattern, kind in REASONS.items()
        )
    ]
    assert unexpected == []
    # A step may exceed the largest sample; extractors in their default settings take everything.
    assert {name for name, _ in refused if name in map(name_of, EXTRACTORS)} == set()

    n_signals = len(USABLE) + len(PLAIN_NUMBERS)
    kinds = Counter(type(error).__name__ for error in refused.values())
    show(
        f"degenerate signals: {len(VARIANTS)} estimators x {n_signals} signals: "
        f"{len(answers) - len(refused)} finite, "
        + ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    )


def test_only_what_is_very_large_exceeds_the_range_of_a_step_or_statistic(answers):
    large = {name for name in USABLE if np.abs(USABLE[name]).max() >= 1e9}
    refused = {
        name for (_, name), answer in answers.items() if isinstance(answer, NonFiniteAudioError)
    }
    assert refused <= large


@pytest.mark.parametrize("name", PLAIN_NUMBERS)
def test_numbers_of_any_dtype_count_as_they_are(answers, name):
    same = PLAIN_NUMBERS[name].astype(np.float32)
    for variant in ["RMSExtractor", "MFCCExtractor", "PreEmphasis", "SilenceTrimmer"]:
        np.testing.assert_array_equal(
            answers[variant, name], answer_to(VARIANTS[variant], same), strict=True
        )


# Signals that no estimator takes -------------------------------------------------------------

MASKED = np.ma.masked_greater(SINE, 0.99)
NOT_USABLE = {
    "empty": (np.zeros(0), EmptyAudioError, "is empty; at least one sample is needed"),
    "NaN": (np.where(TIME == 0, np.nan, SINE), NonFiniteAudioError, r"sample 0 is .* \(nan\)"),
    "infinite": (np.where(TIME > 0, SINE, -np.inf), NonFiniteAudioError, r"\(-inf\); .* mend"),
    "1e30": (1e30 * SQUARE, NonFiniteAudioError, r"beyond 1e\+15 \(1e\+30\); full scale is 1"),
    "1e300": (1e300 * SQUARE, NonFiniteAudioError, r"beyond 1e\+15 \(1e\+300\)"),
    "beyond by a bit": (np.array([0, 1.1e15]), NonFiniteAudioError, r"sample 1 is .*\(1.1e\+15\)"),
    "(2, n)": (np.stack([SINE, SINE]), UnsupportedAudioError, r"\(2, 4000\). .*mean\(axis=0\)"),
    "(n, 2)": (np.stack([SINE, SINE], 1), UnsupportedAudioError, r"\(4000, 2\). .*mean\(axis=1\)"),
    "(n, 1)": (SINE[:, np.newaxis], UnsupportedAudioError, r"\(4000, 1\). .*mean\(axis=1\)"),
    "masked": (MASKED, NonFiniteAudioError, r"sample \d+ is masked, .* samples.filled\(0\)"),
    "complex": (SINE + 1j, UnsupportedAudioError, "real numbers; .* dtype is complex128"),
    "text": (np.array(["0.5"]), UnsupportedAudioError, "real numbers; .* dtype is <U3"),
    "None": (np.array([0.5, None]), NonFiniteAudioError, r"sample 1 is NaN.* \(nan\)"),
    "list of None": ([0.5, None], NonFiniteAudioError, r"sample 1 is NaN.* \(nan\)"),
    "1e400": (np.longdouble(["1e400"]), NonFiniteAudioError, r"sample 0 is NaN.* \(inf\)"),
}


@each_of_signals
@pytest.mark.parametrize("name", NOT_USABLE)
@pytest.mark.parametrize("method", ["fit", "transform"])
def test_a_signal_that_cannot_be_used_is_an_error_of_its_kind(estimator, name, method):
    samples, kind, message = NOT_USABLE[name]
    with pytest.raises(kind, match=rf"^X\[1\]: .*{message}") as caught:
        getattr(clone(estimator), method)([SINE, samples])
    assert type(caught.value) is kind
    assert caught.value.position == 1


@each_of_signals
def test_rows_without_samples_are_empty_signals(estimator):
    with pytest.raises(EmptyAudioError, match=r"^X\[0\]: the signal is empty"):
        clone(estimator).fit_transform(np.zeros((3, 0)))


@each_of_signals
def test_a_masked_array_of_signals_is_refused_where_something_is_masked(estimator):
    signals = np.ma.array(np.stack([SINE, SINE, SINE]))
    expected = clone(estimator).fit_transform(signals.data)
    for one, other in zip(clone(estimator).fit_transform(signals), expected, strict=True):
        np.testing.assert_array_equal(one, other)

    signals[1, 7] = np.ma.masked
    with pytest.raises(NonFiniteAudioError, match=r"^X\[1\]: sample 7 is masked"):
        clone(estimator).fit_transform(signals)


def test_masked_samples_in_a_dict_are_refused_by_a_loader():
    with pytest.raises(NonFiniteAudioError, match=r"^X\[0\]: some of its samples are masked"):
        Loader().fit_transform([{"array": MASKED, "sampling_rate": RATE}])


# Channels in the place of signals ------------------------------------------------------------


@each_of_signals
@pytest.mark.parametrize("n_channels", [1, 2, 6, 8])
def test_a_recording_with_its_channels_in_columns_is_refused_with_advice(estimator, n_channels):
    stereo = np.tile(SINE[:, np.newaxis], n_channels)
    with pytest.raises(
        AudioError,
        match=rf"shape \(4000, {n_channels}\), 4000 signals of {n_channels} samples; .*"
        r"X.mean\(axis=1\).reshape\(1, -1\), or one signal a channel, X.T; .* give list\(X\)",
    ):
        clone(estimator).fit_transform(stereo)


def test_what_that_advice_says_helps():
    stereo = np.stack([SINE, SINE], axis=1)
    [[mean, _]] = RMSExtractor().fit_transform(stereo.mean(axis=1).reshape(1, -1))
    np.testing.assert_array_equal(RMSExtractor().fit_transform(stereo.T)[:, 0], [mean, mean])
    assert RMSExtractor().fit_transform(list(stereo)).shape == (4000, 2)


@pytest.mark.parametrize("shape", [(999, 2), (1000, 9), (100, 3)])
def test_few_or_longer_signals_are_just_short(shape):
    assert RMSExtractor().fit_transform(np.ones(shape)).shape == (shape[0], 2)


# Integers as files hold them -----------------------------------------------------------------


@each_of_signals
@pytest.mark.parametrize("name", PCM)
def test_integers_as_files_hold_them_are_computed_with_a_warning(estimator, name):
    advice = {
        "int8": "divide them by 128",
        "int16": "divide them by 32768",
        "int32": r"divide them by 2.14748e\+09",
        "uint8": r"silence is 128 in 8-bit files, so give \(samples - 128.0\) / 128",
    }[name]
    with pytest.warns(UserWarning, match=f"samples are {name} and are taken as they are.*{advice}"):
        answer = clone(estimator).fit_transform([PCM[name]])
    assert np.isfinite(np.asarray(answer[0])).all()


def test_the_first_signal_of_integers_in_a_list_is_warned_of_once():
    with pytest.warns(UserWarning, match="samples are int16") as caught:
        RMSExtractor().transform([SINE, PCM["int16"], PCM["uint8"]])
    assert len(caught) == 1
    assert caught[0].filename == __file__


@pytest.mark.parametrize("name", ["int8", "uint8"])
def test_what_the_warning_advises_brings_silence_to_zero_and_full_scale_to_one(name):
    if name == "uint8":
        silence, loud = (np.array([128, 0, 255], np.uint8) - 128.0) / 128, 127 / 128
    else:
        silence, loud = np.array([0, -128, 127], np.int8) / 128, 127 / 128
    assert silence.tolist() == [0, -1, loud]


def test_integers_in_dicts_that_a_loader_is_given_are_warned_of():
    items = [
        {"array": SINE, "sampling_rate": RATE},
        {"array": PCM["int16"], "sampling_rate": RATE},
    ]
    with pytest.warns(UserWarning, match="samples are int16 .* divide them by 32768") as caught:
        batch = Loader().fit_transform(items)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert batch[1].samples.max() == 32767
    with warnings.catch_warnings(action="error"):
        Loader().fit_transform(items[:1])


# Parameters that ask for too much --------------------------------------------------------------


@pytest.mark.parametrize("quality", ["QQ", "LQ", "HQ"])
@pytest.mark.parametrize(("rate", "target_rate"), [(1, 768_000), (768_000, 1), (8000, 8e7 + 1)])
def test_rates_too_far_apart_are_refused_before_soxr_sees_them(rate, target_rate, quality):
    resampler = Resampler(target_rate, quality=quality, sample_rate=rate)
    with pytest.raises(AudioLimitError, match="differ by more than a factor of 10000"):
        resampler.fit_transform([SINE])


def test_rates_far_apart_are_resampled():
    assert len(Resampler(80_000, sample_rate=8).fit_transform([SINE[:10]])[0]) == 100_000
    assert len(Resampler(8, sample_rate=80_000).fit_transform([np.ones(100_000)])[0]) == 10


def test_a_signal_too_short_for_one_sample_afterwards_is_empty():
    with pytest.raises(EmptyAudioError, match=r"3 samples at 8000 Hz are none at 80 Hz. Use a"):
        Resampler(80, sample_rate=RATE).fit_transform([SINE[:3]])


def test_a_result_of_more_than_two_gibibytes_is_refused():
    # An array that takes no memory: all its samples are one.
    hours = np.broadcast_to(np.float32(0), 2**29)
    with pytest.raises(AudioLimitError, match=r"are 1.07e\+09 at 16000 Hz, more than 536870912"):
        Resampler(16_000).process(Signal(hours, RATE))
    with pytest.raises(AudioLimitError, match=r"duration=1e\+06 s at 8000 Hz is more than 53687"):
        FixedLength(1e6, sample_rate=RATE).fit_transform([SINE])
    with pytest.raises(AudioLimitError, match=r"duration=1e\+300 s"):
        FixedLength(1e300, sample_rate=RATE).fit_transform([SINE])


@pytest.mark.parametrize(
    "parameters", [{"fmin": 1e-3, "hop_length": 511}, {"fmin": 0.01, "bins_per_octave": 200}]
)
def test_filters_too_long_for_the_memory_are_refused_with_advice(parameters):
    extractor = ConstantQSpectrogramExtractor(sample_rate=48_000, **parameters)
    with pytest.raises(AudioError, match=r"filters around .* too long to compute. Use a higher f"):
        extractor.fit_transform([SINE])


@pytest.mark.parametrize("gamma", [200.0, 500.0, 1000.0])
def test_wide_filters_of_low_octaves_are_computed_at_a_rate_that_holds_them(gamma):
    extractor = ChromaVQTExtractor(gamma=gamma, n_octaves=5, sample_rate=RATE)
    rows = extractor.fit_transform([SINE, noise(4000)])
    assert (rows[:, :12] > 0).all()


def test_a_filter_wider_than_half_the_rate_is_refused_with_advice():
    extractor = ChromaVQTExtractor(gamma=4500.0, n_octaves=1, sample_rate=RATE)
    with pytest.raises(AudioError, match=r"wide, more than half the rate of 8000 Hz. Use a small"):
        extractor.fit_transform([SINE])


@pytest.mark.parametrize(
    "extractor", [MFCCExtractor, LFCCExtractor, KaldiFilterBankExtractor, TempoExtractor]
)
@pytest.mark.parametrize(
    "limits",
    [
        {"fmin": np.nextafter(4000.0, 0)},
        {"fmin": 1000.0, "fmax": np.nextafter(1000.0, 2000)},
        {"fmin": 0.0, "fmax": 1e-310},
    ],
    ids=["half the rate", "next to each other", "next to 0"],
)
def test_bands_between_limits_that_nearly_coincide_are_refused_with_advice(extractor, limits):
    with pytest.raises(AudioError, match=r"bands between fmin and fmax are so narrow .* apart, or"):
        extractor(sample_rate=RATE, **limits).fit_transform([SINE])


# Frames ----------------------------------------------------------------------------------------


def test_frames_that_become_too_large_are_named_by_their_position():
    faint = 1e-10 * np.random.default_rng(0).normal(size=(50, 2))
    normalizer = CepstralNormalizer(over="corpus").fit([faint])
    with pytest.raises(NonFiniteAudioError, match=r"^X\[1\]: CepstralNormalizer made values that"):
        normalizer.transform([faint, np.full((3, 2), 1e38)])


def test_a_statistic_too_large_behind_frames_is_named_by_its_position():
    frames = [np.ones((3, 1)), np.array([[1e30], [-1e30]])]
    with pytest.raises(NonFiniteAudioError, match=r"^X\[1\]: the statistic 'var' of values up to"):
        Summarizer(summary=["mean", "var"]).fit_transform(frames)


def test_a_corpus_of_very_large_frames_is_normalised():
    frames = np.array([[3e38, 1.0], [-3e38, 1.0], [1e38, 1.0]], dtype=np.float32)
    [normalised] = CepstralNormalizer(over="corpus").fit_transform([frames])
    np.testing.assert_allclose(normalised.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(normalised.std(axis=0), [1, 0], rtol=1e-6)


# Parameters at their ends ----------------------------------------------------------------------


def test_a_very_faint_signal_is_raised_to_a_high_level():
    for normalizer in [PeakNormalizer(target_level=40), RMSNormalizer(target_level=40)]:
        [samples] = normalizer.fit_transform([np.array([0.0, 4e-38, 0.0])])
        assert samples[[0, 2]].tolist() == [0, 0]
        assert 99 < samples[1] < 174
    with pytest.raises(NonFiniteAudioError, match=r"sample 1 is .* beyond 1e\+15 \(inf\)"):
        PeakNormalizer(target_level=1000).fit_transform([np.array([0.0, 2e-38])])


@pytest.mark.parametrize("top_db", [1e-300, 1e-3, 1e6])
def test_the_loudest_frame_is_never_trimmed(top_db):
    [trimmed] = SilenceTrimmer(top_db=top_db).fit_transform([LONG_PAUSE])
    assert np.abs(trimmed).max() == np.abs(LONG_PAUSE.astype(np.float32)).max() or top_db < 1
    assert len(trimmed) >= 1


@pytest.mark.parametrize("bias", [2.0, 1e6])
def test_compression_that_is_too_strong_is_refused_with_advice(bias):
    extractor = PCENExtractor(power=100.0, bias=bias, sample_rate=RATE)
    with pytest.raises(NonFiniteAudioError, match=r"gain=.* and power=.* too large .* Use smaller"):
        extractor.fit_transform([SINE, np.zeros(4000)])


def extremes():
    """Yield each estimator with each numeric parameter at, or near, the ends of its range."""
    skipped = {"n_jobs", "sample_rate", "duration", "target_rate"}
    for estimator in [*STEPS, *EXTRACTORS]:
        for name in sorted({*estimator.get_params(deep=False)} - skipped):
            for constraint in map(make_constraint, estimator._parameter_constraints.get(name, [])):
                if not isinstance(constraint, Interval):
                    continue
                if constraint.type is Integral:
                    values = [1, 2, 3, 30]
                else:
                    values = [5e-324, 1e-300, 1e-10, 1e-3, 1.0, 1e3, 1e10, 1e300]
                    values += [constraint.left, constraint.right]
                for value in values:
                    if value is not None and constraint.is_satisfied_by(value):
                        yield estimator, name, value


def test_every_numeric_parameter_at_the_ends_of_its_range_is_computed_or_refused(show):
    seen = Counter()
    unexpected = []
    for estimator, name, value in extremes():
        changed = clone(estimator).set_params(**{name: value})
        try:
            with warnings.catch_warnings():
                # Advice, as that some bands hold no bin; a RuntimeWarning is an error.
                warnings.simplefilter("ignore", UserWarning)
                answer = changed.fit_transform([0.5 * SINE[:600]])
            outcome = "finite" if np.isfinite(np.asarray(answer[0])).all() else "not finite"
        except AudioError as error:
            outcome = type(error).__name__
        except ValueError as error:  # of parameters that do not go together
            outcome = "ValueError" if name in str(error) else repr(error)
        except Exception as error:
            outcome = repr(error)
        seen[outcome] += 1
        if outcome not in {"finite", "ValueError"} and not outcome.endswith("AudioError"):
            unexpected.append((name_of(estimator), name, value, outcome))
    assert unexpected == []
    counts = ", ".join(f"{number} {outcome}" for outcome, number in sorted(seen.items()))
    show(f"numeric parameters at their ends: {counts}")
