import numpy as np
import pyloudnorm
import pytest
import soundfile
from scipy.signal import sosfreqz

from sklearn_audio import (
    AudioError,
    LoudnessExtractor,
    MomentaryLoudnessExtractor,
    RMSExtractor,
    Signal,
    SignalBatch,
    make_union,
)
from sklearn_audio.features.loudness import (
    integrated_loudness,
    k_weighted,
    k_weighting,
    loudness_range,
    momentary_loudness,
)

RATE = 48000
# The tolerances of EBU Tech 3341 and EBU Tech 3342.
LOUDNESS_TOLERANCE = 0.1
RANGE_TOLERANCE = 1.0


def tones(*levels_and_seconds, rate=RATE):
    """Return tones of 1 kHz, one after the other, of levels that both channels of stereo have.

    The test signals of the EBU are alike in both channels. One channel needs twice the power.
    """
    amplitude = np.concatenate(
        [
            np.full(round(seconds * rate), np.sqrt(2) * 10 ** (level / 20))
            for level, seconds in levels_and_seconds
        ]
    )
    time = np.arange(len(amplitude)) / rate
    return (amplitude * np.sin(2 * np.pi * 1000 * time)).astype(np.float32)


def row_of(samples, rate=RATE):
    [row] = LoudnessExtractor(sample_rate=rate).fit_transform([samples])
    return row


def frames_of(samples, rate=RATE):
    [frames] = MomentaryLoudnessExtractor(summary=None, sample_rate=rate).fit_transform([samples])
    return frames.ravel()


def test_coefficients_at_48_khz_are_those_of_the_standard():
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285]
    shelf += [1.0, -1.69065929318241, 0.73248077421585]
    high_pass = [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621]
    # The table of the standard is rounded to what its 26-bit example needs.
    np.testing.assert_allclose(k_weighting(48000), [shelf, high_pass], rtol=1e-8)


@pytest.mark.parametrize(
    ("rate", "tolerance"),
    [(8000, 0.25), (11025, 0.15), (16000, 0.1), (22050, 0.05), (44100, 0.01), (96000, 0.01)],
)
def test_filters_of_all_rates_weight_frequencies_alike(rate, tolerance):
    # Up to 1 kHz; above, the bilinear transform bends the shelf near half a low rate.
    frequencies = np.geomspace(10, 1000, 50)
    [expected, response] = [
        20 * np.log10(np.abs(sosfreqz(k_weighting(r), frequencies, fs=r)[1])) for r in (RATE, rate)
    ]
    np.testing.assert_allclose(response, expected, atol=tolerance)


def test_full_scale_has_3_lufs_below_0():
    # The standard: a sine of 997 Hz and full scale in one channel reads -3.01 LKFS.
    sine = np.sin(2 * np.pi * 997 * np.arange(5 * RATE) / RATE)
    assert row_of(sine)[0] == pytest.approx(-3.01, abs=0.01)


def test_low_frequencies_count_less_and_high_ones_more():
    def loudness(frequency):
        return row_of(0.1 * np.sin(2 * np.pi * frequency * np.arange(RATE) / RATE))[0]

    assert loudness(30) < loudness(1000) - 6
    assert loudness(8000) == pytest.approx(loudness(1000) + 3.3, abs=0.2)


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ([(-23, 20)], -23),
        ([(-33, 20)], -33),
        ([(-36, 10), (-23, 60), (-36, 10)], -23),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23),
    ],
    ids=["1", "2", "3", "4", "5"],
)
@pytest.mark.parametrize("rate", [22050, 48000])
def test_integrated_loudness_of_the_signals_of_ebu_tech_3341(segments, expected, rate):
    loudness, _ = row_of(tones(*segments, rate=rate), rate)
    assert loudness == pytest.approx(expected, abs=LOUDNESS_TOLERANCE)


@pytest.mark.parametrize("level", [-23, -33])
def test_momentary_loudness_of_the_steady_signals_of_ebu_tech_3341(level):
    frames = frames_of(tones((level, 20)))
    np.testing.assert_allclose(frames, level, atol=LOUDNESS_TOLERANCE)
    assert len(frames) == 197


def test_momentary_loudness_of_signal_12_of_ebu_tech_3341_is_steady_after_a_second():
    frames = frames_of(tones(*[(-20, 0.18), (-30, 0.22)] * 25))
    np.testing.assert_allclose(frames[10:], -23, atol=LOUDNESS_TOLERANCE)


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ([(-20, 20), (-30, 20)], 10),
        ([(-20, 20), (-15, 20)], 5),
        ([(-40, 20), (-20, 20)], 20),
        ([(-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)], 15),
    ],
    ids=["1", "2", "3", "4"],
)
@pytest.mark.parametrize("rate", [16000, 48000])
def test_loudness_range_of_the_signals_of_ebu_tech_3342(segments, expected, rate):
    _, extent = row_of(tones(*segments, rate=rate), rate)
    assert extent == pytest.approx(expected, abs=RANGE_TOLERANCE)


