"""The APIs that the sandbox answers: v1, v2 and conat."""
