"""The documentation as a site; `python -m docs FOLDER` builds it.

Pages are written (`*/*.md`) or generated from the catalog, the code and the conformance data.
"""
