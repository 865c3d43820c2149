"""What the tests of reports share: recordings of their own, and a page taken apart."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile

RATE = 8000


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a recording and returns its path.

    Without samples it writes half a second of noise that is unlike that of any other name.
    """

    def written(name, samples=None, rate=RATE, **parameters):
        if samples is None:
            seed = list(name.encode())
            samples = np.random.default_rng(seed).uniform(-0.5, 0.5, rate // 2)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, samples, rate, **parameters)
        return str(path)

    return written


@dataclass
class Element:
    """An element of a page, with what it holds."""

    tag: str
    attributes: dict
    children: list = field(default_factory=list)

    @property
    def text(self):
        """All text in it."""
        return "".join(each if isinstance(each, str) else each.text for each in self.children)

    def all(self, tag=None, **attributes):
        """Return all elements in it of that tag and with these attributes."""
        found = []
        for child in self.children:
            if isinstance(child, str):
                continue
            if tag in (None, child.tag) and attributes.items() <= child.attributes.items():
                found.append(child)
            found += child.all(tag, **attributes)
        return found

    def rows(self):
        """Return the text of the cells of a table."""
        return [
            [cell.text.strip() for cell in row.children if not isinstance(cell, str)]
            for row in self.all("tr")
        ]


class Parser(HTMLParser):
    """Takes a page apart, as a browser would, and refuses what is not closed."""

    VOID = {"meta", "img", "input", "br", "link"}

    def __init__(self):
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag, attributes):
        element = Element(tag, dict(attributes))
        self.open[-1].children.append(element)
        if tag not in self.VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.open[-1].children.append(Element(tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag

    def handle_data(self, data):
        self.open[-1].children.append(data)


@pytest.fixture(scope="session")
def taken_apart():
    """Return a function that takes a page apart."""

    def apart(page):
        parser = Parser()
        parser.feed(page)
        parser.close()
        [root] = parser.open
        return root

    return apart
