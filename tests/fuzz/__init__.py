"""Random programs against differences and against each other: `python -m tests.fuzz --help`."""
