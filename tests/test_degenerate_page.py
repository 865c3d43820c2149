"""docs/user_guide/degenerate_signals.md says what is computed."""

import re

import numpy as np
import pytest
from conftest import RATE, ROOT
from test_common import EXTRACTORS, STEPS, name_of

import sklearn_audio
from sklearn_audio import (
    AudioError,
    HarmonicSeparator,
    HTKMFCCExtractor,
    KaldiFilterBankExtractor,
    LoudnessExtractor,
    MFCCExtractor,
    MomentaryLoudnessExtractor,
    OnsetStrengthExtractor,
    PercussiveSeparator,
    PYINExtractor,
    RMSExtractor,
    YINExtractor,
)

PAGE = (ROOT / "docs/user_guide/degenerate_signals.md").read_text()
CELLS = {
    name: cells
    for name, *cells in re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (.+) \|$", PAGE, re.M)
}
ROWS = {name: cells for name, cells in CELLS.items() if name.endswith("Extractor")}
STEP_ROWS = {name: cells for name, cells in CELLS.items() if name not in ROWS}
SECOND = np.zeros(22050)
NOISE = 0.1 * np.random.default_rng(0).normal(size=22050)


def frames_of(extractor, samples):
    if "summary" in extractor.get_params():
        extractor.set_params(summary=None)
    return np.atleast_2d(extractor.fit_transform([samples])[0])


def values_in(cell, names):
    """Return the values that a cell tells: "0", "all -100", or "`name` -70, others 0"."""
    named = dict(re.findall(r"`(\w+)` (-?[\d.]+)", cell))
    rest = re.search(r"^(?:all )?(-?[\d.]+)|others (-?[\d.]+)", cell)
    default = rest[1] or rest[2]
    assert set(named) <= set(names)
    return [float(named.get(name, default)) for name in names]


def test_the_tables_have_every_extractor_and_all_steps_but_three():
    assert set(ROWS) == {name_of(extractor) for extractor in EXTRACTORS}
    others = {"Resampler", "HarmonicSeparator", "PercussiveSeparator"}
    assert {*STEP_ROWS, *others} == {name_of(step) for step in STEPS}


@pytest.mark.parametrize("name", ROWS)
def test_silence_gives_what_the_table_says(name):
    extractor = getattr(sklearn_audio, name)(sample_rate=22050)
    frames = frames_of(extractor, SECOND)
    expected = values_in(ROWS[name][0], extractor.value_names())
    for frame in frames:
        np.testing.assert_allclose(frame, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("name", ROWS)
def test_one_sample_of_silence_has_the_frames_of_the_table_each_like_longer_silence(name):
    extractor = getattr(sklearn_audio, name)(sample_rate=22050)
    frames = frames_of(extractor, SECOND[:1])
    assert len(frames) == int(ROWS[name][2])
    if name != "DurationExtractor":
        expected = values_in(ROWS[name][0], extractor.value_names())
        np.testing.assert_allclose(frames, [expected] * len(frames), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("name", ROWS)
def test_very_faint_noise_is_like_louder_noise_or_like_silence_as_the_table_says(name):
    extractor = getattr(sklearn_audio, name)(sample_rate=22050)
    silent, faint, loud = extractor.fit_transform([SECOND, 1e-30 * NOISE, NOISE])
    if ROWS[name][1] == "like louder":
        np.testing.assert_allclose(faint, loud, rtol=1e-3, atol=1e-9)
    else:
        assert ROWS[name][1] == "silence"
        np.testing.assert_allclose(faint, silent, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("name", STEP_ROWS)
def test_steps_give_what_the_table_says(name):
    [step] = [step for step in STEPS if name_of(step) == name]
    cells = [float(re.match(r"[\d.]+", cell)[0]) for cell in STEP_ROWS[name]]
    for samples, expected in zip([SECOND[:99], np.full(99, 0.5), [0.5]], cells, strict=True):
        [processed] = step.fit_transform([np.array(samples)])
        np.testing.assert_allclose(processed[0], expected, rtol=2e-4)


@pytest.mark.parametrize("samples", [np.full(99, 0.5), np.array([0.5]), NOISE[:3000]])
def test_what_the_separators_make_of_a_signal_adds_up_to_it(samples):
    [harmonic] = HarmonicSeparator().fit_transform([samples])
    [percussive] = PercussiveSeparator().fit_transform([samples])
    np.testing.assert_allclose(harmonic + percussive, samples, atol=1e-6)


@pytest.mark.parametrize("step", STEPS, ids=name_of)
def test_every_step_makes_silence_of_silence(step):
    [processed] = step.fit_transform([SECOND])
    assert (processed == 0).all()


def test_a_constant_has_the_pitch_and_onsets_of_silence():
    constant = np.full(22050, 0.5)
    for extractor in [YINExtractor, PYINExtractor]:
        within = frames_of(extractor(sample_rate=22050, center=False), constant)
        silent = frames_of(extractor(sample_rate=22050, center=False), SECOND)
        np.testing.assert_array_equal(within, silent)
    onsets = frames_of(OnsetStrengthExtractor(sample_rate=22050, center=False), constant)
    np.testing.assert_allclose(onsets, 0, atol=1e-3)


@pytest.mark.parametrize("n_samples", [1, 511, 512, 2047, 2048, 2049])
def test_short_signals_have_the_frames_that_the_page_says(n_samples):
    for extractor in [MFCCExtractor(sample_rate=RATE), RMSExtractor()]:
        assert len(frames_of(extractor, NOISE[:n_samples])) == 1 + n_samples // 512
        extractor.set_params(center=False)
        if n_samples >= 2048:
            assert len(frames_of(extractor, NOISE[:n_samples])) == 1
        else:
            with pytest.raises(AudioError, match="fewer than the 2048 of one frame"):
                extractor.fit_transform([NOISE[:n_samples]])


@pytest.mark.parametrize(
    "extractor",
    [
        KaldiFilterBankExtractor(sample_rate=RATE),
        HTKMFCCExtractor(sample_rate=RATE),
        MomentaryLoudnessExtractor(sample_rate=RATE),
        LoudnessExtractor(sample_rate=RATE),
    ],
    ids=name_of,
)
def test_these_continue_short_signals_by_silence_to_one_frame(extractor):
    length = 3200 if "Loudness" in name_of(extractor) else 200
    short = NOISE[: length // 4]
    continued = np.pad(short, (0, length - len(short)))
    frames = frames_of(extractor, short)
    assert len(frames) == 1
    np.testing.assert_allclose(frames, frames_of(extractor, continued), rtol=1e-4, atol=1e-4)


def test_statistics_of_one_frame_are_those_of_the_page():
    zero = ["std", "var", "range", "iqr", "skew", "kurtosis", "slope"]
    zero += ["difference_mean", "difference_std"]
    frame = ["mean", "min", "max", "median", "q05"]
    row = RMSExtractor(summary=zero + frame).fit_transform([np.ones(100)])[0]
    value = np.sqrt(np.float32(100 / 2048))
    np.testing.assert_allclose(row, [0] * len(zero) + [value] * len(frame), rtol=1e-6)
