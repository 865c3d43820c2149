"""prefetch: every row that a search asks for, in one pass, and nothing twice."""

import os
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import scipy.fft
from counting import (
    CountedExtractor,
    CountedStep,
    FastidiousExtractor,
    InterruptedExtractor,
    calls,
    write_recording,
    write_recordings,
)
from scipy.stats import uniform
from sklearn import pipeline
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_audio import (
    AudioError,
    Loader,
    MFCCExtractor,
    PreEmphasis,
    RMSExtractor,
    RowStore,
    Summarizer,
    ZeroCrossingRateExtractor,
    make_union,
)
from sklearn_audio.errors import MissingAudioError, UnsupportedAudioError
from sklearn_audio.model_selection import prefetch

N_RECORDINGS = 12
LABELS = np.arange(N_RECORDINGS) % 2


@pytest.fixture
def paths(tmp_path):
    return write_recordings(tmp_path / "recordings", N_RECORDINGS)


@pytest.fixture
def store(tmp_path):
    return RowStore(tmp_path / "rows")


@pytest.fixture
def log(tmp_path):
    return str(tmp_path / "calls.txt")


def quietly(estimator, X, **parameters):
    return prefetch(estimator, X, progress=False, **parameters)


def make_model(memory, log, *before, extractor=None):
    return make_pipeline(
        Loader(memory=memory),
        *before,
        CountedExtractor(log=log) if extractor is None else extractor,
        StandardScaler(),
        KNeighborsClassifier(3),
    )


def assert_all_is_there(estimator, paths, store, log):
    """Fit, and see that every row is found."""
    misses, n_calls = store.info().misses, len(calls(log))
    estimator.fit(paths, LABELS)
    estimator.predict(paths)
    assert store.info().misses == misses
    assert len(calls(log)) == n_calls


# Searches ------------------------------------------------------------------------------------

GRID = {
    "countedextractor__power": [0.5, 1.0, 2.0],
    "kneighborsclassifier__n_neighbors": [1, 3],
}


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_grid_search_finds_all_rows(n_jobs, paths, store, log, show):
    search = GridSearchCV(make_model(store, log), GRID, cv=3)

    done = quietly(search, paths, n_jobs=n_jobs)

    assert done == (N_RECORDINGS, 3 * N_RECORDINGS, 0, [])
    assert len(calls(log)) == len(set(calls(log))) == len(store) == 3 * N_RECORDINGS
    assert_all_is_there(search, paths, store, log)
    assert quietly(search, paths) == (N_RECORDINGS, 0, 3 * N_RECORDINGS, [])
    show(f"{done.n_computed} extractions by prefetch, 0 by the search")


def test_a_search_in_processes_finds_all_rows(paths, store, log):
    search = GridSearchCV(make_model(store, log), GRID, cv=3, n_jobs=2)
    quietly(search, paths)

    search.fit(paths, LABELS)

    assert len(calls(log)) == 3 * N_RECORDINGS


def test_a_search_gives_the_same_after_prefetch_as_without_memory(paths, store, log):
    without = GridSearchCV(make_model(None, log), GRID, cv=3).fit(paths, LABELS)

    search = GridSearchCV(make_model(store, log), GRID, cv=3)
    quietly(search, paths)
    search.fit(paths, LABELS)

    assert search.best_params_ == without.best_params_
    assert search.best_score_ == without.best_score_
    for name in search.cv_results_:
        if "_time" not in name:
            np.testing.assert_array_equal(search.cv_results_[name], without.cv_results_[name])


def test_a_list_of_grids(paths, store, log):
    grids = [
        {"countedextractor__power": [1.0, 2.0]},
        {"countedextractor__power": [2.0, 3.0], "kneighborsclassifier__n_neighbors": [1]},
    ]
    search = GridSearchCV(make_model(store, log), grids, cv=3)

    assert quietly(search, paths).n_computed == 3 * N_RECORDINGS
    assert_all_is_there(search, paths, store, log)


@pytest.mark.parametrize("random_state", [0, np.int64(7)])
def test_a_randomized_search_draws_the_same_candidates(random_state, paths, store, log):
    search = RandomizedSearchCV(
        make_model(store, log),
        {"countedextractor__power": uniform(0.5, 2), "kneighborsclassifier__n_neighbors": [1, 3]},
        n_iter=4,
        random_state=random_state,
        cv=3,
    )

    done = quietly(search, paths)

    assert done.n_computed == 4 * N_RECORDINGS
    assert_all_is_there(search, paths, store, log)
    prefetched = {line.split()[1] for line in calls(log)}
    assert prefetched == {str(p["countedextractor__power"]) for p in search.cv_results_["params"]}


