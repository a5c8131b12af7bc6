"""What one shell knows: its client, its current project, its history, its keys and sessions.

From the bottom up: namespace, frontend, whoami, key_destination, session, credentials, needs, login,
api_keys, legacy_key, jobs, bulk, sign_in_link.
"""
