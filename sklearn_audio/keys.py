"""What a row is known by: the content of the recording, and what was done to it.

*Conventions.* A key is a digest of three things: the content of the source (the bytes of the
file, or the samples and their rate), the part of it that is read, and the chain of steps with
the extractor at its end. Each estimator enters with the qualified names and revisions of its
classes and its normalised parameters, written as JSON. So a key is the same in every process, on
every platform and under every version of Python.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import sys
from collections.abc import Iterable
from typing import Any

DIGEST_BYTES = 16


class UnkeyableError(Exception):
    """An estimator of which no name and value tell what it does; its rows are not kept."""


def digest_of(content: Any) -> bytes:
    """Return the digest of bytes.

    Parameters
    ----------
    content : bytes-like
        Any.

    Returns
    -------
    digest : bytes
        16 bytes of BLAKE2b.

    Examples
    --------
    >>> from sklearn_audio.keys import digest_of
    >>> digest_of(b"woof").hex()
    '783cce3cb81d009aca2b6b1d2be6682a'
    """
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest()


def digest_of_file(path: str) -> bytes:
    """Return the digest of the content of a file.

    Parameters
    ----------
    path : str
        Of a regular file.

    Returns
    -------
    digest : bytes
        As of `digest_of`.
    """
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=DIGEST_BYTES)).digest()


def digest_of_chain(estimators: Iterable[Any]) -> bytes:
    """Return the digest of steps and the extractor at their end.

    Parameters
    ----------
    estimators : iterable of SignalTransformer and FeatureExtractor
        In the order in which a signal goes through them.

    Returns
    -------
    digest : bytes
        Equal for estimators of the same classes that do the same.

    Raises
    ------
    UnkeyableError
        Where a class or a parameter cannot be told from another one by its name and value.
    """
    chain = [_description(estimator) for estimator in estimators]
    return digest_of(json.dumps(chain, separators=(",", ":")).encode())


def digest_of_definition(defined: type) -> bytes | None:
    """Return the digest of the modules that define a class, as they are while it is defined.

    Parameters
    ----------
    defined : type
        A class that is just being defined.

    Returns
    -------
    digest : bytes or None
        None where all of it is of this package, whose classes carry revisions, or where a module
        has no source.
    """
    sources = []
    for base in _classes_of_others(defined):
        path = getattr(sys.modules.get(base.__module__), "__file__", None)
        if path is None or not os.path.isfile(path):
            return None
        with open(path, encoding="utf-8", errors="replace") as file:  # any line end becomes "\n"
            sources.append(file.read())
    return digest_of("\0".join(sources).encode()) if sources else None


def _classes_of_others(cls: type) -> list[type]:
    """Return the bases of a class, and itself, that are not of this package or below it."""
    ours = {"sklearn_audio", "sklearn", "builtins", "abc", "typing"}
    return [base for base in inspect.getmro(cls) if base.__module__.split(".")[0] not in ours]


def _description(estimator: Any) -> list:
    """Return the classes and the parameters of an estimator as lists, numbers and strings."""
    cls = type(estimator)
    definition = None
    for base in _classes_of_others(cls):
        _refuse_nameless(base)
        if cls._definition is None:
            raise UnkeyableError(
                f"the source of {cls.__qualname__} cannot be read. "
                "Move it to a module of its own and import it"
            )
        definition = cls._definition.hex()
    revisions = [vars(base)["revision"] for base in inspect.getmro(cls) if "revision" in vars(base)]
    name, *parameters = estimator.identity()
    try:
        return [name, revisions, definition, [[key, _plain(value)] for key, value in parameters]]
    except UnkeyableError as error:
        raise UnkeyableError(
            f"{cls.__qualname__} has {error} among its parameters. Let numbers or strings say "
            "what to do, and look up in the class what they mean"
        ) from None


def _refuse_nameless(cls: type) -> None:
    """Refuse a class that another one of the same name may follow at any time."""
    if cls.__module__ == "__main__":
        place = "in the main program or a notebook"
    elif "<locals>" in cls.__qualname__:
        place = "inside a function"
    else:
        return
    raise UnkeyableError(
        f"{cls.__qualname__} is defined {place}, so its name does not tell which code made a row. "
        "Move it to a module of its own and import it"
    )


def _plain(value: Any) -> Any:
    """Return a normalised parameter as JSON can write it, in one way only."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if callable(value):
        name = getattr(value, "__qualname__", type(value).__name__)
        raise UnkeyableError(f"the function {name}, whose name does not tell what it does,")
    raise UnkeyableError(f"a {type(value).__name__}, which has no value to be known by,")
