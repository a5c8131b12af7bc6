"""The CoCalc API in a notebook."""
