"""``srcdiff clean``: empty the cache of generated modules."""

from __future__ import annotations

import click

from srcdiff.cache.entries import ours
from srcdiff.cache.folder import location


@click.command()
def clean() -> None:
    """Remove the generated modules from the cache; what srcdiff has not put there stays.

    The cache is the user's cache directory, or the folder that SRCDIFF_CACHE_DIR names. Nothing is lost: a module that
    is needed again is made again.
    """
    home = location()
    count = size = 0
    for path in ours(home):
        size += path.stat().st_size
        path.unlink(missing_ok=True)  # another process may be cleaning too
        count += 1
    if count:
        click.echo(f"removed {count} {'file' if count == 1 else 'files'} ({size / 1000:.1f} kB) from {home}")
    else:
        click.echo(f"nothing to remove in {home}")
