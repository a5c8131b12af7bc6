"""Many messages, each exactly once: rows, what becomes of them, the journal, and the loop that sends.

It knows a function that sends one message, never the client.

From the bottom up: rows, outcome, tally, concurrency, attempt, read_back, result, template, settings, item,
doubts, journal_file, journal, journals, loop, run, text_file, csv_file, json_lines, data, file_lock.
"""
