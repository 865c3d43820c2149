"""Names and numbers are shown as they are, and do no harm."""

import os

import pytest

from sklearn_audio.reporting.words import common_folder, number, shown


@pytest.mark.parametrize(
    "text",
    [
        os.fsdecode(b"caf\xe9.wav"),  # a name that is no UTF-8
        "bark\n.wav",
        "abc\u202evaw.exe",  # turns the direction of writing
        "\x00\x1b[31m",
    ],
)
def test_what_cannot_be_printed_is_escaped(text):
    assert shown(text).isprintable()
    assert shown(text).encode("utf-8")


def test_letters_of_all_writings_stay():
    assert shown("Grüße_鳥の声.wav") == "Grüße_鳥の声.wav"


def test_long_names_keep_their_ends():
    name = shown("a" * 1000 + ".wav")

    assert len(name) == 120
    assert name.startswith("aaa")
    assert name.endswith("a.wav")


@pytest.mark.parametrize(
    ("names", "folder"),
    [
        (["/data/a/1.wav", "/data/b/1.wav"], "/data/"),
        (["/data/bark.wav", "/data/bark/1.wav"], "/data/"),
        (["/data/a/1.wav", "missing.wav", "344 bytes", None], "/data/a/"),
        (["a/1.wav", "b/1.wav"], ""),
        (["/a/1.wav", "/b/1.wav"], ""),
        (["1.wav", "2.wav"], ""),
        ([], ""),
    ],
)
def test_folder_that_all_are_in_is_found(names, folder):
    assert common_folder(names) == folder


def test_numbers_have_a_true_minus():
    assert number(-20.25, 1) == "\N{MINUS SIGN}20.2"
    assert number(-0.04, 1) == "0.0"
    assert number(float("-inf")) == "\N{MINUS SIGN}\N{INFINITY}"