@pytest.mark.parametrize(
    "random_state", [None, np.random.RandomState(0)], ids=["None", "RandomState"]
)
def test_a_randomized_search_that_draws_anew_each_time_is_refused(random_state, paths, store, log):
    distributions = {"countedextractor__power": uniform(0.5, 2)}
    search = RandomizedSearchCV(make_model(store, log), distributions, random_state=random_state)

    with pytest.raises(ValueError, match=r"^random_state=.*; both have to be ints, because"):
        quietly(search, paths)

    assert calls(log) == []


def test_a_halving_grid_search_finds_all_rows(paths, store, log):
    search = HalvingGridSearchCV(
        make_model(store, log), GRID, cv=2, min_resources=6, factor=2, random_state=0
    )

    assert quietly(search, paths).n_computed == 3 * N_RECORDINGS
    assert_all_is_there(search, paths, store, log)
    assert search.n_iterations_ == 2


def test_a_halving_random_search_finds_all_rows(paths, store, log):
    search = HalvingRandomSearchCV(
        make_model(store, log),
        {"countedextractor__power": uniform(0.5, 2)},
        n_candidates=4,
        cv=2,
        min_resources=6,
        factor=2,
        random_state=0,
    )

    assert quietly(search, paths).n_computed == 4 * N_RECORDINGS
    assert_all_is_there(search, paths, store, log)

    exhaustive = clone(search).set_params(n_candidates="exhaust")
    with pytest.raises(ValueError, match=r"'exhaust' candidates; both have to be ints"):
        quietly(exhaustive, paths)


def test_nothing_is_fitted_or_changed(paths, store, log):
    search = GridSearchCV(make_model(store, log), GRID)
    before = repr(search.get_params())

    quietly(search, paths)

    assert not hasattr(search, "cv_results_")
    assert not hasattr(search.estimator[-1], "classes_")
    assert repr(search.get_params()) == before


# Models --------------------------------------------------------------------------------------


def test_one_model_finds_all_rows(paths, store, log):
    model = make_model(store, log)

    assert quietly(model, paths) == (N_RECORDINGS, N_RECORDINGS, 0, [])

    assert_all_is_there(model, paths, store, log)
    assert quietly(model, paths) == (N_RECORDINGS, 0, N_RECORDINGS, [])  # a fitted one too


def test_only_what_is_missing_is_computed(paths, store, log):
    model = make_model(store, log)
    model.fit(paths[:7], LABELS[:7])

    done = quietly(GridSearchCV(model, GRID), paths)

    assert done == (N_RECORDINGS, 3 * N_RECORDINGS - 7, 7, [])
    assert len(calls(log)) == len(set(calls(log))) == 3 * N_RECORDINGS


def union_of(log, kind):
    return kind(
        CountedExtractor(log=log),
        make_pipeline(CountedStep(log=log), CountedExtractor(log=log), StandardScaler()),
        make_pipeline(CountedStep(log=log), kind(CountedExtractor(log=log), RMSExtractor())),
        make_pipeline(MFCCExtractor(summary=None), Summarizer()),
    )


@pytest.mark.parametrize("kind", [make_union, pipeline.make_union])
def test_unions_and_pipelines_within_pipelines(kind, paths, store, log):
    model = make_pipeline(
        make_pipeline(Loader(memory=store), CountedStep(log=log, gain=0.5)),
        make_pipeline("passthrough", make_pipeline(None, union_of(log, kind))),
        KNeighborsClassifier(),
    )

    done = quietly(model, paths)

    # One extractor behind one step, and two behind two; frames are not kept.
    assert done == (N_RECORDINGS, 3 * N_RECORDINGS, 0, [])
    ran = Counter(" ".join(line.split()[:2]) for line in calls(log))
    assert ran == {"step 0.5": 12, "step 1.0": 12, "extractor 1.0": 24}
    assert_rows_are_all_kept(model, paths, store)


def assert_rows_are_all_kept(model, paths, store):
    misses = store.info().misses
    model.fit(paths, LABELS)
    assert store.info().misses == misses


def test_a_loader_in_each_branch_of_a_union(paths, store, log):
    model = make_pipeline(
        make_union(
            make_pipeline(Loader(memory=store), CountedExtractor(log=log)),
            make_pipeline(Loader(memory=store, duration=0.05), CountedExtractor(log=log)),
        ),
        KNeighborsClassifier(),
    )

    assert quietly(model, paths) == (2 * N_RECORDINGS, 2 * N_RECORDINGS, 0, [])
    assert_all_is_there(model, paths, store, log)


