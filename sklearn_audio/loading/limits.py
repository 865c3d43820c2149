"""How large a recording may be."""

from __future__ import annotations

from dataclasses import dataclass, fields
from numbers import Real

from ..errors import AudioLimitError


@dataclass(frozen=True)
class AudioLimits:
    """Limits that a recording must keep to be decoded.

    They are checked before memory is taken, and memory is never taken for a length that a
    header declares, but for what is decoded.

    Parameters
    ----------
    n_channels : int, default=32
        Channels at most.
    lowest_rate : float, default=1
        Samples per second (Hz) at least.
    highest_rate : float, default=768000
        Samples per second (Hz) at most.
    n_bytes : int, default=2147483648
        Bytes of float32 samples at most, of all channels and of the part that is read: 2 GiB, 3
        hours and 23 minutes of one channel at 44.1 kHz.

    Raises
    ------
    ValueError
        For a limit that is no positive number.

    Examples
    --------
    >>> from sklearn_audio import AudioLimits, Loader
    >>> loader = Loader(limits=AudioLimits(n_channels=2, n_bytes=100_000_000))
    """

    n_channels: int = 32
    lowest_rate: float = 1
    highest_rate: float = 768_000
    n_bytes: int = 2**31

    def __post_init__(self) -> None:
        for limit in fields(self):
            value = getattr(self, limit.name)
            if isinstance(value, bool) or not isinstance(value, Real) or not float(value) > 0:
                raise ValueError(
                    f"AudioLimits({limit.name}={value!r}); a positive number is wanted"
                )

    def check_header(self, n_channels: int, rate: float) -> None:
        """Raise where a recording has too many channels or a rate out of range.

        Parameters
        ----------
        n_channels : int
            Its channels.
        rate : float
            In Hz.

        Raises
        ------
        AudioLimitError
            Saying which limit is passed.
        """
        if n_channels > self.n_channels:
            raise AudioLimitError(
                f"it has {n_channels} channels, and the limit is {self.n_channels}. If that is "
                f"right, use Loader(limits=AudioLimits(n_channels={n_channels}))"
            )
        if not self.lowest_rate <= rate <= self.highest_rate:
            limit = "lowest_rate" if rate < self.lowest_rate else "highest_rate"
            raise AudioLimitError(
                f"its rate is {rate:g} Hz, and the limits are {self.lowest_rate:g} to "
                f"{self.highest_rate:g} Hz. If that is right, use "
                f"Loader(limits=AudioLimits({limit}={rate:g}))"
            )

    def check_length(self, n_frames: int, n_channels: int) -> None:
        """Raise where a recording is too long.

        Parameters
        ----------
        n_frames : int
            Frames that are read.
        n_channels : int
            Samples of each frame.

        Raises
        ------
        AudioLimitError
            Saying how long it is.
        """
        n_bytes = 4 * n_frames * n_channels
        if n_bytes > self.n_bytes:
            raise AudioLimitError(
                f"it decodes to {n_bytes / 2**20:,.0f} MiB or more of samples, and the limit is "
                f"{self.n_bytes / 2**20:,.0f} MiB. Read parts of it, by 'start' and 'end' of a "
                "table or by Loader(duration=), or use Loader(limits=AudioLimits(n_bytes=...))"
            )
