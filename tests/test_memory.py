"""Loader(memory=...): what is extracted, what is found again, and that the rows are the same."""

import io
import json
import os
import pickle
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from counting import (
    RATE,
    CountedExtractor,
    CountedStep,
    FastidiousExtractor,
    InterruptedExtractor,
    RewritingExtractor,
    calls,
    write_recording,
    write_recordings,
)
from sklearn import pipeline
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_audio import (
    AudioError,
    ChromaExtractor,
    Loader,
    MFCCExtractor,
    PeakNormalizer,
    PreEmphasis,
    Resampler,
    RMSExtractor,
    RowStore,
    SilenceTrimmer,
    SpectralCentroidExtractor,
    Summarizer,
    make_union,
)

N_RECORDINGS = 12


@pytest.fixture
def paths(tmp_path):
    return write_recordings(tmp_path / "recordings", N_RECORDINGS)


@pytest.fixture
def store(tmp_path):
    return RowStore(tmp_path / "rows")


@pytest.fixture
def log(tmp_path):
    return str(tmp_path / "calls.txt")


def rows_of(X, memory=None, extractor=None, **parameters):
    extractor = RMSExtractor() if extractor is None else extractor
    return make_pipeline(Loader(memory=memory, **parameters), extractor).fit_transform(X)


def read_from_disk(store):
    """Let a store forget what it remembers in memory, so that rows come from its database."""
    assert store.verify() == 0


# One extraction a recording and setting ------------------------------------------------------

POWERS = [1.0, 0.5, 2.0]
LABELS = np.arange(N_RECORDINGS) % 2


def make_search(memory, log, n_neighbors=(1, 3)):
    model = make_pipeline(
        Loader(memory=memory),
        CountedExtractor(log=log),
        StandardScaler(),
        KNeighborsClassifier(),
    )
    grid = {
        "countedextractor__power": POWERS,
        "kneighborsclassifier__n_neighbors": list(n_neighbors),
    }
    return GridSearchCV(model, grid, cv=3, refit=True)


def test_a_grid_search_extracts_each_recording_once_for_each_setting(paths, store, log, show):
    search = make_search(store, log).fit(paths, LABELS)
    search.predict(paths)
    search.predict(paths[:5])

    extractions = N_RECORDINGS * len(POWERS)
    assert len(calls(log)) == len(set(calls(log))) == extractions
    assert Counter(line.split()[1] for line in calls(log)) == {"1.0": 12, "0.5": 12, "2.0": 12}
    assert store.info().misses == store.info().rows == extractions
    # 3 folds of 6 candidates ask for the rows of all recordings, once to fit and once to score;
    # then the refit and the two predictions.
    asked = 6 * 3 * N_RECORDINGS + N_RECORDINGS + N_RECORDINGS + 5
    assert store.info().hits == asked - extractions
    show(f"{len(calls(log))} extractions of {N_RECORDINGS} recordings in {len(POWERS)} settings")


SEARCH = """
import json, sys
import test_memory
folder, log, *paths = sys.argv[1:]
search = test_memory.make_search(folder, log).fit(paths, test_memory.LABELS)
info = test_memory.RowStore(folder).info()
scores = search.cv_results_["mean_test_score"].tolist()
print(json.dumps([info.misses, info.rows, scores, search.predict(paths).tolist()]))
"""


def test_a_second_run_in_a_new_process_extracts_nothing(paths, store, log, show):
    def run():
        done = subprocess.run(
            [sys.executable, "-c", SEARCH, store.path, log, *paths],
            check=True,
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
            },
        )
        return json.loads(done.stdout)

    extractions = N_RECORDINGS * len(POWERS)
    first = run()
    assert first[:2] == [extractions, extractions]
    assert len(calls(log)) == extractions

    second = run()

    assert second == [0, *first[1:]]
    assert len(calls(log)) == extractions
    show(f"{first[0]} extractions in the first process, {second[0]} in the second")