def music(shared_data):
    """Yield samples and rate of the first half minute of recordings, in whole 100 ms."""
    for path in sorted(shared_data.glob("music/*.ogg")):
        rate = soundfile.info(path).samplerate
        samples, _ = soundfile.read(path, frames=30 * rate, dtype="float32", always_2d=True)
        hop = rate // 10
        yield samples.mean(axis=1)[: len(samples) // hop * hop], rate


@pytest.mark.shared_data
def test_loudness_of_recordings_is_that_of_pyloudnorm(shared_data):
    # Its filters "DeMan" are those of the standard at 48 kHz, so the samples are taken for
    # that; whole 100 ms, because it counts an incomplete last block that is more than half there.
    meter = pyloudnorm.Meter(RATE, filter_class="DeMan")
    recordings = list(music(shared_data))
    assert len(recordings) >= 10
    for samples, _ in recordings:
        samples = samples[: len(samples) // 4800 * 4800]
        expected = meter.integrated_loudness(samples.astype(np.float64))
        assert row_of(samples)[0] == pytest.approx(expected, abs=1e-4)
        np.testing.assert_allclose(
            frames_of(samples), np.maximum(meter.blockwise_loudness, -70), atol=1e-4
        )


@pytest.mark.shared_data
def test_loudness_of_recordings_at_their_rate_is_within_a_tenth_of_pyloudnorm(shared_data):
    # Its high-pass gains up to 0.05 dB where the rate is not 48 kHz.
    for samples, rate in music(shared_data):
        if rate >= 22050:
            meter = pyloudnorm.Meter(rate, filter_class="DeMan")
            expected = meter.integrated_loudness(samples.astype(np.float64))
            assert row_of(samples, rate)[0] == pytest.approx(expected, abs=LOUDNESS_TOLERANCE)


@pytest.mark.shared_data
def test_loudness_range_of_recordings_is_that_of_pyloudnorm(shared_data):
    # It puts 1.5 s of silence behind the signal, and starts a short term every 90 ms in place of
    # 100 ms, so that the percentiles are of other blocks: of few ones where it is short.
    meter = pyloudnorm.Meter(RATE, filter_class="DeMan")
    for samples, _ in music(shared_data):
        if len(samples) >= 5 * RATE:
            expected = meter.loudness_range(samples.astype(np.float64))
            continued = np.pad(samples, (0, 3 * RATE // 2))
            tolerance = 0.05 if len(samples) >= 20 * RATE else RANGE_TOLERANCE
            assert row_of(continued)[1] == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("rate", [11025, 22050, 44100])
def test_blocks_are_mean_squares_of_the_weighted_signal(rate):
    # 100 ms of 11,025 Hz are no whole number of samples: they have 1102 and 1103 in turn.
    samples = 0.1 * np.random.default_rng(0).normal(size=round(3.27 * rate))
    samples *= np.linspace(0.1, 1, len(samples))
    weighted = k_weighted(samples, rate)
    starts = [int(k * rate / 10) for k in range(29)]
    powers = [np.mean(weighted[start : start + int(0.4 * rate)] ** 2) for start in starts]
    expected = -0.691 + 10 * np.log10(powers)
    np.testing.assert_allclose(momentary_loudness(samples, rate), expected, atol=0.01)


def test_a_block_that_is_not_complete_does_not_count():
    sine = tones((-23, 2))
    cut = np.concatenate([sine[: -RATE // 100], np.ones(RATE // 100 - 1)])
    np.testing.assert_array_equal(frames_of(cut), frames_of(sine)[:-1])


def test_pauses_do_not_count_in_the_integrated_loudness():
    sine = tones((-23, 10))
    pause = np.zeros(20 * RATE)
    with_pauses = row_of(np.concatenate([pause, sine, pause]))[0]
    # Of the blocks, 97 are full and six partly: 100 of 103 parts.
    assert with_pauses == pytest.approx(-23 + 10 * np.log10(100 / 103), abs=0.02)


def test_loudness_range_is_from_the_10th_to_the_95th_percentile():
    # A level that rises in a straight line from -45 to -25 dB in a minute: short terms are the
    # means of 3 s, so they span 57 s of it.
    time = np.arange(60 * 16000) / 16000
    swell = 10 ** ((-45 + time / 3) / 20) * np.sin(2 * np.pi * 1000 * time)
    assert row_of(swell, 16000)[1] == pytest.approx(0.85 * 57 / 3, abs=0.05)


def test_twice_the_samples_are_6_lu_more():
    noise = 0.01 * np.random.default_rng(0).normal(size=5 * RATE)
    soft, loud = row_of(noise), row_of(2 * noise)
    assert loud[0] - soft[0] == pytest.approx(20 * np.log10(2), abs=1e-4)
    assert loud[1] == pytest.approx(soft[1], abs=1e-4)


@pytest.mark.parametrize(
    "samples",
    [np.zeros(5 * RATE), np.zeros(1), np.full(1, 1e-30), np.full(5 * RATE, 1e-5)],
    ids=["silence", "one 0", "one tiny sample", "less than the gate"],
)
def test_silence_is_at_the_absolute_gate(samples):
    assert row_of(samples).tolist() == [-70, 0]
    assert set(frames_of(samples).tolist()) == {-70}


def test_frames_below_the_absolute_gate_are_raised_to_it():
    frames = frames_of(tones((-23, 1), (-80, 1)))
    assert frames[0] == pytest.approx(-23, abs=LOUDNESS_TOLERANCE)
    assert frames[-1] == -70


@pytest.mark.parametrize("n_samples", [1, 100, RATE // 10, RATE // 3, 2 * RATE // 5 - 1])
def test_a_signal_shorter_than_a_block_is_continued_by_silence(n_samples):
    samples = tones((-10, 1))[:n_samples] + np.float32(0.1)
    block = np.pad(samples, (0, 2 * RATE // 5 - n_samples))
    assert frames_of(samples).tolist() == frames_of(block).tolist()
    assert row_of(samples).tolist() == row_of(block).tolist()


def test_a_signal_shorter_than_3_s_has_no_range():
    steps = tones((-40, 1), (-20, 1.9))
    assert row_of(steps)[1] == 0
    assert row_of(np.concatenate([steps, tones((-10, 0.3))]))[1] > 1


@pytest.mark.parametrize("amplitude", [1.0, 1e15])
def test_squares_of_full_scale_and_more_are_finite(amplitude):
    square = amplitude * np.tile(np.repeat([1.0, -1.0], 24), 5000)
    loudness, extent = row_of(square)
    assert loudness == pytest.approx(20 * np.log10(amplitude) + 0.5, abs=1)
    assert extent == pytest.approx(0, abs=0.01)


def test_a_constant_cannot_be_heard():
    assert frames_of(np.ones(2 * RATE))[-1] == -70


@pytest.mark.parametrize("extractor", [LoudnessExtractor, MomentaryLoudnessExtractor])
def test_a_rate_is_needed(extractor):
    with pytest.raises(AudioError, match=r"X\[0\]: the sampling rate .* is not known"):
        extractor().fit_transform([np.zeros(100)])


def test_a_rate_too_low_for_the_filters_is_refused():
    with pytest.raises(AudioError, match=r"X\[0\]: its rate is 3000 Hz.*resample it at 8000 Hz"):
        LoudnessExtractor(sample_rate=3000).fit_transform([np.zeros(3000)])


def test_functions_of_one_signal_give_the_row():
    samples = tones((-30, 4), (-20, 4))
    expected = [integrated_loudness(samples, RATE), loudness_range(samples, RATE)]
    np.testing.assert_array_equal(row_of(samples), np.float32(expected))


def test_columns_are_named():
    union = make_union(LoudnessExtractor(), MomentaryLoudnessExtractor(summary=["mean", "max"]))
    batch = SignalBatch([Signal(tones((-23, 1)), RATE)])
    rows = union.fit_transform(batch)
    assert [name.split("__")[1] for name in union.get_feature_names_out()] == [
        "integrated_loudness",
        "loudness_range",
        "momentary_loudness_mean",
        "momentary_loudness_max",
    ]
    np.testing.assert_allclose(rows, [[-23, 0, -23, -23]], atol=LOUDNESS_TOLERANCE)


def test_loudness_is_not_the_root_mean_square():
    # Two tones of one level, of which the ear hears the higher one better.
    pair = [0.1 * np.sin(2 * np.pi * f * np.arange(RATE) / RATE) for f in (60, 3000)]
    level = RMSExtractor(summary=["median"]).fit_transform(pair)
    loudness = LoudnessExtractor(sample_rate=RATE).fit_transform(pair)[:, 0]
    np.testing.assert_allclose(level[0], level[1], rtol=0.05)
    assert loudness[1] > loudness[0] + 3
