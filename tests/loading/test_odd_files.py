"""The 408 odd files of others: what the package makes of each, beside what is known of it."""

import csv
from collections import Counter

import pytest
from mpeg_frames import stream
from watched_reading import harm, read_all

pytestmark = pytest.mark.shared_data

# The manifest was made by reading no more than this.
READ_AT_MOST = 480_000
# Files that hold less than they declare; each has to be refused.
CUT_SHORT = {
    "fuzzing-corpus/mp3/mopt/1.mp3",
    "fuzzing-corpus/mp3/mopt/828.mp3",
    "fuzzing-corpus/mp3/mozilla/notags-scan.mp3",
    "fuzzing-corpus/ogg/audio-gaps.ogg",
    "mutagen/apev2-lyricsv2.mp3",
    "mutagen/lame397v9short.mp3",
}
# Files whose decoded frames fall short of the header, though nothing that is declared is missing,
# with the frames that are decoded. What is not listed here is an MP3 without a tag, which declares
# nothing: libsndfile divides the size of the file, tags and all, by that of the first frame. For
# those the whole frames are counted.
CONVENTIONS = {
    "mutagen/bad-xing.mp3": (
        4 * 1152,
        "its Xing tag says 0 frames, so the length is an estimate; of the five whole frames the "
        "first is the tag",
    ),
    "fuzzing-corpus/mp3/mozilla/he_free.mp3": (
        1152,
        "free format without a tag, so the length is an estimate; frames have 391 bytes and a "
        "header, so that 512 bytes hold one",
    ),
    "fuzzing-corpus/mp3/mpg321/mpg321-2016-05-14T21-39-25.656643.mp3": (
        2 * 576,
        "no tag, so the length is an estimate; two whole frames, then bytes that are no frame",
    ),
}
# Files that libsndfile reads whole and that are refused, and why.
REFUSED = {
    "pydub/test1_empty.wav": "not a single sample",
    "scipy/test-44100Hz-le-1ch-4bytes-early-eof.wav": "16696 of 17640 declared bytes are missing",
    "fuzzing-corpus/wav/mozilla/wavedata_u8.wav": "1056 of 12049 declared bytes are missing",
    "flac-test-files/faulty/03 - wrong bit depth.flac": "other samples than its checksum is of",
    "flac-test-files/faulty/05 - wrong total number of samples.flac": "other samples, likewise",
    "mutagen/vbri.mp3": "16 of 8506 declared frames of MPEG are there",
    "fuzzing-corpus/ogg/bug461281.ogg": "no page is the last one of its stream",
    "fuzzing-corpus/ogg/singlemap-test.ogg": "no page is the last one of its stream",
    "fuzzing-corpus/ogg/chain.ogg": "two recordings, of which libsndfile reads the first",
    "fuzzing-corpus/ogg/variable-channel.ogg": "several, of which libsndfile reads the first",
    "fuzzing-corpus/mp2/fl13.mp2": "MPEG layer II, which is not common",
    "fuzzing-corpus/mp2/test24.mp2": "MPEG layer II, which is not common",
    "fuzzing-corpus/mp2/test27.mp2": "MPEG layer II, which is not common",
    "fuzzing-corpus/wav/mozilla/gsm.wav": "GSM 6.10, which is not common",
}


@pytest.fixture(scope="module")
def odd_files(shared_data):
    """Return the rows of the manifest."""
    with open(shared_data / "odd-files" / "MANIFEST.csv", newline="") as manifest:
        return list(csv.DictReader(manifest))


@pytest.fixture(scope="module")
def outcomes(odd_files, shared_data):
    """Return what became of each file, by its path in the manifest."""
    paths = [row["path"] for row in odd_files]
    jobs = [["path", str(shared_data / "odd-files" / path)] for path in paths]
    return dict(zip(paths, read_all(jobs), strict=True))


def is_short(row):
    """Tell whether libsndfile decodes fewer frames than it finds in the header."""
    return row["libsndfile"] == "ok" and row["frames_header"] != row["frames_read"]


def has_junk_before_it(path):
    """Tell whether an MP3 begins with bytes that are neither a tag nor a frame."""
    content = path.read_bytes()
    found = stream(content)
    return not content.startswith(b"ID3") and (found is None or found.start > 0)


def test_all_files_are_read_or_refused(odd_files, outcomes, show):
    assert len(outcomes) == 408
    counts = Counter(
        (row["libsndfile"] + (", short" if is_short(row) else ""), outcomes[row["path"]]["kind"])
        for row in odd_files
    )
    for (known, kind), number in sorted(counts.items()):
        show(f"odd files, libsndfile {known}: {number} {kind}")
    for name, found in harm(list(outcomes.values())).items():
        show(f"odd files, {name}: {len(found)}")


@pytest.mark.parametrize("name", harm([]))
def test_no_file_does_harm(name, outcomes):
    assert harm(list(outcomes.values()))[name] == []


def test_what_libsndfile_refuses_is_refused(odd_files, outcomes):
    refused = [row["path"] for row in odd_files if row["libsndfile"] == "error"]
    assert len(refused) == 127
    assert [path for path in refused if outcomes[path]["kind"] == "row"] == []


def test_what_holds_less_than_it_declares_is_refused(outcomes):
    assert [path for path in sorted(CUT_SHORT) if outcomes[path]["kind"] == "row"] == []


def test_a_file_that_falls_short_of_its_header_is_refused_or_explained(
    odd_files, outcomes, shared_data, show
):
    short = [row["path"] for row in odd_files if is_short(row)]
    assert len(short) == 117
    explained, unexplained = Counter(), []
    for row in odd_files:
        path, outcome = row["path"], outcomes[row["path"]]
        if not is_short(row):
            continue
        if outcome["kind"] != "row":
            explained["refused"] += 1
        elif path in CONVENTIONS:
            explained["by the table"] += 1
            assert outcome["frames"] == CONVENTIONS[path][0], path
        elif outcome["frames"] == int(row["frames_header"]):
            assert int(row["frames_read"]) == READ_AT_MOST
            explained["whole after all, of more frames than the manifest has read"] += 1
        else:
            found = stream((shared_data / "odd-files" / path).read_bytes())
            if found.tag is None and outcome["frames"] == found.n_samples:
                explained["an MP3 without a tag, all of whose whole frames are decoded"] += 1
            else:
                unexplained.append((path, outcome["frames"], found))
    for reason, number in explained.items():
        show(f"odd files that fall short of their header, {reason}: {number}")
    assert unexplained == []


def test_frames_are_those_of_the_manifest(odd_files, outcomes):
    different = []
    for row in odd_files:
        outcome = outcomes[row["path"]]
        if outcome["kind"] != "row" or row["libsndfile"] != "ok":
            continue
        assert outcome["rate"] == int(row["sr"]), row["path"]
        if min(outcome["frames"], READ_AT_MOST) != int(row["frames_read"]):
            different.append((row["path"], outcome["frames"], row["frames_read"]))
    assert different == []


def test_no_whole_file_is_refused_without_a_reason(odd_files, outcomes, shared_data, show):
    whole = [row["path"] for row in odd_files if row["libsndfile"] == "ok" and not is_short(row)]
    refused = {path for path in whole if outcomes[path]["kind"] != "row"}
    # Recordings are known by their first bytes, and these begin with something else.
    folder = shared_data / "odd-files"
    junk = {path for path in refused if path.endswith(".mp3") and has_junk_before_it(folder / path)}
    show(f"odd files that are whole but begin with what is no frame of MP3, refused: {len(junk)}")
    assert refused - junk <= set(REFUSED)