def test_a_model_in_a_calibration(paths, store, log):
    model = CalibratedClassifierCV(make_model(store, log), cv=2)
    grid = {"estimator__countedextractor__power": [1.0, 2.0]}
    search = GridSearchCV(model, grid, cv=2)

    assert quietly(model, paths).n_computed == N_RECORDINGS
    assert quietly(search, paths)[1:3] == (N_RECORDINGS, N_RECORDINGS)
    assert_all_is_there(search, paths, store, log)


def test_models_that_vote_or_are_stacked(paths, store, log):
    squared = CountedExtractor(log=log, power=2.0)
    models = [("a", make_model(store, log)), ("b", make_model(store, log, extractor=squared))]
    final = KNeighborsClassifier()
    vote, stack = VotingClassifier(models), StackingClassifier(models, final, cv=2)

    assert quietly(vote, paths).n_computed == 2 * N_RECORDINGS
    assert quietly(stack, paths)[1:3] == (0, 2 * N_RECORDINGS)
    assert_all_is_there(vote, paths, store, log)
    assert_all_is_there(stack, paths, store, log)


def test_a_search_behind_the_loader(paths, store, log):
    behind = make_pipeline(CountedExtractor(log=log), KNeighborsClassifier())
    search = GridSearchCV(behind, {"countedextractor__power": [2.0, 3.0]}, cv=3)
    model = make_pipeline(Loader(memory=store), search)

    assert quietly(model, paths).n_computed == 2 * N_RECORDINGS
    assert_all_is_there(model, paths, store, log)


def test_segments_and_samples_in_memory(paths, store, log):
    table = pd.DataFrame({"path": paths[:2] * 2, "start": [0.0, 0.0, 0.05, 0.05]})
    samples = [{"array": np.full(400, 0.1 * k), "sampling_rate": 8000} for k in range(1, 4)]
    model = make_model(store, log)

    assert quietly(model, table) == (4, 4, 0, [])
    assert quietly(model, samples) == (3, 3, 0, [])
    assert quietly(model, []) == (0, 0, 0, [])

    model.fit(table, [0, 1, 0, 1])
    model.fit(samples, [0, 1, 0])
    assert len(calls(log)) == 7


# Parameters that a search may vary -----------------------------------------------------------


def test_parameters_of_the_loader(paths, store, log):
    grid = {"loader__duration": [None, 0.05, 0.08], "countedextractor__power": [1.0, 2.0]}
    search = GridSearchCV(make_model(store, log), grid, cv=3)

    assert quietly(search, paths) == (3 * N_RECORDINGS, 6 * N_RECORDINGS, 0, [])
    assert_all_is_there(search, paths, store, log)


def test_memory_as_a_parameter(paths, store, log, tmp_path):
    other = RowStore(tmp_path / "other rows")
    grid = {"loader__memory": [None, store, other]}
    search = GridSearchCV(make_model(None, log), grid, cv=3)

    assert quietly(search, paths) == (2 * N_RECORDINGS, 2 * N_RECORDINGS, 0, [])
    assert len(store) == len(other) == N_RECORDINGS


def test_parameters_of_steps(paths, store, log):
    model = make_model(store, log, CountedStep(log=log), PreEmphasis())
    grid = {
        "countedstep__gain": [0.5, 1.0],
        "preemphasis__coef": [0.0, 0.5, 0.97],
        "countedextractor__power": [1.0, 2.0],
    }
    search = GridSearchCV(model, grid, cv=2)

    assert quietly(search, paths).n_computed == 12 * N_RECORDINGS

    # Each chain runs once, and what chains have in common too.
    ran = Counter(" ".join(line.split()[:2]) for line in calls(log))
    assert ran == {"step 0.5": 12, "step 1.0": 12, "extractor 1.0": 72, "extractor 2.0": 72}
    assert len(set(calls(log))) == len(calls(log))
    assert_all_is_there(search, paths, store, log)


def test_whole_estimators_as_parameters(paths, store, log):
    model = make_model(store, log, CountedStep(log=log))
    grid = {
        "loader": [Loader(memory=store), Loader(memory=store, offset=0.01)],
        "countedstep": ["passthrough", None, PreEmphasis(), CountedStep(log=log, gain=2.0)],
        "countedextractor": [
            CountedExtractor(log=log),
            RMSExtractor(),
            make_union(RMSExtractor(), ZeroCrossingRateExtractor()),
            make_pipeline(PreEmphasis(), RMSExtractor()),
        ],
    }
    search = GridSearchCV(model, grid, cv=2)

    done = quietly(search, paths)

    # Of a part and a step three rows, and one behind a further emphasis; no step is no step.
    assert done == (2 * N_RECORDINGS, 2 * 3 * 4 * N_RECORDINGS - 2 * N_RECORDINGS, 0, [])
    assert_all_is_there(search, paths, store, log)


