"""What is too large, or of a format that is not read, is refused before memory is taken."""

import io
import os
import subprocess
import sys
import tempfile
import textwrap
from contextlib import suppress

import numpy as np
import pytest
import soundfile

from sklearn_audio import AudioLimits, Loader, RowStore, ZeroCrossingRateExtractor
from sklearn_audio.errors import (
    AudioError,
    AudioLimitError,
    MissingAudioError,
    TruncatedAudioError,
    UnsupportedAudioError,
)
from sklearn_audio.loading.containers import recognised, shortfall

RATE = 8000


def encoded(samples, rate=RATE, container="WAV", subtype=None):
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=container, subtype=subtype)
    return file.getvalue()


def read(content, **parameters):
    return Loader(**parameters).transform([content])[0]


# Limits ----------------------------------------------------------------------------------------


def test_the_defaults_are_those_that_are_published():
    limits = AudioLimits()

    assert (limits.n_channels, limits.lowest_rate, limits.highest_rate) == (32, 1, 768_000)
    assert limits.n_bytes == 2 * 1024**3


@pytest.mark.parametrize("n_channels", [32, 33])
def test_channels(n_channels):
    content = encoded(np.zeros((10, n_channels)))

    if n_channels == 32:
        assert len(read(content)) == 10
        return
    with pytest.raises(AudioLimitError, match=r"33 channels, and the limit is 32\. If .*=33"):
        read(content)
    assert len(read(content, limits=AudioLimits(n_channels=33))) == 10


@pytest.mark.parametrize("rate", [1, 768_000])
def test_rates_within_the_limits(rate):
    assert read(encoded(np.zeros(10), rate)).rate == rate


def test_rates_beyond_the_limits():
    content = encoded(np.zeros(10), 768_001)

    with pytest.raises(AudioLimitError, match=r"768001 Hz, and the limits are 1 to 768000 Hz"):
        read(content)
    assert read(content, limits=AudioLimits(highest_rate=1e6)).rate == 768_001
    with pytest.raises(AudioLimitError, match=r"AudioLimits\(lowest_rate=8000"):
        read(encoded(np.zeros(10)), limits=AudioLimits(lowest_rate=16_000))


def test_decoded_bytes_are_those_of_all_channels_of_the_part_that_is_read():
    content = encoded(np.zeros((1000, 2)))
    limits = AudioLimits(n_bytes=4 * 2 * 500)

    with pytest.raises(AudioLimitError, match=r"decodes to 0 MiB or more of samples.*duration="):
        read(content, limits=limits)
    assert len(read(content, limits=limits, duration=500 / RATE)) == 500
    with pytest.raises(AudioLimitError):
        read(content, limits=limits, duration=501 / RATE)


@pytest.mark.parametrize("limits", [{"n_channels": 0}, {"n_bytes": "2 GiB"}, {"lowest_rate": None}])
def test_limits_that_are_none_are_refused(limits):
    with pytest.raises(ValueError, match=r"AudioLimits\(\w+=.*; a positive number is wanted"):
        AudioLimits(**limits)


def test_wrong_parameters_of_a_loader_are_refused():
    wrong = {"limits": 7, "formats": "mp3", "truncated": True, "on_error": "skip"}
    for name, value in wrong.items():
        with pytest.raises(ValueError, match=name):
            Loader(**{name: value}).fit(["dog.wav"])


def test_limits_may_be_numbers_of_numpy():
    limits = AudioLimits(n_channels=np.int64(2), highest_rate=np.float32(8000))
    assert len(read(encoded(np.zeros((10, 2))), limits=limits)) == 10


# Bombs -----------------------------------------------------------------------------------------

