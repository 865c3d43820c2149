"""Ten thousand malformed files, none of which does more than raise an AudioError."""

import hashlib

import pytest
from malformed import EXTENSIONS, FORMATS, MUTATIONS, malformed, originals
from watched_reading import harm, read_all, summary

from sklearn_audio import Loader

N_FILES = 10_000
SEED = 0


# One test, so that not each of the processes that share the tests reads them all.
def test_no_malformed_file_does_harm(show):
    outcomes = read_all([["malformed", SEED, number] for number in range(N_FILES)])
    for line in summary(outcomes):
        show(f"malformed files, {line}")

    assert [outcome["job"][2] for outcome in outcomes] == list(range(N_FILES))
    kinds = {(outcome.get("format"), outcome.get("mutation")) for outcome in outcomes}
    assert len(kinds) == len(FORMATS) * len(MUTATIONS)
    # Neither all are read nor all refused, which would be a test of one of the two only.
    assert 0.2 < sum(outcome["kind"] == "row" for outcome in outcomes) / N_FILES < 0.8
    # Each that did harm is named by the seed and number by which it is made again.
    assert {name: some[:20] for name, some in harm(outcomes).items() if some} == {}


def test_the_same_seed_and_number_make_the_same_file():
    def digests(seed):
        files = [malformed(seed, number) for number in range(200)]
        return [hashlib.sha256(file.content).digest() for file in files]

    assert digests(0) == digests(0)
    assert len(set(digests(0)) & set(digests(1))) < 100


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_mutated_was_whole(form):
    for content in originals()[form]:
        assert len(Loader().transform([content])[0]) >= 300


def test_nearly_every_mutation_makes_another_file():
    whole = {content for contents in originals().values() for content in contents}
    files = [malformed(SEED, number) for number in range(1000)]
    unchanged = [file for file in files if file.content in whole]
    # Another extension leaves the content as it is, and one may leave out a block that is all.
    assert {"wrong extension"} <= {file.mutation for file in unchanged}
    assert len(unchanged) < 2 / len(MUTATIONS) * len(files)
    other = [file for file in files if file.extension != EXTENSIONS[file.format]]
    assert {file.mutation for file in other} == {"wrong extension"}


@pytest.mark.parametrize(
    ("deed", "kind", "what"),
    [
        ("abort", "crash", "exit -6"),
        ("leave", "crash", "exit 3"),
        ("wait", "hang", ""),
    ],
)
def test_a_crash_and_a_hang_are_seen_and_named_and_what_follows_is_done(deed, kind, what):
    jobs = [["do", "nothing"], ["do", deed], ["do", "nothing"], ["do", deed]]
    done = read_all(jobs, patience=1)
    assert [outcome["job"] for outcome in done] == jobs
    assert [outcome["kind"] for outcome in done] == ["row", kind, "row", kind]
    assert what in done[1]["what"]


def test_what_is_printed_is_seen_and_named():
    done = read_all([["do", "nothing"], ["do", "print"], ["do", "nothing"]])
    assert [outcome["printed"] for outcome in done] == [0, len(b"a decoder complains"), 0]
