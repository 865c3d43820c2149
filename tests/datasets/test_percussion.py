from pathlib import Path

import numpy as np
import pytest
import soundfile

from sklearn_audio.datasets import load_percussion

SIZES = {"acoustic_drum": 20, "bass": 9, "bass_drum": 12, "electronic": 25, "tabla": 26}


@pytest.fixture(scope="module")
def percussion():
    return load_percussion()


def test_families(percussion):
    assert set(percussion) == {"paths", "target", "target_names", "DESCR"}
    assert percussion.target_names == list(SIZES)
    assert np.bincount(percussion.target).tolist() == list(SIZES.values())
    assert percussion.paths == sorted(percussion.paths)
    for path, target in zip(percussion.paths, percussion.target, strict=True):
        assert Path(path).is_absolute()
        assert Path(path).parent.name == percussion.target_names[target]


def test_every_recording_is_short_audible_and_of_one_rate(percussion):
    for path in percussion.paths:
        samples, rate = soundfile.read(path, dtype="float32")
        assert rate == 22050
        assert samples.ndim == 1
        assert 0.019 <= len(samples) / rate <= 1.5, path
        assert 0.1 < np.abs(samples).max() < 1.2, path


def test_what_was_cut_fades_to_nothing(percussion):
    cut = [path for path in percussion.paths if soundfile.info(path).frames == 1.5 * 22050]

    assert len(cut) == 22
    for path in cut:
        samples, _ = soundfile.read(path, dtype="float32")
        assert abs(samples[-1]) < 0.03, path


def test_licences_name_every_recording_and_nothing_else(percussion):
    folder = Path(percussion.paths[0]).parents[1]
    text = (folder / "LICENSES").read_text(encoding="utf-8")

    assert "CC0 1.0" in text
    named = [line for line in text.splitlines() if line.endswith(".ogg")]
    assert named == [Path(path).relative_to(folder).as_posix() for path in percussion.paths]
    assert text.count("freesound.org/people/") == len(percussion.paths)


def test_all_of_it_is_at_most_two_megabytes(percussion):
    folder = Path(percussion.paths[0]).parents[1]

    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 2_000_000


def test_description_gives_the_sizes(percussion):
    assert percussion.DESCR.startswith("Percussion\n")
    assert f"{len(percussion.paths)} single strokes" in percussion.DESCR
    for name, size in SIZES.items():
        assert f"{name:13}  {size:<10}  " in percussion.DESCR
