"""Everything that speaks HTTP with a server: the client, its transport and the wires of each API.

From the bottom up: cancel, event_methods, official, projects, request_state, adapter, streams, wire,
http_failures, key_dialog, incoming, pool, transport, sign_in, transfer, retrying, routing, client,
async_client.
"""
