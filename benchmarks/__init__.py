"""The figures of the tool: ``python -m benchmarks`` prints all of them, ``python -m benchmarks.ratio`` one."""