MEASURED = """
    import re, time
    from pathlib import Path
    from sklearn_audio import AudioError, Loader

    def most_kilobytes():  # of this process alone; what the module resource tells is inherited
        return int(re.search("VmHWM: *\t* *([0-9]+)", Path("/proc/self/status").read_text())[1])

    with open({path!r}, "rb") as file:
        content = file.read()
    Loader().transform([content[:4]])  # what is imported late
    before = most_kilobytes()
    start = time.perf_counter()
    try:
        Loader().transform([{path!r}])[0]
        kind = "no error"
    except AudioError as error:
        kind = type(error).__name__
    seconds = time.perf_counter() - start
    print(kind, seconds, (most_kilobytes() - before) / 1024)
"""


def of_silence(container, subtype, n_frames, n_channels=1, rate=44100):
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", rate, n_channels, subtype, format=container) as sound:
        for _ in range(n_frames // 2**14):
            sound.write(np.zeros((2**14, n_channels), dtype=np.float32))
    return file.getvalue()


def declaring(flac, n_frames):
    """Return a FLAC that declares another number of frames: 36 bits at the end of 8 bytes."""
    content = bytearray(flac)
    field = int.from_bytes(content[18:26], "big") >> 36 << 36 | n_frames
    content[18:26] = field.to_bytes(8, "big")
    return bytes(content)


def flac_of_unknown_length():
    """Return 10 hours of silence in 1.7 MB, by repeating a few minutes of it."""
    flac = of_silence("FLAC", "PCM_16", 2**22)
    frames = flac[flac.index(b"\xff\xf8") :]
    return declaring(flac, 0) + frames * 400


def flac_that_declares_a_day():
    return declaring(of_silence("FLAC", "PCM_16", 2**20), 24 * 3600 * 44100)


def ogg_that_declares_a_day():
    """Return a short OGG with the last position of a long one, and the checksum of that page."""
    content = bytearray(of_silence("OGG", "VORBIS", 2**20))
    last = content.rindex(b"OggS")
    content[last + 6 : last + 14] = (24 * 3600 * 44100).to_bytes(8, "little")
    content[last + 22 : last + 26] = bytes(4)
    checksum = 0  # RFC 3533: the polynomial 0x04c11db7, from the highest bit on
    for byte in content[last:]:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = checksum << 1 ^ (0x104C11DB7 if checksum >> 31 else 0)
    content[last + 22 : last + 26] = checksum.to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize(
    "bomb", [flac_of_unknown_length, flac_that_declares_a_day, ogg_that_declares_a_day]
)
def test_a_bomb_is_refused_quickly_and_in_little_memory(bomb, tmp_path, show):
    path = tmp_path / "bomb"
    path.write_bytes(bomb())
    program = textwrap.dedent(MEASURED.format(path=str(path)))

    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    kind, seconds, megabytes = result.stdout.split()
    show(
        f"{bomb.__name__}: {path.stat().st_size / 1e6:.1f} MB, {kind} after {float(seconds):.2f} s "
        f"and {float(megabytes):.0f} MB"
    )
    assert kind == "AudioLimitError"
    assert float(megabytes) < 50


def test_a_header_that_lies_about_its_length_takes_no_memory_for_it():
    content = bytearray(encoded(np.zeros(100)))
    position = content.index(b"data") + 4
    content[position : position + 4] = (2**31 - 1000).to_bytes(4, "little")

    with pytest.raises(TruncatedAudioError, match="declares 2147482648 bytes"):
        read(bytes(content))


class CountingFile(io.BytesIO):
    """A file that counts how often it is read."""

    n_reads = 0

    def read(self, *args):
        self.n_reads += 1
        return super().read(*args)


@pytest.mark.parametrize(
    "content",
    [
        b"OggS" * 100_000,
        b"OggS\0\2" * 100_000,
        (b"OggS\0\2" + bytes(21)) * 100_000,
        encoded(np.zeros(4000), RATE, "OGG", "VORBIS") + b"OggS" * 100_000,
        b"ID3\x04" + bytes(6) + b"ID3\x04\0\0\0\0\0\0" * 100_000,
        b"fLaC" + bytes(400_000),
        b"RIFF\0\0\0\0WAVE" + b"abcd\0\0\0\0" * 100_000,
        b"FORM\0\0\0\0AIFF" + b"abcd\0\0\0\0" * 100_000,
        b"caff\0\1\0\0" + b"abcd\0\0\0\0\0\0\0\0" * 100_000,
    ],
)
def test_a_file_of_countless_headers_is_not_read_header_by_header(content):
    file = CountingFile(content)
    with suppress(AudioError):
        shortfall(file, recognised(file))
    assert 1 < file.n_reads < 20_100


# Formats ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("container", "subtype", "message"),
    [
        ("WAV", "IMA_ADPCM", "it is WAV of IMA ADPCM"),
        ("WAV", "MS_ADPCM", "it is WAV of MS ADPCM"),
        ("WAV", "GSM610", "it is WAV of GSM 6.10"),
        ("AIFF", "IMA_ADPCM", "it is AIFF of compression 'ima4'"),
        ("AU", "PCM_16", "it is Sun AU"),
        ("W64", "PCM_16", "it is Sony Wave64"),
        ("MAT4", "PCM_16", "it is of no known format"),
        ("MAT5", "PCM_16", "it is a MATLAB file"),
        ("VOC", "PCM_16", "it is Creative VOC"),
    ],
)
def test_other_formats_are_refused_before_they_are_opened(container, subtype, message, opened):
    content = encoded(np.zeros(4000), RATE, container, subtype)
    assert len(opened) == 1  # to write it

    with pytest.raises(UnsupportedAudioError, match=message):
        read(content)

    assert len(opened) == 1
    assert len(read(content, formats="all")) >= 4000


