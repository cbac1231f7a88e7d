# SPDX-License-Identifier: MIT
"""Settings of Sphinx for the reference. build.py copies this file beside the pages that it makes."""

project = "http for the DL-7450"
author = "the authors of this project"
copyright = author
extensions: list[str] = []
add_module_names = False
toc_object_entries_show_parents = "hide"
python_maximum_signature_line_length = 80  # a longer signature has one argument a line, also on a phone
smartquotes_action = "D"  # dashes alone: quotes stay as they are in code
exclude_patterns = ["*.inc"]
pygments_style = "default"
pygments_dark_style = "monokai"

html_theme = "furo"
html_title = project
html_static_path = ["reference.css"]
html_css_files = ["reference.css"]
html_copy_source = False
html_show_sphinx = False
