import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.fft
import soundfile
import soxr
from conftest import RATE, as_kind
from sklearn import pipeline
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklearn_audio import (
    AudioError,
    ChromaExtractor,
    FeatureUnion,
    FixedLength,
    Loader,
    MelSpectrogramExtractor,
    MFCCExtractor,
    PreEmphasis,
    Resampler,
    RMSExtractor,
    Signal,
    SignalBatch,
    SilenceTrimmer,
    SpectralCentroidExtractor,
    Summarizer,
    ZeroCrossingRateExtractor,
    make_union,
)


def mfcc(**parameters):
    """Return an extractor of ten columns."""
    settings = {"n_mfcc": 5, "n_deltas": 0, "n_fft": 512, "hop_length": 256}
    return MFCCExtractor(sample_rate=RATE, **settings, **parameters)


def centroid():
    """Return an extractor of two columns, of the spectrum that `mfcc` looks at."""
    return SpectralCentroidExtractor(sample_rate=RATE, n_fft=512, hop_length=256)


def loudness(signals):
    """Return one column: the mean square of each signal, of any kind."""
    samples = [getattr(signal, "samples", signal) for signal in signals]
    return np.array([[np.mean(np.square(signal))] for signal in samples])


LISTS_OF_BRANCHES = {
    "extractors": [("timbre", mfcc()), ("brightness", centroid()), ("level", RMSExtractor())],
    "one extractor": [("timbre", mfcc())],
    "extractors of equal parameters": [("one", mfcc()), ("two", mfcc())],
    "pipelines": [
        ("timbre", make_pipeline(PreEmphasis(), mfcc(), StandardScaler(), PCA(2, random_state=0))),
        ("slow", make_pipeline(Resampler(4000, sample_rate=RATE), ZeroCrossingRateExtractor())),
        ("trimmed", make_pipeline(SilenceTrimmer(), FixedLength(0.2, sample_rate=RATE), mfcc())),
        ("as it is", make_pipeline("passthrough", centroid())),
    ],
    "frames": [("timbre", make_pipeline(mfcc(summary=None), Summarizer(summary=["max", "q05"])))],
    "nested unions": [
        ("inner", FeatureUnion([("timbre", mfcc()), ("brightness", centroid())])),
        (
            "behind a step",
            make_pipeline(PreEmphasis(), make_union(mfcc(), RMSExtractor()), StandardScaler()),
        ),
        ("of scikit-learn", pipeline.make_union(mfcc(), RMSExtractor())),
    ],
    "drop": [("timbre", mfcc()), ("brightness", "drop"), ("level", RMSExtractor())],
    "foreign": [("loudness", FunctionTransformer(loudness)), ("timbre", mfcc())],
    "foreign behind a step": [
        ("loudness", make_pipeline(PreEmphasis(), FunctionTransformer(loudness))),
        ("timbre", mfcc()),
    ],
}


@pytest.fixture(params=LISTS_OF_BRANCHES)
def branches(request):
    return [
        (name, branch if branch == "drop" else clone(branch))
        for name, branch in LISTS_OF_BRANCHES[request.param]
    ]


@pytest.fixture
def batch(equal_signals):
    return as_kind(equal_signals, "batch")


@pytest.fixture
def recordings(tmp_path, equal_signals):
    """Return a batch of five files."""
    paths = []
    for index, samples in enumerate(equal_signals):
        paths.append(tmp_path / f"{index}.wav")
        soundfile.write(paths[-1], samples, RATE)
    return Loader().transform(paths)


@pytest.fixture
def transformed(monkeypatch):
    """Return a list of the lengths of all frames that scipy transforms."""
    lengths = []
    rfft = scipy.fft.rfft

    def counted_rfft(x, *args, **kwargs):
        n_fft, n_frames = x.shape  # the frames lie side by side
        lengths.extend([n_fft] * n_frames)
        return rfft(x, *args, **kwargs)

    monkeypatch.setattr(scipy.fft, "rfft", counted_rfft)
    return lengths


