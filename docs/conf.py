"""Configuration of the documentation; `make docs` builds it."""

from importlib.metadata import version as version_of

project = "sklearn_audio"
author = "The sklearn_audio developers"
copyright = f"2026, {author}"
version = release = version_of("sklearn-audio")

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build"]
myst_heading_anchors = 2
autosummary_generate = True
autodoc_typehints = "none"  # the docstrings say types, shapes and units
numpydoc_show_class_members = False
default_role = "code"
html_theme = "alabaster"
html_theme_options = {
    "description": "scikit-learn for sound",
    "fixed_sidebar": True,
    "page_width": "1100px",
}
suppress_warnings = ["ref.term"]  # methods inherited from scikit-learn point into its glossary
