"""Which extractors a model needs: groups of columns, shuffled together as scikit-learn does."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from counting import CountedExtractor, calls, write_recordings
from sklearn import pipeline
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, make_scorer
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.utils import Bunch

from sklearn_audio import (
    ChromaExtractor,
    FeatureUnion,
    FixedLength,
    Loader,
    MFCCExtractor,
    PreEmphasis,
    Resampler,
    RMSExtractor,
    Signal,
    SignalBatch,
    SpectralCentroidExtractor,
    Summarizer,
    ZeroCrossingRateExtractor,
    make_union,
)
from sklearn_audio.datasets import load_percussion, make_tones
from sklearn_audio.inspection import FeatureImportanceDisplay, feature_importance_by_group

RATE = 8000


@pytest.fixture(autouse=True)
def closed_figures():
    with matplotlib.rc_context({"backend": "agg"}):
        yield
        plt.close("all")


@pytest.fixture(scope="module")
def tones():
    """Return 60 tones of three pitches as a batch, whose levels say nothing about the pitch."""
    data = make_tones(60, frequencies=(220, 440, 880), sample_rate=RATE, noise=0.2, random_state=0)
    data.batch = SignalBatch([Signal(samples, RATE) for samples in data.signals])
    return data


def mfcc(**parameters):
    """Return an extractor of ten columns."""
    return MFCCExtractor(n_mfcc=5, n_deltas=0, n_fft=512, hop_length=256, **parameters)


def column(extractor, **parameters):
    """Return an extractor of one column."""
    return extractor(summary=["mean"], **parameters)


def loudness(signals):
    """Return one column: the mean square of each signal."""
    return np.array([[np.mean(np.square(signal.samples))] for signal in signals])


def samples(signals):
    """Return the samples of equally long signals as columns."""
    return np.array([signal.samples for signal in signals])


def shuffled_by_hand(model, signals, y, groups, *, n_repeats, random_state):
    """Return the importances of groups of columns of ``model[:-1]``, with a loop over all."""
    *_, (_, classifier) = model.steps
    features = model[:-1].transform(signals)
    baseline = accuracy_score(y, classifier.predict(features))
    seed = np.random.RandomState(random_state).randint(np.iinfo(np.int32).max + 1)
    importances = np.empty((len(groups), n_repeats))
    for group, columns in enumerate(groups):
        generator = np.random.RandomState(seed)
        order, permuted = np.arange(len(y)), features.copy()
        for repeat in range(n_repeats):
            generator.shuffle(order)
            permuted[:, columns] = permuted[order][:, columns]
            importances[group, repeat] = baseline - accuracy_score(y, classifier.predict(permuted))
    return importances


# Values --------------------------------------------------------------------------------------


def test_importances_are_those_of_a_loop_that_shuffles_the_columns_of_a_group_together(tones):
    union = make_union(RMSExtractor(), mfcc(), ZeroCrossingRateExtractor())
    model = make_pipeline(union, KNeighborsClassifier(3)).fit(tones.batch[::2], tones.target[::2])
    held_out = tones.batch[1::2], tones.target[1::2]

    display = feature_importance_by_group(model, *held_out, n_repeats=4, random_state=7)

    groups = [slice(0, 2), slice(2, 12), slice(12, 14)]
    expected = shuffled_by_hand(model, *held_out, groups, n_repeats=4, random_state=7)
    assert expected.any()
    np.testing.assert_array_equal(display.importances.importances, expected)
    np.testing.assert_array_equal(display.importances.importances_mean, expected.mean(axis=1))
    np.testing.assert_array_equal(display.importances.importances_std, expected.std(axis=1))


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_groups_of_one_column_have_the_permutation_importance_of_scikit_learn(n_jobs, tones):
    union = make_union(
        column(RMSExtractor), column(ZeroCrossingRateExtractor), column(SpectralCentroidExtractor)
    )
    model = make_pipeline(union, StandardScaler(), LogisticRegression())
    model.fit(tones.batch, tones.target)

    display = feature_importance_by_group(
        model, tones.batch, tones.target, scoring="f1_macro", random_state=3, n_jobs=n_jobs
    )

    features = union.transform(tones.batch)
    expected = permutation_importance(
        model[1:], features, tones.target, scoring="f1_macro", random_state=3
    )
    assert expected.importances.any()
    np.testing.assert_array_equal(display.importances.importances, expected.importances)


def test_what_tells_the_classes_is_important_and_what_does_not_is_not(tones):
    union = make_union(RMSExtractor(), mfcc())
    model = make_pipeline(union, StandardScaler(), SVC()).fit(tones.batch[::2], tones.target[::2])

    display = feature_importance_by_group(
        model, tones.batch[1::2], tones.target[1::2], n_repeats=10, random_state=0
    )

    level, timbre = display.importances.importances_mean
    assert timbre > 0.3
    assert abs(level) < 0.1


def test_a_model_that_looks_at_nothing_needs_no_group(tones):
    model = make_pipeline(make_union(mfcc(), RMSExtractor()), DummyClassifier())
    model.fit(tones.batch, tones.target)

    display = feature_importance_by_group(model, tones.batch, tones.target)

    assert not display.importances.importances.any()


def test_the_same_random_state_gives_the_same_importances(tones):
    model = make_pipeline(make_union(mfcc(), RMSExtractor()), SVC()).fit(tones.batch, tones.target)
    first, again, other = (
        feature_importance_by_group(model, tones.batch, tones.target, random_state=seed)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.importances.importances, again.importances.importances)
    assert (first.importances.importances != other.importances.importances).any()


@pytest.mark.parametrize("union", [FeatureUnion, pipeline.FeatureUnion])
def test_each_recording_is_extracted_once(union, tmp_path):
    log = str(tmp_path / "calls.txt")
    paths = write_recordings(tmp_path / "recordings", 12)
    branches = [("one", CountedExtractor(log=log)), ("two", CountedExtractor(log=log, power=2.0))]
    model = make_pipeline(Loader(), union(branches), KNeighborsClassifier(1))
    model.fit(paths, np.arange(12) % 2)
    before = len(calls(log))

    feature_importance_by_group(model, paths, np.arange(12) % 2, n_repeats=10)

    assert len(calls(log)) - before == 2 * 12


# Groups --------------------------------------------------------------------------------------

TREES = {
    "a union": (make_union(mfcc(), RMSExtractor()), {"mfccextractor": 10, "rmsextractor": 2}),
    "a union of scikit-learn": (
        pipeline.make_union(mfcc(), RMSExtractor()),
        {"mfccextractor": 10, "rmsextractor": 2},
    ),
    "an extractor": (mfcc(), {"mfccextractor": 10}),
    "frames": (
        make_pipeline(mfcc(summary=None), FunctionTransformer(), Summarizer(summary=["max"])),
        {"mfccextractor": 5},
    ),
    "a pipeline of steps and a union": (
        make_pipeline(PreEmphasis(), make_union(mfcc(), RMSExtractor()), StandardScaler()),
        {"mfccextractor": 10, "rmsextractor": 2},
    ),
    "nested unions": (
        FeatureUnion(
            [
                ("sound", make_union(mfcc(), RMSExtractor())),
                ("soft", make_pipeline(PreEmphasis(), "passthrough", make_union(mfcc(), "drop"))),
                ("crossings", ZeroCrossingRateExtractor()),
            ]
        ),
        {
            "sound__mfccextractor": 10,
            "sound__rmsextractor": 2,
            "soft__mfccextractor": 10,
            "crossings": 2,
        },
    ),
    "what is mixed behind an inner union": (
        FeatureUnion(
            [
                ("mixed", make_pipeline(make_union(mfcc(), RMSExtractor()), PCA(3))),
                ("crossings", ZeroCrossingRateExtractor()),
            ]
        ),
        {"mixed": 3, "crossings": 2},
    ),
    "PCA behind an extractor": (
        FeatureUnion(
            [
                ("timbre", make_pipeline(Resampler(4000), mfcc(), StandardScaler(), PCA(4))),
                ("level", RMSExtractor()),
            ]
        ),
        {"timbre": 4, "level": 2},
    ),
    "a dropped branch": (
        FeatureUnion([("timbre", mfcc()), ("tone", "drop"), ("level", RMSExtractor())]),
        {"timbre": 10, "level": 2},
    ),
    "weights": (
        FeatureUnion(
            [("timbre", mfcc()), ("level", RMSExtractor())], transformer_weights={"level": 3}
        ),
        {"timbre": 10, "level": 2},
    ),
    "columns without names": (
        FeatureUnion([("loudness", FunctionTransformer(loudness)), ("timbre", mfcc())]),
        {"loudness": 1, "timbre": 10},
    ),
    "columns without names behind steps": (
        FeatureUnion(
            [
                (
                    "beginning",
                    make_pipeline(
                        FixedLength(0.01),
                        FeatureUnion(
                            [("samples", FunctionTransformer(samples)), ("level", RMSExtractor())]
                        ),
                    ),
                ),
                ("timbre", mfcc()),
            ]
        ),
        {"beginning__samples": 80, "beginning__level": 2, "timbre": 10},
    ),
}


@pytest.mark.parametrize("name", TREES)
def test_groups_are_the_branches_and_have_their_columns(name, tones):
    features, expected = TREES[name]
    model = make_pipeline(features, StandardScaler(), LogisticRegression())
    model.fit(tones.batch, tones.target)

    display = feature_importance_by_group(model, tones.batch, tones.target, n_repeats=2)

    assert dict(zip(display.group_names, display.n_columns.tolist(), strict=True)) == expected
    assert display.importances.importances.shape == (len(expected), 2)
    assert sum(expected.values()) == model[:-1].transform(tones.batch).shape[1]


def test_passthrough_of_plain_arrays_is_a_group(tones):
    short = tones.signals[:, :50]
    union = FeatureUnion([("samples", "passthrough"), ("level", RMSExtractor())])
    model = make_pipeline(union, KNeighborsClassifier(1)).fit(short, tones.target)

    display = feature_importance_by_group(model, short, tones.target)

    assert display.group_names == ["samples", "level"]
    assert display.n_columns.tolist() == [50, 2]


def test_steps_of_nested_pipelines_may_have_the_same_name(tones):
    inner = make_pipeline(make_union(mfcc(), RMSExtractor()), StandardScaler())
    model = make_pipeline(inner, StandardScaler(), SVC()).fit(tones.batch, tones.target)
    flat = Pipeline([*inner.steps, ("again", model[1]), ("svc", model[2])])

    nested, expected = (
        feature_importance_by_group(each, tones.batch, tones.target, random_state=0)
        for each in (model, flat)
    )

    assert expected.importances.importances.any()
    np.testing.assert_array_equal(nested.importances.importances, expected.importances.importances)


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_what_follows_gets_dataframes_where_it_was_fitted_with_them(container, tones):
    seen = []

    def make_model():
        witness = FunctionTransformer(lambda table: seen.append(type(table)) or table)
        union = make_union(RMSExtractor(), mfcc())
        return make_pipeline(union, witness, StandardScaler(), SVC())

    model = make_model().set_output(transform=container).fit(tones.batch, tones.target)
    assert hasattr(model[-1], "feature_names_in_")
    seen.clear()
    feature_importance_by_group(model, tones.batch, tones.target)
    assert {table.__module__.split(".")[0] for table in seen} == {container}
    plain = make_model().fit(tones.batch, tones.target)

    of_tables, expected = (
        feature_importance_by_group(each, tones.batch, tones.target, random_state=0)
        for each in (model, plain)
    )

    assert expected.importances.importances.any()
    np.testing.assert_array_equal(
        of_tables.importances.importances, expected.importances.importances
    )


def test_sparse_columns_are_shuffled_too(tones):
    def sparse(signals):
        from scipy.sparse import csr_matrix

        return csr_matrix(loudness(signals))

    union = FeatureUnion([("loudness", FunctionTransformer(sparse)), ("timbre", mfcc())])
    model = make_pipeline(union, KNeighborsClassifier(1)).fit(tones.batch, tones.target)

    display = feature_importance_by_group(model, tones.batch, tones.target)

    assert display.n_columns.tolist() == [1, 10]
    assert display.importances.importances_mean[1] > 0.3


# Estimators and scores -----------------------------------------------------------------------


def test_of_a_search_the_best_estimator_and_its_scoring_are_taken(tones):
    model = make_pipeline(make_union(RMSExtractor(), mfcc()), StandardScaler(), SVC())
    search = GridSearchCV(model, {"svc__C": [0.01, 1]}, scoring="f1_macro", cv=3)
    search.fit(tones.batch, tones.target)

    of_search = feature_importance_by_group(search, tones.batch, tones.target, random_state=0)
    of_best = feature_importance_by_group(
        search.best_estimator_, tones.batch, tones.target, scoring="f1_macro", random_state=0
    )

    assert of_best.importances.importances.any()
    np.testing.assert_array_equal(
        of_search.importances.importances, of_best.importances.importances
    )
    assert of_search.quantity == "decrease of f1 macro"


@pytest.mark.parametrize(
    "scoring", [["accuracy", "f1_macro"], {"f1_macro": "f1_macro", "other": "accuracy"}], ids=type
)
def test_of_a_search_with_several_scores_that_of_refit_is_taken(scoring, tones):
    model = make_pipeline(make_union(RMSExtractor(), mfcc()), SVC())
    search = GridSearchCV(model, {"svc__C": [1]}, scoring=scoring, refit="f1_macro", cv=3)
    search.fit(tones.batch, tones.target)

    display = feature_importance_by_group(search, tones.batch, tones.target)

    assert display.quantity == "decrease of f1 macro"


def test_a_search_may_stand_at_the_end_of_the_pipeline(tones):
    search = GridSearchCV(SVC(), {"C": [0.01, 1]}, cv=3)
    model = make_pipeline(make_union(RMSExtractor(), mfcc()), StandardScaler(), search)
    model.fit(tones.batch, tones.target)

    display = feature_importance_by_group(model, tones.batch, tones.target, random_state=0)

    assert display.importances.importances_mean.argmax() == 1


@pytest.mark.parametrize(
    ("scoring", "quantity"),
    [
        (None, "decrease of accuracy"),
        ("balanced_accuracy", "decrease of balanced accuracy"),
        ("neg_log_loss", "increase of log loss"),
        (make_scorer(f1_score, average="macro"), "decrease of score"),
        (lambda model, X, y: model.score(X, y), "decrease of score"),
    ],
    ids=["default", "name", "negative", "scorer", "function"],
)
def test_the_axis_says_which_score(scoring, quantity, tones):
    model = make_pipeline(make_union(RMSExtractor(), mfcc()), LogisticRegression(max_iter=1000))
    model.fit(tones.batch, tones.target)

    display = feature_importance_by_group(model, tones.batch, tones.target, scoring=scoring)

    assert display.ax_.get_xlabel() == f"{quantity}\n(mean ± std of 5 permutations)"
    assert display.importances.importances_mean.max() > 0


def test_a_regressor_loses_r_squared(tones):
    model = make_pipeline(make_union(RMSExtractor(), mfcc()), LinearRegression())
    model.fit(tones.batch, np.array([220, 440, 880])[tones.target])

    display = feature_importance_by_group(model, tones.batch, tones.target)

    assert display.quantity == "decrease of R²"


# Display -------------------------------------------------------------------------------------


@pytest.fixture
def display():
    """Return three groups, the second the largest and the third the smallest, below 0."""
    means, spreads = np.array([0.1, 0.4, -0.02]), np.array([0.01, 0.05, 0.02])
    each = means[:, np.newaxis] + spreads[:, np.newaxis] * [-1, 1]
    importances = Bunch(
        importances=each, importances_mean=each.mean(axis=1), importances_std=each.std(axis=1)
    )
    return FeatureImportanceDisplay(
        importances=importances,
        group_names=["chroma", "mfcc", "rms"],
        n_columns=np.array([24, 78, 2]),
        quantity="decrease of accuracy",
    )


def test_the_largest_bar_is_on_top_with_its_deviation_and_its_number_of_columns(display):
    assert display.plot() is display

    labels = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert labels == ["rms (2)", "chroma (24)", "mfcc (78)"]
    np.testing.assert_allclose([bar.get_width() for bar in display.bars_], [-0.02, 0.1, 0.4])
    [segments] = display.bars_.errorbar[2]
    lengths = [end[0] - start[0] for start, end in segments.get_segments()]
    np.testing.assert_allclose(lengths, [0.04, 0.02, 0.1])
    bottom, top = display.ax_.get_ylim()
    assert bottom < top
    assert display.figure_ is display.ax_.figure


def test_it_is_drawn_where_it_is_asked_for(display):
    figure, (left, right) = plt.subplots(ncols=2)
    display.plot(right)
    assert display.ax_ is right
    assert display.figure_ is figure
    assert not left.patches


def test_nothing_is_cut_off(display):
    display.group_names = ["chroma", "a name of a group that is somewhat longer than usual", "rms"]
    figure = display.plot().figure_
    figure.canvas.draw()
    box = display.ax_.get_tightbbox()
    assert box.x0 >= 0
    assert box.y0 >= 0
    assert box.x1 <= figure.bbox.width
    assert box.y1 <= figure.bbox.height


def test_making_a_display_draws_nothing(display):
    assert plt.get_fignums() == []
    assert not hasattr(display, "ax_")


# Errors --------------------------------------------------------------------------------------


@pytest.fixture
def model(tones):
    return make_pipeline(make_union(mfcc(), RMSExtractor()), SVC()).fit(tones.batch, tones.target)


def test_a_model_that_is_not_fitted_is_an_error(tones):
    model = make_pipeline(make_union(mfcc(), RMSExtractor()), SVC())
    for estimator in (model, GridSearchCV(model, {"svc__C": [1]})):
        with pytest.raises(NotFittedError, match="not fitted"):
            feature_importance_by_group(estimator, tones.batch, tones.target)


def test_a_search_without_refit_is_an_error(tones):
    model = make_pipeline(make_union(mfcc(), RMSExtractor()), SVC())
    search = GridSearchCV(model, {"svc__C": [1]}, refit=False, cv=3)
    search.fit(tones.batch, tones.target)
    with pytest.raises(ValueError, match=r"GridSearchCV has no best_estimator_, .* refit=False"):
        feature_importance_by_group(search, tones.batch, tones.target)


def test_a_model_without_extractor_is_an_error(tones):
    model = make_pipeline(StandardScaler(), SVC()).fit(tones.signals, tones.target)
    with pytest.raises(ValueError, match=r"the Pipeline has no extractor; a fitted Pipeline with"):
        feature_importance_by_group(model, tones.signals, tones.target)


def test_a_pipeline_that_does_not_predict_is_an_error(tones):
    model = make_pipeline(mfcc(), StandardScaler()).fit(tones.batch)
    with pytest.raises(ValueError, match="ends with a StandardScaler, which does not predict"):
        feature_importance_by_group(model, tones.batch, tones.target)


def test_different_lengths_of_x_and_y_are_an_error_before_anything_is_read(model, tmp_path):
    model = Pipeline([("loader", Loader()), *model.steps])
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[2, 3\]"):
        feature_importance_by_group(model, ["a.wav", "b.wav"], [0, 1, 2])


@pytest.mark.parametrize(
    "scoring", [["accuracy", "f1_macro"], lambda model, X, y: {"one": 1.0, "two": 2.0}], ids=type
)
def test_several_scores_are_an_error(scoring, model, tones):
    with pytest.raises(TypeError, match="one score"):
        feature_importance_by_group(model, tones.batch, tones.target, scoring=scoring)


def test_without_matplotlib_the_error_says_how_to_install_it(display, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"sklearn-audio\[plot\]"):
        display.plot()


# Recordings ----------------------------------------------------------------------------------


def test_a_table_of_paths_gives_what_a_list_gives():
    data = load_percussion()
    model = make_pipeline(Loader(), make_union(RMSExtractor(), mfcc()), StandardScaler(), SVC())
    model.fit(data.paths, data.target)
    table = pd.DataFrame({"path": data.paths}, index=np.arange(92)[::-1])

    of_table, expected = (
        feature_importance_by_group(model, X, data.target, random_state=0)
        for X in (table, data.paths)
    )

    assert expected.importances.importances.any()
    np.testing.assert_array_equal(
        of_table.importances.importances, expected.importances.importances
    )


@pytest.mark.shared_data
def test_spoken_digits_are_told_by_their_cepstra_not_by_their_level(shared_data):
    folder = shared_data / "spoken-digits"
    digits = [(digit, index) for digit in range(10) for index in range(25)]
    paths = [str(folder / f"{digit}_george_{index}.flac") for digit, index in digits]
    labels, is_test = np.array([(digit, index < 5) for digit, index in digits]).T
    train, test = np.flatnonzero(is_test == 0), np.flatnonzero(is_test)
    union = make_union(RMSExtractor(), MFCCExtractor(n_deltas=0), ChromaExtractor())
    model = make_pipeline(Loader(), union, StandardScaler(), SVC(C=10))
    model.fit([paths[i] for i in train], labels[train])

    display = feature_importance_by_group(
        model, [paths[i] for i in test], labels[test], random_state=0
    )

    level, cepstra, chroma = display.importances.importances_mean
    assert cepstra > 0.5
    assert cepstra > chroma
    assert cepstra > level
