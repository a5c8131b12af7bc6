"""What a CoCalc does, in plain functions of the world: no HTTP, no SQL, and none of the APIs' shapes.

A function raises `Failed` where it cannot do what it is asked for. Texts
of failures are here where several APIs show the same; those of one API are in its package below `api`.

From the bottom up: access, addresses, casts, columns, exec, files, keys, licenses, members, projects, copies,
jupyter, site, registration, project_calls, project_files, bookmarks, cli_logins, sign_up, invitations,
accounts, messages, organizations, query, account_search, scopes.
"""
