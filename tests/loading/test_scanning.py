"""scan tells of each recording whether it can be used, and how it sounds, without features."""

import io
import os

import numpy as np
import pandas as pd
import pytest
import soundfile

from sklearn_audio import Loader, RMSExtractor
from sklearn_audio.loading import scan

RATE = 8000


def look(X, **parameters):
    return scan(X, progress=False, **parameters)


def write(path, samples, rate=RATE, **parameters):
    soundfile.write(path, samples, rate, **parameters)
    return str(path)


@pytest.fixture
def noise():
    return np.random.default_rng(0).uniform(-0.5, 0.5, (4000, 2))


def test_a_recording_is_described(tmp_path, noise):
    path = write(tmp_path / "noise.wav", noise, subtype="FLOAT")

    [row] = look([path]).to_dict("records")

    noise = noise.astype(np.float32)
    assert row["source"] == path
    assert row["ok"] is True
    assert row["kind"] is None
    assert row["message"] is None
    assert (row["container"], row["encoding"]) == ("WAV", "float")
    assert (row["rate"], row["n_channels"]) == (RATE, 2)
    assert row["declared_duration"] == row["duration"] == 0.5
    assert row["peak"] == np.abs(noise).max()
    assert row["rms"] == pytest.approx(np.sqrt(np.mean(noise.astype(float) ** 2)), rel=1e-12)
    assert row["dc_offset"] == pytest.approx(noise.mean(dtype=float), rel=1e-9)
    assert row["clipped_share"] == row["silent_share"] == 0
    assert pd.isna(row["duplicate_of"])


@pytest.mark.parametrize(
    ("extension", "subtype", "container", "encoding"),
    [
        ("wav", "PCM_16", "WAV", "PCM"),
        ("wav", "ULAW", "WAV", "mu-law"),
        ("wav", "ALAW", "WAV", "A-law"),
        ("rf64", "PCM_24", "RF64", "PCM"),
        ("aiff", "PCM_16", "AIFF", "PCM"),
        ("caf", "ALAC_16", "CAF", "ALAC"),
        ("flac", "PCM_16", "FLAC", "FLAC"),
        ("ogg", "VORBIS", "OGG", "Vorbis"),
        ("ogg", "OPUS", "OGG", "Opus"),
        ("mp3", "MPEG_LAYER_III", "MP3", "MPEG layer III"),
    ],
)
def test_formats_are_named(extension, subtype, container, encoding, tmp_path, noise):
    path = write(tmp_path / f"noise.{extension}", noise, subtype=subtype)

    [row] = look([path]).to_dict("records")

    assert row["ok"], row["message"]
    assert (row["container"], row["encoding"]) == (container, encoding)
    assert row["duration"] == pytest.approx(0.5)


def test_clipped_samples_are_counted(tmp_path):
    samples = np.zeros(1000)
    samples[:100] = 1
    samples[100:150] = -1
    samples[150:200] = 0.999
    for extension in ("wav", "flac"):
        [row] = look([write(tmp_path / f"square.{extension}", samples)]).to_dict("records")
        assert row["clipped_share"] == 0.15


