"""Python blocks of the pages are run when the site is built, and what they make is shown below.

That is what they print, the figures that they draw, and what a notebook would show of their last
line: a player, a diagram, a table. The blocks of a page are one program, as in the tests.
"""

import ast
import contextlib
import io
import os
import traceback
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

import sklearn_audio

PICTURES = "generated/pictures"
# Whose machine built the site is nobody's concern.
FOLDER_OF_PACKAGE = f"{Path(sklearn_audio.__file__).parents[1]}{os.sep}"


class ExecutedBlocks(SphinxTransform):
    """Put what each block of a page makes below it."""

    default_priority = 400  # before images are collected and names linked

    def apply(self):
        page = self.env.current_document.docname
        if page.startswith("generated/"):
            return  # programs of the gallery have been run
        blocks = self.document.findall(nodes.literal_block)
        blocks = [block for block in blocks if block.get("language") == "python"]
        namespace = {"__name__": "__main__"}
        with TemporaryDirectory() as folder, contextlib.chdir(folder):
            for number, block in enumerate(blocks):
                picture = f"{PICTURES}/{page.replace('/', '-')}-{number}"
                try:
                    printed, value = executed(block.astext(), namespace)
                except Exception:
                    logging.getLogger(__name__).warning(traceback.format_exc(), location=block)
                    return
                made = [*as_text(printed), *as_images(Path(self.env.srcdir), picture)]
                made += as_html(value)
                place = block.parent.index(block) + 1
                block.parent[place:place] = made


def executed(code, namespace):
    """Run code; return what it prints and what its last line is."""
    program = ast.parse(code)
    if isinstance(program.body[-1], ast.Expr):
        value = ast.Assign([ast.Name("_", ast.Store())], program.body[-1].value)
        program.body[-1] = ast.fix_missing_locations(ast.copy_location(value, program.body[-1]))
    printed = io.StringIO()
    with (
        warnings.catch_warnings(action="ignore"),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(io.StringIO()),  # bars of progress
    ):
        exec(compile(program, "block", "exec"), namespace)
    return printed.getvalue(), namespace.pop("_", None)


def as_text(printed):
    """Yield what was printed as a block."""
    if text := printed.rstrip().replace(FOLDER_OF_PACKAGE, ""):
        yield nodes.literal_block(text, text, language="none", classes=["output"])


def as_images(source, picture):
    """Save and close all figures; yield their images."""
    import matplotlib.pyplot as plt

    for figure in map(plt.figure, plt.get_fignums()):
        uri = f"{picture}-{figure.number}.png"
        (source / uri).parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(source / uri, dpi=120)
        yield nodes.image(uri=f"/{uri}", alt="what the code above draws", classes=["output"])
    plt.close("all")


def as_html(value):
    """Yield how a notebook shows a value."""
    if hasattr(value, "_repr_html_"):
        html = value._repr_html_().replace(FOLDER_OF_PACKAGE, "")
        yield nodes.raw("", f'<div class="output">{html}</div>', format="html")


def setup(app):
    """Tell Sphinx."""
    os.environ["MPLBACKEND"] = "agg"  # no window opens
    app.add_transform(ExecutedBlocks)
    return {"parallel_read_safe": False}
