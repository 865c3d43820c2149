"""Configuration of the documentation; `make docs` builds it."""

import os
import sys
from importlib.metadata import version as version_of
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS / "_extensions"))

# The examples called recordings_*.py need the folder of real recordings, which the tests use too.
# Where it is missing they are shown, but not run.
SHARED = Path(os.environ.get("SKLEARN_AUDIO_SHARED", DOCS.parents[1] / "shared" / "data"))
if SHARED.is_dir():
    os.environ["SKLEARN_AUDIO_SHARED"] = str(SHARED)

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
    "sphinx_gallery.gen_gallery",
    "executed_blocks",
    "linked_names",
    "checked_links",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
default_role = "code"
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!sklearn_audio\.).*")]  # only this package is described here

myst_heading_anchors = 3
myst_enable_extensions = ["attrs_block"]

autosummary_generate = True
autodoc_typehints = "none"  # the docstrings say types, shapes and units
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False  # the template of a class lists them
suppress_warnings = ["ref.term"]  # methods inherited from scikit-learn point into its glossary

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "generated/gallery",
    "filename_pattern": "/(plot|recordings)_" if SHARED.is_dir() else "/plot_",
    "ignore_pattern": r"^(?!plot_|recordings_)",  # the others are programs for the command line
    "within_subsection_order": "FileNameSortKey",
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("sklearn_audio",),
    "reference_url": {"sklearn_audio": None},
    "image_scrapers": ("matplotlib",),
    # What a figure is called says nothing beside the figure.
    "ignore_repr_types": r"matplotlib|Display'>",
    "abort_on_example_error": True,
    "plot_gallery": True,
    "parallel": False,
    "show_memory": False,
    "min_reported_time": 1,
    "write_computation_times": False,
    "remove_config_comments": True,
    "show_signature": False,
}

html_theme = "pydata_sphinx_theme"
html_title = "sklearn_audio"
html_logo = html_favicon = "_static/logo.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_sidebars = {page: [] for page in ["index", "getting_started", "changelog"]}
html_theme_options = {
    "logo": {"text": "sklearn_audio"},
    "navbar_end": ["theme-switcher"],
    # Wide tables need the place.
    "secondary_sidebar_items": {"**": ["page-toc"], "index": [], "user_guide/features": []},
    "primary_sidebar_end": [],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_toc_level": 2,
}
