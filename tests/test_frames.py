import importlib
import pickle

import librosa
import numpy as np
import pytest
from conftest import RATE, as_kind
from sklearn import clone, config_context
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_audio import (
    AudioError,
    CepstralNormalizer,
    ChromaExtractor,
    Delta,
    FrameStacker,
    MFCCExtractor,
    RMSExtractor,
    SpectralRolloffExtractor,
    Summarizer,
    make_union,
)
from sklearn_audio.base import Frames

EXTRACTORS = [MFCCExtractor, ChromaExtractor, SpectralRolloffExtractor, RMSExtractor]
FRAMES = [np.array([[1.0, 10.0], [3.0, 30.0]]), np.array([[5.0, 50.0]])]
TO_FRAMES = [CepstralNormalizer, Delta, FrameStacker]

each_transformer = pytest.mark.parametrize("transformer", [*TO_FRAMES, Summarizer])
each_to_frames = pytest.mark.parametrize("transformer", TO_FRAMES)


@pytest.fixture
def corpus():
    """Return the frames of five signals of different lengths, float32, as MFCCs go."""
    generator = np.random.default_rng(0)
    offset = np.array([-300.0, 100.0, 20.0, -5.0])
    return [
        (offset + 10 * generator.normal(size=(n_frames, 4))).cumsum(axis=0).astype(np.float32)
        for n_frames in (40, 9, 8, 2, 1)
    ]


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


@each_to_frames
def test_no_signals_are_no_frames(transformer):
    assert transformer().fit(FRAMES).transform([]) == []


@each_transformer
def test_no_signals_in_fit_are_an_error(transformer):
    with pytest.raises(AudioError, match="X holds no signals; the frames of at least one"):
        transformer().fit([])


@pytest.mark.parametrize(
    "item",
    [np.ones(3), np.ones((0, 2)), np.ones((2, 2, 2)), np.array([["a", "b"]]), np.array([[1j, 2j]])],
    ids=["signal", "no frame", "3-D", "words", "complex"],
)
@each_transformer
def test_other_things_than_frames_are_an_error_that_names_them(transformer, item):
    message = r"X\[1\]: frames are arrays \(n_frames, n_values\).*frames with summary=None"
    with pytest.raises(AudioError, match=message):
        transformer().fit([FRAMES[0], item])
    with pytest.raises(AudioError, match=message):
        transformer().fit(FRAMES).transform([FRAMES[0], item])


@each_transformer
def test_what_is_no_list_is_an_error(transformer):
    with pytest.raises(AudioError, match="X is a generator; a list of the frames of signals"):
        transformer().fit(frames for frames in FRAMES)
    with pytest.raises(AudioError, match="X is a NoneType; a list of the frames of signals"):
        transformer().fit(FRAMES).transform(None)


@each_transformer
def test_rows_are_not_frames(transformer, equal_signals):
    pipeline = make_pipeline(RMSExtractor(), transformer())
    with pytest.raises(AudioError, match=r"X\[0\].*Extractors give frames with summary=None"):
        pipeline.fit_transform(equal_signals)


@each_transformer
def test_another_number_of_values_than_in_fit_is_an_error(transformer):
    fitted = transformer().fit(FRAMES)
    with pytest.raises(AudioError, match=r"X\[1\]: a frame has 3 values, but 2 in fit"):
        fitted.transform([FRAMES[0], np.ones((4, 3))])


@each_transformer
def test_signals_of_different_numbers_of_values_are_an_error(transformer):
    with pytest.raises(AudioError, match=r"X\[2\]: a frame has 3 values, but 2 in X\[0\]"):
        transformer().fit([*FRAMES, np.ones((4, 3))])


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


@each_transformer
@pytest.mark.parametrize("value", [np.nan, np.inf, -1e39])
def test_frames_that_float32_does_not_hold_are_refused(transformer, value):
    with pytest.raises(AudioError, match=r"X\[1\]: its frames hold NaN, infinite values, or"):
        transformer().fit([np.ones((2, 1)), np.array([[0.0], [value]])])


@each_transformer
def test_another_number_of_names_than_of_values_is_refused(transformer):
    fitted = transformer().fit([np.ones((3, 2))])
    with pytest.raises(ValueError, match="1 names for the 2 values"):
        fitted.get_feature_names_out(["rms"])


def test_names_of_values_reach_the_columns_of_a_data_frame(equal_signals):
    model = make_pipeline(RMSExtractor(summary=None), Summarizer()).set_output(transform="pandas")
    table = model.fit_transform(equal_signals)
    assert table.columns.tolist() == ["rms_mean", "rms_std"]
    assert table.columns.tolist() == model.get_feature_names_out().tolist()
    assert Summarizer().fit([np.ones((2, 1))]).get_feature_names_out()[0] == "value_0_mean"


