"""Upload and download files of any kind, in the best way that the server offers.

names      paths in a project, names that a file of this machine can have
scripts    what runs in the project, and what it prints: listings, hashes, pieces
python_scripts  the same for a project whose shell is a small one
carrier    the ways: commands everywhere; uploads and downloads of today's servers beside them
local      files here: what a folder holds, a file that is whole or not there
upload     plan, send in pieces, compare hashes, move into place
download   list, plan, fetch, compare hashes, move into place

Nothing is written over unless that is asked for, a file that is there already with the same content is left
alone, and what is checked is the content: size and SHA-256 on both sides.

From the bottom up: local, names, report, scripts, python_scripts, carrier, download, upload.
"""