def test_a_search_over_the_classifier_alone_extracts_nothing_more(paths, store, log, show):
    make_search(store, log).fit(paths, LABELS)
    before = len(calls(log))

    make_search(store, log, n_neighbors=(2, 4, 5)).fit(paths, LABELS)

    assert len(calls(log)) == before
    assert store.info().misses == before
    show(f"{len(calls(log)) - before} extractions when the classifier alone changes")


def test_a_search_gives_the_same_with_and_without_memory(paths, store, tmp_path):
    def results(memory, log):
        search = make_search(memory, str(tmp_path / log)).fit(paths, LABELS)
        scores = {key: value for key, value in search.cv_results_.items() if "test_score" in key}
        return search.best_score_, search.predict(paths), scores, calls(tmp_path / log)

    score, predicted, scores, extracted = results(None, "without.txt")
    cold, warm = results(store, "with.txt"), results(store, "with.txt")

    for other_score, other_predicted, other_scores, kept in (cold, warm):
        assert other_score == score
        np.testing.assert_array_equal(other_predicted, predicted)
        np.testing.assert_equal(other_scores, scores)
        # 6 candidates in 3 folds, the refit and the prediction; once for each of 3 settings.
        assert (len(extracted), len(kept)) == (20 * N_RECORDINGS, 3 * N_RECORDINGS)


def test_a_step_of_a_kept_row_is_not_run_again(paths, store, log):
    model = make_pipeline(Loader(memory=store), CountedStep(log=log), RMSExtractor())
    for _ in range(3):
        model.fit_transform(paths)
    assert len(calls(log)) == N_RECORDINGS

    model.set_params(countedstep__gain=2.0).fit_transform(paths)

    assert len(calls(log)) == 2 * N_RECORDINGS


def test_a_union_computes_just_what_is_missing(paths, store, log):
    rows_of(paths[:8], store, CountedExtractor(log=log))

    union = make_union(CountedExtractor(log=log), CountedExtractor(log=log, power=2))
    rows_of(paths, store, union)

    powers = Counter(line.split()[1] for line in calls(log))
    assert powers == {"1.0": N_RECORDINGS, "2": N_RECORDINGS}
    assert store.info().misses == 2 * N_RECORDINGS


def test_processes_extract_each_recording_once(paths, store, log):
    rows = rows_of(paths, store, CountedExtractor(log=log, n_jobs=2))
    assert len(calls(log)) == len(set(calls(log))) == N_RECORDINGS

    # The number of processes is not in the key.
    again = rows_of(paths, store, CountedExtractor(log=log, n_jobs=1))

    assert len(calls(log)) == N_RECORDINGS
    np.testing.assert_array_equal(again, rows)


# Equal with and without ----------------------------------------------------------------------


def segments(paths):
    return pd.DataFrame(
        {
            "path": [paths[0], paths[0], paths[1], paths[1]],
            "start": [0.01, None, 0.05, None],
            "end": [0.06, 0.05, None, None],
        }
    )


def read_bytes(path):
    return Path(path).read_bytes()


def in_memory(path):
    samples = np.frombuffer(read_bytes(path)[44:], dtype="<i2") / np.float32(2**15)
    return {"array": samples, "sampling_rate": RATE}


