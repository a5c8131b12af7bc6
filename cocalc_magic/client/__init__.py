"""Everything that speaks HTTP with a server: the client, its transport and the wires of each API."""
