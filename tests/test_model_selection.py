"""Plain scikit-learn around a pipeline that begins with paths."""

import subprocess
import sys

import joblib
import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, StackingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    LeaveOneGroupOut,
    cross_val_predict,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_audio import (
    ChromaExtractor,
    Loader,
    MFCCExtractor,
    Resampler,
    Summarizer,
    make_union,
)
from sklearn_audio.datasets import load_audio_files, load_percussion


@pytest.fixture(scope="module")
def percussion():
    return load_percussion()


@pytest.fixture(scope="module")
def drums(percussion):
    """Return paths and labels of two families; the larger one has 20 of 32, which is 0.63."""
    names = np.array(percussion.target_names)[percussion.target]
    chosen = np.flatnonzero(np.isin(names, ["bass_drum", "acoustic_drum"]))
    return [percussion.paths[position] for position in chosen], names[chosen] == "bass_drum"


def make_model(classifier=None):
    return make_pipeline(
        Loader(duration=0.5),
        Resampler(16000),
        make_union(MFCCExtractor(n_deltas=0), ChromaExtractor()),
        StandardScaler(),
        SVC() if classifier is None else classifier,
    )


def test_grid_search_over_a_feature_and_a_classifier(drums):
    grid = {"featureunion__mfccextractor__n_mfcc": [5, 13], "svc__C": [1, 10]}
    search = GridSearchCV(make_model(), grid, cv=3).fit(*drums)
    assert search.best_score_ > 0.8
    assert search.predict(drums[0]).shape == (32,)


def test_search_in_processes_finds_the_same(drums):
    grid = {"featureunion__mfccextractor__n_mfcc": [5, 13]}
    one = GridSearchCV(make_model(), grid, cv=3).fit(*drums)
    two = GridSearchCV(make_model(), grid, cv=3, n_jobs=2).fit(*drums)
    np.testing.assert_array_equal(
        one.cv_results_["mean_test_score"], two.cv_results_["mean_test_score"]
    )


def test_halving_search(drums):
    grid = {"featureunion__mfccextractor__n_mfcc": [5, 13], "svc__C": [1, 10]}
    search = HalvingGridSearchCV(make_model(), grid, cv=2, min_resources=16, random_state=0)
    search.fit(*drums)
    assert search.n_resources_[0] == 16
    assert search.best_score_ > 0.65


def test_cross_val_predict(drums):
    paths, target = drums
    predicted = cross_val_predict(make_model(), np.array(paths), target, cv=3)
    assert np.mean(predicted == target) > 0.8


def test_train_test_split_of_paths_and_of_a_batch_agree(drums):
    paths, target = drums
    batch = Loader(duration=0.5).fit_transform(paths)
    train_paths, test_paths, y_train, y_test = train_test_split(
        paths, target, random_state=0, stratify=target
    )
    train_batch, test_batch, _, _ = train_test_split(batch, target, random_state=0, stratify=target)
    model = make_model().fit(train_paths, y_train)
    behind_the_loader = make_model()[1:].fit(train_batch, y_train)
    assert model.score(test_paths, y_test) > 0.8
    np.testing.assert_array_equal(model.predict(test_paths), behind_the_loader.predict(test_batch))


def test_cross_validation_slices_a_batch(drums):
    paths, target = drums
    batch = Loader(duration=0.5).fit_transform(paths)
    np.testing.assert_array_equal(
        cross_val_score(make_model()[1:], batch, target, cv=3),
        cross_val_score(make_model(), paths, target, cv=3),
    )


def test_stacking_over_paths(drums):
    stack = StackingClassifier(
        [
            ("support", make_model()),
            ("forest", make_model(RandomForestClassifier(n_estimators=20, random_state=0))),
        ],
        final_estimator=LogisticRegression(),
        cv=3,
    )
    assert stack.fit(*drums).score(*drums) > 0.9


def test_calibration_over_paths(drums):
    calibrated = CalibratedClassifierCV(make_model(), cv=3).fit(*drums)
    probabilities = calibrated.predict_proba(drums[0])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert calibrated.score(*drums) > 0.9


def test_learning_from_frames_between_extractor_and_summary(drums):
    """A transformer that learns stands behind extractors and is fitted in each fold."""

    class FramePCA(PCA):
        def fit_transform(self, X, y=None):
            return self.fit(X).transform(X)

        def fit(self, X, y=None):
            return super().fit(np.concatenate(X))

        def transform(self, X):
            return [PCA.transform(self, frames) for frames in X]

    model = make_pipeline(
        Loader(duration=0.5),
        Resampler(16000),
        MFCCExtractor(summary=None),
        FramePCA(n_components=10).set_output(transform="default"),
        Summarizer(),
        StandardScaler(),
        SVC(),
    )
    assert cross_val_score(model, *drums, cv=3).mean() > 0.8


@pytest.mark.parametrize("compress", [0, 3])
def test_a_saved_pipeline_predicts_the_same_in_a_fresh_process(drums, tmp_path, compress):
    paths, _ = drums
    model = make_model(SVC()).fit(*drums)
    joblib.dump(model, tmp_path / "model.joblib", compress=compress)
    joblib.dump(paths, tmp_path / "paths.joblib")
    program = (
        "import joblib, sys; model, paths = map(joblib.load, sys.argv[1:3]);"
        "joblib.dump(model.decision_function(paths), sys.argv[3])"
    )
    files = [tmp_path / name for name in ("model.joblib", "paths.joblib", "answer.joblib")]
    subprocess.run([sys.executable, "-c", program, *map(str, files)], check=True)
    np.testing.assert_array_equal(joblib.load(files[2]), model.decision_function(paths))


@pytest.mark.shared_data
def test_digits_of_the_official_split_are_told_apart_by_ten_lines(shared_data):
    digits = load_audio_files(
        shared_data / "spoken-digits",
        target_pattern=r"^(\d)_",
        group_pattern=r"_(\d+)\.",
    )
    is_test = digits.groups.astype(int) < 5
    X, y = np.array(digits.paths), digits.target
    model = make_pipeline(
        Loader(),
        MFCCExtractor(n_mfcc=20, n_deltas=1, n_fft=512, hop_length=128, n_mels=40),
        StandardScaler(),
        SVC(C=10),
    )
    accuracy = model.fit(X[~is_test], y[~is_test]).score(X[is_test], y[is_test])
    assert is_test.sum() == 300
    assert accuracy >= 0.97


@pytest.mark.shared_data
def test_no_speaker_is_in_both_parts_of_a_fold(shared_data):
    """Leave-one-speaker-out over paths: groups go through scikit-learn as they are."""
    speakers = load_audio_files(
        shared_data / "spoken-digits", target_pattern=r"^(\d)_", group_pattern=r"_([a-z]+)_"
    )
    chosen = np.flatnonzero(speakers.target < 2)[::5]
    paths, groups = np.array(speakers.paths)[chosen], speakers.groups[chosen]
    scores = cross_val_score(
        make_model(), paths, speakers.target[chosen], groups=groups, cv=LeaveOneGroupOut()
    )
    assert len(scores) == 6
