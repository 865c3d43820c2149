"""Every link inside of the site leads somewhere, and no page loads anything from elsewhere."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.util import logging


class Page(HTMLParser):
    """What a page has links to, what it loads, and where one can jump to in it."""

    def __init__(self, path):
        super().__init__()
        self.path, self.links, self.loads, self.anchors = path, set(), set(), {"", "top"}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors |= {attributes.get("id"), attributes.get("name")}
        if tag == "a":
            self.links.add(attributes.get("href"))
        elif tag == "link":
            self.loads.add(attributes.get("href"))
        else:
            self.loads.add(attributes.get("src"))


def problems_of(folder):
    """Yield what is wrong with the links of the pages in a folder, one line each."""
    pages = {path.resolve(): Page(path) for path in Path(folder).rglob("*.html")}
    pages = {path: page for path, page in pages.items() if "_static" not in path.parts}
    for path, page in pages.items():
        name = path.relative_to(Path(folder).resolve())
        for address in sorted((page.links | page.loads) - {None}):
            url = urlsplit(address)
            if url.scheme or url.netloc:
                if address in page.loads and url.scheme != "data":
                    yield f"{name} loads {address}"
                continue
            target = (path.parent / unquote(url.path)).resolve() if url.path else path
            if not target.exists():
                yield f"{name} leads to {address}, which does not exist"
            # Pages of source know each module by one name only: their links lead to the right page,
            # but not always to the right place in it.
            elif (
                target in pages
                and unquote(url.fragment) not in pages[target].anchors
                and name.parts[0] != "_modules"
            ):
                yield f"{name} leads to {address}, where there is no such anchor"


def check(app, exception):
    """Warn of links that are broken."""
    if exception is None and app.builder.format == "html":
        for problem in problems_of(app.outdir):
            logging.getLogger(__name__).warning(problem)


def setup(app):
    """Tell Sphinx."""
    app.connect("build-finished", check, priority=900)  # links of the gallery are made at 500
    return {"parallel_read_safe": True, "parallel_write_safe": True}
