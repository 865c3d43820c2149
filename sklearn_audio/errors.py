"""The errors of the package: what cannot be used, and why."""

from __future__ import annotations

import errno
from typing import Any


class AudioError(ValueError):
    """A recording or signal that cannot be used.

    The message says which recording it is, what came, what was wanted and how to mend it.

    Parameters
    ----------
    reason : str
        What came, what was wanted and how to mend it.
    source : str, optional
        The recording: a path, or what else names it.
    position : int, optional
        Its position in the X that was given, counted from 0.

    Attributes
    ----------
    reason, source, position
        As given.

    Examples
    --------
    >>> from sklearn_audio.errors import AudioError
    >>> print(AudioError("the signal is empty", source="bark.wav", position=3))
    bark.wav (X[3]): the signal is empty
    """

    def __init__(self, reason: str, source: str | None = None, position: int | None = None) -> None:
        # BaseException.args is what pickle hands back to __init__.
        super().__init__(reason, source, position)
        self.reason = reason
        self.source = source
        self.position = position

    def __str__(self) -> str:
        if self.source is None and self.position is None:
            return self.reason
        row = f"X[{self.position}]"
        if self.source is None:
            return f"{row}: {self.reason}"
        where = self.source if self.position is None else f"{self.source} ({row})"
        return f"{where}: {self.reason}"

    def at(self, source: str | None, position: int) -> AudioError:
        """Return the same error with its place added; what is known already stays.

        Parameters
        ----------
        source : str or None
            The recording.
        position : int
            Its position in X.

        Returns
        -------
        error : AudioError
            Of the same kind.
        """
        located = type(self)(
            self.reason,
            source if self.source is None else self.source,
            position if self.position is None else self.position,
        )
        return located.with_traceback(self.__traceback__)


class MissingAudioError(AudioError, FileNotFoundError):
    """There is no such file.

    Parameters
    ----------
    reason : str
        What came, what was wanted and how to mend it.
    source : str, optional
        The path.
    position : int, optional
        Its position in X.
    """

    def __init__(self, reason: str, source: str | None = None, position: int | None = None) -> None:
        super().__init__(reason, source, position)
        self.errno = errno.ENOENT
        self.strerror = reason
        self.filename = source


class EmptyAudioError(AudioError):
    """A recording or signal without a single sample."""


class UnsupportedAudioError(AudioError):
    """Something that is no recording, or one of a format or kind that is not read."""


class DamagedAudioError(AudioError):
    """A recording of a known format that cannot be decoded, or that differs from its checksum."""


class TruncatedAudioError(DamagedAudioError):
    """A recording that holds less sound than it declares."""


class NonFiniteAudioError(AudioError):
    """Samples, or values made of them, that are NaN, infinite or too large."""


class AudioLimitError(AudioError):
    """A recording beyond a limit of `sklearn_audio.AudioLimits`."""


class WorkerKilledError(AudioError):
    """A signal whose worker process died each time, most often for want of memory."""


class FailedSignalsWarning(UserWarning):
    """Signals failed, and their rows are NaN: ``Loader(on_error="nan")`` was asked for.

    Parameters
    ----------
    message : str
        How many, counted by kind, and the first of them.
    failures : DataFrame
        All of them; see `SignalBatch.failures`.
    """

    def __init__(self, message: str, failures: Any = None) -> None:
        super().__init__(message, failures)
        self.failures = failures

    def __str__(self) -> str:
        return str(self.args[0])


class RowStoreError(AudioError):
    """A row store that cannot be opened, read or written.

    Parameters
    ----------
    reason : str
        What is wrong with it.
    source : str, optional
        Its file.
    position : None
        Not used.
    """


class RowStoreWarning(UserWarning):
    """Rows are computed, but not kept."""
