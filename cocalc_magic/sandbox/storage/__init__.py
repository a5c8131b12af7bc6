"""The data of a sandbox: the database, project folders, keys, sessions and settings.

From the bottom up: cache, database, folders, internal_tables, lock, passwords, settings, store, keys,
sessions, blobs, temporary.
"""
