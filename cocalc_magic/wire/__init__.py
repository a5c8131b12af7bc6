"""How a message travels, by generation; pure functions between messages and bytes.

v1    POST <server>/api/v1/<event>, options as one JSON object
"""
