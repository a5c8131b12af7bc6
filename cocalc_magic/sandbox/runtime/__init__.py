"""What runs in projects: processes, jobs and Jupyter kernels.

From the bottom up: job_stats, kernel_client, kernel_pool, outputs, reaper, spawn, process_groups, kernels,
processes, jobs.
"""