@pytest.fixture
def resampled(monkeypatch):
    """Return a list of the target rates that soxr resamples to."""
    rates = []
    resample = soxr.resample

    def counted_resample(x, in_rate, out_rate, *args, **kwargs):
        rates.append(out_rate)
        return resample(x, in_rate, out_rate, *args, **kwargs)

    monkeypatch.setattr(soxr, "resample", counted_resample)
    return rates


# The results are those of scikit-learn -------------------------------------------------------


def test_the_results_are_those_of_scikit_learn(branches, kind, equal_signals):
    X = as_kind(equal_signals, kind)
    reference = pipeline.FeatureUnion(branches)
    union = FeatureUnion([(name, b if b == "drop" else clone(b)) for name, b in branches])

    expected = reference.fit_transform(X)

    np.testing.assert_array_equal(union.fit_transform(X), expected, strict=True)
    np.testing.assert_array_equal(union.transform(X), reference.transform(X), strict=True)


def test_fit_and_transform_are_fit_transform(branches, kind, equal_signals):
    X = as_kind(equal_signals, kind)
    at_once = FeatureUnion([(name, b if b == "drop" else clone(b)) for name, b in branches])

    rows = FeatureUnion(branches).fit(X).transform(X)

    # PCA itself computes the two in different ways; values are of the order of 1.
    np.testing.assert_allclose(rows, at_once.fit_transform(X), rtol=1e-5, atol=1e-5)


def test_weights_are_factors_of_columns(batch):
    branches = [("timbre", mfcc()), ("level", RMSExtractor())]
    weights = {"level": 100, "timbre": 0.5}
    expected = pipeline.FeatureUnion(branches, transformer_weights=weights).fit_transform(batch)

    rows = FeatureUnion(branches, transformer_weights=weights).fit_transform(batch)

    np.testing.assert_array_equal(rows, expected)
    np.testing.assert_array_equal(rows[:, :10], mfcc().transform(batch) * np.float32(0.5))


def test_what_was_fitted_is_used_for_other_signals(batch):
    branches = [("timbre", make_pipeline(mfcc(), StandardScaler())), ("level", RMSExtractor())]
    reference = pipeline.FeatureUnion([(name, clone(branch)) for name, branch in branches])

    rows = FeatureUnion(branches).fit(batch[:3]).transform(batch[3:])

    np.testing.assert_array_equal(rows, reference.fit(batch[:3]).transform(batch[3:]))


def test_signals_of_different_lengths(equal_signals):
    ragged = [equal_signals[0], equal_signals[1][:1000], equal_signals[2][:2345]]
    branches = [("timbre", make_pipeline(PreEmphasis(), mfcc())), ("level", RMSExtractor())]

    rows = FeatureUnion(branches).fit_transform(ragged)

    np.testing.assert_array_equal(rows, pipeline.FeatureUnion(branches).fit_transform(ragged))


@pytest.mark.shared_data
def test_the_results_are_those_of_scikit_learn_on_real_recordings(shared_data):
    paths = sorted(shared_data.glob("speakers/*/*.flac"))[::10]
    batch = Loader(duration=3).transform(paths)
    branches = [
        ("timbre", make_pipeline(PreEmphasis(), MFCCExtractor(), StandardScaler(), PCA(4))),
        ("harmony", ChromaExtractor()),
        ("brightness", SpectralCentroidExtractor()),
        ("crossings", ZeroCrossingRateExtractor()),
    ]
    expected = pipeline.FeatureUnion([(n, clone(b)) for n, b in branches]).fit_transform(batch)

    np.testing.assert_array_equal(FeatureUnion(branches).fit_transform(batch), expected)


def test_several_processes_give_the_same(batch):
    branches = [("timbre", make_pipeline(PreEmphasis(), mfcc(), StandardScaler())), ("a", mfcc())]
    rows = FeatureUnion([(name, clone(branch)) for name, branch in branches]).fit_transform(batch)

    union = FeatureUnion(branches, n_jobs=2)

    np.testing.assert_array_equal(union.fit_transform(batch), rows)
    np.testing.assert_array_equal(union.transform(batch), rows)


# Work is shared ------------------------------------------------------------------------------


