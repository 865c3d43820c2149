"""Models that are saved with skops, which loads nothing that is not trusted by name."""

import numpy as np
import pytest
import skops.io
from conftest import RATE
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from test_common import ESTIMATORS, EXTRACTORS, STEPS, UNION, assert_same, name_of

from sklearn_audio import (
    AudioLimits,
    CepstralNormalizer,
    ChromaExtractor,
    Delta,
    Loader,
    MFCCExtractor,
    PeakNormalizer,
    PreEmphasis,
    Resampler,
    RowStore,
    SpectralCentroidExtractor,
    Summarizer,
    fma_features,
    make_union,
    music_features,
    speech_features,
    trusted_types,
)
from sklearn_audio.base import SignalTransformer
from sklearn_audio.datasets import load_percussion


class Reverser(SignalTransformer):
    """A step of a user, whom nobody has told to trust."""

    def process(self, signal):
        return type(signal)(signal.samples[::-1], signal.rate)


def loaded_again(model):
    """Save and load a model; whatever is not of the published list is an error."""
    saved = skops.io.dumps(model)
    assert set(skops.io.get_untrusted_types(data=saved)) <= set(trusted_types())
    return skops.io.loads(saved, trusted=trusted_types())


@pytest.fixture(scope="module")
def percussion():
    """Return paths of recordings, and their classes."""
    data = load_percussion()
    return data.paths[::4], data.target[::4]


def test_the_list_names_every_public_estimator_once_and_what_their_parameters_are(show):
    names = trusted_types()
    assert names == sorted(set(names))
    types = [type(estimator) for estimator in ESTIMATORS] + [AudioLimits, RowStore]
    assert set(names) == {f"{one.__module__}.{one.__qualname__}" for one in types}
    show(f"classes that skops is told to trust: {len(names)}")


@pytest.mark.parametrize("estimator", [*STEPS, *EXTRACTORS, UNION], ids=name_of)
def test_every_fitted_step_and_extractor_does_the_same_after_it(estimator, equal_signals):
    fitted = clone(estimator).fit(equal_signals)
    again = loaded_again(fitted)
    assert type(again) is type(fitted)
    assert str(again.get_params()) == str(fitted.get_params())
    assert_same(again.transform(equal_signals), fitted.transform(equal_signals))


@pytest.mark.parametrize(
    "features",
    [
        make_pipeline(
            MFCCExtractor(n_deltas=0, summary=None),
            CepstralNormalizer(over="corpus"),
            Delta(),
            Summarizer(),
        ),
        make_pipeline(PeakNormalizer(), PreEmphasis(), MFCCExtractor(summary=["mean", "q95"])),
        make_union(
            MFCCExtractor(n_mfcc=13),
            make_pipeline(PreEmphasis(), SpectralCentroidExtractor()),
            ChromaExtractor(),
        ),
        music_features().set_params(beat="drop"),
        speech_features(),
        fma_features(),
    ],
    ids=["of frames", "in a row", "union", "music", "speech", "fma"],
)
def test_a_fitted_pipeline_predicts_the_same_bits_after_it(features, percussion):
    paths, classes = percussion
    paths, classes = paths[:12], classes[:12]
    model = make_pipeline(Loader(), Resampler(16000), features, StandardScaler(), SVC())
    model.fit(paths, classes)
    again = loaded_again(model)
    expected = model.decision_function(paths)
    np.testing.assert_array_equal(again.decision_function(paths), expected)
    np.testing.assert_array_equal(again.predict(paths), model.predict(paths))


def test_a_model_may_keep_its_store_of_rows(percussion, tmp_path):
    paths, classes = percussion
    # As a str: a Path is a class of Python's that skops asks about.
    store = RowStore(str(tmp_path / "rows"), size_limit="10MB")
    model = make_pipeline(Loader(memory=store), MFCCExtractor(), StandardScaler(), SVC())
    model.fit(paths, classes)
    again = loaded_again(model)
    assert again[0].memory == store
    before = store.info()
    np.testing.assert_array_equal(again.predict(paths), model.predict(paths))
    assert store.info().misses == before.misses
    assert store.info().hits == before.hits + 2 * len(paths)


def test_a_class_of_a_user_is_not_trusted_by_itself(equal_signals):
    model = make_pipeline(Reverser(), MFCCExtractor(sample_rate=RATE)).fit(equal_signals)
    saved = skops.io.dumps(model)
    own = f"{Reverser.__module__}.{Reverser.__qualname__}"
    assert set(skops.io.get_untrusted_types(data=saved)) - set(trusted_types()) == {own}
    with pytest.raises(skops.io.exceptions.UntrustedTypesFoundException, match="Reverser"):
        skops.io.loads(saved, trusted=trusted_types())
    again = skops.io.loads(saved, trusted=[*trusted_types(), own])
    np.testing.assert_array_equal(again.transform(equal_signals), model.transform(equal_signals))
