"""What SECURITY.md states of this package is what the package does."""

import re
from pathlib import Path

import skops.io

from sklearn_audio import AudioLimits, Loader, trusted_types

PAGE = (Path(__file__).parents[1] / "SECURITY.md").read_text()


def test_limits_of_the_page_are_the_defaults():
    rows = re.findall(r"^\| (channels|rate|decoded bytes .*?) \| (.*) \|$", PAGE, re.M)
    assert [name for name, _ in rows] == ["channels", "rate", "decoded bytes of one signal"]
    figures = [
        int(figure.replace(",", ""))
        for _, limit in rows
        for figure in re.findall(r"\d[\d,]*(?! GiB)", limit)
    ]
    assert sorted(figures) == sorted(vars(AudioLimits()).values())


def test_limits_are_trusted_as_a_parameter():
    saved = skops.io.dumps(Loader(limits=AudioLimits()))
    again = skops.io.loads(saved, trusted=trusted_types())
    assert again.limits == AudioLimits()


def test_only_the_common_formats_are_read_by_default():
    assert Loader().formats == "common"
