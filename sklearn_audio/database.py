"""An SQLite database that threads share, that survives a fork, and that is given up once.

*Conventions.* There is one `Database` a process and file. Threads take turns. Nothing is open while
a process forks: SQLite's locks do not pass on, and what it knows of them would. Where the
database fails, one warning says why, and from then on every attempt of this process answers as if
nothing were kept.
"""

from __future__ import annotations

import atexit
import os
import sqlite3
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import Any, ClassVar, Self, TypeVar

from .errors import RowStoreError, RowStoreWarning

# How long one waits for another process that writes.
BUSY_SECONDS = 30.0

# What using a database may raise. SQLite's message quotes what is damaged, which may be no text.
_FAILURES = (sqlite3.Error, OSError, UnicodeDecodeError)

Result = TypeVar("Result")


class Database(ABC):
    """One connection to a database file, shared by the threads of this process.

    A subclass says what is in it with ``prepare``. Use `at` instead of the constructor.

    Parameters
    ----------
    path : Path
        Absolute, of the file. Its folder is made where there is none, for this user alone.
    """

    _of_this_process: ClassVar[dict[Path, Any]] = {}
    # One for all databases, so that a fork has to wait for one only.
    lock: ClassVar[Any] = RLock()

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._failed = False

    @classmethod
    def at(cls, path: Path) -> Self:
        """Return the one database of this process at a path.

        Parameters
        ----------
        path : Path
            Of the file; it is opened at the first use.

        Returns
        -------
        database : Database
            The same for the same path.
        """
        # By two names, such as that of a link, one file would be opened twice, and SQLite's locks
        # be lost where one of the two is closed.
        absolute = Path(os.path.realpath(path.expanduser()))
        database = cls._of_this_process.get(absolute)
        # Two threads may both make one; setdefault keeps the first.
        return database or cls._of_this_process.setdefault(absolute, cls(absolute))

    @abstractmethod
    def prepare(self, connection: sqlite3.Connection) -> None:
        """Make tables where there are none, and set what a connection needs.

        Parameters
        ----------
        connection : sqlite3.Connection
            In autocommit mode.
        """

    def attempt(self, action: Callable[[sqlite3.Connection], Result], otherwise: Result) -> Result:
        """Do something in the database, or warn and give it up.

        Parameters
        ----------
        action : function of a sqlite3.Connection
            A transaction that it begins is committed, or rolled back where it raises.
        otherwise : object
            The answer of a database that is given up.

        Returns
        -------
        result : object
            What the action returned.
        """
        with self.lock:
            if self._failed:
                return otherwise
            try:
                return self._done(action)
            except _FAILURES as error:
                self._failed = True
                self.disconnect()
                warnings.warn(
                    f"{self.path} is not used any more in this process ({error}): rows are "
                    "computed and not kept. Make room, give the right to write, or delete the "
                    "folder and start again",
                    RowStoreWarning,
                    stacklevel=2,
                )
                return otherwise

    def demand(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do something in the database, or raise.

        Parameters
        ----------
        action : function of a sqlite3.Connection
            As of `attempt`.

        Returns
        -------
        result : object
            What the action returned.

        Raises
        ------
        RowStoreError
            Where the database cannot be used, saying why.
        """
        with self.lock:
            try:
                return self._done(action)
            except _FAILURES as error:
                self.disconnect()
                raise RowStoreError(f"it cannot be used ({error})", str(self.path)) from error

    def start_again(self) -> None:
        """Delete the file where it is no database any more, and try again where it was given up."""
        with self.lock:
            self._failed = False
            try:
                self._done(lambda connection: connection.execute("PRAGMA quick_check").fetchone())
            except sqlite3.OperationalError:  # locked, or no right to write: not the file's fault
                self.disconnect()
            except (sqlite3.DatabaseError, UnicodeDecodeError):
                self.disconnect()
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def _done(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        connection = self._opened()
        with connection:  # commits, or rolls back
            return action(connection)

    def _opened(self) -> sqlite3.Connection:
        """Return the connection, a new one where the file is gone or is another one."""
        try:
            inode = os.stat(self.path).st_ino
        except FileNotFoundError:
            inode = 0
        if self._connection is None or inode != self._inode:
            self.disconnect()
            self._connection = self._connect()
            self._inode = os.stat(self.path).st_ino
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its other files the rights of this one.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                self.prepare(connection)
                return connection
            except sqlite3.OperationalError as error:
                connection.close()
                # Of several that open a new file at once, SQLite lets some fail without waiting.
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            except BaseException:
                connection.close()
                raise

    def disconnect(self) -> None:
        """Close the connection; the next use opens another one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @abstractmethod
    def before_closing(self, connection: sqlite3.Connection) -> None:
        """Write what is still to be written, because the process ends.

        Parameters
        ----------
        connection : sqlite3.Connection
            That waits for nobody.
        """

    def close(self) -> None:
        """Close the connection, because the process ends; what cannot be written is lost."""
        with self.lock, suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.execute("PRAGMA busy_timeout = 0")
                with self._connection:
                    self.before_closing(self._connection)
        self.disconnect()

    @classmethod
    def _close_all(cls) -> None:
        for database in list(cls._of_this_process.values()):
            database.close()

    @classmethod
    def _before_fork(cls) -> None:
        # SQLite remembers in memory which files its process has locked. A child that inherits
        # an open file would rely on locks which it does not have, and write into a log that
        # others delete. And no thread may be within SQLite, whose own locks it would hold forever.
        cls.lock.acquire()
        for database in list(cls._of_this_process.values()):
            database.disconnect()

    @classmethod
    def _after_fork_in_parent(cls) -> None:
        cls.lock.release()

    @classmethod
    def _after_fork_in_child(cls) -> None:
        cls.lock = RLock()
        cls._of_this_process.clear()


atexit.register(Database._close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=Database._before_fork,
        after_in_parent=Database._after_fork_in_parent,
        after_in_child=Database._after_fork_in_child,
    )
