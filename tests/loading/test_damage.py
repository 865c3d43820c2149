"""Recordings that are not whole are told from those that are."""

import io
from collections import Counter

import numpy as np
import pytest
import soundfile

from sklearn_audio import AudioError, Loader, ZeroCrossingRateExtractor
from sklearn_audio.errors import (
    DamagedAudioError,
    EmptyAudioError,
    TruncatedAudioError,
    UnsupportedAudioError,
)
from sklearn_audio.loading.containers import recognised, shortfall

RATE = 44100
# Small, so that every point can be tried; FLAC of several frames, OGG of several pages.
FORMATS = {
    "WAV, 16 bits": ("WAV", "PCM_16", 1500, {}),
    "WAV, 24 bits, two channels": ("WAV", "PCM_24", 500, {"channels": 2}),
    "WAV, float": ("WAV", "FLOAT", 700, {}),
    "WAV, extensible": ("WAVEX", "PCM_16", 1500, {}),
    "WAV, mu-law": ("WAV", "ULAW", 2000, {}),
    "RF64": ("RF64", "PCM_16", 1500, {}),
    "AIFF, 16 bits": ("AIFF", "PCM_16", 1500, {}),
    "AIFF, float": ("AIFF", "FLOAT", 700, {}),
    "FLAC, 16 bits": ("FLAC", "PCM_16", 2000, {}),
    "FLAC, 24 bits": ("FLAC", "PCM_24", 1500, {}),
    "OGG, Vorbis": ("OGG", "VORBIS", 10_000, {}),
    "OGG, Opus": ("OGG", "OPUS", 20_000, {"samplerate": 48000}),
    "MP3, constant rate": ("MP3", "MPEG_LAYER_III", 20_000, {}),
    "MP3, variable rate": ("MP3", "MPEG_LAYER_III", 20_000, {"bitrate_mode": "VARIABLE"}),
    "CAF, 16 bits": ("CAF", "PCM_16", 500, {}),
    "CAF, ALAC": ("CAF", "ALAC_16", 2000, {}),
}


def encoded(container, subtype, n_frames, parameters):
    """Return noise as a file of some format."""
    channels = parameters.get("channels", 1)
    noise = np.random.default_rng(0).normal(scale=0.1, size=(n_frames, channels))
    file = io.BytesIO()
    settings = {"samplerate": RATE, "channels": channels, **parameters}
    with soundfile.SoundFile(file, "w", format=container, subtype=subtype, **settings) as sound:
        sound.write(noise)
    return file.getvalue()


def read(content, **parameters):
    return Loader(**parameters).transform([content])[0]


def outcome(content, whole):
    """Return what became of a changed file: the kind of its error, or how it differs."""
    try:
        signal = read(content)
    except AudioError as error:
        return type(error).__name__
    if np.array_equal(signal.samples, whole.samples):
        return "as before"
    return "shorter" if len(signal) < len(whole) else "different"


@pytest.mark.parametrize("name", FORMATS)
def test_a_recording_cut_anywhere_is_reported(name, show):
    content = encoded(*FORMATS[name])
    whole = read(content)

    outcomes = Counter(outcome(content[:length], whole) for length in range(len(content)))

    show(f"cut, {name}: {len(content)} points, {dict(outcomes.most_common())}")
    assert outcomes.total() == len(content)
    assert outcomes["shorter"] == outcomes["different"] == outcomes["as before"] == 0
    # The rest is cut within the first bytes, by which a format is known.
    assert outcomes["TruncatedAudioError"] > len(content) - 60
    assert outcomes["EmptyAudioError"] == 1


