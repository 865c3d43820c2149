import io
import os
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import soundfile
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.utils import Bunch

from sklearn_audio import AudioError, Loader, PeakNormalizer, RMSExtractor, SignalBatch

RATE = 8000


@pytest.fixture
def paths(tmp_path):
    """Return the paths of three recordings of noise: 1000, 2000 and 3000 samples at RATE."""
    generator = np.random.default_rng(0)
    recordings = []
    for index in (1, 2, 3):
        path = tmp_path / f"noise {index}.wav"
        soundfile.write(path, generator.uniform(-1, 1, 1000 * index), RATE, subtype="PCM_16")
        recordings.append(str(path))
    return recordings


def content(path):
    return Path(path).read_bytes()


def object_array(items):
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def mapped(function):
    return lambda paths: [function(path) for path in paths]


def array_of(path):
    samples, rate = soundfile.read(path, dtype="float32")
    return {"array": samples, "sampling_rate": rate, "path": path}


KINDS = {
    "list of str": list,
    "list of Path": mapped(Path),
    "tuple": tuple,
    "array of str": np.array,
    "object array": object_array,
    "object array of Path": lambda paths: object_array([Path(path) for path in paths]),
    "array of one column": lambda paths: np.array(paths)[:, np.newaxis],
    "pandas Series": lambda paths: pd.Series(paths, index=[7, 3, 5]),
    "pandas categories": lambda paths: pd.Series(paths, dtype="category"),
    "pandas Index": pd.Index,
    "polars Series": pl.Series,
    "pandas DataFrame of one column": lambda paths: pd.DataFrame({"file": paths}),
    "polars DataFrame of one column": lambda paths: pl.DataFrame({"file": paths}),
    "pandas DataFrame with path": lambda paths: pd.DataFrame({"label": [1, 2, 3], "path": paths}),
    "polars DataFrame with path": lambda paths: pl.DataFrame({"label": [1, 2, 3], "path": paths}),
    "bytes": mapped(content),
    "bytearray": mapped(lambda path: bytearray(content(path))),
    "BytesIO": mapped(lambda path: io.BytesIO(content(path))),
    "dict with path": mapped(lambda path: {"path": path, "bytes": None}),
    "dict with bytes": mapped(lambda path: {"path": None, "bytes": content(path)}),
    "dict with path and bytes": mapped(
        lambda path: {"path": "not on this computer.wav", "bytes": content(path)}
    ),
    "dict with array": mapped(array_of),
    "all sorts": lambda paths: [Path(paths[0]), content(paths[1]), array_of(paths[2])],
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_out_is_what_soundfile_reads(kind, paths):
    batch = Loader().fit_transform(KINDS[kind](paths))

    assert type(batch) is SignalBatch
    assert len(batch) == 3
    for path, signal in zip(paths, batch, strict=True):
        expected, rate = soundfile.read(path, dtype="float32")
        np.testing.assert_array_equal(signal.samples, expected, strict=True)
        assert signal.rate == rate


def test_an_open_file_is_read_from_where_it_is_as_often_as_wanted(paths):
    expected, _ = soundfile.read(paths[0], dtype="float32")
    with open(paths[0], "rb") as file, io.BytesIO(b"header" + content(paths[1])) as later:
        later.seek(6)
        batch = Loader().fit_transform([file, later])
        again = Loader().transform([file, later])
        assert (file.tell(), later.tell()) == (0, 6)

    for twice in (batch[0], batch[0], again[0]):  # and behind the closing of the file
        np.testing.assert_array_equal(twice.samples, expected)
    assert len(again[1]) == 2000


def test_pathlike_objects_are_paths(paths):
    class Location:
        def __fspath__(self):
            return paths[1]

    assert len(Loader().transform([Location()])[0]) == 2000


@pytest.mark.parametrize("X", [[], (), np.array([]), pd.Series([], dtype=object)])
def test_no_recordings_are_an_empty_batch(X):
    assert Loader().fit_transform(X).shape == (0,)


# Parts of recordings -------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_row_of_a_table_is_a_segment(paths, missing):
    table = pd.DataFrame(
        {
            "path": [paths[2]] * 4,
            "start": [0.1, missing, 0.25, missing],
            "end": [0.2, 0.05, missing, missing],
        },
        dtype=object,
    )
    whole, _ = soundfile.read(paths[2], dtype="float32")

    batch = Loader().fit_transform(table)

    expected = [whole[800:1600], whole[:400], whole[2000:], whole]
    for signal, samples in zip(batch, expected, strict=True):
        np.testing.assert_array_equal(signal.samples, samples)


@pytest.mark.parametrize("dtype", ["float64", "Float64"])
def test_seconds_of_a_column_of_numbers(paths, dtype):
    table = pd.DataFrame({"path": paths, "start": pd.array([0.1, None, 0.2], dtype=dtype)})

    assert [len(signal) for signal in Loader().transform(table)] == [200, 2000, 1400]


def test_segments_of_a_polars_table(paths):
    table = pl.DataFrame({"path": paths, "start": [0.1, None, 0.2], "end": [None, 0.2, 0.3]})

    assert [len(signal) for signal in Loader().transform(table)] == [200, 1600, 800]


def test_whole_seconds_and_other_columns_do_no_harm(paths):
    table = pd.DataFrame({"end": [1], "label": ["dog"], "path": [paths[0]], "start": [0]})
    table["end"] = np.float32(0.1)

    assert len(Loader().transform(table)[0]) == 800


def test_segments_of_bytes_and_open_files(paths):
    encoded = content(paths[2])
    table = pd.DataFrame({"path": [encoded, io.BytesIO(encoded)], "start": 0.1, "end": [0.2, 0.3]})

    assert [len(signal) for signal in Loader().transform(table)] == [800, 1600]


@pytest.mark.parametrize("kind", ["list of str", "bytes", "dict with array"])
@pytest.mark.parametrize(
    ("parameters", "part"),
    [
        ({"offset": 0.1}, slice(800, None)),
        ({"duration": 0.02}, slice(160)),
        ({"offset": 0.1, "duration": 0.02}, slice(800, 960)),
        ({"offset": 0.01, "duration": 60}, slice(80, None)),
    ],
)
def test_offset_and_duration_are_the_part_that_is_read(paths, kind, parameters, part):
    batch = Loader(**parameters).fit_transform(KINDS[kind](paths))

    for path, signal in zip(paths, batch, strict=True):
        expected, _ = soundfile.read(path, dtype="float32")
        np.testing.assert_array_equal(signal.samples, expected[part])


def test_offset_and_duration_count_within_a_segment(paths):
    whole, _ = soundfile.read(paths[2], dtype="float32")
    table = pd.DataFrame({"path": [paths[2]] * 2, "start": [0.1, 0.1], "end": [0.3, 0.13]})

    batch = Loader(offset=0.01, duration=0.05).fit_transform(table)

    np.testing.assert_array_equal(batch[0].samples, whole[880:1280])
    np.testing.assert_array_equal(batch[1].samples, whole[880:1040])


# What it refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ("dog.wav", r"single path 'dog.wav'; a list of paths is wanted.*write \['dog.wav'\]"),
        (Path("dog.wav"), r"single path 'dog.wav'; a list of paths.*write \['dog.wav'\]"),
        (b"RIFF", r"X is a single bytes; a list of recordings is wanted. Write \[X\]"),
        (bytearray(b"RIFF"), r"X is a single bytearray; a list of recordings"),
        (io.BytesIO(b"RIFF"), r"X is a single BytesIO; a list of recordings is wanted"),
        ({"path": "dog.wav", "bytes": None}, r"X is a single dict; a list of recordings"),
        (SignalBatch([]), r"X is a SignalBatch already: leave the Loader out"),
        (3, r"X is a int; a list, array or Series of recordings is wanted"),
        (None, r"X is a NoneType; a list, array or Series of recordings is wanted"),
        ([np.zeros(4)], r"X\[0\]: .* not ndarray .*Samples need no Loader.*'sampling_rate'"),
        (np.zeros((2, 4)), r"X\[0\]: .* not ndarray .*Samples need no Loader"),
        (["dog.wav", 3], r"X\[1\]: a path, bytes, an open binary file or a dict is wanted"),
        (["dog.wav", None], r"X\[1\]: a path, .* is wanted, not NoneType"),
        (pd.Series(["dog.wav", np.nan]), r"X\[1\]: a path, .* is wanted, not float \(nan\)"),
        ([{"array": [0.0]}], r"X\[0\]: a dict of {'array': list}; .*'sampling_rate'"),
        ([{"file": "dog.wav"}], r"X\[0\]: a dict of {'file': str}; .*'path'"),
        ([{"array": [0.0], "sampling_rate": 0}], r"the sampling rate is 0; a positive number"),
        ([io.StringIO("RIFF")], r"an open file gives str; use binary mode"),
    ],
)
def test_what_is_no_list_of_recordings_is_refused_with_advice(X, message):
    with pytest.raises(AudioError, match=message):
        Loader().fit(X)
    with pytest.raises(AudioError, match=message):
        Loader().transform(X)