KINDS = {
    "paths": list,
    "Path": lambda paths: [Path(path) for path in paths],
    "Series": pd.Series,
    "segments": segments,
    "bytes": lambda paths: [read_bytes(path) for path in paths],
    "open files": lambda paths: [io.BytesIO(read_bytes(path)) for path in paths],
    "dicts with array": lambda paths: [in_memory(path) for path in paths],
    "dicts with path": lambda paths: [{"path": path, "bytes": None} for path in paths],
    "dicts with bytes": lambda paths: [{"path": None, "bytes": read_bytes(p)} for p in paths],
    "all sorts": lambda paths: [Path(paths[0]), read_bytes(paths[1]), in_memory(paths[2])],
}
EXTRACTORS = {
    "extractor": MFCCExtractor(n_deltas=1),
    "steps": make_pipeline(
        Resampler(16000), PeakNormalizer(), SilenceTrimmer(), SpectralCentroidExtractor()
    ),
    "union": make_union(
        MFCCExtractor(),
        make_pipeline(PreEmphasis(), ChromaExtractor()),
        make_pipeline(PreEmphasis(), RMSExtractor(), StandardScaler()),
    ),
    "union of scikit-learn": pipeline.make_union(
        MFCCExtractor(), make_pipeline(PreEmphasis(), RMSExtractor())
    ),
    "union in processes": make_union(MFCCExtractor(), RMSExtractor(), n_jobs=2),
    "extractor in processes": MFCCExtractor(n_deltas=1, n_jobs=2),
}


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_every_kind_of_recordings_are_the_same_with_memory(kind, paths, store):
    X = KINDS[kind](paths[:4])
    extractor = EXTRACTORS["extractor"]
    expected = rows_of(X, None, extractor)

    cold = rows_of(X, store, extractor)
    assert store.info()[2:] == (0, len(X))
    read_from_disk(store)
    warm = rows_of(X, store, extractor)
    assert store.info()[2:] == (len(X), len(X))

    np.testing.assert_array_equal(cold, expected, strict=True)
    np.testing.assert_array_equal(warm, expected, strict=True)


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_rows_of_every_kind_of_extractor_are_the_same_with_memory(extractor, paths, store):
    extractor = EXTRACTORS[extractor]
    expected = rows_of(paths, None, clone(extractor))

    cold = rows_of(paths, store, clone(extractor))
    misses = store.info().misses
    assert misses == len(store) > 0
    read_from_disk(store)
    warm = rows_of(paths, store, clone(extractor))
    assert store.info().misses == misses

    np.testing.assert_array_equal(cold, expected, strict=True)
    np.testing.assert_array_equal(warm, expected, strict=True)


def test_no_recordings_give_no_rows_with_memory(store):
    assert rows_of([], store).shape == (0, 2)


def test_rows_that_are_written_into_are_not_those_that_are_kept(paths, store):
    first = rows_of(paths, store)
    expected = first.copy()
    first[:] = 0
    second = rows_of(paths, store)
    second[:] = 0

    np.testing.assert_array_equal(rows_of(paths, store), expected)


# Files that change, move and are copied ------------------------------------------------------


def set_time(path, seconds, nanoseconds=0):
    time_ns = seconds * 10**9 + nanoseconds
    os.utime(path, ns=(time_ns, time_ns))


def write_over(path, seed):
    """Write another recording of the same length into the same file."""
    other = Path(path).with_name("other.wav")
    write_recording(other, seed, n_samples=800)
    with open(path, "r+b") as file:
        file.write(other.read_bytes())


@pytest.fixture
def path(tmp_path):
    return write_recording(tmp_path / "bark.wav", seed=0)


def test_a_recording_of_another_length_is_noticed(path, store):
    before = rows_of([path], store)
    write_recording(path, seed=0, n_samples=900)

    after = rows_of([path], store)

    np.testing.assert_array_equal(after, rows_of([path]))
    assert (after != before).any()


def test_a_change_within_the_same_moment_is_noticed(path, store):
    # The clock of a file system may tick every few milliseconds only, or every two seconds. This
    # moment is ahead, so that it does not end while the test runs, however slow the machine is.
    moment = int(time.time()) + 3600
    set_time(path, moment)
    before = rows_of([path], store)
    write_over(path, seed=1)
    set_time(path, moment)

    after = rows_of([path], store)

    np.testing.assert_array_equal(after, rows_of([path]))
    assert (after != before).any()
    assert store.info().misses == 2


