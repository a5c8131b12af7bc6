"""Everything that speaks HTTP with a server: the client, its transport and the wires of each API.

From the bottom up: cancel, event_methods, official, projects, request_state, adapter, streams, wire,
http_failures, key_dialog, incoming, pool, transport, routing, sign_in, transfer, client.
"""
