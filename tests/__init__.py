"""Tests of srcdiff. A package, so that `python -m tests.fuzz` runs from the top of the checkout."""