def test_a_later_change_of_the_same_size_is_noticed(path, store):
    set_time(path, 1_600_000_000)
    before = rows_of([path], store)
    write_over(path, seed=1)
    set_time(path, 1_600_000_000, nanoseconds=1000)

    after = rows_of([path], store)

    np.testing.assert_array_equal(after, rows_of([path]))
    assert (after != before).any()


def test_another_file_of_the_same_size_and_time_is_noticed(path, store, tmp_path):
    set_time(path, 1_600_000_000)
    before = rows_of([path], store)
    other = write_recording(tmp_path / "other.wav", seed=1)
    set_time(other, 1_600_000_000)
    os.replace(other, path)

    after = rows_of([path], store)

    np.testing.assert_array_equal(after, rows_of([path]))
    assert (after != before).any()


def test_a_change_to_what_was_there_before_is_found_again(path, store):
    before = rows_of([path], store)
    write_over(path, seed=1)
    rows_of([path], store)
    write_over(path, seed=0)

    np.testing.assert_array_equal(rows_of([path], store), before)
    assert store.info()[2:] == (1, 2)


def test_copies_and_renamed_files_are_found(path, store, tmp_path):
    expected = rows_of([path], store)
    copy = shutil.copy(path, tmp_path / "copy.wav")
    (tmp_path / "folder").mkdir()
    moved = shutil.move(path, tmp_path / "folder" / "renamed.wav")
    os.link(moved, tmp_path / "link.wav")

    for other in (copy, moved, tmp_path / "link.wav"):
        np.testing.assert_array_equal(rows_of([other], store), expected)

    assert store.info()[2:] == (3, 1)


def test_a_file_and_its_bytes_are_the_same_recording(path, store):
    content = read_bytes(path)
    kinds = [
        [path],
        [content],
        [bytearray(content)],
        [io.BytesIO(content)],
        [{"path": "bark.wav", "bytes": content}],
        [{"path": path, "bytes": None}],
    ]
    rows = [rows_of(X, store) for X in kinds]

    for row in rows:
        np.testing.assert_array_equal(row, rows[0])
    assert store.info()[2:] == (5, 1)


def test_samples_are_known_by_their_values_and_rate(store):
    samples = np.random.default_rng(0).uniform(-1, 1, 400).astype(np.float32)

    def row(array, rate):
        recording = {"array": array, "sampling_rate": rate}
        row = rows_of([recording], store, SpectralCentroidExtractor())
        expected = rows_of([recording], None, SpectralCentroidExtractor())
        np.testing.assert_array_equal(row, expected)
        return store.info().misses

    assert row(samples, 8000) == 1
    assert row(samples.copy(), 8000.0) == 1
    assert row(samples.tolist(), np.int64(8000)) == 1
    assert row(samples.astype(np.float64), 8000) == 1
    assert row(samples, 16000) == 2
    assert row(samples[:-1], 8000) == 3
    assert row(-samples, 8000) == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"offset": 0.01}),
        ({}, {"duration": 0.05}),
        ({"offset": 0.01}, {"offset": 0.02}),
        ({"duration": 0.05}, {"duration": 0.06}),
        ({"offset": 0.01, "duration": 0.02}, {"offset": 0.02, "duration": 0.01}),
    ],
    ids=repr,
)
@pytest.mark.parametrize("kind", ["paths", "bytes", "dicts with array"])
def test_another_part_of_a_recording_is_another_row(one, other, kind, path, store):
    [X] = [KINDS[kind]([path])]
    before = rows_of(X, store, **one)
    after = rows_of(X, store, **other)

    np.testing.assert_array_equal(before, rows_of(X, **one))
    np.testing.assert_array_equal(after, rows_of(X, **other))
    assert (before != after).any()
    assert store.info()[2:] == (0, 2)


