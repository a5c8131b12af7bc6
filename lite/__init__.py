"""A campus in a page: JupyterLite with the extension, its sandbox and the lessons, as files to serve.

From the bottom up: serve, download, target, compiler, wheels, page, build.
"""

ADDRESS = ""
"""Where the page is published; the lessons of the documentation lead there. It stands here alone."""
