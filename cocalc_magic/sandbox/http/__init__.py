"""The sandbox's HTTP server: from a request to its response."""
