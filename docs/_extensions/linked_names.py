"""Names of public classes and functions that are written as code lead to their pages."""

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

# A name, alone or called: `Loader`, `Loader(memory=...)`, `sklearn_audio.plotting.WaveformDisplay`.
NAME = re.compile(r"(?:sklearn_audio\.)?(\w[\w.]*)(?:\(.*\))?")
# The functions there have names of one word, which in code mostly mean something else.
NOT_BY_LAST_WORD = re.compile(r"sklearn_audio\.(features|preprocessing|summaries)\.")


class LinkedNames(SphinxPostTransform):
    """Turn each name of something that the reference describes into a link to its page."""

    default_priority = 20  # behind the references that are written as such

    def run(self):
        pages = self.pages()
        here = self.env.current_document.docname
        for literal in list(self.document.findall(nodes.literal)):
            match = NAME.fullmatch(literal.astext())
            page, anchor = pages.get(match[1], (here, "")) if match else (here, "")
            if page != here and not within_a_link(literal):
                link = make_refnode(self.app.builder, here, page, anchor, literal.deepcopy())
                literal.replace_self(link)

    def pages(self):
        """Return page and anchor of each name, as one may write it."""
        found = {}
        for name, entry in self.env.domains.python_domain.objects.items():
            place = entry.docname, entry.node_id
            found[name.removeprefix("sklearn_audio.")] = place
            is_class = entry.objtype in ("class", "exception")
            if is_class or (entry.objtype == "function" and not NOT_BY_LAST_WORD.match(name)):
                found.setdefault(name.rpartition(".")[2], place)
        return found


def within_a_link(node):
    """Tell whether something around a node leads somewhere already, or is a heading."""
    while node := node.parent:
        if isinstance(node, (nodes.reference, nodes.title, pending_xref)):
            return True
    return False


def setup(app):
    """Tell Sphinx."""
    app.add_post_transform(LinkedNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
