"""What deserves a look in a set is found, with the recordings that it is about."""

import numpy as np
import pytest

from sklearn_audio.reporting import report

RATE = 8000
TIME = np.arange(RATE) / RATE
TONE = 0.5 * np.sin(2 * np.pi * 440 * TIME)


def samples(*arrays, rate=RATE):
    return [{"array": np.asarray(array), "sampling_rate": rate} for array in arrays]


def noise(n, n_samples=RATE):
    generator = np.random.default_rng(0)
    return samples(*(generator.uniform(-0.5, 0.5, n_samples) for _ in range(n)))


def found(X, y=None, groups=None):
    """Return the findings by name."""
    findings = report(X, y, groups, n_examples=0, progress=False).findings
    return {finding.name: finding for finding in findings}


def test_a_good_set_has_no_findings():
    assert found(noise(10), [0, 1] * 5, list("abcdefghij")) == {}


@pytest.mark.parametrize(
    ("array", "name", "severity"),
    [
        (np.clip(4 * TONE, -1, 1), "clipped", "warning"),
        (0.0009 * TONE, "silence", "warning"),
        (np.zeros(RATE), "silence", "warning"),
        (32768 * TONE, "beyond full scale", "warning"),
        (np.where(TIME < 0.6, 0, TONE), "pauses", "note"),
        (TONE + 0.02, "offset", "note"),
        (TONE[:2047], "short", "note"),
    ],
)
def test_a_doubtful_sound_is_found_among_good_ones(array, name, severity):
    findings = found([*noise(2), *samples(array), *noise(2, 4000)])

    assert findings[name].severity == severity
    assert findings[name].positions.tolist() == [2]
    assert set(findings) == {name}


def test_a_recording_scaled_to_full_scale_is_not_clipped():
    [recording] = noise(1)
    recording["array"] /= np.abs(recording["array"]).max()

    assert np.abs(recording["array"]).max() == 1
    assert found([recording]) == {}


def test_names_stand_in_the_table_beside_the_recordings(write):
    X = [write("a.wav"), "missing.wav", write("b.wav", np.zeros(RATE))]

    table = report(X, n_examples=0, progress=False).table

    assert table["findings"].tolist() == ["", "unusable", "silence"]


def test_the_worst_comes_first(write):
    X = [write("a.wav", TONE[:2000]), write("b.wav", np.zeros(RATE)), "missing.wav"]

    findings = report(X, n_examples=0, progress=False).findings

    assert [finding.severity for finding in findings] == ["problem", "warning", "note"]


def test_the_same_content_under_two_labels_is_a_contradiction(write, tmp_path):
    path = write("a.wav")
    copy = tmp_path / "copy.wav"
    copy.write_bytes((tmp_path / "a.wav").read_bytes())
    X = [path, write("b.wav"), str(copy), write("c.wav")]

    contradiction = found(X, ["x", "x", "y", "y"])["contradiction"]

    assert contradiction.severity == "problem"
    assert contradiction.positions.tolist() == [0, 2]


def test_copies_under_one_label_are_copies_alone(write):
    X = [write("a.wav"), write("b.wav"), write("a.wav")]

    findings = found(X, ["x", "y", "x"])

    assert findings["copy"].severity == "warning"
    assert findings["copy"].title == "1 recording is a copy of others."
    assert findings["copy"].positions.tolist() == [0, 2]
    assert "contradiction" not in findings


def test_copies_without_a_label_contradict_nothing(write):
    assert "contradiction" not in found([write("a.wav"), write("a.wav")], ["x", None])


def test_copies_in_several_groups_are_found(write):
    X = [write("a.wav"), write("b.wav"), write("a.wav")]

    assert found(X, groups=[1, 1, 2])["several groups"].positions.tolist() == [0, 2]


def test_empty_files_are_no_copies(tmp_path):
    paths = [str(tmp_path / name) for name in ("a.wav", "b.wav")]
    for path in paths:
        open(path, "w").close()

    assert set(found(paths, ["x", "y"])) >= {"unusable"}
    assert not {"copy", "contradiction"} & set(found(paths, ["x", "y"]))


def test_a_class_of_one_group_alone_is_found():
    findings = found(noise(10), ["x", "y"] * 5, ["rex", "ada", "rex", "tom"] + ["rex", "ada"] * 3)

    assert findings["lone group"].title == "1 class of one group alone: x."
    assert findings["lone group"].severity == "warning"
    assert "groups" not in findings


def test_groups_in_several_classes_are_counted():
    groups = ["rex", "rex", "ada", "ada", "tom", "ada", "tom", "rex", "tom", "kim"]

    findings = found(noise(10), ["x", "y"] * 5, groups)

    # tom is in x alone, and kim in y.
    assert findings["groups"].title == "2 of 4 groups have recordings in several classes."


def test_recordings_without_a_label_or_a_group_are_found():
    findings = found(noise(6), ["x", None, "x", "x", "x", "x"], [1, 2, 3, 4, 5, np.nan])

    assert findings["unlabelled"].positions.tolist() == [1]
    assert findings["ungrouped"].positions.tolist() == [5]


def test_a_small_class_is_named_and_a_much_larger_one_told():
    findings = found(noise(48), [0] * 4 + [1] * 44)

    assert findings["small class"].title == "1 class of fewer than 5 usable recordings: 0."
    assert "44" in findings["imbalance"].title
    assert set(findings) == {"small class", "imbalance"}


def test_a_name_of_a_class_without_recordings_is_a_small_class():
    findings = report(
        noise(10),
        [0, 1] * 5,
        display_labels=["bark", "howl", "purr"],
        n_examples=0,
        progress=False,
    ).findings

    assert findings[0].title == "1 class of fewer than 5 usable recordings: purr."


def test_one_class_alone_is_no_task():
    assert set(found(noise(5), [1] * 5)) == {"one class"}


def test_rates_that_go_with_the_class_give_it_away():
    X = [*noise(5), *samples(*(each["array"] for each in noise(5)), rate=16000)]

    assert set(found(X, [0, 1] * 5)) == {"rates"}
    findings = found(X, [0] * 5 + [1] * 5)
    assert set(findings) == {"rates", "shortcut"}
    assert "100% of the recordings, and for 50% without" in findings["shortcut"].advice


def test_much_longer_recordings_are_told():
    X = [*noise(1, 4000), *noise(1, 40001)]

    assert set(found(X)) == {"durations"}


def test_names_of_classes_are_told_without_what_cannot_be_printed():
    finding = found(noise(2), ["\x1b[31mred\n", "x"])["small class"]

    assert finding.title.isprintable()
