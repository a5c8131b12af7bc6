"""What runs in projects: processes, jobs and Jupyter kernels.

From the bottom up: kernel_client, kernel_pool, outputs, reaper, job_stats, spawn, process_groups, kernels,
processes, jobs, this_python, page_kernels, small_shell, shell_commands.
"""
