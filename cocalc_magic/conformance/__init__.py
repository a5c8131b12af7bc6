"""How far a server answers as CoCalc does: `%cocalc conform`, and `python -m cocalc_magic.conformance`.

Cases made from the catalog are sent to the server and to a reference, a fresh sandbox or a second server;
recorded cases have their answers with them. What writes is sent only where that is asked for.

From the bottom up: cases, published, safety, answer, exchange, compare, recordings, worlds, run, report,
conform, cli, fidelity, drift.
"""
