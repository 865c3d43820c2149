"""Recordings that cannot be used among those that can: rows of NaN, told and counted."""

import os
import pickle
import re
import warnings

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.impute import SimpleImputer
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import FeatureUnion as PlainFeatureUnion
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier
from working import DeadlyExtractor, LevelExtractor

from sklearn_audio import (
    AudioError,
    CepstralNormalizer,
    Delta,
    FrameStacker,
    Loader,
    MFCCExtractor,
    PreEmphasis,
    RMSExtractor,
    RowStore,
    SpectralCentroidExtractor,
    Summarizer,
    ZeroCrossingRateExtractor,
    make_union,
)
from sklearn_audio.errors import FailedSignalsWarning
from sklearn_audio.features import WaveformExtractor

RATE = 8000


def write(path, seed, n_samples=2000, rate=RATE):
    samples = np.random.default_rng(seed).uniform(-0.5, 0.5, n_samples)
    soundfile.write(path, samples, rate, subtype="PCM_16")
    return path


def missing(path):
    pass


def folder(path):
    path.mkdir()


def empty(path):
    path.touch()


def without_samples(path):
    soundfile.write(path, np.zeros(0), RATE)


def text(path):
    path.write_text("woof")


def cut(path):
    write(path, 0)
    path.write_bytes(path.read_bytes()[:-100])


def cut_flac(path):
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 9000), RATE, format="FLAC")
    path.write_bytes(path.read_bytes()[:-100])


def not_a_number(path):
    soundfile.write(path, [0.0, np.nan, 0.0], RATE, subtype="FLOAT")


def of_too_many_channels(path):
    soundfile.write(path, np.zeros((100, 40)), RATE)


def compressed(path):
    soundfile.write(path, np.zeros(4000), RATE, subtype="IMA_ADPCM")


BAD = {
    missing: "MissingAudioError",
    folder: "UnsupportedAudioError",
    empty: "EmptyAudioError",
    without_samples: "EmptyAudioError",
    text: "UnsupportedAudioError",
    cut: "TruncatedAudioError",
    cut_flac: "TruncatedAudioError",
    not_a_number: "NonFiniteAudioError",
    of_too_many_channels: "AudioLimitError",
    compressed: "UnsupportedAudioError",
}


@pytest.fixture
def mixed(tmp_path):
    """Return the paths of 8 good recordings with one of each bad kind among them, and which."""
    paths, bad = [], {}
    for index in range(8):
        paths.append(str(write(tmp_path / f"good {index}.wav", index)))
    for index, (damage, kind) in enumerate(BAD.items()):
        path = tmp_path / f"{damage.__name__}.wav"
        damage(path)
        position = (3 * index) % (len(paths) + 1)
        paths.insert(position, str(path))
        bad[str(path)] = kind
    return paths, bad


def quietly(estimator, X):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FailedSignalsWarning)
        return estimator.fit_transform(X)


def good_of(paths, bad):
    return [path for path in paths if path not in bad]


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("with_memory", [False, True])
def test_rows_of_bad_recordings_are_nan_and_those_of_good_ones_as_without_them(
    mixed, n_jobs, with_memory, tmp_path
):
    paths, bad = mixed
    memory = RowStore(tmp_path / "rows") if with_memory else None
    extractor = MFCCExtractor(n_jobs=n_jobs)
    expected = extractor.fit_transform(Loader().transform(good_of(paths, bad)))
    batch = Loader(on_error="nan", memory=memory).transform(paths)

    for _ in range(2):  # the second time rows come from the memory
        with pytest.warns(FailedSignalsWarning) as caught:
            rows = extractor.fit_transform(batch)

        assert rows.shape == (len(paths), expected.shape[1])
        is_bad = np.array([path in bad for path in paths])
        assert np.isnan(rows[is_bad]).all()
        np.testing.assert_array_equal(rows[~is_bad], expected)
        assert len(caught) == 1


def test_one_warning_counts_the_kinds_and_holds_all_failures(mixed):
    paths, bad = mixed
    batch = Loader(on_error="nan").transform(paths)

    with pytest.warns(FailedSignalsWarning) as caught:
        make_union(RMSExtractor(), MFCCExtractor()).fit_transform(batch)

    assert len(caught) == 1
    assert re.match(
        r"10 of 18 signals failed, and their rows are NaN: 3 UnsupportedAudioError, "
        r"2 EmptyAudioError, 2 TruncatedAudioError, 1 \w+, 1 \w+, 1 \w+\. The first: ",
        str(caught[0].message),
    )
    first = min(paths.index(path) for path in bad)
    assert f"The first: {paths[first]} (X[{first}]): " in str(caught[0].message)
    pd.testing.assert_frame_equal(caught[0].message.failures, batch.failures)


