"""What a file says of itself: its format by its first bytes, and whether it is whole.

Nothing is decoded here. A few bytes are read, of OGG all pages, and no more memory is taken than
one page, whatever a header declares.

*Conventions.* Some headers declare a length that means "not known", since their writer could not
seek back: a WAV of 2**32 - 1 bytes (ffmpeg), of 0x7ffff000 (SoX), 0x7fffff00 (arecord) or 2**31,
an AIFF of 0x7f000000 (SoX), both of SoX rounded down to a whole frame, a FLAC of 0 samples. Such
a file ends where it ends.
"""

from . import flac, mpeg
from .chunks import size_of
from .formats import WHAT_IS_READ, Container, declared_frames, recognised, shortfall

__all__ = [
    "WHAT_IS_READ",
    "Container",
    "declared_frames",
    "flac",
    "mpeg",
    "recognised",
    "shortfall",
    "size_of",
]