def test_a_folder_is_sent_to_load_audio_files(tmp_path):
    with pytest.raises(AudioError, match=r"For a folder write .*load_audio_files\("):
        Loader().fit(str(tmp_path))


def test_a_single_open_file_is_refused(paths):
    with (
        open(paths[0], "rb") as file,
        pytest.raises(AudioError, match="X is a single BufferedReader; a list"),
    ):
        Loader().fit(file)


def test_a_file_open_in_text_mode_is_refused(paths):
    with (
        open(paths[0], encoding="latin-1") as file,
        pytest.raises(AudioError, match=r"binary mode: open\(path, 'rb'\)"),
    ):
        Loader().fit([file])


@pytest.mark.parametrize("library", [pd, pl])
def test_a_table_without_a_column_path_is_refused(library):
    table = library.DataFrame({"file": ["dog.wav"], "start": [0.0]})

    with pytest.raises(AudioError, match=r"columns \['file', 'start'\]; one column 'path'"):
        Loader().fit(table)


@pytest.mark.parametrize(
    ("segment", "message"),
    [
        ({"start": -0.1}, r"dog.wav \(X\[0\]\): start=-0.1; seconds from 0 on are wanted"),
        ({"end": -0.1}, r"dog.wav \(X\[0\]\): end=-0.1; seconds from 0 on are wanted"),
        ({"end": np.inf}, r"dog.wav \(X\[0\]\): end=inf; seconds from 0 on are wanted"),
        ({"start": "1:30"}, r"dog.wav \(X\[0\]\): start='1:30'; seconds are wanted"),
        ({"end": pd.Timedelta(1, "s")}, r"dog.wav \(X\[0\]\): end=Timedelta.*; seconds are wanted"),
        ({"start": 2.0, "end": 1.0}, r"dog.wav \(X\[0\]\): the segment ends at 1 s, before"),
        ({"start": 1.0, "end": 1.0}, r"dog.wav \(X\[0\]\): .* before or where it starts"),
        ({"end": 0.0}, r"dog.wav \(X\[0\]\): .* before or where it starts"),
    ],
)
def test_segments_that_are_none_are_refused(segment, message):
    with pytest.raises(AudioError, match=message):
        Loader().fit(pd.DataFrame([{"path": "dog.wav", **segment}]))