def test_each_file_is_decoded_once_however_many_branches(recordings, opened):
    union = make_union(
        mfcc(),
        centroid(),
        make_pipeline(PreEmphasis(), MelSpectrogramExtractor(n_mels=20), StandardScaler()),
        make_union(RMSExtractor(), ZeroCrossingRateExtractor()),
    )

    union.fit_transform(recordings)
    assert len(opened) == len(set(opened)) == 5

    union.transform(recordings)
    assert len(opened) == 10


def test_without_the_union_each_branch_decodes(recordings, opened):
    pipeline.make_union(mfcc(), centroid()).fit_transform(recordings)

    assert len(opened) == 10


def test_each_distinct_spectrum_is_computed_once(batch, transformed):
    n_frames = 1 + 4000 // 256  # of one signal
    assert len(mfcc(summary=None).transform(batch)[0]) == n_frames
    transformed.clear()

    union = make_union(
        mfcc(),
        MFCCExtractor(n_mfcc=7, n_fft=512, hop_length=256, sample_rate=RATE),
        centroid(),
        ChromaExtractor(n_fft=512, hop_length=256, sample_rate=RATE),
    )
    union.fit_transform(batch)
    assert transformed == [512] * (5 * n_frames)

    transformed.clear()
    make_union(mfcc(), MelSpectrogramExtractor(n_fft=1024, hop_length=1000)).fit_transform(batch)
    assert transformed.count(512) == 5 * n_frames
    assert transformed.count(1024) == len(transformed) - 5 * n_frames == 5 * 5


def test_spectra_behind_different_steps_are_different(batch, transformed):
    make_union(mfcc(), make_pipeline(PreEmphasis(), mfcc())).fit_transform(batch)

    assert len(transformed) == 2 * 5 * 16


def test_a_chain_of_steps_that_branches_share_runs_once(batch, resampled):
    shared = (Resampler(4000), PreEmphasis())
    union = make_union(
        make_pipeline(*shared, RMSExtractor()),
        make_pipeline(*shared, ZeroCrossingRateExtractor()),
        make_pipeline(Resampler(4000.0), RMSExtractor()),
    )

    union.fit_transform(batch)

    assert resampled == [4000] * 5


def test_steps_before_the_union_run_once(batch, resampled):
    union = make_union(RMSExtractor(), ZeroCrossingRateExtractor())

    make_pipeline(Resampler(4000), union).fit_transform(batch)

    assert resampled == [4000] * 5


def test_different_chains_of_steps_run_each(batch, resampled):
    union = FeatureUnion(
        [
            ("low", make_pipeline(Resampler(4000), RMSExtractor())),
            ("high", make_pipeline(Resampler(16000), RMSExtractor())),
            ("coarse", make_pipeline(Resampler(4000, quality="QQ"), RMSExtractor())),
        ]
    )

    union.fit_transform(batch)

    assert sorted(resampled) == [4000] * 10 + [16000] * 5


def test_a_foreign_branch_takes_no_part_but_harms_no_one(recordings, opened):
    union = make_union(mfcc(), centroid(), FunctionTransformer(loudness))

    assert union.fit_transform(recordings).shape == (5, 13)
    assert len(opened) == 10  # once for the two extractors, once for the function


def test_plain_arrays_share_too(equal_signals, transformed):
    make_union(mfcc(), centroid()).fit_transform(equal_signals)

    assert len(transformed) == 5 * 16


def test_rows_are_not_kept_from_one_call_to_the_next(batch):
    union = make_union(mfcc(), centroid())
    rows = union.fit_transform(batch)
    rows[:] = 0

    assert union.transform(batch).any()


# Parameters ----------------------------------------------------------------------------------


def test_nested_parameters_change_the_rows(batch):
    union = FeatureUnion(
        [("timbre", Pipeline([("emphasis", PreEmphasis()), ("mfcc", mfcc())])), ("b", centroid())]
    )
    before = union.fit_transform(batch)

    union.set_params(timbre__emphasis__coef=0.5, timbre__mfcc__n_mfcc=3)
    after = union.fit_transform(batch)

    assert (before.shape, after.shape) == ((5, 12), (5, 8))
    expected = mfcc().set_params(n_mfcc=3).transform(PreEmphasis(coef=0.5).transform(batch))
    np.testing.assert_array_equal(after[:, :6], expected)
    np.testing.assert_array_equal(after[:, 6:], before[:, 10:])