def test_an_encoding_that_stands_second_is_seen_too():
    # libsndfile may take another one than the first.
    content = encoded(np.zeros(4000))
    layout = content[12:36]
    second = layout[:8] + b"\x11\x00" + layout[10:]

    with pytest.raises(UnsupportedAudioError, match="IMA ADPCM"):
        read(content[:36] + second + content[36:])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00", "it is MPEG-4"),
        (b"\x1aE\xdf\xa3" + bytes(20), "it is Matroska or WebM"),
        (b"<!DOCTYPE html><html>404</html>", "it is a page of the web"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS; run git lfs pull"),
        (bytes(100), "it begins with zeros"),
        ("caf\u00e9".encode("utf-16"), "it is text in UTF-16"),
        (b"\x93\x82\x11 never heard of", "of no known format: it begins with b'.x93.x82.x11"),
    ],
)
def test_what_it_is_instead_is_told(content, message):
    with pytest.raises(UnsupportedAudioError, match=message) as caught:
        read(content)
    assert "FLAC, OGG (Vorbis, Opus), MP3, AIFF and CAF are read" in str(caught.value)


@pytest.mark.parametrize("extension", ["wav", "mp3", "raw", "txt", "m4a"])
def test_the_name_of_a_file_does_not_matter(extension, tmp_path):
    path = tmp_path / f"sound.{extension}"
    path.write_bytes(encoded(np.full(100, 0.5), container="FLAC"))

    assert read(path).samples.tolist() == [0.5] * 100


# What is opened --------------------------------------------------------------------------------


def folder(place):
    return place, UnsupportedAudioError, "it is a folder; give the paths"


def pipe(place):
    os.mkfifo(place / "pipe.wav")
    return place / "pipe.wav", UnsupportedAudioError, "it is a pipe, and a regular file"


def device(place):
    return "/dev/zero", UnsupportedAudioError, "it is a device, and a regular file"


def link_to_a_device(place):
    (place / "link.wav").symlink_to("/dev/zero")
    return place / "link.wav", UnsupportedAudioError, "it is a device"


def link_to_nothing(place):
    (place / "link.wav").symlink_to(place / "nothing.wav")
    return place / "link.wav", MissingAudioError, "there is no such file"


