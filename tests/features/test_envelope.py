import inspect
import tracemalloc

import librosa
import numpy as np
import pytest
import soundfile

from sklearn_audio import (
    AttackTimeExtractor,
    AudioError,
    CrestFactorExtractor,
    DurationExtractor,
    DynamicRangeExtractor,
    Resampler,
    Signal,
    SignalBatch,
    SilenceRatioExtractor,
    SilenceTrimmer,
    TemporalCentroidExtractor,
    make_union,
)
from sklearn_audio.features import envelope as module

RATE = 16000
EXTRACTORS = [
    AttackTimeExtractor,
    CrestFactorExtractor,
    DurationExtractor,
    DynamicRangeExtractor,
    SilenceRatioExtractor,
    TemporalCentroidExtractor,
]
each = pytest.mark.parametrize("extractor", EXTRACTORS)


def value_of(extractor, samples, **parameters):
    """Return the one number that an extractor makes of a signal."""
    [[value]] = extractor(sample_rate=RATE, **parameters).fit_transform([samples])
    return value


def shaped(*times_and_amplitudes):
    """Return a tone of 1 kHz whose amplitude goes in straight lines from point to point."""
    times, amplitudes = zip(*times_and_amplitudes, strict=True)
    time = np.arange(round(times[-1] * RATE)) / RATE
    return np.interp(time, times, amplitudes) * np.sin(2 * np.pi * 1000 * time)


def test_duration_is_samples_by_rate():
    assert value_of(DurationExtractor, np.zeros(4000)) == 0.25
    batch = SignalBatch([Signal(np.zeros(4000), 8000), Signal(np.zeros(1000), 8000)])
    assert DurationExtractor().fit_transform(batch).tolist() == [[0.5], [0.125]]


def test_duration_stays_where_the_rate_changes():
    batch = SignalBatch([Signal(np.zeros(44100), 44100)])
    assert DurationExtractor().fit_transform(Resampler(8000).fit_transform(batch)) == [[1]]


@pytest.mark.parametrize("seconds", [0.1, 0.5, 2.0])
def test_a_ramp_takes_70_percent_of_its_length_to_rise_from_20_to_90_percent(seconds):
    ramp = shaped((0, 0), (0.2, 0), (0.2 + seconds, 1), (0.4 + seconds, 1), (0.5 + seconds, 0))
    # Frames of 32 ms round the two corners, each by at most half of that.
    assert value_of(AttackTimeExtractor, ramp, log=False) == pytest.approx(0.7 * seconds, abs=0.008)


@pytest.mark.parametrize(("start", "stop"), [(0.1, 0.8), (0.5, 1.0), (0.0, 0.5)])
def test_thresholds_say_where_an_attack_starts_and_stops(start, stop):
    ramp = shaped((0, 0), (1, 1))
    time = value_of(
        AttackTimeExtractor, ramp, start_threshold=start, stop_threshold=stop, log=False
    )
    assert time == pytest.approx(stop - start, abs=0.03)


def test_log_attack_time_is_the_decimal_logarithm_of_the_attack_time():
    ramp = shaped((0, 0), (0.6, 1), (1, 0))
    seconds = value_of(AttackTimeExtractor, ramp, log=False)
    assert value_of(AttackTimeExtractor, ramp) == pytest.approx(np.log10(seconds))
    assert AttackTimeExtractor().get_feature_names_out() == ["log_attack_time"]
    assert AttackTimeExtractor(log=False).get_feature_names_out() == ["attack_time"]


def test_attack_time_does_not_depend_on_level_or_on_what_comes_after():
    ramp = shaped((0, 0), (0.3, 1), (0.5, 1))
    expected = value_of(AttackTimeExtractor, ramp)
    assert value_of(AttackTimeExtractor, ramp / 128) == expected
    decay = shaped((0, 0), (0.3, 1), (0.5, 1), (2, 0))
    assert value_of(AttackTimeExtractor, decay) == expected


def test_a_step_takes_077_frames_to_rise():
    # The energy of a frame grows with the share of it that is behind the step: from the square
    # of 20 % to that of 90 %.
    step = np.where(np.arange(RATE) < RATE // 2, 0.0, 1.0)
    for frame_length in (256, 512, 1024):
        time = value_of(
            AttackTimeExtractor, step, frame_length=frame_length, hop_length=1, log=False
        )
        assert time == pytest.approx((0.81 - 0.04) * frame_length / RATE, abs=2 / RATE)


@pytest.mark.parametrize("samples", [np.zeros(RATE), np.ones(1), np.ones(100)], ids=len)
def test_what_does_not_rise_has_an_attack_of_one_hop(samples):
    assert value_of(AttackTimeExtractor, samples, log=False) == pytest.approx(64 / RATE)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(0, 1), (1, 1)], 1 / 2),
        ([(0, 0), (1, 1)], 2 / 3),
        ([(0, 1), (1, 0)], 1 / 3),
        ([(0, 0), (1, 1), (2, 0)], 1),
        ([(0, 0), (1, 0), (1.0001, 1), (2, 1)], 3 / 2),
    ],
    ids=["steady", "rising", "falling", "triangle", "late"],
)
def test_temporal_centroid_is_the_centre_of_mass_of_the_envelope(points, expected):
    assert value_of(TemporalCentroidExtractor, shaped(*points)) == pytest.approx(expected, abs=0.01)