def test_a_branch_can_be_dropped_later(batch):
    union = make_union(mfcc(), centroid())
    assert union.fit_transform(batch).shape == (5, 12)

    union.set_params(mfccextractor="drop")

    np.testing.assert_array_equal(union.fit_transform(batch), centroid().transform(batch))


@pytest.mark.parametrize("X", ["batch", "array"])
def test_wrong_parameters_of_a_branch_are_refused(X, equal_signals):
    union = make_union(RMSExtractor(), make_pipeline(PreEmphasis(coef=2), RMSExtractor()))

    with pytest.raises(ValueError, match=r"'coef' parameter of PreEmphasis"):
        union.fit_transform(as_kind(equal_signals, X))


def test_a_signal_that_is_not_usable_is_named(equal_signals):
    broken = equal_signals.copy()
    broken[3, 17] = np.nan

    with pytest.raises(AudioError, match=r"^X\[3\]: sample 17 is NaN"):
        make_union(RMSExtractor(), ZeroCrossingRateExtractor()).fit_transform(broken)


def test_no_signals_give_no_rows_of_all_columns():
    assert make_union(mfcc(), centroid()).fit_transform(SignalBatch([])).shape == (0, 12)


# Names, containers, pickles ------------------------------------------------------------------


def test_names_have_the_branch_before_them(batch):
    union = FeatureUnion([("level", RMSExtractor()), ("noise", ZeroCrossingRateExtractor())])
    union.fit(batch)

    assert union.get_feature_names_out().tolist() == [
        "level__rms_mean",
        "level__rms_std",
        "noise__zero_crossing_rate_mean",
        "noise__zero_crossing_rate_std",
    ]
    union.set_params(verbose_feature_names_out=False)
    assert union.get_feature_names_out()[:2].tolist() == ["rms_mean", "rms_std"]


def test_make_union_names_branches_by_their_class():
    union = make_union(mfcc(), mfcc(), centroid(), n_jobs=2, verbose=True)

    assert type(union) is FeatureUnion
    assert [name for name, _ in union.transformer_list] == [
        "mfccextractor-1",
        "mfccextractor-2",
        "spectralcentroidextractor",
    ]
    assert (union.n_jobs, union.verbose) == (2, True)


@pytest.mark.parametrize("container", ["pandas", "polars"])
@pytest.mark.parametrize("X_kind", ["batch", "array", "list"])
def test_dataframe_output_is_that_of_scikit_learn(container, X_kind, equal_signals):
    X = as_kind(equal_signals, X_kind)
    branches = (RMSExtractor(), make_pipeline(PreEmphasis(), mfcc(), StandardScaler()))
    union = make_union(*branches).set_output(transform=container)
    reference = pipeline.make_union(*map(clone, branches)).set_output(transform=container)
    expected = reference.fit_transform(X)

    for table in (union.fit_transform(X), union.transform(X)):
        assert type(table) is type(expected)
        assert list(table.columns) == list(expected.columns)
        assert list(table.columns) == union.get_feature_names_out().tolist()
        assert table.columns[0] == "rmsextractor__rms_mean"
        np.testing.assert_array_equal(table.to_numpy(), expected.to_numpy())


def test_a_fitted_union_survives_pickling(batch):
    union = make_union(mfcc(), make_pipeline(PreEmphasis(), mfcc(), StandardScaler())).fit(batch)

    again = pickle.loads(pickle.dumps(union))

    np.testing.assert_array_equal(again.transform(batch), union.transform(batch))
    assert len(pickle.dumps(union)) < 10_000  # no rows inside


# In a model ----------------------------------------------------------------------------------


@pytest.fixture
def tones_and_noises():
    """Return 24 signals and their classes: tones (0) and noises (1)."""
    generator = np.random.default_rng(0)
    time = np.arange(2000) / RATE
    tones = np.sin(2 * np.pi * generator.uniform(200, 2000, (12, 1)) * time)
    noises = generator.normal(size=(12, 2000))
    signals = [Signal(samples, RATE) for samples in np.concatenate([tones, noises])]
    return SignalBatch(signals), np.repeat([0, 1], 12)


