"""The data of a sandbox: the database, project folders, keys, sessions and settings."""
