"""What one shell knows: its client, its current project, its history, its keys.

From the bottom up: namespace, frontend, whoami, key_destination, session, login, api_keys, legacy_key, jobs,
bulk.
"""