def test_branches_of_a_union_as_parameters(paths, store, log):
    union = make_union(CountedExtractor(log=log), RMSExtractor())
    grid = {
        "featureunion__rmsextractor": ["drop", RMSExtractor(), ZeroCrossingRateExtractor()],
        "featureunion__countedextractor__power": [1.0, 2.0],
    }
    search = GridSearchCV(make_model(store, log, extractor=union), grid, cv=3)

    assert quietly(search, paths).n_computed == 4 * N_RECORDINGS
    assert_all_is_there(search, paths, store, log)


# Nothing twice -------------------------------------------------------------------------------


def test_each_recording_is_decoded_once(paths, store, log, opened):
    grid = {"countedstep__gain": [0.5, 1.0, 2.0], "countedextractor__power": [1.0, 2.0, 3.0]}
    search = GridSearchCV(make_model(store, log, CountedStep(log=log)), grid, cv=3)

    assert quietly(search, paths).n_computed == 9 * N_RECORDINGS
    assert opened == paths

    search.fit(paths, LABELS)
    assert opened == paths


def test_each_distinct_spectrum_is_computed_once(paths, store, log, monkeypatch):
    transformed = []
    rfft = scipy.fft.rfft

    def counted_rfft(frames, *args, **kwargs):
        transformed.append(len(frames))
        return rfft(frames, *args, **kwargs)

    monkeypatch.setattr(scipy.fft, "rfft", counted_rfft)
    grid = {"mfccextractor__n_mfcc": [5, 13, 20], "mfccextractor__n_fft": [256, 512]}
    search = GridSearchCV(make_model(store, log, extractor=MFCCExtractor(hop_length=64)), grid)

    assert quietly(search, paths).n_computed == 6 * N_RECORDINGS

    # All frames of one of these recordings make one block.
    assert Counter(transformed) == {256: N_RECORDINGS, 512: N_RECORDINGS}


# Interruptions and failures ------------------------------------------------------------------


def test_interrupted_and_started_again_it_goes_on(paths, store, log, tmp_path):
    (tmp_path / "impatience").touch()
    extractor = InterruptedExtractor(log=log, impatience=str(tmp_path / "impatience"))
    model = make_model(store, log, extractor=extractor)
    with pytest.raises(KeyboardInterrupt):
        quietly(model, paths)
    assert len(calls(log)) == len(store) == 4

    (tmp_path / "impatience").unlink()

    assert quietly(model, paths) == (N_RECORDINGS, N_RECORDINGS - 4, 4, [])
    assert len(calls(log)) == len(set(calls(log))) == N_RECORDINGS
    assert_all_is_there(model, paths, store, log)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_recordings_that_fail_are_told_and_the_others_kept(n_jobs, paths, store, log):
    os.remove(paths[3])
    with open(paths[9], "w") as file:
        file.write("woof")
    search = GridSearchCV(make_model(store, log), GRID)

    done = quietly(search, paths, n_jobs=n_jobs)

    assert done[:3] == (N_RECORDINGS, 3 * 10, 0)
    assert [type(error) for error in done.errors] == [MissingAudioError, UnsupportedAudioError]
    missing, damaged = map(str, done.errors)
    assert missing.startswith(f"{paths[3]} (X[3]): there is no such file")
    assert damaged.startswith(f"{paths[9]} (X[9]): it is text")
    assert len(store) == 3 * 10

    write_recording(paths[3], seed=3)
    write_recording(paths[9], seed=9)
    assert quietly(search, paths) == (N_RECORDINGS, 3 * 2, 3 * 10, [])


def test_what_fails_for_one_candidate_is_kept_for_the_others(paths, store, log):
    # The recordings have 800, 808, ... samples.
    extractor = FastidiousExtractor(log=log)
    grid = {"fastidiousextractor__shortest": [0, 816, 2000]}
    search = GridSearchCV(make_model(store, log, extractor=extractor), grid)

    done = quietly(search, paths)

    assert done[:3] == (N_RECORDINGS, 12 + 10, 0)
    assert len(store) == 22
    assert len(done.errors) == N_RECORDINGS  # one a recording
    assert str(done.errors[0]) == f"{paths[0]} (X[0]): 800 samples are too few for it"
    assert str(done.errors[2]) == f"{paths[2]} (X[2]): 816 samples are too few for it"
    assert quietly(search, paths)[1:3] == (0, 22)


