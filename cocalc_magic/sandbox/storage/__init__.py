"""What a sandbox keeps: the database, project folders, keys, sessions and settings."""
