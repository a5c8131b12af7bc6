"""The documentation of this version: its pages as text, and what is found in them.

From the bottom up: pages, blocks, known, ranking, search.
"""
