"""The row store: rows kept by content, in an embedded database.

*Conventions.* A row is found by its key (see `sklearn_audio.keys`), never by a path. Its value is
raw little-endian float32 with the rate at which the extractor saw the signal, under a checksum: a
damaged row is a missing one. Nothing in the database is ever executed or unpickled.

The store helps, and never stands in the way. Where it cannot be used (a full disk, a folder that
may not be written, a lock that does not open, a file that is no database), one warning says so,
and rows are computed as without it.
"""

from __future__ import annotations

import os
import re
import sqlite3
import struct
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .database import Database
from .keys import DIGEST_BYTES, digest_of, digest_of_file

_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS rows (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    used INTEGER NOT NULL,
    rate REAL,
    value BLOB NOT NULL,
    checksum BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS rows_by_use ON rows (used);
CREATE TABLE IF NOT EXISTS files (
    path BLOB PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    digest BLOB NOT NULL
) WITHOUT ROWID;
PRAGMA user_version = 1;
COMMIT;
"""
_VERSION = 1
_PAGE_BYTES = 4096
# Keys, columns and indices of a row beside its values, about.
_ROW_OVERHEAD_BYTES = 120
# The log that is written before the database itself is let grow to this.
_LOG_BYTES = 4 * 2**20
# The index of the log, as long as the log has no more than 4096 pages.
_LOG_INDEX_BYTES = 2**15
# Rows that are asked for in one statement.
_ASKED_AT_ONCE = 500
# Uses of rows that are written in one transaction; each may be on a page of its own.
_WRITTEN_AT_ONCE = 1000
# What a process remembers of a store: the values of rows, and how many files and uses of rows.
_REMEMBERED_BYTES = 64 * 2**20
_REMEMBERED_FILES = _REMEMBERED_USES = 2**17
# A file that was changed this short a time ago may change again without a later time stamp.
_SETTLED_NANOSECONDS = 2 * 10**9
_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


class Row(NamedTuple):
    """What one extractor made of one signal.

    Parameters
    ----------
    rate : float or None
        Rate in Hz at which the extractor saw the signal; None where it was not known.
    values : ndarray of shape (n_columns,), dtype float32
        The row, read-only.
    """

    rate: float | None
    values: np.ndarray


class StoreInfo(NamedTuple):
    """What a `RowStore` holds, and how much it helped.

    Parameters
    ----------
    rows : int
        Rows in the store.
    bytes : int
        Size of its files.
    hits, misses : int
        Rows that this process asked for and found, or did not find.
    """

    rows: int
    bytes: int
    hits: int
    misses: int


class FileContent(NamedTuple):
    """What was in a file, and the marks by which a change of it is noticed.

    Parameters
    ----------
    digest : bytes
        Of its content.
    marks : tuple of int
        Its size in bytes, the time of its last change in nanoseconds, and its inode.
    settled : bool
        Whether it had not changed for some seconds when it was read, so that any later change
        has a later time.
    """

    digest: bytes
    marks: tuple[int, int, int]
    settled: bool

    def is_of(self, path: str) -> bool:
        """Tell whether this is still in the file.

        Parameters
        ----------
        path : str
            Of the file.

        Returns
        -------
        unchanged : bool
            False where it was written to since, or is gone.
        """
        if _marks(path) != self.marks:
            return False
        return self.settled or _digest(path) == self.digest


@dataclass(frozen=True)
class RowStore:
    """Rows on disk, found by the content of the recording and by what was done to it.

    A `Loader` with ``memory`` looks each row up before it is computed, and keeps it after. So a
    recording is extracted once for each distinct setting, however many folds, candidates and
    processes ask for it, also when it was copied or renamed; a changed file is noticed. Several
    processes and threads may use one store.

    Parameters
    ----------
    path : str or Path
        Folder of the store. It is made when it is first used, readable by this user alone. It
        should lie on a local disk: SQLite's locks are not safe on network file systems.
    size_limit : str or int, default="2GB"
        Size on disk, in bytes or as in "500MB". The rows that were least recently used go first.

    See Also
    --------
    Loader : Takes a store, or the path of one, as ``memory``.
    sklearn_audio.model_selection.prefetch : Fills a store for a whole search in one pass.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn_audio import Loader, MFCCExtractor, RowStore
    >>> from sklearn_audio.datasets import load_percussion
    >>> store = RowStore(tempfile.mkdtemp(), size_limit="100MB")
    >>> recordings = Loader(memory=store).transform(load_percussion().paths[:8])
    >>> rows = MFCCExtractor().fit_transform(recordings)
    >>> again = MFCCExtractor().fit_transform(recordings)
    >>> len(store), store.info().hits, store.info().misses
    (8, 8, 8)
    >>> store.clear()
    """

    path: str | os.PathLike
    size_limit: str | int = "2GB"

    def __post_init__(self) -> None:
        if not isinstance(self.path, (str, os.PathLike)) or not os.fspath(self.path):
            raise TypeError(f"path={self.path!r}; the path of a folder is wanted")
        bytes_of(self.size_limit)

    def __len__(self) -> int:
        return self._table.demand(_count)

    def __bool__(self) -> bool:
        return True  # an empty store is a store

    def info(self) -> StoreInfo:
        """Return how many rows there are, their size, and how often they helped.

        Returns
        -------
        info : StoreInfo
            A named tuple (rows, bytes, hits, misses).

        Raises
        ------
        RowStoreError
            Where the store cannot be read.
        """
        table = self._table
        return StoreInfo(len(self), table.size_on_disk(), table.hits, table.misses)

    def clear(self) -> None:
        """Forget all rows, and make a store that is damaged usable again.

        Raises
        ------
        RowStoreError
            Where the store cannot be written.
        """
        self._table.clear()

    def prune(self) -> int:
        """Delete the least recently used rows above the size limit, and give their room back.

        Returns
        -------
        n_deleted : int
            How many rows went.

        Raises
        ------
        RowStoreError
            Where the store cannot be written.
        """
        return self._table.prune(bytes_of(self.size_limit))

    def verify(self) -> int:
        """Read every row, and delete those that are damaged.

        Returns
        -------
        n_damaged : int
            How many rows went; 0 where all is right.

        Raises
        ------
        RowStoreError
            Where the database itself is damaged; `clear` makes a new one.
        """
        return self._table.verify()

    def find(self, keys: Sequence[bytes | None]) -> list[Row | None]:
        """Look rows up.

        Parameters
        ----------
        keys : sequence of (bytes or None)
            Of rows; None for one that is not kept.

        Returns
        -------
        rows : list of Row or None
            One a key; None for what is not there, or is damaged.
        """
        return self._table.find(keys)

    def keep(self, rows: Iterable[tuple[bytes, Row]]) -> None:
        """Store rows, in one transaction.

        Parameters
        ----------
        rows : iterable of (bytes, Row)
            Rows with their keys.
        """
        self._table.keep(list(rows), bytes_of(self.size_limit))

    def contents(self, paths: Iterable[str]) -> dict[str, FileContent]:
        """Return what is in files; only those that are new or have changed are read.

        Parameters
        ----------
        paths : iterable of str
            Of files.

        Returns
        -------
        contents : dict
            By path, without those that cannot be read.
        """
        return self._table.contents(set(paths))

    @property
    def _table(self) -> _RowTable:
        return _RowTable.at(Path(self.path) / "rows.sqlite")


class _RowTable(Database):
    """The tables of a row store, and what this process remembers of them."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.hits = self.misses = 0
        self._rows: dict[bytes | None, Row] = {}
        self._row_bytes = 0
        self._files: dict[str, FileContent] = {}
        self._used: set[bytes | None] = set()

    def prepare(self, connection: sqlite3.Connection) -> None:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError(f"it has the format {version}, and {_VERSION} is wanted")
        connection.text_factory = bytes  # a damaged value may be text that cannot be decoded
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        # A killed process loses nothing then, and a power cut at most the last rows.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_BYTES // _PAGE_BYTES}")
        if version == 0:
            connection.executescript(_SCHEMA)

    def find(self, keys: Sequence[bytes | None]) -> list[Row | None]:
        with self.lock:
            rows = [self._rows.get(key) for key in keys]
            wanted = {key for key, row in zip(keys, rows, strict=True) if row is None}
            wanted.discard(None)
            if wanted:
                nothing: dict[bytes | None, Row] = {}
                read = self.attempt(lambda connection: dict(_read(connection, wanted)), nothing)
                self._remember(read)
                rows = [row or read.get(key) for key, row in zip(keys, rows, strict=True)]
            found = [key for key, row in zip(keys, rows, strict=True) if row is not None]
            self.hits += len(found)
            self.misses += len(keys) - len(found) - keys.count(None)
            self._used.update(found)
            if len(self._used) > _REMEMBERED_USES:
                self._write_uses_above(0)
                self._used.clear()  # of a store that was given up
        return rows

    def keep(self, rows: Sequence[tuple[bytes, Row]], size_limit: int) -> None:
        records = [_record(key, row) for key, row in rows]

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            self._write_uses(connection)
            n_bytes = sum(row.values.nbytes + _ROW_OVERHEAD_BYTES for _, row in rows)
            _make_room(connection, n_bytes, size_limit)
            connection.executemany(
                "REPLACE INTO rows (key, used, rate, value, checksum) VALUES (?, ?, ?, ?, ?)",
                records,
            )

        with self.lock:
            self._write_uses_above(_WRITTEN_AT_ONCE)
            self.attempt(write, None)
            # As they would be read, and not the arrays of the caller, who may write into them.
            self._remember({key: _read_only(rate, value) for key, _, rate, value, _ in records})

    def contents(self, paths: Iterable[str]) -> dict[str, FileContent]:
        contents = {}
        unknown = {}
        with self.lock:
            for path in paths:
                marks = _marks(path)
                known = self._files.get(path)
                if known is not None and known.marks == marks:
                    contents[path] = known
                elif marks is not None:
                    unknown[path] = marks
            if unknown:
                contents.update(self._looked_up_or_read(unknown))
        return contents

    def _looked_up_or_read(self, marks: dict[str, tuple]) -> dict[str, FileContent]:
        nothing: dict[str, FileContent] = {}
        recorded = self.attempt(lambda connection: dict(_recorded(connection, marks)), nothing)
        unread = [path for path in marks if path not in recorded]
        with ThreadPoolExecutor() as threads:
            read = dict(zip(unread, threads.map(_content, unread), strict=True))
        contents = {path: content for path, content in read.items() if content is not None}
        settled = {path: content for path, content in contents.items() if content.settled}
        if settled:
            self.attempt(lambda connection: _record_files(connection, settled), None)
        if len(self._files) > _REMEMBERED_FILES:
            self._files.clear()
        self._files.update(recorded)
        self._files.update(settled)
        return {**contents, **recorded}

    def size_on_disk(self) -> int:
        """Return the bytes of all files of the database."""
        files = (Path(f"{self.path}{suffix}") for suffix in ("", "-wal", "-shm"))
        return sum(file.stat().st_size for file in files if file.exists())

    def clear(self) -> None:
        def delete(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM rows")
            connection.execute("DELETE FROM files")

        with self.lock:
            self.start_again()
            self._forget()
            self._files.clear()
            self.hits = self.misses = 0
            self.demand(delete)
            self.demand(_give_room_back)

    def prune(self, size_limit: int) -> int:
        def delete(connection: sqlite3.Connection) -> int:
            connection.execute("BEGIN IMMEDIATE")
            self._write_uses(connection)
            before = _count(connection)
            _make_room(connection, 0, size_limit)
            return before - _count(connection)

        with self.lock:
            self._forget()
            self._write_uses_above(_WRITTEN_AT_ONCE)
            n_deleted = self.demand(delete)
            self.demand(_give_room_back)
        return n_deleted

    def verify(self) -> int:
        def damaged(connection: sqlite3.Connection) -> list[int]:
            problem = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if problem != b"ok":
                raise sqlite3.DatabaseError(problem.decode())
            rows = connection.execute("SELECT id, key, rate, value, checksum FROM rows")
            return [record[0] for record in rows if _row(*record[1:]) is None]

        def delete(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("DELETE FROM rows WHERE id = ?", [(id,) for id in wrong])

        with self.lock:
            self._forget()
            wrong = self.demand(damaged)
            if wrong:
                self.demand(delete)
        return len(wrong)

    def before_closing(self, connection: sqlite3.Connection) -> None:
        while self._used:
            self._write_uses(connection)
            connection.commit()

    def _write_uses_above(self, n_left: int) -> None:
        """Write uses, some in each transaction, until so few are left that one can hold them."""
        for _ in range(n_left, len(self._used), _WRITTEN_AT_ONCE):
            self.attempt(self._write_uses, None)

    def _write_uses(self, connection: sqlite3.Connection) -> None:
        if not connection.in_transaction:
            connection.execute("BEGIN IMMEDIATE")
        now = time.time_ns()
        some = [self._used.pop() for _ in range(min(len(self._used), _WRITTEN_AT_ONCE))]
        connection.executemany(
            "UPDATE rows SET used = ? WHERE key = ?", ((now, key) for key in some)
        )

    def _remember(self, rows: Mapping[bytes | None, Row]) -> None:
        if self._row_bytes > _REMEMBERED_BYTES:
            self._forget()
        self._rows.update(rows)
        self._row_bytes += sum(row.values.nbytes + _ROW_OVERHEAD_BYTES for row in rows.values())

    def _forget(self) -> None:
        self._rows.clear()
        self._row_bytes = 0


def bytes_of(size: str | int) -> int:
    """Return a size in bytes.

    Parameters
    ----------
    size : str or int
        As "2GB", "500 MB", "1.5e9", or a number.

    Returns
    -------
    n_bytes : int
        Units are powers of 1000.

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> from sklearn_audio.rows import bytes_of
    >>> bytes_of("1.5GB")
    1500000000
    """
    match = re.fullmatch(r"([\d.]+(?:e\d+)?)\s*([KMGT]?B|)", str(size).strip(), re.IGNORECASE)
    try:
        n_bytes = int(float(match[1]) * _UNITS[match[2].upper()]) if match else 0
    except (ValueError, OverflowError):
        n_bytes = 0
    if n_bytes < 1:
        raise ValueError(f'size_limit={size!r}; a size such as "2GB", "500MB" or 10**9 is wanted')
    return n_bytes


def _count(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT COUNT(*) FROM rows").fetchone()[0]


def _read(
    connection: sqlite3.Connection, keys: Iterable[bytes | None]
) -> Iterator[tuple[bytes | None, Row]]:
    for some, places in _in_statements(keys):
        statement = f"SELECT key, rate, value, checksum FROM rows WHERE key IN ({places})"
        for key, rate, value, checksum in connection.execute(statement, some):
            row = _row(key, rate, value, checksum)
            if row is not None:
                yield key, row


def _in_statements(values: Iterable[Any]) -> Iterator[tuple[list[Any], str]]:
    """Yield values some at a time, with as many question marks."""
    values = list(values)
    for start in range(0, len(values), _ASKED_AT_ONCE):
        some = values[start : start + _ASKED_AT_ONCE]
        yield some, ",".join("?" * len(some))


def _record(key: bytes, row: Row) -> tuple:
    value = row.values.astype("<f4", copy=False).tobytes()
    return key, time.time_ns(), row.rate, value, _checksum(key, row.rate, value)


def _row(key: bytes, rate: float | None, value: bytes, checksum: bytes) -> Row | None:
    """Return the row of a record, None where anything of it is damaged."""
    try:
        if _checksum(key, rate, value) != checksum:
            return None
    except (TypeError, struct.error):  # a damaged record may hold values of any type
        return None
    return _read_only(rate, value)


def _read_only(rate: float | None, value: bytes) -> Row:
    if rate is not None and float(rate).is_integer():
        rate = int(rate)
    return Row(rate, np.frombuffer(value, dtype="<f4"))


def _checksum(key: bytes, rate: float | None, value: bytes) -> bytes:
    return digest_of(key + struct.pack("<d", -1.0 if rate is None else rate) + value)


def _make_room(connection: sqlite3.Connection, n_bytes: int, size_limit: int) -> None:
    """Delete the least recently used rows until so many bytes can be added."""
    log_bytes = min(_LOG_BYTES, size_limit // 4)
    connection.execute(f"PRAGMA wal_autocheckpoint = {max(1, log_bytes // _PAGE_BYTES)}")
    budget = size_limit - log_bytes - _LOG_INDEX_BYTES - n_bytes
    while _bytes_in_use(connection) > budget:
        some = max(1, _count(connection) // 20)
        deleted = connection.execute(
            "DELETE FROM rows WHERE id IN (SELECT id FROM rows ORDER BY used LIMIT ?)", (some,)
        )
        if deleted.rowcount == 0:
            connection.execute("DELETE FROM files")
            break


def _bytes_in_use(connection: sqlite3.Connection) -> int:
    pages, free = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count")
    )
    return (pages - free) * _PAGE_BYTES


def _give_room_back(connection: sqlite3.Connection) -> None:
    # A statement gives back a page a step; as a script it is run to its end.
    connection.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)")


def _marks(path: str) -> tuple[int, int, int] | None:
    """Return what tells that a file has changed; None where there is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    # Some file systems number inodes up to 2**64, and SQLite counts to 2**63 only.
    return status.st_size, status.st_mtime_ns, status.st_ino % 2**63


def _content(path: str) -> FileContent | None:
    """Return what is in a file; None where it cannot be read or changes meanwhile."""
    if not os.path.isfile(path):  # a pipe, for example, is read but once
        return None
    now = time.time_ns()
    marks = _marks(path)
    digest = _digest(path)
    if digest is None or marks is None or marks != _marks(path):
        return None
    _, changed, _ = marks
    return FileContent(digest, marks, now - changed > _SETTLED_NANOSECONDS)


def _digest(path: str) -> bytes | None:
    try:
        return digest_of_file(path)
    except OSError:
        return None


def _recorded(
    connection: sqlite3.Connection, marks: dict[str, tuple]
) -> Iterator[tuple[str, FileContent]]:
    paths = {os.fsencode(os.path.abspath(path)): path for path in marks}
    for some, places in _in_statements(paths):
        columns = "path, digest, size, mtime_ns, inode"
        statement = f"SELECT {columns} FROM files WHERE path IN ({places})"
        for place, digest, *recorded in connection.execute(statement, some):
            path = paths[place]
            is_whole = isinstance(digest, bytes) and len(digest) == DIGEST_BYTES
            if is_whole and tuple(recorded) == marks[path]:
                yield path, FileContent(digest, marks[path], settled=True)


def _record_files(connection: sqlite3.Connection, contents: dict[str, FileContent]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        "REPLACE INTO files (path, digest, size, mtime_ns, inode) VALUES (?, ?, ?, ?, ?)",
        (
            (os.fsencode(os.path.abspath(path)), content.digest, *content.marks)
            for path, content in contents.items()
        ),
    )
