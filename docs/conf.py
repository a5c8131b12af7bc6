"""Settings of Sphinx."""

from pathlib import Path

import cocalc_magic

project = "cocalc-magic"
author = "the cocalc-magic authors"
project_copyright = author
version = release = cocalc_magic.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = f"cocalc-magic {version}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_search_scorer = str(Path(__file__).parent / "static/search_scorer.js")
smartquotes = False  # options have two dashes, and what is copied straight quotes
html_domain_indices = False  # nothing leads to a list of modules
html_copy_source = False  # the pages as Markdown are beside the site
html_show_sourcelink = False
default_role = "code"  # what our docstrings have between backticks
highlight_language = "text"
myst_heading_anchors = 3
nb_execution_mode = "off"  # the outputs are those that the tests compare
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # nothing is fetched from elsewhere
autodoc_member_order = "bysource"
autodoc_typehints = "none"
add_module_names = False
suppress_warnings = ["misc.highlighting_failure"]  # cells are of our own language