def test_failures_are_a_table_of_position_source_kind_and_message(mixed):
    paths, bad = mixed
    batch = Loader(on_error="nan").transform(paths)
    assert batch.failures.shape == (0, 4)

    quietly(RMSExtractor(), batch)

    failures = batch.failures
    assert list(failures.columns) == ["position", "source", "kind", "message"]
    expected = [(position, path, bad[path]) for position, path in enumerate(paths) if path in bad]
    found = zip(failures["position"], failures["source"], failures["kind"], strict=True)
    assert list(found) == expected
    for row in failures.itertuples():
        with pytest.raises(AudioError) as caught:
            batch[row.position]
        assert caught.value.reason == row.message
        assert type(caught.value).__name__ == row.kind


def test_batches_of_later_steps_share_the_failures_and_parts_of_a_batch_do_not(mixed):
    paths, bad = mixed
    batch = Loader(on_error="nan").transform(paths)
    after = PreEmphasis().fit_transform(batch)
    part = batch[2:5]

    quietly(RMSExtractor(), after)

    assert len(batch.failures) == len(after.failures) == len(bad)
    assert len(part.failures) == 0
    quietly(RMSExtractor(), part)
    assert set(part.failures["position"]) <= {0, 1, 2}
    assert part.failures["source"].isin(paths[2:5]).all()
    assert len(pickle.loads(pickle.dumps(batch)).failures) == len(bad)


def test_without_being_asked_for_the_first_bad_recording_is_an_error(mixed):
    paths, bad = mixed
    first = min(paths.index(path) for path in bad)

    with pytest.raises(AudioError, match=re.escape(f"{paths[first]} (X[{first}]): ")):
        RMSExtractor().fit_transform(Loader().transform(paths))


def test_the_error_is_the_same_for_any_number_of_processes(mixed):
    paths, _ = mixed
    messages = set()
    for n_jobs in (1, 2, 4):
        with pytest.raises(AudioError) as caught:
            RMSExtractor(n_jobs=n_jobs).fit_transform(Loader().transform(paths))
        messages.add(str(caught.value))
    assert len(messages) == 1


def test_a_plain_union_of_scikit_learn_gives_the_same(mixed):
    paths, _ = mixed
    branches = [("rms", RMSExtractor()), ("mfcc", MFCCExtractor())]
    batch = Loader(on_error="nan").transform(paths)

    rows = quietly(make_union(*[branch for _, branch in branches]), batch)

    np.testing.assert_array_equal(rows, quietly(PlainFeatureUnion(branches), batch))


def test_all_recordings_may_be_bad(tmp_path):
    batch = Loader(on_error="nan").transform([tmp_path / "a.wav", tmp_path / "b.wav"])

    rows = quietly(make_union(RMSExtractor(), MFCCExtractor(n_deltas=0)), batch)

    assert rows.shape == (2, 2 + 26)
    assert np.isnan(rows).all()


class LongExtractor(WaveformExtractor):
    """A feature that wants 1000 samples."""

    def value_names(self):
        return ["n_samples"]

    def signal_values(self, signal):
        if len(signal) < 1000:
            raise AudioError(f"{len(signal)} samples are too few for it")
        return [[len(signal)]]


class BrokenExtractor(WaveformExtractor):
    """A feature with a flaw in its program."""

    def value_names(self):
        return ["nothing"]

    def signal_values(self, signal):
        raise ZeroDivisionError("a flaw")


def test_a_signal_that_one_extractor_refuses_has_the_values_of_the_others(tmp_path):
    paths = [write(tmp_path / "short.wav", 0, 999), write(tmp_path / "long.wav", 1, 1000)]
    batch = Loader(on_error="nan").transform(paths)
    union = make_union(LongExtractor(), RMSExtractor(summary=["mean"]))

    rows = quietly(union, batch)

    assert np.isnan(rows).tolist() == [[True, False], [False, False]]
    assert batch.failures["message"].tolist() == ["999 samples are too few for it"]


