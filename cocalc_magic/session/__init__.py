"""What one shell knows: its client, its current project, its history, its keys."""
