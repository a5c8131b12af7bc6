"""The sandbox's own controls: its dashboard, its request log, faults on order."""