def test_temporal_centroid_of_a_decay_is_its_time_constant():
    time = np.arange(3 * RATE) / RATE
    decay = np.exp(-time / 0.2) * np.sin(2 * np.pi * 1000 * time)
    assert value_of(TemporalCentroidExtractor, decay) == pytest.approx(0.2, abs=0.005)


def test_temporal_centroid_of_silence_is_0():
    assert value_of(TemporalCentroidExtractor, np.zeros(RATE)) == 0


def test_crest_factor_is_known_for_simple_waves():
    time = np.arange(RATE) / RATE
    phase = (200 * time + 1e-6) % 1
    assert value_of(CrestFactorExtractor, np.where(phase < 0.5, 1, -1)) == 1
    assert value_of(CrestFactorExtractor, np.sin(2 * np.pi * phase)) == pytest.approx(np.sqrt(2))
    triangle = 4 * np.abs(phase - 0.5) - 1
    assert value_of(CrestFactorExtractor, triangle) == pytest.approx(np.sqrt(3), rel=1e-3)


@pytest.mark.parametrize("n_samples", [1, 100, 10000])
def test_crest_factor_of_a_click_is_the_root_of_the_number_of_samples(n_samples):
    click = np.zeros(n_samples)
    click[n_samples // 2] = -0.5
    assert value_of(CrestFactorExtractor, click) == pytest.approx(np.sqrt(n_samples))


@pytest.mark.parametrize("amplitude", [1e-40, 1e-30, 1e-3, 1.0, 1e14])
def test_crest_factor_does_not_depend_on_the_level(amplitude):
    wave = amplitude * np.tile([3.0, -1.0, 1.0, -1.0], 100)
    assert value_of(CrestFactorExtractor, wave) == pytest.approx(np.sqrt(3), rel=1e-4)


def test_crest_factor_of_silence_is_that_of_a_constant():
    assert value_of(CrestFactorExtractor, np.zeros(100)) == 1
    assert value_of(CrestFactorExtractor, np.full(100, -0.2)) == pytest.approx(1)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.9])
def test_silence_ratio_is_the_share_of_silence(share, noise):
    samples = np.tile(noise, 4)
    samples[: round(share * len(samples))] = 0
    # One frame of 4 hops more or less.
    assert value_of(SilenceRatioExtractor, samples) == pytest.approx(share, abs=4 * 512 / 64000)


@pytest.mark.parametrize("top_db", [20, 40, 60])
def test_silence_is_told_by_its_distance_to_the_loudest_frame(top_db, noise):
    for level, expected in [(-top_db + 1, 0), (-top_db - 1, 0.5)]:
        soft = noise * 10 ** (level / 20)
        ratio = value_of(SilenceRatioExtractor, np.concatenate([noise, soft]), top_db=top_db)
        assert ratio == pytest.approx(expected, abs=0.1)


@pytest.mark.shared_data
@pytest.mark.parametrize("top_db", [30, 60])
def test_silence_ratio_of_recordings_is_what_librosa_splits_off(top_db, shared_data):
    paths = (
        sorted(shared_data.glob("esc10/**/*.*"))[::40]
        + sorted(shared_data.glob("spoken-digits/*.flac"))[::200]
    )
    sounds = [path for path in paths if path.suffix in {".wav", ".ogg", ".flac"}]
    assert len(sounds) >= 10
    for path in sounds:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        samples = samples.mean(axis=1)
        samples = samples[: (len(samples) - 100) // 512 * 512 + 100]  # no frame starts at the end
        if np.abs(samples).max() < 1e-3:
            continue
        intervals = librosa.effects.split(samples, top_db=top_db)
        n_sounding = np.ceil(np.diff(intervals, axis=1) / 512).sum()
        n_frames = 1 + len(samples) // 512
        extractor = SilenceRatioExtractor(top_db=top_db, sample_rate=rate)
        [[ratio]] = extractor.fit_transform([samples])
        assert ratio == pytest.approx(1 - n_sounding / n_frames, abs=1e-6)


def test_silence_at_both_ends_is_what_the_trimmer_cuts_off(noise):
    samples = np.concatenate([np.zeros(20000), noise, np.zeros(30000)])
    [trimmed] = SilenceTrimmer().fit_transform([samples])
    ratio = value_of(SilenceRatioExtractor, samples)
    assert ratio == pytest.approx(1 - len(trimmed) / len(samples), abs=0.01)


@pytest.mark.parametrize("samples", [np.zeros(5000), np.zeros(1), np.full(5000, 9e-6)], ids=str)
def test_what_is_silent_throughout_is_all_silence(samples):
    assert value_of(SilenceRatioExtractor, samples) == 1
    assert value_of(DynamicRangeExtractor, samples) == 0


@pytest.mark.parametrize("step", [6, 20, 60])
def test_dynamic_range_is_the_step_between_loud_and_soft(step, noise):
    steady = np.sign(noise)
    samples = np.concatenate([steady, steady * 10 ** (-step / 20)])
    assert value_of(DynamicRangeExtractor, samples) == pytest.approx(step, abs=0.1)


def test_dynamic_range_is_between_the_quantiles_that_are_given():
    # From -50 dB to 0 dB in a straight line, so that quantiles of the level are known.
    samples = 10 ** (np.linspace(-50, 0, 10 * RATE) / 20)
    for quantiles in [(10, 90), (25.0, 75.0), [5, 50]]:
        extent = value_of(DynamicRangeExtractor, samples, quantile_range=quantiles)
        assert extent == pytest.approx(0.5 * (quantiles[1] - quantiles[0]), abs=0.3)


def test_dynamic_range_leaves_out_a_tenth_at_both_ends_by_default():
    samples = 10 ** (np.linspace(-50, 0, 10 * RATE) / 20)
    assert value_of(DynamicRangeExtractor, samples) == pytest.approx(0.8 * 50, abs=0.3)


def test_dynamic_range_does_not_depend_on_the_level():
    samples = np.random.default_rng(0).normal(size=RATE) * np.linspace(0.1, 1, RATE)
    expected = value_of(DynamicRangeExtractor, samples)
    assert value_of(DynamicRangeExtractor, 0.01 * samples) == pytest.approx(expected, abs=1e-3)


def test_frames_of_silence_count_as_100_db_below_full_scale():
    samples = np.concatenate([np.ones(3 * RATE), np.zeros(3 * RATE)])
    assert value_of(DynamicRangeExtractor, samples) == pytest.approx(100)


@each
@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(RATE),
        np.ones(RATE),
        np.zeros(1),
        np.array([0.5]),
        np.array([1e-45]),
        np.full(3000, 1e15) * np.tile([1, -1], 1500),
        np.tile([1.0, -1.0], RATE),
    ],
    ids=["silence", "constant", "one 0", "one sample", "smallest", "largest", "square"],
)
def test_extreme_signals_give_finite_values(extractor, samples):
    assert np.isfinite(value_of(extractor, samples))