@each_to_frames
def test_frames_of_float32_with_their_names_come_out(transformer, equal_signals, kind):
    extractor = MFCCExtractor(n_mfcc=3, summary=None, sample_rate=RATE)
    pipeline = make_pipeline(extractor, transformer())
    frames = pipeline.fit_transform(as_kind(equal_signals, kind))
    assert type(frames) is Frames
    assert {array.dtype for array in frames} == {np.dtype(np.float32)}
    assert frames.value_names == pipeline.get_feature_names_out().tolist()
    assert {array.shape[1] for array in frames} == {len(frames.value_names)}
    assert len(set(frames.value_names)) == len(frames.value_names)
    np.testing.assert_array_equal(
        frames, make_pipeline(extractor, transformer()).fit_transform(equal_signals)
    )


@each_to_frames
@pytest.mark.parametrize("dtype", [np.int16, np.float16, np.float64])
def test_numbers_of_any_kind_are_frames(transformer, dtype):
    frames = [np.arange(24).reshape(12, 2) ** 2 % 50]
    expected = transformer().fit_transform([frames[0].astype(np.float32)])
    result = transformer().fit_transform([frames[0].astype(dtype)])
    assert result[0].dtype == np.float32
    np.testing.assert_allclose(result[0], expected[0], rtol=1e-5, atol=1e-5)


@each_to_frames
def test_frames_that_came_in_stay_what_they_are(transformer, corpus):
    before = [frames.copy() for frames in corpus]
    for frames in transformer().fit_transform(corpus):
        frames[:] = 7
    for frames, copied in zip(corpus, before, strict=True):
        np.testing.assert_array_equal(frames, copied)


def test_frames_that_nothing_is_done_to_are_copies(corpus):
    normalizer = CepstralNormalizer(with_mean=False, with_std=False)
    for frames, result in zip(corpus, normalizer.fit_transform(corpus), strict=True):
        np.testing.assert_array_equal(result, frames)
        assert not np.shares_memory(result, frames)


@each_to_frames
def test_a_pickle_of_a_transformer_of_frames_does_the_same_and_a_clone_is_not_fitted(
    transformer, corpus
):
    fitted = transformer().fit(Frames(corpus, ["a", "b", "c", "d"]))
    loaded = pickle.loads(pickle.dumps(fitted))
    assert loaded.get_feature_names_out().tolist() == fitted.get_feature_names_out().tolist()
    for result, expected in zip(loaded.transform(corpus), fitted.transform(corpus), strict=True):
        np.testing.assert_array_equal(result, expected)
    with pytest.raises(NotFittedError):
        clone(fitted).transform(corpus)


CHAIN = [
    MFCCExtractor(n_mfcc=5, n_deltas=0, hop_length=128, summary=None, sample_rate=RATE),
    CepstralNormalizer(),
    Delta(),
    FrameStacker(n_before=1, n_after=0),
    Summarizer(),
]


def test_transformers_of_frames_follow_one_another(equal_signals):
    rows = make_pipeline(*CHAIN).fit_transform(equal_signals)
    assert rows.shape == (5, 5 * 3 * 2 * 2)
    expected = []
    for frames in CHAIN[0].fit_transform(equal_signals):
        values = StandardScaler().fit_transform(frames.astype(np.float64)).T
        values = np.concatenate([values, *(librosa.feature.delta(values, order=o) for o in (1, 2))])
        values = np.concatenate([np.pad(values, ((0, 0), (1, 0)), mode="edge")[:, :-1], values])
        expected.append(np.concatenate([values.mean(axis=1), values.std(axis=1)]))
    np.testing.assert_allclose(rows, expected, atol=1e-5)


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_a_chain_of_them_is_a_branch_of_a_union_with_named_columns(container, equal_signals, kind):
    signals = as_kind(equal_signals, kind)
    union = make_union(make_pipeline(*CHAIN), RMSExtractor()).set_output(transform=container)
    table = union.fit_transform(signals)
    assert isinstance(table, importlib.import_module(container).DataFrame)
    assert list(table.columns) == union.get_feature_names_out().tolist()
    names = [name.split("__")[1] for name in table.columns]
    assert names[:2] == ["mfcc_0_before_1_mean", "mfcc_1_before_1_mean"]
    assert "mfcc_4_delta2_std" in names
    assert names[-2:] == ["rms_mean", "rms_std"]
    np.testing.assert_array_equal(
        table.to_numpy()[:, :-2], make_pipeline(*CHAIN).fit_transform(equal_signals)
    )


def test_a_global_choice_of_container_leaves_frames_what_they_are(corpus):
    for normalizer in (CepstralNormalizer(), CepstralNormalizer(over="corpus")):
        expected = normalizer.fit_transform(corpus)
        with config_context(transform_output="pandas"):
            frames = clone(normalizer).fit_transform(corpus)
        assert {type(array) for array in frames} == {np.ndarray}
        np.testing.assert_array_equal(frames[0], expected[0])


