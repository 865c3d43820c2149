"""What the site is built with: links are checked, and blocks of code are run."""

import importlib

import pytest
from conftest import ROOT

pytest.importorskip("sphinx")


@pytest.fixture
def extension(monkeypatch):
    """Return a function that imports an extension of the site."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_extensions")
    return importlib.import_module


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a href="other.html#there">', None),
        ('<a href="#here"><p id="here">', None),
        ('<a href="https://scikit-learn.org">', None),
        ('<img src="data:image/png;base64,AAAA">', None),
        ('<a href="missing.html">', "page.html leads to missing.html, which does not exist"),
        ('<img src="missing.png">', "page.html leads to missing.png, which does not exist"),
        (
            '<a href="other.html#nowhere">',
            "page.html leads to other.html#nowhere, where there is no such anchor",
        ),
        (
            '<script src="https://cdn.example/x.js">',
            "page.html loads https://cdn.example/x.js",
        ),
    ],
)
def test_a_link_that_leads_nowhere_and_a_script_from_elsewhere_are_found(
    extension, tmp_path, html, problem
):
    (tmp_path / "other.html").write_text('<p id="there">')
    (tmp_path / "page.html").write_text(html)
    found = list(extension("checked_links").problems_of(tmp_path))
    assert found == ([] if problem is None else [problem])


def test_a_block_gives_what_it_prints_and_its_last_line(extension):
    executed = extension("executed_blocks").executed
    namespace = {}
    assert executed("x = 6\nprint('six')", namespace) == ("six\n", None)
    assert executed("x + 1", namespace) == ("", 7)
