"""Errors as the command line shows them."""

from __future__ import annotations

import os

import click


def message(error: Exception) -> str:
    """The text of an error, with files named from the present folder.

    >>> message(FileNotFoundError(2, "No such file", os.path.join(os.getcwd(), "loss.py")))
    'No such file: loss.py'
    """
    if isinstance(error, click.UsageError):
        return error.message
    if isinstance(error, OSError) and error.strerror:
        text = error.strerror if error.filename is None else f"{error.strerror}: {error.filename}"
    else:
        text = str(error)
    return text.replace(os.path.join(os.getcwd(), ""), "")
