import importlib
import pickle

import numpy as np
import pytest
from conftest import RATE, as_kind
from sklearn import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from sklearn_audio import (
    AudioError,
    ChromaExtractor,
    MFCCExtractor,
    RMSExtractor,
    SpectralRolloffExtractor,
    Summarizer,
)

EXTRACTORS = [MFCCExtractor, ChromaExtractor, SpectralRolloffExtractor, RMSExtractor]
FRAMES = [np.array([[1.0, 10.0], [3.0, 30.0]]), np.array([[5.0, 50.0]])]


@pytest.mark.parametrize("summary", [("mean", "std"), ["q05", "skew", "slope"]], ids=str)
@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_summarizer_behind_an_extractor_is_the_extractor_with_its_summary(
    extractor, summary, equal_signals, kind
):
    signals = as_kind(equal_signals, kind)
    frames = extractor(summary=None, sample_rate=RATE)
    pipeline = make_pipeline(frames, Summarizer(summary=summary))
    direct = extractor(summary=summary, sample_rate=RATE)
    rows = pipeline.fit_transform(signals)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, direct.fit_transform(signals))
    assert pipeline.get_feature_names_out().tolist() == direct.get_feature_names_out().tolist()


def test_signals_of_different_lengths_give_one_row_each(equal_signals):
    signals = [equal_signals[0], equal_signals[1][:700], equal_signals[2][:1]]
    pipeline = make_pipeline(MFCCExtractor(summary=None, sample_rate=RATE), Summarizer())
    np.testing.assert_array_equal(
        pipeline.fit_transform(signals), MFCCExtractor(sample_rate=RATE).fit_transform(signals)
    )


def test_one_array_of_equally_many_frames_is_the_list_of_them():
    frames = np.random.default_rng(0).normal(size=(4, 6, 3))
    np.testing.assert_array_equal(
        Summarizer().fit_transform(frames), Summarizer().fit_transform(list(frames))
    )


def test_rows_are_statistics_by_statistic():
    rows = Summarizer(summary=["max", "mean"]).fit_transform(FRAMES)
    assert rows.tolist() == [[3, 30, 2, 20], [5, 50, 5, 50]]


def test_whole_numbers_are_frames_too():
    assert Summarizer(summary=["mean"]).fit_transform([np.array([[1], [2]])]).tolist() == [[1.5]]


def test_names_without_any_are_numbered():
    summarizer = Summarizer(summary=["mean", "q05"]).fit(FRAMES)
    assert summarizer.n_features_in_ == 2
    expected = ["value_0_mean", "value_1_mean", "value_0_q05", "value_1_q05"]
    assert summarizer.get_feature_names_out().tolist() == expected
    named = summarizer.get_feature_names_out(["loudness", "pitch"])
    assert named.tolist() == ["loudness_mean", "pitch_mean", "loudness_q05", "pitch_q05"]


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_rows_come_in_the_container_that_is_asked_for(container):
    library = importlib.import_module(container)
    table = Summarizer().set_output(transform=container).fit_transform(FRAMES)
    assert isinstance(table, library.DataFrame)
    assert list(table.columns) == ["value_0_mean", "value_1_mean", "value_0_std", "value_1_std"]
    np.testing.assert_array_equal(table.to_numpy(), Summarizer().fit_transform(FRAMES))


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_a_pipeline_hands_the_frames_on_as_they_are(container, equal_signals):
    library = importlib.import_module(container)
    pipeline = make_pipeline(RMSExtractor(summary=None), Summarizer())
    table = pipeline.set_output(transform=container).fit_transform(equal_signals)
    assert isinstance(table, library.DataFrame)
    np.testing.assert_array_equal(table.to_numpy(), RMSExtractor().fit_transform(equal_signals))


@pytest.mark.parametrize("copy", [clone, lambda summarizer: pickle.loads(pickle.dumps(summarizer))])
def test_copies_do_the_same(copy):
    summarizer = Summarizer(summary=["q97.5", "std"]).fit(FRAMES)
    copied = copy(summarizer)
    assert copied.summary == ["q97.5", "std"]
    np.testing.assert_array_equal(
        copied.fit(FRAMES).transform(FRAMES), summarizer.transform(FRAMES)
    )


def test_a_pickle_is_still_fitted_and_a_clone_is_not():
    summarizer = Summarizer().fit(FRAMES)
    assert pickle.loads(pickle.dumps(summarizer)).transform(FRAMES).shape == (2, 4)
    with pytest.raises(NotFittedError):
        clone(summarizer).transform(FRAMES)
    with pytest.raises(NotFittedError):
        clone(summarizer).get_feature_names_out()


def test_no_signals_are_no_rows():
    assert Summarizer().fit(FRAMES).transform([]).shape == (0, 4)


def test_no_signals_in_fit_are_an_error():
    with pytest.raises(AudioError, match="X holds no signals; the frames of at least one"):
        Summarizer().fit([])


@pytest.mark.parametrize(
    "item",
    [np.ones(3), np.ones((0, 2)), np.ones((2, 2, 2)), np.array([["a", "b"]]), np.array([[1j, 2j]])],
    ids=["signal", "no frame", "3-D", "words", "complex"],
)
def test_other_things_than_frames_are_an_error_that_names_them(item):
    message = r"X\[1\]: frames are arrays \(n_frames, n_values\).*frames with summary=None"
    with pytest.raises(AudioError, match=message):
        Summarizer().fit([FRAMES[0], item])
    with pytest.raises(AudioError, match=message):
        Summarizer().fit(FRAMES).transform([FRAMES[0], item])


def test_rows_are_not_frames(equal_signals):
    pipeline = make_pipeline(RMSExtractor(), Summarizer())
    with pytest.raises(AudioError, match=r"X\[0\].*Extractors give frames with summary=None"):
        pipeline.fit_transform(equal_signals)


def test_another_number_of_values_than_in_fit_is_an_error():
    summarizer = Summarizer().fit(FRAMES)
    with pytest.raises(AudioError, match=r"X\[1\]: a frame has 3 values, but 2 in fit"):
        summarizer.transform([FRAMES[0], np.ones((4, 3))])


@pytest.mark.parametrize(
    ("summary", "message"),
    [
        (None, "'summary' parameter of Summarizer"),
        ("mean", "'summary' parameter of Summarizer"),
        ((), r"summary=\(\); a list or tuple of statistics is wanted"),
        (("mode",), "'mode' is not a statistic"),
        (("mean", "mean"), "names a statistic twice"),
    ],
)
def test_a_wrong_summary_is_refused(summary, message):
    with pytest.raises(ValueError, match=message):
        Summarizer(summary=summary).fit(FRAMES)


def test_frames_that_are_not_finite_are_refused():
    with pytest.raises(AudioError, match=r"X\[1\]: its frames hold NaN"):
        Summarizer().fit([np.ones((2, 1)), np.array([[np.nan]])])


def test_another_number_of_names_than_of_values_is_refused():
    summarizer = Summarizer().fit([np.ones((3, 2))])
    with pytest.raises(ValueError, match="1 names for the 2 values"):
        summarizer.get_feature_names_out(["rms"])


def test_names_of_values_reach_the_columns_of_a_data_frame(equal_signals):
    model = make_pipeline(RMSExtractor(summary=None), Summarizer()).set_output(transform="pandas")
    table = model.fit_transform(equal_signals)
    assert table.columns.tolist() == ["rms_mean", "rms_std"]
    assert table.columns.tolist() == model.get_feature_names_out().tolist()
    assert Summarizer().fit([np.ones((2, 1))]).get_feature_names_out()[0] == "value_0_mean"
