"""The report on a set of recordings."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame

from ..extras import required
from ..files import replacing
from ..loading import Loader, scan
from .examples import chosen, drawn, seconds_of_each
from .findings import Finding, findings_of
from .labels import class_names, group_names
from .page import rendered


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """What `report` found in a set of recordings; a notebook shows it as a page.

    Parameters
    ----------
    table : DataFrame
        A row a recording: the columns of `sklearn_audio.scan`, label and group where they were
        given, and findings, the names of what was found of that recording.
    findings : tuple of Finding
        What deserves a look, the worst first.
    page : str
        One file of HTML.

    See Also
    --------
    report : Makes it.

    Examples
    --------
    >>> from sklearn_audio import report
    >>> from sklearn_audio.datasets import load_percussion
    >>> found = report(load_percussion().paths[:3], n_examples=0, progress=False)
    >>> found.table.shape
    (3, 18)
    """

    table: DataFrame
    findings: tuple[Finding, ...]
    page: str

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, which needs nothing else and can be sent or archived.

        Parameters
        ----------
        path : str or path-like
            An existing file is replaced in one go.

        Returns
        -------
        path : Path
            The same.

        Raises
        ------
        OSError
            Where the file cannot be written.
        """
        with replacing(path) as file:
            file.write(self.page.encode())
        return Path(path)

    def _repr_html_(self) -> str:
        # In a frame neither changes how the other looks; and in the sandbox, whatever stands in
        # the page, it cannot reach the notebook.
        return (
            f'<iframe title="{escape(repr(self).splitlines()[0])}" sandbox="allow-scripts" '
            'style="width: 100%; height: 42rem; border: 1px solid #8888; border-radius: 6px" '
            f'srcdoc="{escape(self.page)}"></iframe>'
        )

    def __repr__(self) -> str:
        lines = [f"Report on {len(self.table):,} recordings", *map(str, self.findings)]
        return "\n  ".join(lines)


def report(
    X: Any,
    y: Any = None,
    groups: Any = None,
    *,
    title: str | None = None,
    display_labels: Sequence[str] | None = None,
    n_examples: int = 3,
    n_jobs: int | None = None,
    progress: bool = True,
) -> Report:
    """Look at a set of recordings, its labels and its groups before anything is computed.

    The page shows how many recordings each class has, how long and how loud they are, which ones
    cannot be used, are clipped, silent or copies of others, where the same recording has two
    labels, how groups and classes go together, and some recordings of each class to look at and
    listen to. Each recording is decoded once, by `sklearn_audio.scan`, and the beginning of each
    example once more. Needs matplotlib and jinja2, which come with the extra ``plot``.

    However large the set, the page stays below 15 MB: it lists 3000 recordings at most, those of
    findings first, and shows 96 examples at most, of 10 s or less. It says what is left out.

    Parameters
    ----------
    X : list, array, Series or DataFrame
        Recordings, as in `sklearn_audio.Loader`.
    y : array-like of shape (n_recordings,) or None, default=None
        Labels, ints or strings. What is missing (None, NaN) is no label.
    groups : array-like of shape (n_recordings,) or None, default=None
        What must not be split between training and test: the speaker, the instrument, the session.
    title : str or None, default=None
        Of the page; None says how many recordings there are.
    display_labels : sequence of str or None, default=None
        Name of each int in y, as in ``target_names`` of a set; None for the labels themselves.
    n_examples : int, default=3
        Recordings of each class to be shown; fewer where there are more than 32 classes.
    n_jobs : int or None, default=None
        Processes, as in joblib.
    progress : bool, default=True
        Show how far it is.

    Returns
    -------
    report : Report
        A notebook shows it; ``to_html(path)`` writes it; ``table`` and ``findings`` hold the facts.

    Raises
    ------
    ValueError
        For labels, groups or names that do not fit X.
    AudioError
        For an X that is no list of recordings.
    ImportError
        Where matplotlib or jinja2 is not installed.

    See Also
    --------
    sklearn_audio.scan : The facts alone, as a table.

    Examples
    --------
    >>> from sklearn_audio import report
    >>> from sklearn_audio.datasets import load_percussion
    >>> percussion = load_percussion()
    >>> found = report(
    ...     percussion.paths,
    ...     percussion.target,
    ...     display_labels=percussion.target_names,
    ...     n_examples=1,
    ...     progress=False,
    ... )
    >>> found  # doctest: +ELLIPSIS
    Report on 92 recordings
      ...
    """
    for package in ("jinja2", "matplotlib"):
        required(package)  # what is missing is said before the recordings are read
    if not isinstance(n_examples, Integral) or n_examples < 0:
        raise ValueError(f"n_examples={n_examples!r}; an int of 0 or more is wanted")
    n_recordings = _batch(X).shape[0]
    none = pd.Categorical([None] * n_recordings, categories=pd.Index([], dtype=object))
    label = none if y is None else class_names(y, n_recordings, display_labels)
    group = none if groups is None else group_names(groups, n_recordings)

    table = scan(X, n_jobs, progress=progress)
    table.insert(1, "label", label)
    table.insert(2, "group", group)
    findings = findings_of(table)
    table["findings"] = _names_by_recording(findings, n_recordings)

    # Of copies the first one is as good as any other recording.
    doubtful = [
        each.positions for each in findings if each.severity != "note" and each.name != "copy"
    ]
    positions = chosen(table, np.concatenate([[], *doubtful]), int(n_examples))
    together = [position for of_class in positions.values() for position in of_class]
    batch = _batch(X, seconds_of_each(len(together)))
    examples = drawn(batch, together, n_jobs, progress=progress)
    page = rendered(
        title,
        table,
        findings,
        {name: [examples[each] for each in of_class] for name, of_class in positions.items()},
    )
    absent = [name for name, given in (("label", y), ("group", groups)) if given is None]
    return Report(table.drop(columns=absent), findings, page)


def _batch(X: Any, seconds: float | None = None) -> Any:
    """Return the recordings as a batch, of which no more is read than that many seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is doubtful in X, scan warns
        return Loader(duration=seconds).transform(X)


def _names_by_recording(findings: Sequence[Finding], n_recordings: int) -> list[str]:
    names: list[list[str]] = [[] for _ in range(n_recordings)]
    for finding in findings:
        for position in finding.positions:
            names[position].append(finding.name)
    return [", ".join(each) for each in names]