def link_to_itself(place):
    (place / "link.wav").symlink_to(place / "link.wav")
    return place / "link.wav", MissingAudioError, "symbolic links"


def address(place):
    return "https://example.org/dog.wav", UnsupportedAudioError, "is an address.*Download it"


def long_name(place):
    return place / ("x" * 300), MissingAudioError, "too long"


def name_with_a_null(place):
    return "dog\0.wav", MissingAudioError, "null"


def below_a_file(place):
    (place / "file").touch()
    return place / "file" / "dog.wav", MissingAudioError, "there is no such file"


@pytest.mark.parametrize("with_memory", [False, True])
@pytest.mark.parametrize(
    "thing",
    [
        folder,
        pipe,
        device,
        link_to_a_device,
        link_to_nothing,
        link_to_itself,
        address,
        long_name,
        name_with_a_null,
        below_a_file,
    ],
)
def test_what_is_no_regular_file_is_an_error_at_once(thing, with_memory, tmp_path):
    path, kind, message = thing(tmp_path)
    memory = RowStore(tmp_path / "rows") if with_memory else None
    batch = Loader(memory=memory).transform([path])

    with pytest.raises(kind, match=message) as caught:
        ZeroCrossingRateExtractor().fit_transform(batch)
    assert caught.value.position == 0


@pytest.fixture
def ordinary_user():
    """Give up the rights of the superuser for a while, who may read all files."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


def test_a_file_that_may_not_be_read_says_so(ordinary_user):
    with tempfile.TemporaryDirectory() as place:
        path = os.path.join(place, "secret.wav")
        with open(path, "wb") as file:
            file.write(encoded(np.zeros(10)))
        os.chmod(path, 0)

        with pytest.raises(AudioError, match="permission denied"):
            read(path)


def test_a_file_that_fails_while_it_is_read_says_so():
    # The memory of this process: a regular file, of which no part from 0 on can be read.
    with pytest.raises(AudioError, match=r"^/proc/self/mem .X.0..: it cannot be read \(") as caught:
        read("/proc/self/mem")
    assert isinstance(caught.value.__cause__, OSError)


def test_a_missing_file_is_a_file_not_found_error_too():
    with pytest.raises(FileNotFoundError) as caught:
        read("there is no such file.wav")
    assert caught.value.filename == "there is no such file.wav"


def test_a_file_is_missing_also_where_the_working_directory_is_gone(tmp_path, monkeypatch):
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()

    with pytest.raises(MissingAudioError, match="there is no such file"):
        read("nowhere.wav")


def test_a_file_that_cannot_be_opened_for_want_of_descriptors_is_not_called_missing(tmp_path):
    resource = pytest.importorskip("resource")
    path = tmp_path / "sound.wav"
    path.write_bytes(encoded(np.zeros(10)))
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, before[1]))
    try:
        with pytest.raises(AudioError, match=r"cannot be opened .Too many open files") as caught:
            read(path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert not isinstance(caught.value, FileNotFoundError)


# What native libraries print -------------------------------------------------------------------

LOUD = """
    import sys
    import soundfile
    from sklearn_audio import AudioError, Loader

    if {loud}:
        try:
            soundfile.read({path!r})
        except soundfile.SoundFileError:
            pass
    for content in ({path!r}, open({path!r}, "rb").read()):
        try:
            Loader(truncated="accept").transform([content])[0]
        except AudioError:
            pass
    print("a word of Python", file=sys.stderr)
"""


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["mutagen/apev2-lyricsv2.mp3", "fuzzing-corpus/mp3/mopt/828.mp3"])
def test_what_decoders_print_does_not_reach_the_terminal(name, shared_data):
    path = str(shared_data / "odd-files" / name)
    printed = [
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(LOUD.format(path=path, loud=loud))],
            stderr=subprocess.PIPE,
            text=True,
            check=True,
        ).stderr
        for loud in (False, True)
    ]
    assert printed[0] == "a word of Python\n"
    assert len(printed[1]) > len(printed[0])
