"""The page of a report: one file of HTML, without anything from a network."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from importlib.resources import files

from pandas import DataFrame

from ..extras import required
from ..markup import as_time
from .contents import contents
from .examples import Example
from .findings import Finding, counted
from .words import kilohertz, number, shown


def rendered(
    title: str | None,
    table: DataFrame,
    findings: Sequence[Finding],
    examples: dict[str, list[Example]],
) -> str:
    """Return the page.

    Parameters
    ----------
    title : str or None
        Its title; None says how many recordings there are.
    table : DataFrame
        Of recordings, as in `sklearn_audio.reporting.facts`, with the column findings.
    findings : sequence of Finding
        What deserves a look.
    examples : dict of str to list of Example
        By class, or by ``""`` where there are none.

    Returns
    -------
    html : str
        It needs nothing else, from no network.
    """
    jinja2 = required("jinja2")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__, ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        shown=shown, as_time=as_time, number=number, kilohertz=kilohertz, counted=counted
    )
    environment.filters["ready"] = required("markupsafe").Markup
    style, script = (
        files(__package__).joinpath(name).read_text(encoding="utf-8")
        for name in ("page.css", "page.js")
    )
    return environment.get_template("page.html").render(
        title=shown(title or f"Report on {counted(len(table), 'recording')}"),
        style=style,
        script=script,
        style_digest=_digest(style),
        script_digest=_digest(script),
        **contents(table, findings, examples),
    )


def _digest(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode()).digest()).decode()