def test_a_search_tunes_them(equal_signals):
    model = make_pipeline(*CHAIN, LogisticRegression())
    grid = {"cepstralnormalizer__over": ["signal", "corpus"], "delta__n_deltas": [1, 2]}
    signals = np.concatenate([equal_signals, 0.5 * equal_signals])
    search = GridSearchCV(model, grid, cv=2, error_score="raise")
    search.fit(signals, [0, 0, 0, 1, 1, 0, 0, 0, 1, 1])
    assert search.predict(signals).shape == (10,)


@pytest.mark.parametrize("width", [3, 5, 9])
@pytest.mark.parametrize("n_deltas", [1, 2])
def test_deltas_are_those_of_librosa(n_deltas, width, corpus):
    delta = Delta(n_deltas=n_deltas, width=width)
    for frames, result in zip(corpus, delta.fit_transform(corpus), strict=True):
        mode = "interp" if len(frames) >= width else "nearest"
        values = frames.T.astype(np.float64)  # in float32 it rounds where values are large
        expected = [
            librosa.feature.delta(values, width=width, order=order, mode=mode).T
            for order in range(1, n_deltas + 1)
        ]
        np.testing.assert_allclose(
            result, np.concatenate([frames, *expected], axis=1), rtol=1e-5, atol=1e-5
        )


def test_delta_behind_coefficients_alone_is_the_extractor_with_its_deltas(equal_signals):
    static = MFCCExtractor(n_deltas=0, summary=None, sample_rate=RATE)
    rows = make_pipeline(static, Delta(), Summarizer()).fit_transform(equal_signals)
    np.testing.assert_array_equal(
        rows, MFCCExtractor(sample_rate=RATE).fit_transform(equal_signals)
    )


def test_deltas_of_a_line_and_a_parabola_are_known():
    time = np.arange(20.0)
    frames = np.stack([3 * time, time**2], axis=1)
    [result] = Delta().fit_transform([frames])
    np.testing.assert_allclose(result[:, 2], 3, atol=1e-5)
    np.testing.assert_allclose(result[4:-4, 3], 2 * time[4:-4], atol=1e-4)
    np.testing.assert_allclose(result[:, 4:], np.tile([0, 2], (20, 1)), atol=1e-4)


def test_deltas_have_the_name_of_the_value():
    delta = Delta(n_deltas=3).fit(Frames(FRAMES, ["rms", "pitch"]))
    assert delta.get_feature_names_out().tolist() == [
        *("rms", "pitch", "rms_delta", "pitch_delta"),
        *("rms_delta2", "pitch_delta2", "rms_delta3", "pitch_delta3"),
    ]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_deltas": 0}, "'n_deltas' parameter of Delta"),
        ({"width": 1}, "'width' parameter of Delta"),
        ({"width": 4}, "width=4 for n_deltas=2; an odd number of frames"),
        ({"width": 3, "n_deltas": 3}, "width=3 for n_deltas=3; an odd number of frames above"),
    ],
)
def test_a_wrong_width_of_deltas_is_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        Delta(**parameters).fit(FRAMES)


@pytest.mark.parametrize("n_before", [0, 1, 3, 50])
def test_frames_with_those_before_them_are_the_memory_of_librosa(n_before, corpus):
    stacker = FrameStacker(n_before=n_before, n_after=0)
    for frames, result in zip(corpus, stacker.fit_transform(corpus), strict=True):
        # It puts the present first and the farthest past last.
        memory = librosa.feature.stack_memory(frames.T, n_steps=n_before + 1, mode="edge").T
        expected = memory.reshape(len(frames), n_before + 1, 4)[:, ::-1].reshape(len(frames), -1)
        np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("n_after", [1, 3, 50])
def test_frames_with_those_after_them_are_the_memory_of_librosa_of_what_comes(n_after, corpus):
    stacker = FrameStacker(n_before=0, n_after=n_after)
    for frames, result in zip(corpus, stacker.fit_transform(corpus), strict=True):
        expected = librosa.feature.stack_memory(
            frames.T, n_steps=n_after + 1, delay=-1, mode="edge"
        ).T
        np.testing.assert_array_equal(result, expected)


def test_a_window_has_its_frame_in_the_middle_and_the_ends_repeated():
    frames = np.array([[1, 10], [2, 20], [3, 30], [4, 40]])
    stacker = FrameStacker(n_before=2, n_after=1)
    [windows] = stacker.fit_transform(Frames([frames], ["a", "b"]))
    assert windows.tolist() == [
        [1, 10, 1, 10, 1, 10, 2, 20],
        [1, 10, 1, 10, 2, 20, 3, 30],
        [1, 10, 2, 20, 3, 30, 4, 40],
        [2, 20, 3, 30, 4, 40, 4, 40],
    ]
    assert stacker.get_feature_names_out().tolist() == [
        *("a_before_2", "b_before_2", "a_before_1", "b_before_1"),
        *("a", "b", "a_after_1", "b_after_1"),
    ]


