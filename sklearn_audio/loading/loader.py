"""The Loader: anything that holds recordings -> a batch of signals."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
from sklearn.utils import Tags

from ..base import AudioTransformer, Interval
from ..errors import AudioError
from ..signals import Samples, SignalBatch, validated_rate
from .recordings import Decoding, Recording, in_memory_part, position_independent_bytes


class Loader(AudioTransformer):
    """Open recordings: the door from files to signals.

    Nothing is read by the Loader itself. It answers with a `SignalBatch`, which decodes one
    recording at a time when an extractor asks for it. WAV, FLAC, OGG, MP3 and AIFF are decoded by
    libsndfile. Every signal keeps the rate of its recording; a `Resampler` behind brings all to
    one.

    Parameters
    ----------
    mono : bool, default=True
        Average the channels of a recording. Otherwise one of several channels is an error.
    offset : float, default=0.0
        Seconds left out at the beginning of each recording or segment.
    duration : float or None, default=None
        Seconds of each recording or segment that are read at most; None for all.

    See Also
    --------
    SignalBatch : What it answers with.
    sklearn_audio.datasets.load_audio_files : Lists the recordings of a folder.

    Notes
    -----
    X may be a list, array or Series of the following, or a DataFrame of one column:

    - a path (str or Path);
    - bytes, the content of a file;
    - a file open in binary mode, read from where it is;
    - a dict ``{"array", "sampling_rate"}`` or ``{"path", "bytes"}``, as the package datasets
      gives them.

    Or a DataFrame with the column ``path`` and, where wanted, ``start`` and ``end`` in seconds: a
    row a segment, which is read by seeking. A missing start or end is that of the recording.

    Examples
    --------
    >>> from sklearn_audio import Loader
    >>> from sklearn_audio.datasets import load_percussion
    >>> batch = Loader().fit_transform(load_percussion().paths)
    >>> batch.shape
    (92,)
    >>> batch[0].rate
    22050
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "mono": ["boolean"],
        "offset": [Interval(Real, 0, None, closed="left")],
        "duration": [Interval(Real, 0, None, closed="neither"), None],
    }

    def __init__(
        self, *, mono: bool = True, offset: float = 0.0, duration: float | None = None
    ) -> None:
        self.mono = mono
        self.offset = offset
        self.duration = duration

    def fit(self, X: Any, y: Any = None) -> Loader:
        """Validate the parameters and what X is; open nothing, learn nothing.

        Parameters
        ----------
        X : list, array, Series or DataFrame
            Recordings.
        y : None
            Ignored.

        Returns
        -------
        self : Loader
            This loader.

        Raises
        ------
        AudioError
            For something that is no list of recordings, saying what came.
        """
        self.transform(X)
        return self

    def transform(self, X: Any) -> SignalBatch:
        """Return the recordings as a batch of signals; none is opened yet.

        Parameters
        ----------
        X : list, array, Series or DataFrame
            Recordings.

        Returns
        -------
        batch : SignalBatch
            A signal a recording, in the same order.

        Raises
        ------
        AudioError
            For something that is no list of recordings, saying what came.
        """
        self.validate_parameters()
        decoding = Decoding(bool(self.mono), float(self.offset), self.duration)
        if hasattr(X, "columns"):
            return SignalBatch(_segments(X, decoding))
        return SignalBatch(
            _source(item, position, decoding) for position, item in enumerate(_items(X))
        )

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> np.ndarray:
        """Return one name: a signal is one thing.

        Parameters
        ----------
        input_features : None
            Ignored; here because scikit-learn hands it on.

        Returns
        -------
        names : ndarray of str, dtype object
            ``["signal"]``.
        """
        return np.asarray(["signal"], dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.input_tags.dict = True
        return tags


def _items(X: Any) -> list[Any]:
    """Return what X lists; refuse a single recording, which would be a list of letters."""
    if isinstance(X, (str, os.PathLike)):
        advice = f"For one recording write [{str(X)!r}]"
        if os.path.isdir(X):
            advice = f"For a folder write sklearn_audio.datasets.load_audio_files({str(X)!r}).paths"
        raise AudioError(f"X is the single path {str(X)!r}; a list of paths is wanted. {advice}")
    if isinstance(X, (bytes, bytearray, dict)) or hasattr(X, "read"):
        raise AudioError(
            f"X is a single {type(X).__name__}; a list of recordings is wanted. "
            "For one recording write [X]"
        )
    if isinstance(X, SignalBatch):
        raise AudioError("X is a SignalBatch already: leave the Loader out")
    if isinstance(X, np.ndarray) and X.ndim == 2 and X.shape[1] == 1:
        X = X[:, 0]
    try:
        return list(X)
    except TypeError:
        raise AudioError(
            f"X is a {type(X).__name__}; a list, array or Series of recordings is wanted"
        ) from None


def _source(item: Any, position: int, decoding: Decoding) -> Recording | Samples:
    if isinstance(item, (str, os.PathLike)):
        return Recording(os.fspath(item), decoding)
    if isinstance(item, (bytes, bytearray)):
        return Recording(bytes(item), decoding)
    if isinstance(item, dict):
        return _source_of_dict(item, position, decoding)
    if hasattr(item, "read"):
        path = getattr(item, "name", None)
        content = position_independent_bytes(item)
        return Recording(content, decoding, path=path if isinstance(path, str) else None)
    advice = ""
    if isinstance(item, np.ndarray):
        advice = (
            ". Samples need no Loader: give them to the estimator behind it, or, with their rate, "
            "as {'array': samples, 'sampling_rate': rate}"
        )
    raise AudioError(
        f"a path, bytes, an open binary file or a dict is wanted, not {type(item).__name__} "
        f"({item!r:.60})" + advice,
        position=position,
    )


def _source_of_dict(item: dict, position: int, decoding: Decoding) -> Recording | Samples:
    path = item.get("path")
    if item.get("array") is not None and "sampling_rate" in item:
        rate = validated_rate(item["sampling_rate"])
        return Samples(in_memory_part(item["array"], rate, decoding), rate, path)
    if item.get("bytes") is not None:
        return Recording(bytes(item["bytes"]), decoding, path=path)
    if path is not None:
        return Recording(os.fspath(path), decoding)
    raise AudioError(
        f"a dict with the keys {sorted(map(str, item))}; 'array' and 'sampling_rate', or 'path' "
        "and 'bytes' are wanted",
        position=position,
    )


def _segments(table: Any, decoding: Decoding) -> list[Recording | Samples]:
    """Return a recording a row of a DataFrame, of pandas or another library."""
    columns = list(table.columns)
    if "path" not in columns:
        if len(columns) != 1:
            raise AudioError(
                f"X is a table with the columns {columns}; a column 'path' (and, where wanted, "
                "'start' and 'end' in seconds) or a single column of recordings is wanted"
            )
        return [
            _source(item, position, decoding) for position, item in enumerate(table[columns[0]])
        ]
    starts = table["start"] if "start" in columns else [None] * len(table)
    ends = table["end"] if "end" in columns else [None] * len(table)
    segments: list[Recording | Samples] = []
    for position, (item, start, end) in enumerate(zip(table["path"], starts, ends, strict=True)):
        source = _source(item, position, decoding)
        start, end = _seconds(start, "start", position), _seconds(end, "end", position)
        if start is None and end is None:
            segments.append(source)
            continue
        if isinstance(source, Samples):
            raise AudioError(
                "segments of samples in memory are not read; slice them instead", position=position
            )
        if end is not None and end <= (start or 0.0):
            raise AudioError(
                f"the segment ends at {end:g} s, before or where it starts",
                source=source.name,
                position=position,
            )
        segments.append(Recording(source.content, decoding, start or 0.0, end, source.path))
    return segments


def _seconds(value: Any, column: str, position: int) -> float | None:
    """Return a cell of a table as seconds, None where it is missing."""
    try:
        seconds = math.nan if value is None else float(value)
    except (TypeError, ValueError):
        # pandas.NA has no float; anything else is no number.
        if type(value).__name__ != "NAType":
            raise AudioError(f"{column}={value!r}; seconds are wanted", position=position) from None
        seconds = math.nan
    if math.isnan(seconds):
        return None
    if seconds < 0 or math.isinf(seconds):
        raise AudioError(f"{column}={seconds:g}; seconds from 0 on are wanted", position=position)
    return seconds