def test_every_segment_has_a_row_of_its_own(path, store):
    parts = [(None, None), (0.01, None), (None, 0.05), (0.01, 0.05), (0.02, 0.05), (0.01, 0.06)]
    table = pd.DataFrame(parts, columns=["start", "end"]).assign(path=path)
    expected = rows_of(table)

    np.testing.assert_array_equal(rows_of(table, store), expected)
    np.testing.assert_array_equal(rows_of(table[::-1], store), expected[::-1])

    assert len(np.unique(expected, axis=0)) == len(store) == len(parts)
    assert store.info()[2:] == (len(parts), len(parts))


@pytest.mark.parametrize("in_place", [False, True])
def test_a_file_that_changes_between_look_up_and_reading_is_not_kept(
    in_place, paths, store, log, tmp_path
):
    last = paths[-1]
    set_time(last, int(time.time()) + 3600)
    original = shutil.copy(last, tmp_path / "original.wav")
    replacement = write_recording(tmp_path / "new.wav", seed=100, n_samples=888)
    assert os.stat(replacement).st_size == os.stat(last).st_size
    extractor = RewritingExtractor(
        log=log, replacement=replacement, replaced=last, in_place=in_place
    )

    rows = rows_of(paths, store, extractor)

    # What was read is what was extracted, and nothing is kept under either content.
    np.testing.assert_array_equal(rows[-1:], rows_of([last], None, extractor))
    assert len(store) == N_RECORDINGS - 1
    kept = rows_of([original, last], store, extractor)
    np.testing.assert_array_equal(kept, rows_of([original, last], None, extractor))
    assert (kept[0] != rows[-1]).any()
    assert len(store) == N_RECORDINGS + 1


# Errors --------------------------------------------------------------------------------------


def test_different_rates_are_an_error_also_where_all_rows_are_kept(tmp_path, store, log):
    low = write_recording(tmp_path / "low.wav", seed=0, rate=8000)
    high = write_recording(tmp_path / "high.wav", seed=1, rate=44100)
    extractor = CountedExtractor(log=log)
    rows_of([low], store, extractor)
    rows_of([high], store, extractor)

    for union in (extractor, make_union(extractor)):
        with pytest.raises(
            AudioError,
            match=r"high\.wav \(X\[1\]\): signals of different rates reach CountedExtractor: "
            r"8000 Hz \(X\[0\]\) and 44100 Hz \(X\[1\]\)\. Put a Resampler before it$",
        ):
            rows_of([low, high], store, union)

    assert len(calls(log)) == 2
    assert rows_of([high], store, extractor).shape == (1, 2)


def test_rates_are_told_apart_when_one_row_is_kept_and_one_is_new(tmp_path, store):
    low = write_recording(tmp_path / "low.wav", seed=0, rate=8000)
    high = write_recording(tmp_path / "high.wav", seed=1, rate=44100)
    rows_of([low], store)

    with pytest.raises(AudioError, match=r"8000 Hz \(X\[0\]\) and 44100 Hz \(X\[1\]\)"):
        rows_of([low, high], store)


