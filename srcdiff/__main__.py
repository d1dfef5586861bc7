"""``python -m srcdiff``: the same as the command ``srcdiff``."""

from srcdiff.cli import main

if __name__ == "__main__":
    main()