def test_segments_of_samples_in_memory_are_refused():
    samples = {"array": np.zeros(100), "sampling_rate": 100}

    with pytest.raises(AudioError, match=r"X\[0\]: segments of samples in memory"):
        Loader().fit(pd.DataFrame({"path": [samples], "start": [0.1]}))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"offset": -1}, r"'offset' parameter of Loader must be .* \[0.0, inf\)"),
        ({"offset": None}, r"'offset' parameter of Loader must be"),
        ({"duration": 0}, r"'duration' parameter of Loader must be .* \(0.0, inf\) or None"),
        ({"mono": "yes"}, r"'mono' parameter of Loader must be an instance of 'bool'"),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        Loader(**parameters).fit(["dog.wav"])


# Laziness, size and manners of an estimator --------------------------------------------------


def test_nothing_is_opened_before_a_signal_is_asked_for(paths, opened):
    loader = Loader().fit(["there is no such file.wav", *paths])
    batch = loader.transform(["there is no such file.wav", *paths])
    assert batch[1:].shape == (3,)
    assert repr(batch)
    assert opened == []

    batch[2]

    assert opened == [paths[1]]


@pytest.mark.parametrize("kind", [list, mapped(Path), pd.Series])
def test_a_batch_of_paths_is_small_to_pickle(kind):
    paths = [f"/data/corpus/recordings/speaker/{index:06d}.wav" for index in range(1000)]

    pickled = pickle.dumps(Loader().fit_transform(kind(paths)))

    assert len(pickled) < 100_000
    assert [source.name for source in pickle.loads(pickled).sources] == paths


