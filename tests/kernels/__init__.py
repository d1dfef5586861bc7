"""Complete numerical programs in the style people write them.

``programs/`` is differentiated by the test suite.  ``aside/`` was written from the task's text alone and is put aside
as a measure of the compiler: nothing is tuned to it.  ``plain.py`` runs either folder without the compiler.
"""
