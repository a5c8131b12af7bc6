"""The APIs that the sandbox answers: names, defaults, shapes and error texts of v1, v2, conat and ai.

Each API has a package with a table of its messages. It calls the domain; it knows neither HTTP nor another
API.

From the bottom up: methods, v1, v2, arguments, bridge, conat, ai.
"""