def truncated(path):
    samples, rate = soundfile.read(path)
    soundfile.write(path, samples, rate, format="FLAC")
    os.truncate(path, os.path.getsize(path) // 2)


def emptied(path):
    os.truncate(path, 0)


def with_text(path):
    Path(path).write_text("woof")


def made_a_folder(path):
    os.remove(path)
    os.mkdir(path)


@pytest.mark.parametrize("damage", [os.remove, truncated, emptied, with_text, made_a_folder])
def test_what_cannot_be_read_is_the_same_error_with_memory(damage, paths, store):
    rows_of(paths, store)
    damage(paths[5])

    def error(memory, n_jobs=None):
        with pytest.raises(AudioError) as caught:
            rows_of(paths, memory, RMSExtractor(n_jobs=n_jobs))
        return type(caught.value), caught.value.args

    without = error(None)

    assert without[1][1:] == (paths[5], 5)
    assert error(store) == without
    assert error(store, n_jobs=2) == without
    assert len(store) == N_RECORDINGS


def test_a_segment_behind_the_end_is_the_same_error_with_memory(path, store):
    table = pd.DataFrame({"path": [path], "start": [0.0], "end": [5.0]})
    for memory in (None, store, store):
        with pytest.raises(AudioError, match=r"the segment ends at 5 s, but the recording at 0.1"):
            rows_of(table, memory)


def test_rows_before_an_error_are_kept(tmp_path, store, log):
    paths = write_recordings(tmp_path / "many recordings", 40)
    os.remove(paths[35])
    for _ in range(2):
        with pytest.raises(AudioError, match="there is no such file"):
            rows_of(paths, store, CountedExtractor(log=log))

    assert len(calls(log)) == len(store) == 35

    write_recording(paths[35], seed=35)
    rows_of(paths, store, CountedExtractor(log=log))
    assert len(calls(log)) == len(store) == 40


def test_an_error_of_an_extractor_is_not_kept(paths, store, log):
    extractor = FastidiousExtractor(log=log, shortest=850)
    message = r"noise 0\.wav \(X\[0\]\): 800 samples are too few for it"
    for _ in range(2):
        with pytest.raises(AudioError, match=message):
            rows_of(paths, store, extractor)

    assert len(store) == 0


@pytest.mark.parametrize("n_recordings", [N_RECORDINGS, 300])
def test_an_interrupted_run_goes_on_where_it_stopped(n_recordings, store, log, tmp_path):
    samples = np.random.default_rng(0).uniform(-1, 1, (n_recordings, 50)).astype(np.float32)
    X = [{"array": signal, "sampling_rate": RATE} for signal in samples]
    (tmp_path / "impatience").touch()
    extractor = InterruptedExtractor(log=log, impatience=str(tmp_path / "impatience"))
    with pytest.raises(KeyboardInterrupt):
        rows_of(X, store, extractor)
    assert len(calls(log)) == len(store) == 4

    (tmp_path / "impatience").unlink()
    rows = rows_of(X, store, extractor)

    assert len(calls(log)) == len(set(calls(log))) == len(store) == n_recordings
    np.testing.assert_array_equal(rows, rows_of(X, None, extractor))


# What is not kept ----------------------------------------------------------------------------


def test_frames_are_not_kept(paths, store):
    extractor = MFCCExtractor(n_deltas=0, summary=None)
    expected = rows_of(paths, None, extractor)

    for _ in range(2):
        frames = rows_of(paths, store, extractor)
        assert type(frames) is type(expected)
        for one, other in zip(frames, expected, strict=True):
            np.testing.assert_array_equal(one, other, strict=True)

    assert not os.path.exists(store.path)


def test_frames_beside_rows_in_a_union(paths, store):
    union = make_union(make_pipeline(MFCCExtractor(summary=None), Summarizer()), RMSExtractor())
    expected = rows_of(paths, None, union)

    for _ in range(2):
        np.testing.assert_array_equal(rows_of(paths, store, union), expected)

    assert len(store) == store.info().misses == N_RECORDINGS


NOTHING_KEPT = """
import sys
from sklearn_audio import ChromaExtractor, Loader, MFCCExtractor, make_union
rows = make_union(MFCCExtractor(), ChromaExtractor()).fit_transform(
    Loader(memory=None).fit_transform(sys.argv[1:])
)
print(rows.shape)
"""


def test_without_memory_nothing_is_written(paths, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-B", "-c", NOTHING_KEPT, *paths],
        check=True,
        capture_output=True,
        text=True,
        cwd=home,
        env={
            **os.environ,
            **dict.fromkeys(["HOME", "TMPDIR", "XDG_CACHE_HOME"], str(home)),
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
    )
    assert done.stdout == "(12, 102)\n"

    assert list(home.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "recordings"]
    assert len(os.listdir(tmp_path / "recordings")) == N_RECORDINGS


def test_fit_and_load_write_nothing(paths, store):
    batch = Loader(memory=store).fit(paths).transform(paths)
    RMSExtractor().fit(PreEmphasis().fit_transform(batch))
    assert len(batch[0]) == 800

    assert not os.path.exists(store.path)


# The parameter -------------------------------------------------------------------------------


def test_a_str_a_path_and_a_store_are_the_same_memory(paths, log, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    memories = ["rows", Path("rows"), str(tmp_path / "rows"), RowStore("rows")]
    memories.append(RowStore(tmp_path / "rows", size_limit="1GB"))

    rows = [rows_of(paths, memory, CountedExtractor(log=log)) for memory in memories]

    assert len(calls(log)) == len(RowStore("rows")) == N_RECORDINGS
    for other in rows[1:]:
        np.testing.assert_array_equal(other, rows[0])


@pytest.mark.parametrize("memory", [1, True, b"rows", ["rows"]], ids=repr)
def test_what_is_no_memory_is_refused(memory):
    with pytest.raises(ValueError, match="'memory' parameter of Loader must be"):
        Loader(memory=memory).fit(["bark.wav"])


def copied_by_pickle(model):
    return pickle.loads(pickle.dumps(model))


@pytest.mark.parametrize("copied", [clone, copied_by_pickle])
@pytest.mark.parametrize("kind", [str, Path, RowStore])
def test_a_copy_of_a_pipeline_has_the_same_memory(copied, kind, paths, log, tmp_path):
    memory = kind(tmp_path / "rows")
    model = make_pipeline(Loader(memory=memory), CountedExtractor(log=log), StandardScaler())
    expected = model.fit_transform(paths)

    copy = copied(model)

    assert copy.get_params()["loader__memory"] == memory
    np.testing.assert_array_equal(copy.fit_transform(paths), expected)
    assert len(calls(log)) == N_RECORDINGS


def test_a_pickled_batch_has_the_same_memory(paths, store, log):
    batch = Loader(memory=store).transform(paths)
    expected = CountedExtractor(log=log).transform(batch[2:5])

    again = CountedExtractor(log=log).transform(copied_by_pickle(batch)[2:5])

    np.testing.assert_array_equal(again, expected)
    assert len(calls(log)) == 3


def test_the_memory_is_set_and_taken_away_like_any_parameter(paths, store, log):
    model = make_pipeline(Loader(), CountedExtractor(log=log))
    model.set_params(loader__memory=store).fit_transform(paths)
    assert len(store) == N_RECORDINGS

    model.set_params(loader__memory=None).fit_transform(paths)

    assert len(calls(log)) == 2 * N_RECORDINGS
    assert store.info()[2:] == (0, N_RECORDINGS)


def test_a_cleared_store_extracts_again(paths, store, log):
    first = rows_of(paths, store, CountedExtractor(log=log))
    store.clear()
    assert store.info()[2:] == (0, 0)

    again = rows_of(paths, store, CountedExtractor(log=log))

    assert len(calls(log)) == 2 * N_RECORDINGS
    np.testing.assert_array_equal(again, first)


@pytest.mark.parametrize("extractor", ["extractor", "union"])
def test_tables_have_the_same_names_and_index_with_memory(extractor, paths, store):
    series = pd.Series(paths, index=[f"dog {k}" for k in range(N_RECORDINGS)])

    def table(memory):
        model = make_pipeline(Loader(memory=memory), PeakNormalizer(), EXTRACTORS[extractor])
        return clone(model).set_output(transform="pandas").fit_transform(series)

    expected = table(None)
    assert expected.index.tolist() == series.index.tolist()

    pd.testing.assert_frame_equal(table(store), expected)
    read_from_disk(store)
    pd.testing.assert_frame_equal(table(store), expected)
    pd.testing.assert_frame_equal(table(store).iloc[::-1], expected.iloc[::-1])
