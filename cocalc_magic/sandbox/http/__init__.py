"""The sandbox's HTTP server: from a request to its response.

From the bottom up: api_versions, auth, body, budget, hosts, messages, endpoint, apis, faults, pages,
rate_limit, routes, app, sign_in, modern_apis, ai_auth, ai_pages, ai_sign_in, ai_apis, form_token,
get_api_key, ai_routes, ai_cli_login, project_html, project_pages, exchange, server, form_data, transfers,
ai_transfers.
"""
