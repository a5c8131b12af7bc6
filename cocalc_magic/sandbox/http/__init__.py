"""The sandbox's HTTP server: from a request to its response.

From the bottom up: api_versions, auth, body, budget, hosts, messages, endpoint, apis, faults, pages,
rate_limit, routes, app, sign_in, get_api_key, modern_apis, server, transfers.
"""
