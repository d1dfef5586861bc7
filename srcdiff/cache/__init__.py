"""Generated modules as files: where they are kept, how they are found again, and what they say in tracebacks.

Nothing here knows how a module is made.
"""
