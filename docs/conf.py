import sys
from pathlib import Path

# The documentation is of this folder, whatever else may be installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import sersk

project = "sersk"
author = "sersk developers"
project_copyright = "2026, sersk developers"
version = release = sersk.__version__

# No intersphinx: the documentation builds without a network.
extensions = [
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "examples", "sg_execution_times.rst"]
templates_path = ["_templates"]
default_role = "py:obj"
suppress_warnings = [
    # The gallery's configuration holds functions, which Sphinx cannot keep.
    "config.cache",
]

autosummary_generate = True
autodoc_typehints = "none"
# The templates list the methods; numpydoc would list them a second time.
numpydoc_show_class_members = False

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"plot_",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "plot_gallery": True,
}

html_theme = "pydata_sphinx_theme"
html_title = f"sersk {version}"
html_show_sourcelink = False
html_theme_options = {
    "show_prev_next": False,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
}


def setup(app):
    """Leave out what classes inherit from scikit-learn and torch, which document it."""
    app.connect("autodoc-skip-member", _skip_inherited)


def _skip_inherited(app, what, name, obj, skip, options):
    module = getattr(obj, "__module__", None) or ""
    return True if module.startswith(("sklearn.", "torch.")) else None