def test_flaws_of_a_program_are_raised(tmp_path):
    batch = Loader(on_error="nan").transform([write(tmp_path / "dog.wav", 0)])

    with pytest.raises(ZeroDivisionError, match="a flaw") as caught:
        BrokenExtractor().fit_transform(batch)
    assert any("dog.wav" in note for note in caught.value.__notes__)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_recording_that_kills_its_worker_is_nan_and_all_others_have_their_rows(tmp_path):
    # The extractor knows a recording by its length.
    paths = [write(tmp_path / f"{index}.wav", index, 1000 + index) for index in range(10)]
    batch = Loader(on_error="nan").transform(paths)
    expected = LevelExtractor().fit_transform(batch)

    rows = quietly(DeadlyExtractor(deadly=(4,), n_jobs=2), batch)

    expected[4] = np.nan
    np.testing.assert_array_equal(rows, expected)
    assert batch.failures["kind"].tolist() == ["WorkerKilledError"]
    assert batch.failures["source"].tolist() == [str(paths[4])]


def test_signals_of_different_rates_are_an_error_still(tmp_path):
    paths = [write(tmp_path / "a.wav", 0), write(tmp_path / "b.wav", 1, rate=16000)]

    with pytest.raises(AudioError, match="signals of different rates reach RMSExtractor"):
        RMSExtractor().fit_transform(Loader(on_error="nan").transform(paths))


@pytest.mark.parametrize(
    "transformer",
    [Delta(), FrameStacker(), CepstralNormalizer(), CepstralNormalizer(over="corpus")],
    ids=["Delta", "FrameStacker", "CepstralNormalizer", "over corpus"],
)
def test_frames_of_a_bad_recording_are_nan_to_the_end(mixed, transformer):
    paths, bad = mixed
    model = make_pipeline(
        Loader(on_error="nan"), MFCCExtractor(n_deltas=0, summary=None), transformer, Summarizer()
    )
    expected = model.fit_transform(good_of(paths, bad))

    rows = quietly(model, paths)

    is_bad = np.array([path in bad for path in paths])
    assert np.isnan(rows[is_bad]).all()
    np.testing.assert_array_equal(rows[~is_bad], expected)


def test_a_pipeline_with_an_imputer_is_trained_and_evaluated(mixed):
    paths, _ = mixed
    labels = np.arange(len(paths)) % 2
    model = make_pipeline(
        Loader(on_error="nan"), MFCCExtractor(), SimpleImputer(), DecisionTreeClassifier()
    )

    with pytest.warns(FailedSignalsWarning):
        scores = cross_val_score(model, paths, labels, cv=3)

    assert np.isfinite(scores).all()


def test_bad_rows_are_left_out_before_a_fit(mixed):
    paths, bad = mixed
    table = quietly(
        make_pipeline(Loader(on_error="nan"), RMSExtractor()).set_output(transform="pandas"),
        pd.Series(paths, index=paths),
    )

    assert sorted(table.dropna().index) == sorted(good_of(paths, bad))


def test_a_thousand_good_files_and_fifty_bad_ones_in_one_folder(tmp_path, show):
    generator = np.random.default_rng(0)
    names = [f"{index:04d}.wav" for index in range(1050)]
    is_bad = np.isin(np.arange(1050), generator.choice(1050, 50, replace=False))
    damages = iter([damage for damage in BAD for _ in range(5)])
    for index, name in enumerate(names):
        if is_bad[index]:
            next(damages)(tmp_path / name)
        else:
            write(tmp_path / name, index, n_samples=800)
    paths = [str(tmp_path / name) for name in names]
    union = make_union(
        MFCCExtractor(n_fft=512), SpectralCentroidExtractor(), ZeroCrossingRateExtractor()
    )
    expected = union.fit_transform(Loader().transform(np.array(paths)[~is_bad]))

    batch = Loader(on_error="nan").transform(paths)
    rows = quietly(union.set_params(n_jobs=2), batch)

    counts = batch.failures["kind"].value_counts()
    show(f"1000 good and 50 bad files: {counts.to_dict()}")
    assert counts.sum() == 50
    assert counts.to_dict() == (5 * pd.Series(BAD.values()).value_counts()).to_dict()
    assert np.isnan(rows[is_bad]).all()
    np.testing.assert_array_equal(rows[~is_bad], expected)
    assert [os.path.basename(path) for path in batch.failures["source"]] == [
        name for name, bad in zip(names, is_bad, strict=True) if bad
    ]
