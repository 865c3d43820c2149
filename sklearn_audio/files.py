"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file for writing that takes the place of another one when all is written; a context.

    Parameters
    ----------
    path : str or path-like
        An existing file stays as it is until then, and where an error comes.

    Yields
    ------
    file : binary file
        Empty.

    Raises
    ------
    OSError
        Where there is no such folder, or it may not be written.
    """
    path = Path(os.path.realpath(Path(path).expanduser()))  # a link stays one
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(path.parent))
    # In the same folder, so that it can take the place in one go.
    temporary = path.with_name(f".{uuid4().hex}{path.suffix}")
    try:
        with open(temporary, "xb") as file:
            yield file
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
