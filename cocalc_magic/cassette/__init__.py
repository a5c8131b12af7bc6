"""Record messages with their responses in a file, and answer from it without a server.

tape       what stands between a message and its server
stand_ins  secrets, addresses and names replaced by stand-ins
search     look for secrets that are left, in all encodings
entry      one message with its response, as a line of the file
file       the file: read, checked, written
scrub      recorded messages without secrets
recorder   record what is sent
matching   which recorded message is meant
player     answer from a file
modes      when to record and when to replay, for tests

From the bottom up: tape, stand_ins, search, entry, file, scrub, recorder, matching, player, modes.
"""
