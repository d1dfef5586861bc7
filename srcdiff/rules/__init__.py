"""What NumPy means, and its derivatives. Importing the package enters every operation into the table."""

from . import table  # noqa: F401
