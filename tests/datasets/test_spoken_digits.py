import http.server
import io
import socket
import threading
import zipfile
from pathlib import Path

import numpy as np
import pooch
import pytest
import soundfile

from sklearn_audio.datasets import fetch_spoken_digits

IN_ARCHIVE = "free-spoken-digit-dataset-26eb9aaf76e81b692f806f9140c2d2777410d7a1/recordings"
SPEAKERS = ["george", "jackson", "lucas", "nicolas", "theo", "yweweler"]
ADVICE = r"Download https://github\.com/Jakobovski/.*\.zip anew.*local_copy='path/to"


@pytest.fixture(scope="session")
def recordings(shared_data):
    """The published WAV files by name, made again from the same samples in FLAC."""
    contents = {}
    for path in sorted((shared_data / "spoken-digits").glob("*.flac")):
        samples, rate = soundfile.read(path, dtype="int16")
        wav = io.BytesIO()
        soundfile.write(wav, samples, rate, format="WAV", subtype="PCM_16")
        contents[f"{path.stem}.wav"] = wav.getvalue()
    return contents


@pytest.fixture(scope="session")
def archive(recordings):
    """An archive as the repository sends it, which holds more than the recordings."""
    return make_archive(
        {"README.md": b"# Free Spoken Digit Dataset", "../../outside.wav": b"no recording"}
        | {f"{IN_ARCHIVE}/{name}": content for name, content in recordings.items()}
    )


def make_archive(contents):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as opened:
        for name, content in contents.items():
            opened.writestr(name, content)
    return written.getvalue()


def write_folder(folder, recordings):
    folder.mkdir(parents=True)
    for name, content in recordings.items():
        (folder / name).write_bytes(content)
    return folder


