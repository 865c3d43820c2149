"""A folder of recordings as a labelled set."""

from __future__ import annotations

import errno
import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch

AUDIO_ENDINGS = (
    ".aif",
    ".aiff",
    ".caf",
    ".flac",
    ".mp3",
    ".oga",
    ".ogg",
    ".opus",
    ".rf64",
    ".w64",
    ".wav",
)


def load_audio_files(
    folder: str | os.PathLike[str],
    *,
    target_pattern: str | re.Pattern[str] | None = None,
    group_pattern: str | re.Pattern[str] | None = None,
) -> Bunch:
    """Find the recordings under a folder and label them by subfolder or by name.

    The twin of `sklearn.datasets.load_files` for sound. Only names are read, never the
    recordings themselves: hand ``paths`` to `sklearn_audio.Loader`.

    Without `target_pattern` every subfolder of `folder` is a class that bears its name, and holds
    its recordings at any depth; subfolders without recordings are no class. With `target_pattern`
    the label is a part of the file's own path, so that a flat folder can be loaded too.

    Hidden files and folders (their name begins with a dot) are skipped, and so are files whose
    name ends with none of these, in upper or lower case: .aif, .aiff, .caf, .flac, .mp3, .oga,
    .ogg, .opus, .rf64, .w64, .wav. Symbolic links are followed.

    Parameters
    ----------
    folder : str or path-like
        Where the recordings are.
    target_pattern : str or compiled regular expression, default=None
        Searched in each path relative to `folder`, written with forward slashes. Its first group
        is the label.
    group_pattern : str or compiled regular expression, default=None
        Searched in the same way. Its first group names what must not be split between training
        and test: the speaker, the instrument, the recording session.

    Returns
    -------
    Bunch
        What is found under each name, as an item or as an attribute:

        paths : list of str of length n_recordings
            Sorted; each begins with `folder` as it was given.
        target : ndarray of int of shape (n_recordings,)
            Index into ``target_names``.
        target_names : list of str
            The labels, sorted as text.
        groups : ndarray of str of shape (n_recordings,), or None
            For the ``groups`` argument of scikit-learn's splitters. None without `group_pattern`.
        DESCR : str
            What was found.

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        If `folder` does not exist or is no folder.
    ValueError
        If there are no recordings, a pattern is no regular expression or has no group, or a
        recording does not match a pattern.

    Warns
    -----
    UserWarning
        If, without `target_pattern`, some recordings lie beside the class folders and are
        therefore left out.

    See Also
    --------
    load_percussion : A small set of recordings that comes with the package.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_audio.datasets import load_audio_files
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ["bark_rex_0.wav", "bark_ada_0.wav", "howl_rex_0.wav"]:
    ...         Path(folder, name).touch()
    ...     data = load_audio_files(
    ...         folder, target_pattern="([^_]+)_", group_pattern="_([^_]+)_"
    ...     )
    >>> [Path(path).name for path in data.paths]
    ['bark_ada_0.wav', 'bark_rex_0.wav', 'howl_rex_0.wav']
    >>> data.target_names, data.target.tolist(), data.groups.tolist()
    (['bark', 'howl'], [0, 0, 1], ['ada', 'rex', 'rex'])
    """
    folder = Path(folder).expanduser()
    names = sorted(_recordings(folder))
    if not names:
        raise ValueError(
            f"no recordings under {str(folder)!r}: wanted files ending in "
            f"{', '.join(AUDIO_ENDINGS)}, in upper or lower case and not hidden."
        )
    if target_pattern is None:
        names = _inside_subfolders(names, folder)
        labels = [name.split("/")[0] for name in names]
    else:
        labels = _first_groups(target_pattern, names, "target_pattern")
    groups = None
    if group_pattern is not None:
        groups = np.array(_first_groups(group_pattern, names, "group_pattern"))

    target_names, target = np.unique(labels, return_inverse=True)
    return Bunch(
        paths=[str(folder / name) for name in names],
        target=target,
        target_names=target_names.tolist(),
        groups=groups,
        DESCR=f"{len(names)} recordings of {len(target_names)} classes in {folder}.",
    )


def _recordings(folder: Path) -> Iterator[str]:
    """Yield the path of every recording under `folder`, relative to it, with forward slashes."""
    if not folder.exists():
        raise FileNotFoundError(
            errno.ENOENT, "there is no such folder; wanted a folder of recordings", str(folder)
        )
    if not folder.is_dir():
        raise NotADirectoryError(
            errno.ENOTDIR,
            "this is a file; wanted the folder that holds the recordings",
            str(folder),
        )
    for parent, subfolders, files in os.walk(folder, onerror=_raise, followlinks=True):
        subfolders[:] = [
            name
            for name in subfolders
            if not name.startswith(".") and not _leads_back(Path(parent, name))
        ]
        for name in files:
            if not name.startswith(".") and name.lower().endswith(AUDIO_ENDINGS):
                yield Path(parent, name).relative_to(folder).as_posix()


def _raise(error: OSError) -> None:
    # os.walk passes over what it may not list, and a class would be missing without a word.
    raise error


def _leads_back(folder: Path) -> bool:
    """Whether a folder is a link to one on the way to it, which would be walked without end."""
    if not folder.is_symlink():
        return False
    destination = folder.resolve()
    return any(parent.resolve().is_relative_to(destination) for parent in folder.parents)


def _inside_subfolders(names: list[str], folder: Path) -> list[str]:
    """Return the names that lie in a subfolder, and so in a class."""
    inside = [name for name in names if "/" in name]
    outside = [name for name in names if "/" not in name]
    if not inside:
        raise ValueError(
            f"{str(folder)!r} holds recordings ({names[0]!r} and {len(names) - 1} more) but none "
            "in a subfolder: wanted one subfolder for each class. If the labels are in the names, "
            "say where with target_pattern, as in target_pattern='([^_]+)_' for 'dog_1.wav'."
        )
    if outside:
        warnings.warn(
            f"{len(outside)} recordings lie in {str(folder)!r} itself, beside the class folders, "
            f"and are left out; the first is {outside[0]!r}. Move them into a class folder, or "
            "label by name with target_pattern.",
            stacklevel=3,
        )
    return inside


def _first_groups(pattern: str | re.Pattern[str], names: list[str], parameter: str) -> list[str]:
    """Return what the first group of `pattern` finds in each name."""
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{parameter}={pattern!r} is no regular expression: {error}.") from error
    if compiled.groups == 0:
        raise ValueError(
            f"{parameter}={compiled.pattern!r} has no group: put parentheses around the part that "
            "is wanted, as in '([^_]+)_'."
        )
    found = []
    for name in names:
        match = compiled.search(name)
        if match is None or match[1] is None:
            raise ValueError(
                f"{parameter}={compiled.pattern!r} finds nothing in {name!r}: it must match every "
                "recording under the folder (hidden files are skipped)."
            )
        found.append(match[1])
    return found
