"""What stands at the head of a pipeline, as pictures and inspections find it."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_audio import (
    AudioError,
    ChromaExtractor,
    Loader,
    MFCCExtractor,
    PreEmphasis,
    Resampler,
    RMSExtractor,
    SignalBatch,
    make_union,
)
from sklearn_audio.datasets import load_percussion
from sklearn_audio.pipelines import heads, loaded, named_branch, seen, seen_signal

PATHS = load_percussion().paths[:3]


def steps(batch):
    return [type(step).__name__ for step in batch.steps]


def test_every_extractor_of_nested_unions_and_pipelines_has_a_name():
    inner = FeatureUnion([("level", RMSExtractor()), ("off", "drop")])
    union = FeatureUnion(
        [
            ("timbre", make_pipeline(PreEmphasis(), MFCCExtractor(), PCA(2))),
            ("inner", inner),
            ("harmony", ChromaExtractor()),
        ]
    )
    found = dict(heads(make_pipeline(Resampler(8000), union, StandardScaler())))
    assert list(found) == ["timbre", "inner__level", "harmony"]
    assert [type(step).__name__ for step in found["timbre"].steps] == ["Resampler", "PreEmphasis"]
    assert isinstance(found["inner__level"].extractor, RMSExtractor)


def test_one_extractor_bears_the_name_of_its_step():
    assert [name for name, _ in heads(make_pipeline(PreEmphasis(), MFCCExtractor()))] == [
        "mfccextractor"
    ]
    assert [name for name, _ in heads(MFCCExtractor())] == ["mfccextractor"]
    assert list(heads(StandardScaler())) == []


def test_a_loader_is_found_in_a_nested_pipeline_and_in_a_search():
    door = make_pipeline(Loader(), Resampler(8000))
    model = make_pipeline(door, "passthrough", PreEmphasis(), MFCCExtractor(), SVC())
    assert steps(loaded(model, PATHS)) == []
    assert steps(seen(model, PATHS)) == ["Resampler", "PreEmphasis"]
    assert steps(seen(GridSearchCV(model, {}), PATHS)) == ["Resampler", "PreEmphasis"]
    assert steps(seen(door, PATHS)) == ["Resampler"]
    assert steps(seen(Loader(), PATHS)) == []
    _, branch = named_branch(model)
    assert [type(step).__name__ for step in branch.steps] == ["Resampler", "PreEmphasis"]


def test_a_fitted_search_shows_what_it_found():
    model = make_pipeline(Loader(), Resampler(8000), MFCCExtractor(), SVC())
    paths, y = load_percussion().paths[::8], load_percussion().target[::8] > 2
    search = GridSearchCV(model, {"resampler__target_rate": [11025]}, cv=2).fit(paths, y)
    assert seen_signal(search, paths, 2).rate == 11025


def test_signals_in_memory_need_no_loader():
    signals = [np.ones(100), np.zeros(50)]
    batch = seen(make_pipeline(PreEmphasis(coef=1.0), MFCCExtractor(sample_rate=8000)), signals)
    assert isinstance(batch, SignalBatch)
    assert seen_signal(make_pipeline(MFCCExtractor(sample_rate=8000)), signals, -1).rate == 8000
    assert seen_signal(PreEmphasis(), signals).rate is None


def test_paths_without_a_loader_are_refused():
    with pytest.raises(AudioError, match=r"Put a Loader\(\) before"):
        seen(make_pipeline(PreEmphasis(), MFCCExtractor()), PATHS)


def test_wrong_parameters_of_a_step_are_refused_before_anything_is_read():
    with pytest.raises(ValueError, match="'target_rate' parameter of Resampler"):
        seen(make_pipeline(Loader(), Resampler(-1), MFCCExtractor()), ["missing.wav"])


def test_a_branch_is_named_or_the_only_one():
    union = make_pipeline(Loader(), make_union(MFCCExtractor(), ChromaExtractor()))
    name, branch = named_branch(union, "chromaextractor")
    assert (name, type(branch.extractor)) == ("chromaextractor", ChromaExtractor)
    with pytest.raises(ValueError, match="which has 'mfccextractor', 'chromaextractor'"):
        named_branch(union)
    with pytest.raises(ValueError, match=r"feature was not given; .* which has none"):
        named_branch(make_pipeline(StandardScaler(), SVC()))
