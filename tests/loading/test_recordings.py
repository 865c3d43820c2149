import os
import pickle
import re

import numpy as np
import pandas as pd
import pytest
import soundfile

from sklearn_audio import AudioError, Loader, ZeroCrossingRateExtractor

RATE = 8000

ENCODINGS = [
    ("wav", "PCM_U8"),
    ("wav", "PCM_16"),
    ("wav", "PCM_24"),
    ("wav", "PCM_32"),
    ("wav", "FLOAT"),
    ("wav", "DOUBLE"),
    ("wav", "ULAW"),
    ("flac", "PCM_S8"),
    ("flac", "PCM_16"),
    ("flac", "PCM_24"),
    ("ogg", "VORBIS"),
    ("mp3", "MPEG_LAYER_III"),
    ("aiff", "PCM_S8"),
    ("aiff", "PCM_16"),
    ("aiff", "PCM_24"),
    ("aiff", "FLOAT"),
]


def noise(n_samples, n_channels=1):
    shape = n_samples if n_channels == 1 else (n_samples, n_channels)
    return np.random.default_rng(0).uniform(-0.5, 0.5, shape)


def whole_and_rate(path):
    """Return what soundfile decodes from beginning to end, the channels averaged."""
    channels, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return channels.mean(axis=1), rate


def segment(path, start, end, rate):
    """Return the signal from one sample to another, by way of a table in seconds."""
    table = pd.DataFrame({"path": [str(path)], "start": [start / rate], "end": [end / rate]})
    return Loader().transform(table)[0]