def assert_as_published(data, recordings):
    assert [Path(path).name for path in data.paths] == sorted(recordings)
    for path in data.paths:
        assert Path(path).read_bytes() == recordings[Path(path).name]


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def serve(monkeypatch):
    """A function that starts a server of one answer, and returns its URL and what it was asked."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    servers = []

    def start(content=b"", status=200, announced_length=None):
        asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(announced_length or len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/digits.zip", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.shared_data
def test_downloads_once_and_describes_every_recording(serve, archive, recordings, tmp_path):
    url, asked = serve(archive)
    home = tmp_path / "not" / "there" / "yet"

    data = fetch_spoken_digits(home, url=url)

    assert asked == ["/digits.zip"]
    assert_as_published(data, recordings)
    assert data.target_names == list("0123456789")
    assert np.bincount(data.target).tolist() == [300] * 10
    speakers, counts = np.unique(data.groups, return_counts=True)
    assert speakers.tolist() == SPEAKERS
    assert counts.tolist() == [500] * 6
    assert data.test.dtype == bool
    assert data.test.sum() == 300
    for path, target, speaker, test in zip(
        data.paths, data.target, data.groups, data.test, strict=True
    ):
        index = int(Path(path).stem.split("_")[2])
        assert Path(path).name == f"{target}_{speaker}_{index}.wav"
        assert test == (index < 5)
    assert "CC BY-SA 4.0" in data.DESCR

    again = fetch_spoken_digits(str(home), url=url)

    assert asked == ["/digits.zip"]
    assert again.paths == data.paths
    assert names_in(home) == ["free-spoken-digit-dataset"]
    assert names_in(home / "free-spoken-digit-dataset") == sorted(recordings)
    assert list(tmp_path.rglob("outside.wav")) == []


def test_default_data_home_is_the_cache_of_the_user(serve, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache = Path(pooch.os_cache("sklearn_audio"))
    if not cache.is_relative_to(tmp_path):
        pytest.skip("the cache folder of this operating system cannot be moved for a test")
    url, _ = serve(status=404)

    with pytest.raises(OSError, match=f"is not in '{cache / 'free-spoken-digit-dataset'}'"):
        fetch_spoken_digits(url=url)


@pytest.mark.shared_data
def test_what_an_interrupted_run_left_is_completed(serve, archive, recordings, tmp_path):
    folder = write_folder(
        tmp_path / "free-spoken-digit-dataset", dict(list(recordings.items())[:9])
    )
    (folder / "notes.txt").write_text("mine")
    (tmp_path / "unpack-interrupted").mkdir()
    url, _ = serve(archive)

    data = fetch_spoken_digits(tmp_path, url=url)

    assert_as_published(data, recordings)
    assert (folder / "notes.txt").read_text() == "mine"


@pytest.mark.shared_data
def test_damaged_copy_is_mended_or_said_to_be_damaged(serve, archive, recordings, tmp_path):
    damaged = recordings | {"3_theo_7.wav": recordings["3_theo_8.wav"]}
    write_folder(tmp_path / "free-spoken-digit-dataset", damaged)

    url, _ = serve(status=503)
    with pytest.raises(OSError, match=rf"every recording is there, but at least .*{url}.*503"):
        fetch_spoken_digits(tmp_path, url=url)

    url, _ = serve(archive)
    assert_as_published(fetch_spoken_digits(tmp_path, url=url), recordings)


@pytest.mark.parametrize("status", [404, 500])
def test_server_that_answers_with_an_error(serve, tmp_path, status):
    url, asked = serve(b"sorry", status)

    with pytest.raises(OSError, match=rf"not be downloaded from {url} .*{status}.*{ADVICE}"):
        fetch_spoken_digits(tmp_path, url=url)

    assert len(asked) == 1
    assert names_in(tmp_path) == []


def test_server_that_cannot_be_reached(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/digits.zip"

    with pytest.raises(OSError, match=rf"not be downloaded from {url} .*Connection.*{ADVICE}"):
        fetch_spoken_digits(tmp_path, url=url)

    assert names_in(tmp_path) == []


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/digits.zip", "digits.zip"])
def test_url_that_is_none(tmp_path, url):
    with pytest.raises(OSError, match=rf"not be downloaded from {url} .*{ADVICE}"):
        fetch_spoken_digits(tmp_path, url=url)


@pytest.mark.shared_data
def test_connection_that_breaks_off(serve, archive, tmp_path):
    url, _ = serve(archive[: len(archive) // 2], announced_length=len(archive))

    with pytest.raises(OSError, match=rf"not be downloaded from {url} .*{ADVICE}"):
        fetch_spoken_digits(tmp_path, url=url)

    assert names_in(tmp_path) == []


@pytest.mark.shared_data
def test_truncated_archive(serve, archive, tmp_path):
    url, _ = serve(archive[: len(archive) // 2])

    with pytest.raises(OSError, match=rf"what {url} sent is no whole zip archive.*{ADVICE}"):
        fetch_spoken_digits(tmp_path, url=url)

    assert names_in(tmp_path) == []


def test_page_instead_of_an_archive(serve, tmp_path):
    url, _ = serve(b"<html>please log in</html>")

    with pytest.raises(OSError, match=rf"what {url} sent is no whole zip archive.*{ADVICE}"):
        fetch_spoken_digits(tmp_path, url=url)

    assert names_in(tmp_path) == []


def test_archive_of_something_else(serve, tmp_path):
    url, _ = serve(make_archive({"recordings/0_george_0.wav": b"", "recordings/dog.wav": b""}))

    with pytest.raises(
        OSError,
        match=f"what {url} sent is not the dataset: "
        rf"2999 of 3000 recordings are missing, first 0_george_1\.wav.*{ADVICE}",
    ):
        fetch_spoken_digits(tmp_path, url=url)

    assert names_in(tmp_path) == []


@pytest.mark.shared_data
def test_local_folder_is_used_where_it_is(recordings, tmp_path):
    folder = write_folder(tmp_path / "copy" / "recordings", recordings)

    for copy in [tmp_path / "copy", str(folder)]:
        data = fetch_spoken_digits(tmp_path / "home", local_copy=copy)

        assert data.paths == [str(folder / name) for name in sorted(recordings)]
        assert not (tmp_path / "home").exists()


@pytest.mark.shared_data
def test_local_archive_is_unpacked_once_and_only_where_it_should(recordings, tmp_path):
    archive = tmp_path / "digits.zip"
    archive.write_bytes(make_archive({f"../../{name}": recordings[name] for name in recordings}))
    home = tmp_path / "deep" / "home"

    data = fetch_spoken_digits(home, local_copy=str(archive))

    folder = home / "free-spoken-digit-dataset"
    assert data.paths == [str(folder / name) for name in sorted(recordings)]
    assert sorted(path.name for path in tmp_path.rglob("*.wav")) == sorted(recordings)
    assert fetch_spoken_digits(home).paths == data.paths


def test_local_folder_with_recordings_missing(tmp_path):
    copy = write_folder(tmp_path / "copy", {"0_george_0.wav": b"", "dog.wav": b""})

    with pytest.raises(
        OSError,
        match="local_copy='.*copy' is not the dataset: "
        rf"2999 of 3000 recordings are missing, first 0_george_1\.wav\. {ADVICE}",
    ):
        fetch_spoken_digits(tmp_path / "home", local_copy=copy)


def test_local_archive_with_other_recordings_of_the_same_names(tmp_path):
    copy = tmp_path / "digits.zip"
    names = [f"{d}_{s}_{i}.wav" for d in range(10) for s in SPEAKERS for i in range(50)]
    copy.write_bytes(make_archive(dict.fromkeys(names, b"RIFF")))

    with pytest.raises(
        OSError,
        match=r"local_copy='.*digits\.zip' is not the dataset: every recording is there, "
        rf"but at least one is not as published\. {ADVICE}",
    ):
        fetch_spoken_digits(tmp_path / "home", local_copy=copy)

    assert names_in(tmp_path / "home") == []


def test_local_copy_that_is_no_archive(tmp_path):
    copy = tmp_path / "digits.zip"
    copy.write_bytes(b"PK but nothing else")

    with pytest.raises(OSError, match=rf"local_copy='.*digits\.zip' is no whole zip.*{ADVICE}"):
        fetch_spoken_digits(tmp_path / "home", local_copy=copy)


@pytest.mark.shared_data
def test_local_archive_with_a_damaged_byte(archive, tmp_path):
    damaged = bytearray(archive)
    damaged[len(damaged) // 2] ^= 1
    copy = tmp_path / "digits.zip"
    copy.write_bytes(damaged)

    with pytest.raises(OSError, match=ADVICE):
        fetch_spoken_digits(tmp_path / "home", local_copy=copy)

    assert names_in(tmp_path / "home") == []


def test_local_copy_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no such local_copy; wanted .*nowhere\.zip"):
        fetch_spoken_digits(tmp_path, local_copy=tmp_path / "nowhere.zip")
