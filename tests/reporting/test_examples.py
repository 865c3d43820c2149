"""Examples are good recordings of each class, with a picture and a player of what they hold."""

import base64
import io
import os

import numpy as np
import pytest
import soundfile

from sklearn_audio.markup import waveform_svg
from sklearn_audio.reporting import report
from sklearn_audio.reporting.examples import MOST_EXAMPLES

RATE = 8000


@pytest.fixture
def examples(taken_apart):
    """Return a function that makes a report and returns the figures of its examples, by class."""

    def shown(X, y=None, **parameters):
        found = report(X, y, progress=False, **parameters)
        section = taken_apart(found.page).all("section", id="examples")
        headings = [each.text for each in section[0].all("h3")] or [""]
        grids = section[0].all("div")
        return dict(zip(headings, [grid.all("figure") for grid in grids], strict=True))

    return shown


def names_of(figures):
    return [figure.all("bdi")[0].text for figure in figures]


def sound_of(figure):
    [audio] = figure.all("audio")
    kind, _, content = audio.attributes["src"].partition(";base64,")
    assert kind == "data:audio/mpeg"
    return soundfile.read(io.BytesIO(base64.b64decode(content)), dtype="float32")


def test_examples_are_spread_over_each_class(write, examples):
    paths = [write(f"{letter}{digit}.wav") for letter in "xy" for digit in range(9)]

    shown = examples(paths, [0] * 9 + [1] * 9, n_examples=3)

    assert names_of(shown["0"]) == ["x1.wav", "x4.wav", "x7.wav"]
    assert names_of(shown["1"]) == ["y1.wav", "y4.wav", "y7.wav"]


def test_doubtful_recordings_are_shown_only_where_there_are_no_others(write, examples):
    silence = np.zeros(RATE)
    paths = [
        write("silent.wav", silence),
        write("good.wav"),
        write("good.wav"),
        "missing.wav",
        write("other.wav", silence[1:]),
        "missing too.wav",
    ]

    shown = examples(paths, ["x", "x", "x", "x", "y", "z"])

    assert names_of(shown["x"]) == ["good.wav"]
    assert names_of(shown["y"]) == ["other.wav"]
    assert shown["z"] == []


def test_examples_show_and_play_the_recording(write, examples):
    path = write("tone.flac", 0.5 * np.sin(2 * np.pi * 440 * np.arange(3 * RATE) / RATE))

    [figure] = examples([path])[""]

    samples, rate = soundfile.read(path, dtype="float32")
    [drawn] = figure.all("svg")
    assert drawn.all("path")[0].attributes["d"] in waveform_svg(samples, width=320, height=56)
    played, played_rate = sound_of(figure)
    assert played_rate == rate
    assert len(played) == len(samples)
    # MP3 is not exact, and a tone is easy for it.
    assert np.corrcoef(played, samples)[0, 1] > 0.999
    assert figure.all("img")[0].attributes["alt"] == "spectrogram, 0 to 4 kHz"
    assert "3 s, 0 to 4 kHz" in figure.text


def test_of_a_long_recording_the_beginning_is_shown_and_said(write, examples):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 12 * RATE)

    [figure] = examples([write("long.wav", samples)])[""]

    played, rate = sound_of(figure)
    assert len(played) / rate == 10
    assert "the first 10 s of 12 s" in figure.text


def test_n_examples_none_at_all(write, taken_apart):
    page = taken_apart(report([write("a.wav")], n_examples=0, progress=False).page)

    assert page.all("section", id="examples") == []
    assert page.all("a", href="#examples") == []


def test_a_hundred_classes_have_examples_of_the_largest(examples, taken_apart):
    generator = np.random.default_rng(0)
    y = np.concatenate([np.arange(100), np.arange(4, 100)])
    X = [{"array": generator.uniform(-1, 1, 800), "sampling_rate": RATE} for _ in y]

    shown = examples(X, y, n_examples=3)

    # The first four classes have one recording each, the others two.
    assert list(shown) == [str(label) for label in range(4, 100)]
    assert len(shown) == MOST_EXAMPLES
    assert {len(figures) for figures in shown.values()} == {1}
    section = taken_apart(report(X, y, progress=False).page).all("section", id="examples")[0]
    assert "4 more classes left out" in section.text


class Vanishing(os.PathLike):
    """A path whose file is gone when it is looked for again, after scan."""

    def __init__(self, path):
        self.path = path
        self.n_asked = 0

    def __fspath__(self):
        self.n_asked += 1
        return self.path if self.n_asked <= 2 else f"{self.path}.gone"


def test_an_example_that_fails_meanwhile_does_not_break_the_page(write, examples):
    vanishing = Vanishing(write("a.wav"))

    shown = examples([vanishing, write("b.wav")], ["x", "y"])

    assert vanishing.n_asked == 3
    assert "It cannot be shown: there is no such file" in shown["x"][0].text
    assert shown["x"][0].all("audio") == []
    assert len(shown["y"][0].all("audio")) == 1


@pytest.mark.shared_data
def test_real_recordings_sound_as_they_are(shared_data, examples):
    paths = sorted((shared_data / "spoken-digits").glob("*_0.flac"))

    shown = examples(paths, [int(path.name[0]) for path in paths], n_examples=1)

    assert list(shown) == [str(digit) for digit in range(10)]
    for figures in shown.values():
        [name] = names_of(figures)
        samples, rate = soundfile.read(shared_data / "spoken-digits" / name)
        played, played_rate = sound_of(figures[0])
        assert (len(played), played_rate) == (len(samples), rate)
        assert np.corrcoef(played, samples)[0, 1] > 0.98
