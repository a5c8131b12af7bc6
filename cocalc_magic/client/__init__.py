"""Everything that speaks HTTP with a server: the client, its transport and the wires of each API.

From the bottom up: cancel, event_methods, official, projects, request_state, streams, wire, http_failures,
key_dialog, incoming, retrying, connections, environment, pool, given_session, project_start, access,
translation, whose, taped, page_links, in_process, page_requests, transport, auth_requests, device_login,
sign_in, transfer, routing, workers, many, plain_session, client, async_client.
"""