@pytest.mark.parametrize("name", ["WAV, 16 bits", "AIFF, 16 bits", "OGG, Vorbis"])
def test_what_is_there_is_read_on_demand(name, tmp_path):
    content = encoded(*FORMATS[name])
    whole = read(content)
    path = tmp_path / "half"
    path.write_bytes(content[: -len(content) // 3])

    if name == "OGG, Vorbis":  # of which libsndfile does not know where it ends then
        with pytest.raises(EmptyAudioError, match="there is not one sample in it"):
            read(path, truncated="accept")
        return
    signal = read(path, truncated="accept")

    assert 0 < len(signal) < len(whole)
    np.testing.assert_array_equal(signal.samples, whole.samples[: len(signal)])


def test_all_whole_frames_of_a_cut_flac_are_read_on_demand():
    content = encoded("FLAC", "PCM_16", 300_000, {})
    whole = read(content)

    signal = read(content[:-1000], truncated="accept")

    # Only the last frame, of at most 4608 samples, is cut.
    assert len(whole) - 4608 <= len(signal) < len(whole)
    np.testing.assert_array_equal(signal.samples, whole.samples[: len(signal)])
    with pytest.raises(TruncatedAudioError, match=f"it ends after {len(signal)} frames"):
        read(content[:-1000])


def test_a_part_that_is_there_is_read_although_the_end_is_missing():
    content = encoded("WAV", "PCM_16", 1500, {})[:-200]

    assert len(read(content, duration=1000 / RATE)) == 1000
    with pytest.raises(TruncatedAudioError, match=r"declares 3000 bytes, and 200 are missing"):
        read(content, offset=1000 / RATE)


def test_nothing_behind_the_samples_is_missed():
    content = encoded("WAV", "PCM_16", 1500, {})
    with_more = content + b"LIST" + (100).to_bytes(4, "little") + bytes(50)

    np.testing.assert_array_equal(read(with_more).samples, read(content).samples)


@pytest.mark.parametrize("name", ["FLAC, 16 bits", "OGG, Vorbis", "OGG, Opus"])
def test_a_changed_byte_of_what_has_checksums_is_reported(name, show):
    content = encoded(*FORMATS[name])
    whole = read(content)
    generator = np.random.default_rng(0)
    outcomes = Counter()
    for position in generator.integers(100, len(content), 500):
        changed = bytearray(content)
        changed[position] ^= int(generator.integers(1, 256))
        outcomes[outcome(bytes(changed), whole)] += 1

    show(f"500 changed bytes, {name}: {dict(outcomes.most_common())}")
    assert outcomes["shorter"] == outcomes["different"] == 0


@pytest.mark.parametrize("name", ["OGG, Vorbis", "OGG, Opus"])
def test_a_missing_page_of_an_ogg_is_reported(name):
    container, subtype, _, _ = FORMATS[name]
    content = encoded(container, subtype, 200_000, {"samplerate": 48000})
    starts = [index for index in range(len(content)) if content.startswith(b"OggS", index)]
    assert len(starts) > 4

    without = content[: starts[3]] + content[starts[4] :]

    with pytest.raises(TruncatedAudioError, match=f"pages are missing before byte {starts[3]}"):
        read(without)


@pytest.mark.parametrize("subtype", ["PCM_S8", "PCM_16", "PCM_24"])
@pytest.mark.parametrize("channels", [1, 2])
def test_frames_of_a_flac_in_a_wrong_order_are_seen_by_its_checksum(subtype, channels):
    content = encoded("FLAC", subtype, 12_000, {"channels": channels})
    starts = [index for index in range(42, len(content)) if content.startswith(b"\xff\xf8", index)]
    # Those of frames: each has its number behind four bytes.
    first, second, third = [start for start in starts if content[start + 4] < 3][:3]
    swapped = content[:first] + content[second:third] + content[first:second] + content[third:]

    with pytest.raises(DamagedAudioError, match="its samples differ from the checksum"):
        read(swapped)
    assert len(read(swapped, truncated="accept")) == len(read(content)) == 12_000
    assert len(read(swapped, duration=0.1)) == RATE // 10


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["03 - wrong bit depth", "05 - wrong total number of samples"])
def test_a_flac_that_lies_in_its_header_is_seen_by_its_checksum(name, shared_data):
    with pytest.raises(DamagedAudioError, match="its samples differ from the checksum"):
        read(shared_data / "odd-files" / "flac-test-files" / "faulty" / f"{name}.flac")


def test_an_ogg_of_which_no_page_says_that_it_is_the_last_is_reported():
    content = bytearray(encoded(*FORMATS["OGG, Vorbis"]))
    assert content[content.rindex(b"OggS") + 5] & 4
    whole = bytes(content)

    with pytest.raises(TruncatedAudioError, match="no page is marked as its last one"):
        read(whole[: whole.rindex(b"OggS")])


class CountedBytes(io.BytesIO):
    """Bytes that count how many of them are read."""

    n_read = 0

    def read(self, *arguments):
        content = super().read(*arguments)
        self.n_read += len(content)
        return content


def test_what_looks_like_many_pages_of_an_ogg_is_read_only_a_few_times():
    content = encoded(*FORMATS["OGG, Vorbis"]) + 20_000 * b"OggS"
    file = CountedBytes(content)

    missing = shortfall(file, recognised(file))

    assert missing is None
    assert file.n_read < 3 * len(content)


@pytest.mark.parametrize("name", ["OGG, Vorbis", "OGG, Opus"])
def test_recordings_behind_each_other_in_an_ogg_are_not_taken_for_the_first_alone(name):
    first = encoded(*FORMATS[name])

    with pytest.raises(UnsupportedAudioError, match=f"several recordings.*at byte {len(first)} "):
        read(first + first)

    samples = read(first).samples
    np.testing.assert_array_equal(read(first + first, truncated="accept").samples, samples)
    part = read(first + first, duration=0.1).samples
    np.testing.assert_array_equal(part, samples[: len(part)])


def test_tags_behind_an_ogg_do_no_harm():
    content = encoded(*FORMATS["OGG, Vorbis"])

    assert len(read(content + b"TAG" + bytes(125))) == 10_000


# Headers that mean "not known" -----------------------------------------------------------------


@pytest.mark.parametrize(
    "declared", [0xFFFFFFFF, 0x7FFFF000, 0x7FFFEFFE, 0x7FFFFF00, 0x7FFFFFFF, 0x80000000]
)
def test_a_wav_of_which_the_length_was_not_known_is_read_to_its_end(declared):
    content = encoded("WAV", "PCM_16", 1500, {})
    position = content.index(b"data") + 4
    streamed = content[:position] + declared.to_bytes(4, "little") + content[position + 4 :]

    np.testing.assert_array_equal(read(streamed).samples, read(content).samples)


@pytest.mark.parametrize("declared", [3002, 30_000, 0x7FFF0000, 0x80001000, 0xFFFFFF00])
def test_a_wav_that_declares_any_other_length_is_reported(declared):
    content = encoded("WAV", "PCM_16", 1500, {})
    position = content.index(b"data") + 4
    lying = content[:position] + declared.to_bytes(4, "little") + content[position + 4 :]

    with pytest.raises(
        TruncatedAudioError, match=f"declares {declared} bytes, and {declared - 3000}"
    ):
        read(lying)


def test_a_flac_of_which_the_length_was_not_known_is_read_to_its_end():
    content = bytearray(encoded("FLAC", "PCM_16", 300_000, {}))
    whole = read(bytes(content))
    content[21] &= 0xF0
    content[22:26] = bytes(4)

    np.testing.assert_array_equal(read(bytes(content)).samples, whole.samples)
    part = Loader(offset=6, duration=0.5).transform([bytes(content)])[0]
    np.testing.assert_array_equal(part.samples, whole.samples[6 * RATE :][: RATE // 2])


# MP3 -------------------------------------------------------------------------------------------


def mp3_without_first_frame(samples, rate=RATE):
    """Return an MP3 of variable bit rate without the frame that declares its length."""
    file = io.BytesIO()
    settings = {"bitrate_mode": "VARIABLE", "compression_level": 0.5}
    with soundfile.SoundFile(
        file, "w", rate, 1, format="MP3", subtype="MPEG_LAYER_III", **settings
    ) as sound:
        sound.write(samples)
    content = file.getvalue()
    second = content.index(content[:2], 4)
    assert b"Xing" in content[:second]
    return content[second:]


def test_an_mp3_whose_length_its_first_frame_does_not_tell_is_read_to_its_end():
    # libsndfile takes the bit rate of the first frame for that of all, and stops too early.
    generator = np.random.default_rng(0)
    noise = generator.normal(scale=0.3, size=100_000)
    content = mp3_without_first_frame(np.concatenate([noise, np.zeros(200_000)]))
    with soundfile.SoundFile(io.BytesIO(content)) as sound:
        assert len(sound.read()) < 100_000

    signal = read(content)

    # Two frames more at most are those that an encoder adds at the ends.
    assert 300_000 - 529 <= len(signal) <= 300_000 + 3 * 1152
    assert np.abs(signal.samples[:100_000]).max() > 0.5
    assert np.abs(signal.samples[110_000:]).max() < 0.01
    [part] = Loader(offset=1, duration=2).transform([content])
    np.testing.assert_array_equal(part.samples, signal.samples[RATE : 3 * RATE])


def test_an_mp3_whose_length_is_guessed_too_long_ends_where_it_ends():
    noise = np.random.default_rng(0).normal(scale=0.3, size=100_000)
    content = mp3_without_first_frame(np.concatenate([np.zeros(100_000), noise]))
    whole = read(content)
    with soundfile.SoundFile(io.BytesIO(content)) as sound:
        guessed = sound.frames / RATE
    assert guessed > whole.duration + 1

    [part] = Loader(duration=guessed - 0.5).transform([content])

    np.testing.assert_array_equal(part.samples, whole.samples)


def test_an_mp3_that_was_exchanged_is_counted_anew(tmp_path):
    path = tmp_path / "noise.mp3"
    for n_samples in (200_000, 300_000):
        noise = np.random.default_rng(0).normal(scale=0.3, size=50_000)
        samples = np.concatenate([noise, np.zeros(n_samples - 50_000)])
        path.write_bytes(mp3_without_first_frame(samples))

        lengths = {len(read(path)) for _ in range(2)}

        assert len(lengths) == 1
        assert n_samples - 529 <= lengths.pop() <= n_samples + 3 * 1152


def test_an_mp3_that_ends_within_a_frame_is_reported():
    content = mp3_without_first_frame(np.random.default_rng(0).normal(scale=0.1, size=20_000))

    with pytest.raises(TruncatedAudioError, match="its last frame of MPEG lacks 1 bytes"):
        read(content[:-1])


@pytest.mark.shared_data
def test_fewer_frames_than_a_header_of_fraunhofers_encoder_declares_are_reported(shared_data):
    with pytest.raises(TruncatedAudioError, match="declares 8506 frames of MPEG, and 16 are there"):
        read(shared_data / "odd-files" / "mutagen" / "vbri.mp3")


def test_recordings_behind_each_other_in_an_mp3_are_not_taken_for_the_first_alone():
    first = encoded("MP3", "MPEG_LAYER_III", 20_000, {})
    second = encoded("MP3", "MPEG_LAYER_III", 30_000, {})

    with pytest.raises(UnsupportedAudioError, match="it declares 19 frames of MPEG, but 48 are"):
        read(first + second)

    samples = read(first).samples
    np.testing.assert_array_equal(read(first + second, truncated="accept").samples, samples)


def test_tags_before_and_behind_an_mp3_do_no_harm():
    content = encoded("MP3", "MPEG_LAYER_III", 20_000, {})
    before = b"ID3\x04\x00\x00" + bytes([0, 0, 2, 0]) + bytes(256)

    tagged = before + content + b"TAG" + bytes(125)

    np.testing.assert_array_equal(read(tagged).samples, read(content).samples)


@pytest.mark.parametrize("left_by_a_mac", ["._", ".AppleDouble"])
def test_an_mp3_is_read_whatever_lies_in_the_working_directory(
    left_by_a_mac, tmp_path, monkeypatch
):
    # libsndfile takes them for a part of any recording that it knows by no name.
    declared = encoded("MP3", "MPEG_LAYER_III", 20_000, {})
    noise = np.random.default_rng(0).normal(scale=0.1, size=20_000)
    contents = [declared, mp3_without_first_frame(noise)]
    wholes = [read(content).samples for content in contents]
    monkeypatch.chdir(tmp_path)
    (tmp_path / left_by_a_mac).mkdir()

    for content, whole in zip(contents, wholes, strict=True):
        (tmp_path / "recording.mp3").write_bytes(content)
        np.testing.assert_array_equal(read(content).samples, whole)
        np.testing.assert_array_equal(read("recording.mp3").samples, whole)


@pytest.mark.parametrize("name", FORMATS)
def test_tags_before_a_recording_of_any_format_do_no_harm(name, tmp_path):
    content = encoded(*FORMATS[name])
    tags = b"ID3\x04\x00\x00" + bytes([0, 0, 2, 0]) + bytes(256)
    path = tmp_path / "tagged"
    path.write_bytes(tags + content)

    for tagged in (tags + content, path):
        np.testing.assert_array_equal(read(tagged).samples, read(content).samples)
    with pytest.raises(DamagedAudioError):
        read(tags + content[:-300])


def test_tags_that_look_like_chunks_hide_no_encoding():
    chunks = b"fmt \x10\x00\x00\x00\x01\x00\x01\x00" + bytes(12) + b"data" + bytes(4)
    tags = b"ID3\x04\x00\x00" + bytes([0, 0, 0, 2 + len(chunks)]) + bytes(2) + chunks

    with pytest.raises(UnsupportedAudioError, match="it is WAV of IMA ADPCM"):
        read(tags + encoded("WAV", "IMA_ADPCM", 2000, {}))


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b"", EmptyAudioError, "it is empty: it has 0 bytes"),
        (b"ID3\x04\x00\x00" + bytes([0, 0, 0, 4]) + bytes(4), EmptyAudioError, "tags and no sound"),
        (
            b"ID3\x04\x00\x00" + bytes([0, 0, 0, 9]),
            TruncatedAudioError,
            "19 bytes, and 9 are missing",
        ),
        (b"fLaC\x80" + bytes(50), DamagedAudioError, "it is FLAC, but cannot be decoded"),
    ],
)
def test_what_holds_no_sound_says_so(content, kind, message):
    with pytest.raises(kind, match=message):
        read(content)


# Real recordings -------------------------------------------------------------------------------


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("pattern", "count"),
    [("music/*.ogg", 15), ("instruments/*/*.mp3", 900), ("speakers/*/*.flac", 100)],
)
def test_no_whole_recording_is_taken_for_a_damaged_one(shared_data, pattern, count):
    paths = sorted(shared_data.glob(pattern))
    assert len(paths) == count

    rows = ZeroCrossingRateExtractor(summary=["mean"]).fit_transform(Loader().transform(paths))

    assert np.isfinite(rows).all()
