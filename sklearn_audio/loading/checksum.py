"""The checksum that a FLAC declares of its samples."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

import numpy as np

from ..errors import DamagedAudioError
from .containers import Container, flac


class Checksum:
    """The MD5 of all samples of a recording, beside the one that is declared.

    It sees what the checksums of single frames do not: frames that are missing, doubled or in a
    wrong order, and a header that lies about bits or length.

    Parameters
    ----------
    n_bits : int
        Bits of a sample.
    declared : bytes
        The MD5 of the samples as integers, interleaved, little-endian, in whole bytes (RFC 9639).
    """

    def __init__(self, n_bits: int, declared: bytes) -> None:
        self.n_bits = n_bits
        self.declared = declared
        self._md5 = hashlib.md5(usedforsecurity=False)

    @classmethod
    def of(cls, file: BinaryIO, container: Container | None) -> Checksum | None:
        """Return the one that a recording declares.

        Parameters
        ----------
        file : binary file
            Its content; left where it is.
        container : Container or None
            Its format.

        Returns
        -------
        checksum : Checksum or None
            None where there is none, or where the samples have another number of bits than float32
            holds or libsndfile keeps.
        """
        if container is None or container.name != "FLAC":
            return None
        position = file.tell()
        declared = flac.checksum(file, container.start)
        file.seek(position)
        return cls(*declared) if declared is not None and declared[0] in (8, 16, 24) else None

    def add(self, block: np.ndarray) -> None:
        """Take the next frames.

        Parameters
        ----------
        block : ndarray of shape (n_frames, n_channels), dtype float32
            Full scale at 1.
        """
        scaled = block * np.float32(2 ** (self.n_bits - 1))
        if self.n_bits == 24:
            self._md5.update(scaled.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes())
        else:
            self._md5.update(scaled.astype(f"<i{self.n_bits // 8}").data)

    def compare(self) -> None:
        """Raise where the samples are others than those that were declared.

        Raises
        ------
        DamagedAudioError
            Saying so.
        """
        if self._md5.digest() != self.declared:
            raise DamagedAudioError(
                "its samples differ from the checksum that it declares of them. Copy or record it "
                "again, or take what is there with Loader(truncated='accept')"
            )
