"""What a user may call a list of recordings, and the sources that it names."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import AudioError, NonFiniteAudioError
from ..kinds import warn_of_integers
from ..signals import Samples, SignalBatch, located, validated_rate
from .decoding import Decoding
from .recordings import Recording, in_memory_part, remaining_bytes


def sources_of(X: Any, decoding: Decoding) -> list[Recording | Samples]:
    """Return the source of each signal; none is opened.

    Parameters
    ----------
    X : list, array, Series or DataFrame
        Recordings, as in `sklearn_audio.Loader`.
    decoding : Decoding
        How they are decoded.

    Returns
    -------
    sources : list of Recording or Samples
        In the same order.

    Raises
    ------
    AudioError
        For something that is no list of recordings, saying what came and where.
    """
    is_table = hasattr(X, "columns")
    sources = _of_table(X, decoding) if is_table else _of_items(_items(X), decoding)
    in_memory = (source.array for source in sources if isinstance(source, Samples))
    warn_of_integers(in_memory, stacklevel=5)
    return sources


def _items(X: Any) -> list[Any]:
    """Return what X lists; refuse a single recording, which would be a list of letters."""
    if isinstance(X, (str, os.PathLike)):
        advice = f"For one recording write [{str(X)!r}]"
        if os.path.isdir(X):
            advice = f"For a folder write sklearn_audio.datasets.load_audio_files({str(X)!r}).paths"
        raise AudioError(f"X is the single path {str(X)!r}; a list of paths is wanted. {advice}")
    if isinstance(X, (bytes, bytearray, dict)) or hasattr(X, "read"):
        advice = "For the recordings write X.paths" if hasattr(X, "paths") else "Write [X]"
        raise AudioError(
            f"X is a single {type(X).__name__}; a list of recordings is wanted. {advice}"
        )
    if isinstance(X, SignalBatch):
        raise AudioError("X is a SignalBatch already: leave the Loader out")
    if isinstance(X, np.ndarray) and X.ndim == 2 and X.shape[1] == 1:
        X = X[:, 0]
    if not hasattr(X, "__len__"):
        raise AudioError(
            f"X is a {type(X).__name__}; a list, array or Series of recordings is wanted. "
            "Of an iterator make a list: list(X)"
        )
    # An array of paths holds strings of numpy, which are slow to handle and large to pickle.
    return X.tolist() if isinstance(X, np.ndarray) and X.dtype.kind == "U" else list(X)


def _of_items(items: Iterable[Any], decoding: Decoding) -> list[Recording | Samples]:
    sources: list[Recording | Samples] = []
    for position, item in enumerate(items):
        if type(item) is str:  # there may be a million of them, so the short way
            sources.append(Recording(item, decoding))
            continue
        with located(item, position):
            sources.append(_of_item(item, decoding))
    return sources


def _of_item(item: Any, decoding: Decoding) -> Recording | Samples:
    if isinstance(item, (str, os.PathLike)):
        return Recording(_path(item), decoding)
    if isinstance(item, (bytes, bytearray)):
        return Recording(bytes(item), decoding)
    if isinstance(item, dict):
        return _of_dict(item, decoding)
    if hasattr(item, "read"):
        path = getattr(item, "name", None)
        content = remaining_bytes(item)
        return Recording(content, decoding, path=path if isinstance(path, str) else None)
    advice = ""
    if isinstance(item, np.ndarray):
        advice = (
            ". Samples need no Loader: give them to the estimator behind it, or, with their rate, "
            "as {'array': samples, 'sampling_rate': rate}"
        )
    came = f"{item!r:.60}" if np.ndim(item) == 0 else f"of shape {np.shape(item)}"
    raise AudioError(
        f"a path, bytes, an open binary file or a dict is wanted, not {type(item).__name__} "
        f"({came}){advice}"
    )


def _of_dict(item: dict, decoding: Decoding) -> Recording | Samples:
    path, content, array = item.get("path"), item.get("bytes"), item.get("array")
    if path is None or isinstance(path, (str, os.PathLike)):
        name = None if path is None else _path(path)
        if array is not None and "sampling_rate" in item:
            rate = validated_rate(item["sampling_rate"])
            if np.ma.is_masked(array):
                raise NonFiniteAudioError(
                    "some of its samples are masked, but a signal has no gaps. Fill them, for "
                    "example with silence, array.filled(0), or leave out this recording"
                )
            return Samples(in_memory_part(array, rate, decoding), rate, name)
        if isinstance(content, (bytes, bytearray)):
            return Recording(bytes(content), decoding, path=name)
        if name is not None and content is None:
            return Recording(name, decoding)
    kinds = ", ".join(f"{key!r}: {type(value).__name__}" for key, value in item.items())
    raise AudioError(
        f"a dict of {{{kinds}}}; 'array' and 'sampling_rate', or 'path' (a path) and 'bytes' "
        "(bytes) are wanted"
    )


def _path(path: str | os.PathLike) -> str:
    # A numpy.str_ would be pickled with its dtype, three times as large.
    return str(os.fspath(path))


def _of_table(table: Any, decoding: Decoding) -> list[Recording | Samples]:
    """Return a source a row of a DataFrame, of pandas or another library."""
    columns = list(table.columns)
    if len(columns) == 1:
        return _of_items(table[columns[0]], decoding)
    if columns.count("path") != 1:
        raise AudioError(
            f"X is a table with the columns {columns}; one column 'path' (and, where wanted, "
            "'start' and 'end' in seconds) or a single column of recordings is wanted"
        )
    for column in columns:
        if str(column).strip().lower() in {"start", "end"} and column not in {"start", "end"}:
            raise AudioError(
                f"X is a table with a column {column!r}; segments are read from 'start' and 'end', "
                "so rename it"
            )
    starts = table["start"] if "start" in columns else [None] * len(table)
    ends = table["end"] if "end" in columns else [None] * len(table)
    segments = []
    for position, (item, start, end) in enumerate(zip(table["path"], starts, ends, strict=True)):
        with located(item, position):
            source = _of_item(item, decoding)
            segments.append(_segment(source, _seconds(start, "start"), _seconds(end, "end")))
    return segments


def _segment(
    source: Recording | Samples, start: float | None, end: float | None
) -> Recording | Samples:
    if start is None and end is None:
        return source
    if isinstance(source, Samples):
        raise AudioError("segments of samples in memory are not read; slice the samples instead")
    if end is not None and end <= (start or 0.0):
        raise AudioError(f"the segment ends at {end:g} s, before or where it starts")
    return replace(source, start=start or 0.0, end=end)


def _seconds(value: Any, column: str) -> float | None:
    """Return a cell of a table as seconds, None where it is missing."""
    try:
        seconds = math.nan if value is None else float(value)
    except (TypeError, ValueError):
        # pandas.NA has no float; anything else is no number.
        if type(value).__name__ != "NAType":
            raise AudioError(f"{column}={value!r}; seconds are wanted") from None
        seconds = math.nan
    if math.isnan(seconds):
        return None
    if seconds < 0 or math.isinf(seconds):
        raise AudioError(f"{column}={seconds:g}; seconds from 0 on are wanted")
    return seconds