def segments_up_to_the_end(n_samples, n_segments=10, longest=2000):
    """Return where segments begin and end, the last one at the end of the recording."""
    length = min(longest, n_samples // 2)
    starts = np.linspace(0, n_samples - length, n_segments).astype(int)
    return [(start, start + length) for start in starts.tolist()]


@pytest.fixture
def recording(tmp_path):
    """Return the path of a second of noise."""
    path = tmp_path / "noise.wav"
    soundfile.write(path, noise(RATE), RATE)
    return str(path)


# Formats -------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_channels", [1, 2])
@pytest.mark.parametrize(("extension", "subtype"), ENCODINGS)
def test_every_encoding_gives_what_soundfile_reads(tmp_path, extension, subtype, n_channels):
    path = tmp_path / f"noise.{extension}"
    soundfile.write(path, noise(20_000, n_channels), 44100, subtype=subtype)

    [signal] = Loader().fit_transform([path])

    expected, rate = whole_and_rate(path)
    np.testing.assert_array_equal(signal.samples, expected, strict=True)
    assert signal.rate == rate == 44100
    assert len(signal) >= 20_000  # MP3 adds some at the ends


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT"])
def test_full_scale_is_1_whatever_the_number_of_bits(tmp_path, subtype):
    path = tmp_path / "square.wav"
    soundfile.write(path, np.tile([0.5, -0.5], 100), RATE, subtype=subtype)

    [signal] = Loader().fit_transform([path])

    assert set(signal.samples.tolist()) == {0.5, -0.5}


def test_channels_are_averaged(tmp_path):
    path = tmp_path / "three.wav"
    soundfile.write(path, np.tile([0.25, 0.5, 0.75], (100, 1)), RATE, subtype="FLOAT")

    np.testing.assert_array_equal(Loader().transform([path])[0].samples, np.full(100, 0.5))


def test_without_mono_several_channels_are_refused(tmp_path, recording):
    path = tmp_path / "stereo.wav"
    soundfile.write(path, noise(100, 2), RATE)
    batch = Loader(mono=False).fit_transform([recording, str(path)])

    assert len(batch[0]) == RATE
    with pytest.raises(AudioError, match=r"stereo.wav \(X\[1\]\): it has 2 channels.*mono=True"):
        batch[1]


@pytest.mark.shared_data
@pytest.mark.parametrize("pattern", ["instruments/o*/*.mp3", "speakers/*/*.flac", "esc10/*/*.flac"])
def test_real_recordings_are_what_soundfile_reads(shared_data, pattern):
    paths = sorted(shared_data.glob(pattern))[::20]
    assert paths

    for path, signal in zip(paths, Loader().transform(paths), strict=True):
        expected, rate = whole_and_rate(path)
        np.testing.assert_array_equal(signal.samples, expected)
        assert signal.rate == rate


# Segments ------------------------------------------------------------------------------------


@pytest.mark.shared_data
def test_segments_of_ogg_are_slices_of_the_whole(shared_data):
    paths = sorted(shared_data.glob("music/*.ogg"))
    assert len(paths) == 15

    for path in paths:
        whole, rate = whole_and_rate(path)
        for start, end in segments_up_to_the_end(len(whole)):
            np.testing.assert_array_equal(
                segment(path, start, end, rate).samples, whole[start:end], err_msg=str(path)
            )


@pytest.mark.shared_data
def test_segments_of_flac_are_slices_of_the_whole(shared_data):
    for path in sorted(shared_data.glob("speakers/*/*.flac"))[::20]:
        whole, rate = whole_and_rate(path)
        for start, end in segments_up_to_the_end(len(whole)):
            np.testing.assert_array_equal(
                segment(path, start, end, rate).samples, whole[start:end], err_msg=str(path)
            )


@pytest.mark.shared_data
def test_segments_of_mp3_are_slices_of_the_whole(shared_data):
    for path in sorted(shared_data.glob("instruments/*/*.mp3"))[::90]:
        whole, rate = whole_and_rate(path)
        for start, end in segments_up_to_the_end(len(whole)):
            # After seeking the decoder rounds anew, in the last digits of float32.
            np.testing.assert_allclose(
                segment(path, start, end, rate).samples,
                whole[start:end],
                rtol=0,
                atol=2**-24,
                err_msg=str(path),
            )


@pytest.mark.parametrize(("extension", "subtype"), [e for e in ENCODINGS if e[0] != "mp3"])
def test_segments_of_every_encoding_are_slices_of_the_whole(tmp_path, extension, subtype):
    path = tmp_path / f"noise.{extension}"
    soundfile.write(path, noise(30_000, 2), 22050, subtype=subtype)
    whole, rate = whole_and_rate(path)

    for start, end in segments_up_to_the_end(len(whole)):
        np.testing.assert_array_equal(segment(path, start, end, rate).samples, whole[start:end])


@pytest.mark.shared_data
def test_offset_and_duration_of_ogg_are_a_slice_of_the_whole(shared_data):
    [path] = shared_data.glob("music/pibble.ogg")
    whole, rate = whole_and_rate(path)

    [signal] = Loader(offset=40.5, duration=3).transform([path])

    np.testing.assert_array_equal(signal.samples, whole[int(40.5 * rate) : int(43.5 * rate)])


def test_an_end_rounded_up_by_less_than_10_milliseconds_is_the_end(recording):
    assert len(segment(recording, 4000, 8079, RATE)) == 4000


def test_an_end_further_behind_is_refused(recording):
    with pytest.raises(
        AudioError,
        match=r"noise.wav \[0.5 s to 1.0125 s\] \(X\[0\]\): the segment ends at 1.0125 s, but "
        r"the recording at 1 s",
    ):
        segment(recording, 4000, 8100, RATE)


def test_a_start_behind_the_end_is_refused(recording):
    batch = Loader().transform(pd.DataFrame({"path": [recording], "start": [1.0]}))

    with pytest.raises(AudioError, match=r"\[1 s to end\] .*nothing is left of it"):
        batch[0]


def test_an_offset_behind_the_end_is_refused(recording):
    with pytest.raises(AudioError, match=r"reading begins at 2 s, and the recording ends at 1 s"):
        Loader(offset=2).transform([recording])[0]


# Damage --------------------------------------------------------------------------------------


def missing(folder):
    return folder / "missing.wav", "there is no such file. The working directory is"


def folder_in_place_of_a_file(folder):
    (folder / "folder.wav").mkdir()
    return folder / "folder.wav", "it is a folder; give the paths of the recordings in it"


def pipe(folder):
    os.mkfifo(folder / "pipe.wav")
    return folder / "pipe.wav", "it is a pipe, and a regular file is wanted"


def empty(folder):
    (folder / "empty.wav").touch()
    return folder / "empty.wav", "it is empty: it has 0 bytes"


def text(folder):
    (folder / "text.wav").write_text("Not a sound was heard.")
    return folder / "text.wav", "it is text: it begins with b'Not a sound was heard"


def without_header(folder):
    (folder / "samples.raw").write_bytes(bytes(1000))
    return folder / "samples.raw", "it is no recording: it begins with zeros"


def without_samples(folder):
    soundfile.write(folder / "nothing.wav", np.zeros(0), RATE)
    return folder / "nothing.wav", "it is empty: there is not one sample"


def not_a_number(folder):
    soundfile.write(folder / "nan.wav", [0.0, np.nan], RATE, subtype="FLOAT")
    return folder / "nan.wav", "sample 1 is NaN"


def half_a_flac(folder):
    soundfile.write(folder / "whole.flac", noise(50_000), RATE)
    content = (folder / "whole.flac").read_bytes()
    (folder / "half.flac").write_bytes(content[: len(content) // 2])
    return folder / "half.flac", "it ends after 24576 frames .*lost sync.*, but 50000 were"


DAMAGES = [
    missing,
    folder_in_place_of_a_file,
    pipe,
    empty,
    text,
    without_header,
    without_samples,
    not_a_number,
    half_a_flac,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_recording_that_cannot_be_used_is_named(damage, tmp_path, recording):
    path, reason = damage(tmp_path)
    batch = Loader().fit_transform([recording, path])

    message = re.escape(f"{path} (X[1]): ") + reason
    with pytest.raises(AudioError, match=f"^{message}") as caught:
        batch[1]
    assert (caught.value.source, caught.value.position) == (str(path), 1)
    with pytest.raises(AudioError, match=f"^{message}"):
        ZeroCrossingRateExtractor().fit_transform(batch)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


def test_other_processes_name_it_too(tmp_path, recording):
    missing_path = str(tmp_path / "missing.wav")
    batch = Loader().fit_transform([recording] * 5 + [missing_path, recording])

    with pytest.raises(AudioError) as caught:
        ZeroCrossingRateExtractor(n_jobs=2).fit_transform(batch)

    assert (caught.value.source, caught.value.position) == (missing_path, 5)
    assert str(caught.value).startswith(f"{missing_path} (X[5]): there is no such file")


def test_the_segment_is_part_of_the_name(tmp_path):
    table = pd.DataFrame({"path": [str(tmp_path / "x.wav")], "start": [1.5], "end": [2.0]})

    with pytest.raises(AudioError, match=r"x.wav \[1.5 s to 2 s\] \(X\[0\]\): there is no such"):
        Loader().transform(table)[0]


def test_damaged_bytes_are_named_by_their_path_or_their_length():
    batch = Loader().transform([b"no sound", {"path": "dog.wav", "bytes": b"no sound"}])

    with pytest.raises(AudioError, match=r"^8 bytes \(X\[0\]\): it is text"):
        batch[0]
    with pytest.raises(AudioError, match=r"^dog.wav \(X\[1\]\): it is text"):
        batch[1]


@pytest.mark.shared_data
def test_files_that_libsndfile_refuses_are_named(shared_data):
    manifest = pd.read_csv(shared_data / "odd-files" / "MANIFEST.csv")
    refused = manifest[manifest["libsndfile"] == "error"]["path"]
    refused = refused[~refused.str.startswith("claxon")]
    assert len(refused) > 50

    batch = Loader().transform([shared_data / "odd-files" / path for path in refused])

    for position, path in enumerate(refused):
        with pytest.raises(AudioError, match=re.escape(f"{path} (X[{position}]): it")):
            batch[position]


# Names of files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "a dog barks.wav",
        "'single' and \"double\".wav",
        "two\nlines.wav",
        "-n.wav",
        "100%s {0} $HOME *.wav",
        "録音.wav",
        "🐕.wav",
        "no extension",
        "wrong extension.mp3",
        "x" * 251 + ".wav",
    ],
)
def test_any_name_of_a_file_is_read(name, tmp_path, recording, monkeypatch):
    os.rename(recording, tmp_path / name)
    monkeypatch.chdir(tmp_path)

    for path in (name, tmp_path / name):
        assert len(Loader().fit_transform([path])[0]) == RATE
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(AudioError, match=re.escape(f"{name} (X[0]): it is empty")):
        Loader().fit_transform([name])[0]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "path",
    [
        "claxon/fuzz/0fd738fd5832a540bef0743db62f68c0c642e095.flac",
        "claxon/fuzz/7620659fe8f2e9751072660c5c7ed95f7659587d.flac",
        "mutagen/lame397v9short.mp3",
    ],
)
def test_a_header_that_promises_2_to_the_63_frames_takes_no_memory(shared_data, path):
    batch = Loader().transform([shared_data / "odd-files" / path])
    with pytest.raises(AudioError, match=path):
        batch[0]


@pytest.mark.parametrize("name", ["-", os.fsdecode(b"\xff.wav")], ids=ascii)
def test_names_that_are_no_text_or_mean_standard_input_are_read(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    soundfile.write("noise.wav", np.zeros(100), 8000)
    os.rename("noise.wav", name)
    assert len(Loader().fit_transform([name])[0]) == 100
