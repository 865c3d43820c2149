"""Parameters of estimators: what makes two of them equal, and what documents them."""

from __future__ import annotations

import inspect
import re
from typing import Any

import numpy as np

# A section of a numpydoc docstring begins with an underlined title, an entry with a name.
_SECTION = re.compile(r"^(?=\w[\w ]*\n-{3,}$)", re.MULTILINE)
_ENTRY = re.compile(r"^(?=(\w+) : )", re.MULTILINE)
_PARAMETERS = "Parameters\n----------\n"


def normalised(value: Any) -> Any:
    """Return a parameter as something hashable that is equal where it means the same.

    Parameters
    ----------
    value : object
        What a user gave.

    Returns
    -------
    value : object
        Lists, arrays and dicts as tuples, numbers of numpy as Python's.
    """
    if isinstance(value, np.generic):
        return normalised(value.item())
    if isinstance(value, np.ndarray):
        return normalised(value.tolist())
    if isinstance(value, (list, tuple)):
        return tuple(normalised(item) for item in value)
    if isinstance(value, dict):
        items = sorted((str(key), normalised(item)) for key, item in value.items())
        return ("dict", *items)
    if isinstance(value, bool):
        return ("bool", value)  # True and 1 would be equal otherwise
    return value


def with_inherited_parameters(documented: type) -> str:
    """Return the docstring of a class, completed by what its bases say of its parameters.

    Parameters
    ----------
    documented : type
        A class with a numpydoc docstring, whose bases have complete ones.

    Returns
    -------
    documentation : str
        Its own parameters first, then the inherited ones of which it says nothing itself.
    """
    summary, own, others = _parts(documented)
    for base in documented.__bases__:
        own = {**own, **{name: text for name, text in _parts(base)[1].items() if name not in own}}
    signature = inspect.signature(documented).parameters
    entries = "".join(text for name, text in own.items() if name in signature)
    parameters = _PARAMETERS + entries.rstrip()
    return "\n\n".join(part for part in (summary, parameters, others) if part) + "\n"


def _parts(cls: type) -> tuple[str, dict[str, str], str]:
    """Return the summary, what is said of each parameter, and all other sections."""
    summary, *sections = _SECTION.split(inspect.cleandoc(cls.__doc__ or ""))
    entries: dict[str, str] = {}
    others = ""
    for section in sections:
        if section.startswith(_PARAMETERS):
            _, *named = _ENTRY.split(section)
            entries = {
                name: text.rstrip() + "\n"
                for name, text in zip(named[::2], named[1::2], strict=True)
            }
        else:
            others += section
    return summary.rstrip(), entries, others
