"""The Loader: anything that holds recordings -> a batch of signals."""

from __future__ import annotations

import os
from collections.abc import Sequence
from numbers import Real
from typing import Any, Literal, Self

import numpy as np
from sklearn.utils import Tags

from ..base import AudioTransformer, Interval, StrOptions
from ..rows import RowStore
from ..signals import SignalBatch, index_of
from .decoding import Decoding
from .limits import AudioLimits
from .sources import sources_of


class Loader(AudioTransformer):
    """Open recordings: the door from files to signals.

    Nothing is read by the Loader itself. It answers with a `SignalBatch`, which decodes one
    recording at a time when an extractor asks for it. WAV and RF64 (PCM, float, A-law, mu-law),
    FLAC, OGG (Vorbis, Opus), MP3, AIFF and CAF are recognised by their first bytes, whatever their
    name, and decoded by libsndfile. Every signal keeps the rate of its recording; a `Resampler`
    behind brings all to one.

    Parameters
    ----------
    mono : bool, default=True
        Average the channels of a recording. Otherwise one of several channels is an error.
    offset : float, default=0.0
        Seconds left out at the beginning of each recording or segment.
    duration : float or None, default=None
        Seconds of each recording or segment that are read at most; None for all.
    memory : str, Path, RowStore or None, default=None
        Folder in which the rows of extractors are kept by the content of the recordings, so that
        none is computed twice. None keeps nothing on disk.
    on_error : "raise" or "nan", default="raise"
        What becomes of a recording that cannot be used: an error, or a row of NaN with one
        warning, after which ``batch.failures`` lists them.
    truncated : "raise" or "accept", default="raise"
        What becomes of a recording that holds less than it declares: an error, or what is there.
    formats : "common" or "all", default="common"
        Formats that are decoded: those above, or all that libsndfile knows, some of which have
        known flaws of security.
    limits : AudioLimits or None, default=None
        How large a recording may be; None for ``AudioLimits()``.

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

    A recording that holds less than its header declares is an error, and so is any damage that a
    checksum tells (FLAC, OGG). Damage inside the samples of WAV, AIFF, CAF and MP3 cannot be seen.
    Where only a part is read, that part is checked.

    ``Pipeline(memory=...)`` of scikit-learn knows a recording by its path, does not notice when a
    file has changed, and computes the same recording anew for every fold; ``memory`` does not.

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
        "memory": [str, os.PathLike, RowStore, None],
        "on_error": [StrOptions({"raise", "nan"})],
        "truncated": [StrOptions({"raise", "accept"})],
        "formats": [StrOptions({"common", "all"})],
        "limits": [AudioLimits, None],
    }
    _parameters_without_effect = ("memory",)

    def __init__(
        self,
        *,
        mono: bool = True,
        offset: float = 0.0,
        duration: float | None = None,
        memory: str | os.PathLike | RowStore | None = None,
        on_error: Literal["raise", "nan"] = "raise",
        truncated: Literal["raise", "accept"] = "raise",
        formats: Literal["common", "all"] = "common",
        limits: AudioLimits | None = None,
    ) -> None:
        self.mono = mono
        self.offset = offset
        self.duration = duration
        self.memory = memory
        self.on_error = on_error
        self.truncated = truncated
        self.formats = formats
        self.limits = limits

    def fit(self, X: Any, y: Any = None) -> Self:
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
        decoding = Decoding(
            mono=bool(self.mono),
            offset=float(self.offset),
            duration=self.duration,
            accept_truncated=self.truncated == "accept",
            all_formats=self.formats == "all",
            limits=self.limits or AudioLimits(),
        )
        memory = self.memory
        if memory is not None and not isinstance(memory, RowStore):
            memory = RowStore(memory)
        return SignalBatch(
            sources_of(X, decoding), index=index_of(X), memory=memory, on_error=self.on_error
        )

    def fit_transform(self, X: Any, y: Any = None) -> SignalBatch:
        """Return the recordings as a batch of signals, as `transform` does.

        Parameters
        ----------
        X : list, array, Series or DataFrame
            Recordings.
        y : None
            Ignored.

        Returns
        -------
        batch : SignalBatch
            A signal a recording, in the same order.

        Raises
        ------
        AudioError
            For something that is no list of recordings, saying what came.
        """
        return self.transform(X)  # what fit would validate; a search comes by here often

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
