"""The sandbox's own controls: its dashboard, its request log, faults on order.

From the bottom up: request_log, dashboard, tickets, dashboard_page, control.
"""
