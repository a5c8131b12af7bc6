"""What runs in projects: processes, jobs and Jupyter kernels."""