def model():
    return Pipeline(
        [
            ("emphasis", PreEmphasis()),
            ("featureunion", make_union(mfcc(), centroid())),
            ("scaler", StandardScaler()),
            ("classifier", LogisticRegression()),
        ]
    )


def test_a_grid_search_over_parameters_of_a_branch(tones_and_noises):
    X, y = tones_and_noises
    grid = {"featureunion__mfccextractor__n_mfcc": [2, 5], "emphasis__coef": [0, 0.97]}

    search = GridSearchCV(model(), grid, cv=3, error_score="raise").fit(X, y)

    assert search.best_score_ == 1
    assert search.best_estimator_["scaler"].n_features_in_ in (6, 12)
    np.testing.assert_array_equal(search.predict(X), y)


def test_cross_validation_is_that_of_scikit_learn(tones_and_noises):
    X, y = tones_and_noises
    plain = model().set_params(featureunion=pipeline.make_union(mfcc(), centroid()))

    scores = cross_val_score(model(), X, y, cv=4, scoring="neg_log_loss", error_score="raise")

    expected = cross_val_score(plain, X, y, cv=4, scoring="neg_log_loss", error_score="raise")
    np.testing.assert_array_equal(scores, expected)


def test_a_union_of_a_loader_in_its_branches(tmp_path, equal_signals):
    soundfile.write(tmp_path / "tone.wav", equal_signals[0], RATE)
    union = make_union(
        make_pipeline(Loader(), RMSExtractor()),
        make_pipeline(Loader(), ZeroCrossingRateExtractor()),
    )

    rows = union.fit_transform([tmp_path / "tone.wav"])

    batch = Loader().transform([tmp_path / "tone.wav"])
    np.testing.assert_array_equal(rows[:, :2], RMSExtractor().transform(batch))


def test_a_transformer_that_works_in_place_leaves_other_branches_alone(equal_signals):
    branches = [
        ("scaled", make_pipeline(RMSExtractor(), StandardScaler(copy=False))),
        ("as it is", RMSExtractor()),
    ]
    plain = pipeline.FeatureUnion([(name, clone(branch)) for name, branch in branches])
    expected = plain.fit_transform(equal_signals)
    np.testing.assert_array_equal(FeatureUnion(branches).fit_transform(equal_signals), expected)


def test_dataframe_output_keeps_the_index(equal_signals):
    table = pd.DataFrame(equal_signals, index=list("vwxyz"))
    union = make_union(RMSExtractor(), ZeroCrossingRateExtractor()).set_output(transform="pandas")
    assert union.fit_transform(table).index.tolist() == list("vwxyz")


def test_fit_alone_decodes_each_file_once_too(tmp_path, equal_signals, opened):
    soundfile.write(tmp_path / "tone.wav", equal_signals[0], RATE)
    opened.clear()
    union = make_union(
        make_pipeline(RMSExtractor(), StandardScaler()),
        make_pipeline(ZeroCrossingRateExtractor(), StandardScaler()),
    )
    union.fit(Loader().transform([tmp_path / "tone.wav"]))
    assert len(opened) == 1


def test_fit_of_steps_and_extractors_alone_reads_nothing():
    batch = Loader().transform(["there is no such file.wav"])
    union = make_union(
        make_pipeline(PreEmphasis(), RMSExtractor()), make_union(ZeroCrossingRateExtractor())
    )
    assert union.fit(batch) is union


@pytest.mark.parametrize(
    "other",
    [{"sample_rate": RATE}, {"win_length": 2048}, {"n_fft": np.int64(2048)}],
    ids=str,
)
def test_equal_settings_share_the_spectrum_however_they_are_spelled(
    other, equal_signals, monkeypatch
):
    n_transformed = []
    rfft = scipy.fft.rfft

    def counting_rfft(frames, *args, **kwargs):
        n_transformed.append(frames.shape[1])  # they lie side by side
        return rfft(frames, *args, **kwargs)

    monkeypatch.setattr(scipy.fft, "rfft", counting_rfft)
    batch = as_kind(equal_signals[:2], "batch")
    make_union(MFCCExtractor(**other), SpectralCentroidExtractor()).fit_transform(batch)
    assert sum(n_transformed) == 2 * (1 + 4000 // 512)