def test_the_loader_is_an_estimator_of_strings():
    loader = Loader(offset=1, duration=2)

    assert loader.get_params() == {
        "mono": True,
        "offset": 1,
        "duration": 2,
        "memory": None,
        "on_error": "raise",
        "truncated": "raise",
        "formats": "common",
        "limits": None,
    }
    assert loader.get_feature_names_out().tolist() == ["signal"]
    assert loader.__sklearn_tags__().input_tags.string
    assert loader.set_output(transform="pandas") is loader
    assert type(loader.fit_transform(["dog.wav"])) is SignalBatch


def test_later_parameters_do_not_change_a_batch(paths):
    loader = Loader()
    batch = loader.fit_transform(paths)

    loader.set_params(duration=0.01)

    assert len(batch[0]) == 1000


def test_relative_paths_are_those_of_the_working_directory(paths, monkeypatch):
    monkeypatch.chdir(os.path.dirname(paths[0]))

    assert len(Loader().transform([os.path.basename(paths[0])])[0]) == 1000


def test_an_iterator_is_refused_rather_than_used_up_by_fit(paths):
    with pytest.raises(AudioError, match=r"X is a generator; .* list\(X\)"):
        Loader().fit_transform(path for path in paths)


def test_a_batch_of_an_array_of_paths_is_small_to_pickle():
    paths = np.array([f"/data/corpus/recordings/speaker/{index:06d}.wav" for index in range(1000)])
    assert len(pickle.dumps(Loader().fit_transform(paths))) < 100_000


@pytest.mark.parametrize(
    "item",
    [
        io.StringIO("RIFF"),
        {"array": [0.0], "sampling_rate": 0},
        {"path": 3, "bytes": None},
        {"path": None, "bytes": "RIFF"},
    ],
    ids=["text file", "rate 0", "number as path", "text as bytes"],
)
def test_an_item_that_is_refused_is_named_by_its_position(item):
    with pytest.raises(AudioError, match=r"X\[1\]"):
        Loader().transform(["dog.wav", item])


def test_a_closed_file_is_refused(paths):
    with open(paths[0], "rb") as file:
        pass
    with pytest.raises(AudioError, match="closed"):
        Loader().transform([file])


def test_two_columns_called_path_are_refused():
    table = pd.DataFrame([["a.wav", 0.0, "b.wav"]], columns=["path", "start", "path"])
    with pytest.raises(AudioError, match="one column 'path'"):
        Loader().transform(table)


def test_an_offset_behind_the_end_of_an_array_is_told_so():
    with pytest.raises(AudioError, match=r"X\[0\]: nothing is left of it"):
        Loader(offset=10).transform([{"array": np.zeros(100), "sampling_rate": 100}])


def test_the_index_of_a_series_is_that_of_the_features(paths):
    series = pd.Series(paths, index=["c", "a", "b"])
    model = make_pipeline(Loader(), PeakNormalizer(), RMSExtractor())
    table = model.set_output(transform="pandas").fit_transform(series)
    assert table.index.tolist() == ["c", "a", "b"]
    some = Loader().transform(series)[[2, 0]]
    assert some.index.tolist() == ["b", "c"]


def test_a_column_transformer_puts_features_beside_their_own_row():
    recordings = [{"array": np.full(4000, 0.1 * k), "sampling_rate": 8000} for k in (1, 2, 3, 4)]
    table = pd.DataFrame({"recording": recordings, "level": [0.1, 0.2, 0.3, 0.4]})
    shuffled = table.iloc[[2, 0, 3, 1]]
    transformer = ColumnTransformer(
        [
            ("peak", make_pipeline(Loader(), RMSExtractor(summary=["max"])), "recording"),
            ("level", "passthrough", ["level"]),
        ]
    ).set_output(transform="pandas")
    rows = transformer.fit_transform(shuffled).to_numpy()
    np.testing.assert_allclose(rows[:, 0], rows[:, 1], rtol=1e-5)  # float32 of 0.1 k


@pytest.mark.parametrize("column", ["Start", " end"])
def test_columns_that_are_nearly_start_or_end_are_refused(column):
    with pytest.raises(AudioError, match="so rename it"):
        Loader().fit(pd.DataFrame({"path": ["a.wav"], column: [1.0]}))


def test_a_bunch_is_sent_back_for_its_paths():
    with pytest.raises(AudioError, match=r"write X\.paths"):
        Loader().fit(Bunch(paths=["a.wav"], target=[0]))