@pytest.mark.parametrize("hop", [2, 3, 100])
def test_a_hop_leaves_windows_out(hop, corpus):
    everything = FrameStacker().fit_transform(corpus)
    some = FrameStacker(hop=hop).fit_transform(corpus)
    for windows, all_windows in zip(some, everything, strict=True):
        np.testing.assert_array_equal(windows, all_windows[::hop])


@pytest.mark.parametrize("parameter", ["n_before", "n_after", "hop"])
def test_a_window_of_less_than_no_frames_is_refused(parameter):
    with pytest.raises(ValueError, match=f"'{parameter}' parameter of FrameStacker"):
        FrameStacker(**{parameter: -1}).fit(FRAMES)


SCALINGS = [(True, True), (True, False), (False, True), (False, False)]


@pytest.mark.parametrize(("with_mean", "with_std"), SCALINGS)
def test_a_signal_is_normalised_as_its_frames_by_scikit_learn(with_mean, with_std, corpus):
    parameters = {"with_mean": with_mean, "with_std": with_std}
    results = CepstralNormalizer(**parameters).fit_transform(corpus)
    for frames, result in zip(corpus, results, strict=True):
        expected = StandardScaler(**parameters).fit_transform(frames.astype(np.float64))
        np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("with_mean", "with_std"), SCALINGS)
def test_a_corpus_is_normalised_as_all_its_frames_by_scikit_learn(with_mean, with_std, corpus):
    parameters = {"with_mean": with_mean, "with_std": with_std}
    normalizer = CepstralNormalizer(over="corpus", **parameters).fit(corpus[:3])
    scaler = StandardScaler(**parameters).fit(np.concatenate(corpus[:3]).astype(np.float64))
    for frames, result in zip(corpus, normalizer.transform(corpus), strict=True):
        expected = scaler.transform(frames.astype(np.float64))
        np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)
    # Summed up signal by signal, by the same formulas.
    merged = StandardScaler()
    for frames in corpus[:3]:
        merged.partial_fit(frames.astype(np.float64))
    np.testing.assert_allclose(normalizer.mean_, merged.mean_)
    np.testing.assert_allclose(normalizer.scale_, merged.scale_)


def test_over_the_signal_the_others_and_what_was_fitted_do_not_matter(corpus):
    fitted = CepstralNormalizer().fit(corpus[:1])
    [alone] = fitted.transform([corpus[1]])
    np.testing.assert_array_equal(fitted.transform(corpus)[1], alone)
    np.testing.assert_array_equal(CepstralNormalizer().fit_transform(corpus)[1], alone)


def test_a_channel_falls_out_over_the_signal_and_not_over_the_corpus(corpus):
    channel = np.array([100.0, -20.0, 3.0, 50.0])
    filtered = [frames + channel for frames in corpus]
    for over, falls_out in [("signal", True), ("corpus", False)]:
        normalizer = CepstralNormalizer(over=over).fit(corpus)
        there, gone = normalizer.transform(corpus)[0], normalizer.transform(filtered)[0]
        assert np.allclose(there, gone, atol=1e-4) == falls_out


@pytest.mark.parametrize("over", ["signal", "corpus"])
@pytest.mark.parametrize("value", [0.0, 0.1, 1 / 3, -1e6, 1e30])
def test_a_constant_value_becomes_0(over, value):
    frames = [np.full((1000, 2), value), np.full((3, 2), value)]
    for result in CepstralNormalizer(over=over).fit_transform(frames):
        np.testing.assert_allclose(result, 0, atol=1e-9 * max(abs(value), 1e-9))
    for result in CepstralNormalizer(over=over, with_mean=False).fit_transform(frames):
        np.testing.assert_allclose(result, value, rtol=1e-6)


def test_over_a_single_frame_every_value_is_constant():
    [frames] = CepstralNormalizer().fit_transform([np.array([[3.0, -4.0]])])
    assert frames.tolist() == [[0, 0]]


def test_normalising_keeps_the_names():
    normalizer = CepstralNormalizer().fit(Frames(FRAMES, ["rms", "pitch"]))
    assert normalizer.get_feature_names_out().tolist() == ["rms", "pitch"]


def test_normalising_over_something_else_is_refused():
    with pytest.raises(ValueError, match="'over' parameter of CepstralNormalizer"):
        CepstralNormalizer(over="speaker").fit(FRAMES)
