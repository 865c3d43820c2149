"""What the template of a page is filled with: facts in words, no more than a page can hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from ..markup import as_time
from . import facts
from .examples import Example
from .findings import Finding
from .pictures import bin_edges
from .words import (
    LABEL_LENGTH,
    MESSAGE_LENGTH,
    common_folder,
    kilohertz,
    level,
    number,
    shown,
)

# A page stays bounded, however large the set: so many of each at most, the rest is counted.
MOST_ROWS = 3000
MOST_CLASSES = 200
_MOST_GROUPS, _MOST_COLUMNS = 40, 20
_MOST_SETS, _MOST_OF_A_SET = 30, 8
_MOST_MESSAGES, _MOST_NAMES = 20, 3
_MOST_VALUES = 8
# From where on durations are shown on a logarithmic scale: longest over shortest.
_WIDE = 50

_SECTION_OF_FINDING = {
    "unusable": "unusable",
    "contradiction": "copies",
    "copy": "copies",
    "several groups": "copies",
    "groups": "groups",
    "lone group": "classes",
    "small class": "classes",
    "imbalance": "classes",
    "rates": "sound",
    "durations": "sound",
}


def contents(
    table: DataFrame, findings: Sequence[Finding], examples: dict[str, list[Example]]
) -> dict[str, Any]:
    """Return what the template of the page is filled with.

    Parameters
    ----------
    table : DataFrame
        Of recordings, as in `sklearn_audio.reporting.facts`, with the column findings.
    findings : sequence of Finding
        What deserves a look.
    examples : dict of str to list of Example
        By class, or by ``""`` where there are none.

    Returns
    -------
    contents : dict
        By the names that the template uses.
    """
    folder = common_folder(table["source"])
    names = _Names(table["source"], folder)
    has_labels = len(table["label"].cat.categories) > 0
    has_groups = len(table["group"].cat.categories) > 0
    return {
        "folder": folder,
        "n": len(table),
        "n_classes": len(table["label"].cat.categories),
        "n_groups": len(table["group"].cat.categories),
        "seconds": table["duration"].sum(),
        "severities": Counter(finding.severity for finding in findings),
        "findings": [_shown_finding(finding, names) for finding in findings],
        "classes": _classes(table) if has_labels else None,
        "histograms": _histograms(table[table["ok"]]),
        "values": _values(table),
        "groups": _groups(table) if has_labels and has_groups else None,
        "copies": _copies(table, names),
        "unusable": _unusable(table, names),
        "examples": _examples(table, examples, names),
        "rows": _rows(table, findings, names),
    }


class _Names:
    """What a page calls each recording."""

    def __init__(self, sources: Series, folder: str) -> None:
        self._sources = sources.to_numpy()
        self._folder = folder

    def __getitem__(self, position: int) -> str:
        source = self._sources[position]
        if not isinstance(source, str):  # samples in memory have no name
            return f"X[{position}]"
        return shown(source.removeprefix(self._folder))

    def some(self, positions: Iterable[int], most: int) -> list[str]:
        return [self[position] for position in list(positions)[:most]]


def _shown_finding(finding: Finding, names: _Names) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "name": finding.name,
        "title": finding.title,
        "advice": finding.advice,
        "n": len(finding.positions),
        "names": names.some(finding.positions, _MOST_NAMES),
        "section": _SECTION_OF_FINDING.get(finding.name, ""),
    }


def _classes(table: DataFrame) -> dict[str, Any]:
    classes = facts.by_class(table)
    shown_ones = classes.iloc[np.sort(np.argsort(-classes["n"], kind="stable")[:MOST_CLASSES])]
    return {
        "n_left_out": len(classes) - len(shown_ones),
        "most": int(classes["n"].max()),
        "rows": [
            {
                **row,
                "name": shown(name, LABEL_LENGTH),
                "level": float(facts.in_decibels(row["median_rms"])),
            }
            for name, row in zip(shown_ones.index, shown_ones.to_dict("records"), strict=True)
        ],
    }


def _histograms(usable: DataFrame) -> list[dict[str, Any]]:
    histograms = []
    for title, values, in_words in (
        ("Duration", usable["duration"].to_numpy(), as_time),
        ("Level (RMS)", facts.in_decibels(usable["rms"]), level),
        ("Peak", facts.in_decibels(usable["peak"]), level),
    ):
        finite = values[np.isfinite(values)]
        if len(finite):
            n_silent = len(values) - len(finite)
            histograms.append(
                {"title": title, "n_silent": n_silent, **_histogram(finite, in_words)}
            )
    return histograms


def _histogram(values: np.ndarray, in_words: Callable[[float], str]) -> dict[str, Any]:
    lowest, highest = float(values.min()), float(values.max())
    # Seconds and hours in one set: even steps would put nearly all into one bin.
    is_logarithmic = lowest > 0 and highest > _WIDE * lowest
    edges = np.geomspace(lowest, highest, 31) if is_logarithmic else bin_edges(values)
    # Rounding may leave the ends out.
    edges[0], edges[-1] = min(edges[0], lowest), max(edges[-1], highest)
    counts, _ = np.histogram(values, edges)
    texts = [in_words(edge) for edge in edges]
    heights = 100 * counts / counts.max()
    return {
        "is_one": lowest == highest,
        "n_bins": len(counts),
        "bars": [
            {"x": x, "height": float(height), "n": int(n), "from": low, "to": high}
            for x, (height, n, low, high) in enumerate(
                zip(heights, counts, texts, texts[1:], strict=False)
            )
            if n
        ],
        "ticks": [texts[0], texts[len(counts) // 2], texts[-1]],
        "median": in_words(float(np.median(values))),
        "lowest": in_words(lowest),
        "highest": in_words(highest),
        "is_logarithmic": is_logarithmic,
    }


def _values(table: DataFrame) -> list[dict[str, Any]]:
    kinds = {
        "Rate": table["rate"].map(kilohertz, na_action="ignore"),
        "Channels": table["n_channels"],
        "Format": _formats(table),
    }
    values = []
    for title, column in kinds.items():
        counts = column.dropna().value_counts()
        if len(counts) == 0:
            continue
        values.append(
            {
                "title": title,
                "most": int(counts.max()),
                "rows": [(shown(value), int(n)) for value, n in counts[:_MOST_VALUES].items()],
                "n_left_out": max(0, len(counts) - _MOST_VALUES),
                "n_unknown": int(column.isna().sum()),
            }
        )
    return values


def _formats(table: DataFrame) -> Series:
    """Return container and encoding in one; None where they are not known."""
    both = table["container"].str.cat(table["encoding"], sep=", ")
    return both.where(table["container"] != table["encoding"], table["container"])


def _groups(table: DataFrame) -> dict[str, Any]:
    n_classes = facts.classes_of_groups(table)
    crossed = list(n_classes.index[n_classes > 1])
    labels = list(table["label"].cat.categories)
    counts = facts.groups_by_classes(table, crossed[:_MOST_GROUPS], labels[:_MOST_COLUMNS])
    return {
        "n": len(n_classes),
        "n_crossed": len(crossed),
        "n_groups_left_out": len(crossed) - len(counts),
        "n_classes_left_out": len(labels) - counts.shape[1],
        "classes": [shown(name, LABEL_LENGTH) for name in counts.columns],
        "most": int(counts.to_numpy().max(initial=1)),
        "rows": [
            (shown(name, LABEL_LENGTH), row)
            for name, row in zip(counts.index, counts.to_numpy(), strict=True)
        ],
    }


def _copies(table: DataFrame, names: _Names) -> dict[str, Any]:
    sets = facts.copies(table)
    contradictory = set(facts.in_several(table, "label"))
    # Contradictions first, then in the order of X.
    sets = sorted(sets, key=lambda positions: positions[0] not in contradictory)
    labels, groups = (table[column].astype(object).to_numpy() for column in ("label", "group"))
    return {
        "n": len(sets),
        "sets": [
            {
                "is_contradiction": positions[0] in contradictory,
                "n_left_out": max(0, len(positions) - _MOST_OF_A_SET),
                "members": [
                    (names[position], _text(labels[position]), _text(groups[position]))
                    for position in positions[:_MOST_OF_A_SET]
                ],
            }
            for positions in sets[:_MOST_SETS]
        ],
    }


def _text(value: Any) -> str:
    return "" if pd.isna(value) else shown(value, LABEL_LENGTH)


def _unusable(table: DataFrame, names: _Names) -> list[dict[str, Any]]:
    bad = table.reset_index(drop=True)[~table["ok"].to_numpy()]
    kinds = []
    for kind, of_kind in sorted(bad.groupby("kind"), key=lambda item: -len(item[1])):
        positions_by_message = of_kind.groupby("message").groups.items()
        frequent = sorted(positions_by_message, key=lambda item: -len(item[1]))
        kinds.append(
            {
                "kind": kind,
                "n": len(of_kind),
                "messages": [
                    {
                        "text": shown(text, MESSAGE_LENGTH),
                        "names": names.some(positions, _MOST_NAMES),
                        "n_left_out": max(0, len(positions) - _MOST_NAMES),
                    }
                    for text, positions in frequent[:_MOST_MESSAGES]
                ],
                "n_left_out": max(0, len(frequent) - _MOST_MESSAGES),
            }
        )
    return kinds


def _examples(
    table: DataFrame, examples: dict[str, list[Example]], names: _Names
) -> dict[str, Any]:
    rates, durations = table["rate"].to_numpy(), table["duration"].to_numpy()
    n_classes = max(1, len(table["label"].cat.categories))
    return {
        "n": sum(map(len, examples.values())),
        "n_classes_left_out": n_classes - len(examples),
        "classes": [
            (
                shown(name, LABEL_LENGTH),
                [
                    {
                        "example": each,
                        "name": names[each.position],
                        "seconds": durations[each.position],
                        "is_part": each.seconds < durations[each.position] - 0.001,
                        "highest": rates[each.position] / 2,
                    }
                    for each in of_class
                ],
            )
            for name, of_class in examples.items()
        ],
    }


def _rows(table: DataFrame, findings: Sequence[Finding], names: _Names) -> dict[str, Any]:
    order = _worst_first(len(table), findings)
    some = table.iloc[order[:MOST_ROWS]]
    levels = {name: facts.in_decibels(some[name]) for name in ("peak", "rms")}
    columns: list[tuple[str, bool, Iterable[str]]] = [
        ("#", True, map(str, order[:MOST_ROWS])),
        ("Recording", False, (names[position] for position in order[:MOST_ROWS])),
    ]
    for title, name in (("Class", "label"), ("Group", "group")):
        if len(table[name].cat.categories):
            columns.append((title, False, map(_text, some[name])))
    columns += [
        ("Findings", False, some["findings"]),
        ("Seconds", True, (number(value, 3) for value in some["duration"])),
        ("Peak dB", True, (number(value, 1) for value in levels["peak"])),
        ("RMS dB", True, (number(value, 1) for value in levels["rms"])),
        ("Clipped %", True, (number(100 * value, 2) for value in some["clipped_share"])),
        ("Silent %", True, (number(100 * value, 0) for value in some["silent_share"])),
        ("Rate Hz", True, (number(value) for value in some["rate"])),
        ("Channels", True, (number(value) for value in some["n_channels"])),
        ("Format", False, map(_text, _formats(some))),
    ]
    return {
        "columns": [(title, is_number) for title, is_number, _ in columns],
        "cells": list(zip(*(cells for _, _, cells in columns), strict=True)),
        "n_left_out": len(table) - len(some),
    }


def _worst_first(n: int, findings: Sequence[Finding]) -> np.ndarray:
    """Return all positions, those of findings first, the worst at the beginning."""
    rank = np.full(n, len(findings))
    for index, finding in reversed(list(enumerate(findings))):
        rank[finding.positions] = index
    return np.argsort(rank, kind="stable")