def test_an_unexpected_error_tells_its_recording_too(paths, store, log):
    model = make_model(store, log, CountedStep(log=log, gain="loud"))

    done = quietly(model, paths)

    assert done[:3] == (N_RECORDINGS, 0, 0)
    assert [type(error) for error in done.errors] == [ValueError] * N_RECORDINGS
    assert done.errors[4].__notes__ == [f"while computing X[4], {paths[4]}"]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite:UserWarning")
def test_an_invalid_candidate_is_left_to_its_fit(paths, store, log):
    grid = {"countedextractor__power": [1.0, "high", 2.0]}
    search = GridSearchCV(make_model(store, log), grid, cv=3, error_score=np.nan)

    done = quietly(search, paths)

    assert done == (N_RECORDINGS, 2 * N_RECORDINGS, 0, [])
    assert_all_is_there(search, paths, store, log)
    valid = GridSearchCV(make_model(None, log), {"countedextractor__power": [1.0, 2.0]}, cv=3)
    valid.fit(paths, LABELS)
    first, second = valid.cv_results_["mean_test_score"]
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], [first, np.nan, second])


@pytest.mark.parametrize(
    "invalid",
    [
        {"loader__offset": [-1.0]},
        {"preemphasis__coef": ["much"]},
        {"mfccextractor__n_mfcc": [200]},  # of 128 bands
        {"mfccextractor__no_such_parameter": [1]},
        {"no_such_step__n_mfcc": [13]},
    ],
    ids=lambda grid: next(iter(grid)),
)
def test_whatever_is_invalid_fails_at_its_fit_only(invalid, paths, store, log):
    model = make_model(store, log, PreEmphasis(), extractor=MFCCExtractor())
    valid = {"mfccextractor__n_mfcc": [13]}

    assert quietly(GridSearchCV(model, [valid, invalid]), paths).n_computed == N_RECORDINGS

    search = GridSearchCV(model, invalid, error_score="raise")
    assert quietly(search, paths) == (0, 0, 0, [])
    with pytest.raises(ValueError, match=r"must be|Invalid parameter|no more coefficients"):
        search.fit(paths, LABELS)


# Refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(Loader(), RMSExtractor()),
        GridSearchCV(make_pipeline(Loader(), RMSExtractor()), {"loader__offset": [0.0, 1.0]}),
        make_pipeline(RMSExtractor(), KNeighborsClassifier()),
        make_pipeline(Loader(memory="rows"), PreEmphasis()),
        make_pipeline(PreEmphasis(), KNeighborsClassifier()),
        Loader(memory="rows"),
        RMSExtractor(),
        KNeighborsClassifier(),
    ],
    ids=lambda estimator: " ".join(repr(estimator).split()),
)
def test_nothing_to_keep_rows_in_is_an_error(estimator, paths, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = os.listdir()

    with pytest.raises(ValueError, match=r"^there is nothing to keep rows in: .*Loader\(memory="):
        quietly(estimator, paths)

    assert os.listdir() == before


def test_what_is_no_list_of_recordings_is_refused(store, log):
    with pytest.raises(AudioError, match=r"X is the single path 'bark.wav'; a list of paths"):
        quietly(make_model(store, log), "bark.wav")


# The bar -------------------------------------------------------------------------------------


def test_the_bar_tells_recordings_done_and_failed(paths, store, log, capsys):
    os.remove(paths[3])
    os.remove(paths[4])

    prefetch(GridSearchCV(make_model(store, log), GRID), paths)

    last = capsys.readouterr().err.rpartition("\r")[2]
    assert last.startswith("100%|")
    assert "| 12/12 [" in last
    assert "recordings/s" in last
    assert last.endswith(", failed=2]\n")


def test_the_bar_counts_what_is_found_and_tells_no_failures_where_there_are_none(
    paths, store, log, capsys
):
    grid = {"loader__duration": [None, 0.05]}
    search = GridSearchCV(make_model(store, log), grid)
    quietly(search, paths)
    quiet = capsys.readouterr()
    assert (quiet.out, quiet.err) == ("", "")

    prefetch(search, paths)

    shown = capsys.readouterr()
    assert shown.out == ""
    assert "| 24/24 [" in shown.err.rpartition("\r")[2]
    assert "failed" not in shown.err