@pytest.mark.parametrize(
    "extractor", [AttackTimeExtractor, DurationExtractor, TemporalCentroidExtractor]
)
def test_times_need_the_rate(extractor):
    with pytest.raises(AudioError, match=r"X\[0\]: the sampling rate .* is not known"):
        extractor().fit_transform([np.zeros(100)])


@pytest.mark.parametrize(
    "extractor", [CrestFactorExtractor, DynamicRangeExtractor, SilenceRatioExtractor]
)
def test_ratios_do_not_need_the_rate(extractor, noise):
    np.testing.assert_array_equal(
        extractor().fit_transform([noise]), extractor(sample_rate=RATE).fit_transform([noise])
    )


@each
def test_a_row_has_one_column_of_the_name_of_the_feature_and_no_statistics(extractor, noise):
    assert extractor(sample_rate=RATE).fit_transform([noise, noise]).shape == (2, 1)
    assert "summary" not in extractor().get_params()
    union = make_union(*[other(sample_rate=RATE) for other in EXTRACTORS])
    assert [name.split("__")[1] for name in union.get_feature_names_out()] == [
        "log_attack_time",
        "crest_factor",
        "duration",
        "dynamic_range",
        "silence_ratio",
        "temporal_centroid",
    ]


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (AttackTimeExtractor(start_threshold=0.9), "0.9 is not below stop_threshold=0.9"),
        (AttackTimeExtractor(start_threshold=-0.1), "'start_threshold' parameter"),
        (AttackTimeExtractor(stop_threshold=1.5), "'stop_threshold' parameter"),
        (SilenceRatioExtractor(top_db=0), "'top_db' parameter"),
        (DynamicRangeExtractor(quantile_range=(90, 10)), "two quantiles in per cent are wanted"),
        (DynamicRangeExtractor(quantile_range=(0.1, 101)), "two quantiles in per cent are wanted"),
        (DynamicRangeExtractor(quantile_range=(10,)), "two quantiles in per cent are wanted"),
        (DynamicRangeExtractor(quantile_range=("a", "b")), "two quantiles in per cent are wanted"),
        (DynamicRangeExtractor(quantile_range=90), "'quantile_range' parameter"),
    ],
    ids=str,
)
def test_wrong_parameters_are_refused(estimator, message, noise):
    with pytest.raises(ValueError, match=message):
        estimator.fit([noise])


@pytest.mark.parametrize(
    ("function", "extractor"),
    [
        ("attack_time", AttackTimeExtractor),
        ("silence_ratio", SilenceRatioExtractor),
        ("dynamic_range", DynamicRangeExtractor),
    ],
)
def test_functions_have_the_defaults_of_the_extractors(function, extractor):
    parameters = inspect.signature(getattr(module, function)).parameters.values()
    defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
    assert defaults
    assert defaults == {name: extractor().get_params()[name] for name in defaults}


def test_crest_factor_takes_the_memory_of_one_copy():
    samples = np.random.default_rng(0).normal(size=2**18).astype(np.float32)
    tracemalloc.start()
    try:
        module.crest_factor(samples)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.1 * samples.nbytes
