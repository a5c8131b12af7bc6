"""The magics in IPython: input, completion, display.

From the bottom up: input_transform, completion, progress, front_ends, display, magics.
"""
