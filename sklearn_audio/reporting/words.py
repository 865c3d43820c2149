"""Numbers and names as a page shows them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import takewhile
from typing import Any

import pandas as pd

# The longest that a page shows of a name, of a label and of a message: a page of thousands stays
# small even where names are as long as a file system allows.
NAME_LENGTH = 120
LABEL_LENGTH = 60
MESSAGE_LENGTH = 400
_MINUS = "\N{MINUS SIGN}"


def shown(text: Any, most: int = NAME_LENGTH) -> str:
    """Return text as it can be shown and written: its beginning and end, all of it visible.

    What cannot be printed becomes an escape: line breaks, marks that turn the direction of
    writing, and the bytes of a file name that is no UTF-8.

    Parameters
    ----------
    text : object
        Anything; names of files can be hostile.
    most : int, default=120
        Characters; the middle of what is longer is left out.

    Returns
    -------
    text : str
        It is not yet escaped for HTML.

    Examples
    --------
    >>> from sklearn_audio.reporting.words import shown
    >>> print(shown("bark\\n.wav"), shown("a long name.wav", 11))
    bark\\n.wav a lon…e.wav
    """
    text = str(text)
    if len(text) > most:
        head = most // 2
        text = f"{text[:head]}…{text[len(text) - (most - head - 1) :]}"
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def number(value: float, digits: int = 0) -> str:
    """Return a number for a cell of a table.

    Parameters
    ----------
    value : float
        Or NaN, NA or None.
    digits : int, default=0
        Behind the point.

    Returns
    -------
    text : str
        Empty for what is not known; with a true minus.

    Examples
    --------
    >>> from sklearn_audio.reporting.words import number
    >>> number(20.25, 1), number(float("inf")), number(float("nan"))
    ('20.2', '∞', '')
    """
    if pd.isna(value):
        return ""
    if value == 0:
        return "0"
    text = "∞" if math.isinf(value) else f"{abs(value):.{digits}f}"
    return f"{_MINUS}{text}" if round(value, digits) < 0 else text


def level(decibels: float) -> str:
    """Return a level in words.

    Parameters
    ----------
    decibels : float
        Below full scale.

    Returns
    -------
    words : str
        With a true minus.

    Examples
    --------
    >>> from sklearn_audio.reporting.words import level
    >>> level(0.5), level(3.0)
    ('0.5 dBFS', '3 dBFS')
    """
    return f"{number(decibels, 0 if decibels == round(decibels) else 1)} dBFS"


def kilohertz(rate: float) -> str:
    """Return a frequency in words.

    Parameters
    ----------
    rate : float
        In Hz.

    Returns
    -------
    words : str
        In Hz below 1000, otherwise in kHz.

    Examples
    --------
    >>> from sklearn_audio.reporting.words import kilohertz
    >>> kilohertz(22050), kilohertz(500)
    ('22.05 kHz', '500 Hz')
    """
    return f"{rate / 1000:.5g} kHz" if rate >= 1000 else f"{rate:.5g} Hz"


def common_folder(names: Iterable[Any]) -> str:
    """Return the folder that all files are in, to be said once.

    Parameters
    ----------
    names : iterable of str
        Paths, or what else names a recording; what is missing does not count.

    Returns
    -------
    folder : str
        With the slash at its end; empty where there is none. Names without a folder do not count.

    Examples
    --------
    >>> from sklearn_audio.reporting.words import common_folder
    >>> common_folder(["/data/dog/1.wav", "/data/dove/1.wav", "344 bytes"])
    '/data/'
    """
    paths = [name for name in names if isinstance(name, str) and "/" in name]
    if not paths:
        return ""
    # What the first and the last of sorted paths have in common, all between have too.
    first, last = min(paths).split("/")[:-1], max(paths).split("/")[:-1]
    pairs = zip(first, last, strict=False)
    folders = [folder for folder, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]
    return "/".join([*folders, ""]) if any(folders) else ""
