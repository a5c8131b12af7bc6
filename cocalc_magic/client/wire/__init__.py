"""How a message travels, by generation; pure functions between messages and bytes.

v1           POST <server>/api/v1/<event>, options as one JSON object
v2           POST <server>/api/v2/<path>, the same
conat        POST <server>/api/conat/hub or …/project, the name in the body
generations  one door to the three
probing      which of them a server speaks
translate    a v1 message by what today's servers have
"""
