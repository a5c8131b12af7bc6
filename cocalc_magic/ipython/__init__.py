"""The magics in IPython: input, completion, display.

From the bottom up: input_transform, progress, front_ends, display, offers, command_completion, completion,
magics.
"""
