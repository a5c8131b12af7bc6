"""The sandbox's HTTP server: from a request to its response.

From the bottom up: api_versions, auth, body, budget, hosts, messages, endpoint, apis, faults, pages,
rate_limit, routes, app, sign_in, modern_apis, server, transfers, ai_auth, ai_pages, ai_sign_in, ai_apis,
ai_transfers, form_token, get_api_key, ai_routes, ai_cli_login, project_html, project_pages.
"""