def test_silent_stretches_of_20_milliseconds_are_counted(tmp_path):
    samples = np.full(RATE, 0.0009)
    samples[: RATE // 2] = 0.5 * np.sin(np.arange(RATE // 2))  # which is 0 now and then

    [row] = look([write(tmp_path / "half.wav", samples, subtype="FLOAT")]).to_dict("records")

    assert row["silent_share"] == 0.5


def test_a_constant_offset_is_told(tmp_path):
    path = write(tmp_path / "offset.wav", np.full(1000, 0.25), subtype="FLOAT")

    [row] = look([path]).to_dict("records")

    assert row["dc_offset"] == row["rms"] == row["peak"] == 0.25


def test_the_same_content_is_told_by_its_first_position(tmp_path, noise):
    one = write(tmp_path / "one.wav", noise)
    other = write(tmp_path / "other.wav", noise[::-1])
    copy = tmp_path / "copy.wav"
    copy.write_bytes((tmp_path / "one.wav").read_bytes())

    table = look([other, one, copy, one, copy.read_bytes(), tmp_path / "missing.wav"])

    assert table["duplicate_of"].fillna(-1).tolist() == [-1, -1, 1, 1, 1, -1]
    assert table["digest"].nunique() == 2
    segments = pd.DataFrame({"path": [one, one, one], "start": [0, 0.1, 0], "end": [0.1, 0.2, 0.1]})
    assert look(segments)["duplicate_of"].fillna(-1).tolist() == [-1, -1, 0]


def test_what_cannot_be_used_is_told_with_what_is_known_of_it(tmp_path, noise):
    whole = write(tmp_path / "whole.wav", noise)
    cut = tmp_path / "cut.wav"
    content = (tmp_path / "whole.wav").read_bytes()
    cut.write_bytes(content[: -len(noise) * 2])
    nan = write(tmp_path / "nan.wav", [0.5, np.nan, 0.25], subtype="FLOAT")

    table = look([whole, cut, nan, tmp_path / "missing.wav", b"woof", b"", tmp_path])

    assert table["ok"].tolist() == [True] + 6 * [False]
    assert table["kind"].fillna("").tolist() == [
        "",
        "TruncatedAudioError",
        "NonFiniteAudioError",
        "MissingAudioError",
        "UnsupportedAudioError",
        "EmptyAudioError",
        "UnsupportedAudioError",
    ]
    assert table["duration"][1] == table["declared_duration"][1] / 2 == 0.25
    assert table["peak"][1] == np.abs(np.round(noise[:2000] * 32768) / 32768).max()
    assert np.isnan(table["peak"][2])
    assert table["message"][3].startswith("there is no such file")
    assert table.loc[3:, ["rate", "duration", "peak", "rms"]].isna().all().all()


def test_what_is_ok_is_what_a_loader_takes(tmp_path, noise):
    paths = [write(tmp_path / "noise.wav", noise), tmp_path / "missing.wav"]
    soundfile.write(tmp_path / "adpcm.wav", noise, RATE, subtype="IMA_ADPCM")
    paths.append(tmp_path / "adpcm.wav")

    batch = Loader(on_error="nan").transform(paths)
    with pytest.warns(UserWarning, match="2 of 3 signals failed"):
        RMSExtractor().fit_transform(batch)
    table = look(paths)

    assert table.index[~table["ok"]].tolist() == batch.failures["position"].tolist()
    assert table["kind"].dropna().tolist() == batch.failures["kind"].tolist()
    assert table["message"].dropna().tolist() == batch.failures["message"].tolist()


def test_every_kind_of_recording_is_looked_at(tmp_path, noise):
    path = write(tmp_path / "noise.wav", noise[:, 0], subtype="FLOAT")
    content = (tmp_path / "noise.wav").read_bytes()
    array = {"array": noise[:, 0].astype(np.float32), "sampling_rate": RATE}

    table = look([path, content, io.BytesIO(content), {"path": "x.wav", "bytes": content}, array])

    assert table["ok"].all()
    for column in ("rate", "duration", "peak", "rms", "dc_offset", "n_channels"):
        assert table[column].nunique() == 1, column
    assert table["source"].tolist()[3] == "x.wav"


def test_the_index_is_that_of_x(tmp_path, noise):
    path = write(tmp_path / "noise.wav", noise)

    assert look(pd.Series([path], index=["a"])).index.tolist() == ["a"]
    assert look([path, path]).index.tolist() == [0, 1]


def test_the_number_of_processes_changes_nothing(tmp_path, noise):
    paths = [write(tmp_path / f"{index}.wav", noise[index:]) for index in range(10)]
    paths.insert(3, str(tmp_path / "missing.wav"))

    expected = look(paths)

    for n_jobs in (2, 4):
        pd.testing.assert_frame_equal(look(paths, n_jobs=n_jobs), expected)


def test_nothing_is_an_empty_table_of_all_columns():
    table = look([])

    assert len(table) == 0
    assert {"source", "ok", "kind", "rate", "peak", "digest"} <= set(table.columns)


def test_progress_is_shown_unless_it_is_not_wanted(tmp_path, noise, capsys):
    path = write(tmp_path / "noise.wav", noise)

    scan([path], progress=False)
    assert capsys.readouterr().err == ""
    scan([path])
    assert "1/1" in capsys.readouterr().err


@pytest.mark.shared_data
def test_a_real_folder(shared_data, show):
    paths = sorted(shared_data.glob("instruments/*/*.mp3"))

    table = look(paths, n_jobs=2)

    assert table["ok"].all()
    for path, duration, rms in table.iloc[::100][["source", "duration", "rms"]].itertuples(
        index=False
    ):
        samples, rate = soundfile.read(path)
        assert duration == len(samples) / rate
        assert rms == pytest.approx(np.sqrt(np.mean(samples**2)), rel=1e-5)
    show(
        f"scan of {len(paths)} MP3s: {table['duplicate_of'].notna().sum()} duplicates, "
        f"{(table['clipped_share'] > 0).sum()} clipped, "
        f"{os.path.commonpath(paths) != ''} folder"
    )
