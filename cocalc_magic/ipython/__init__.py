"""The magics in IPython: input, completion, display."""
