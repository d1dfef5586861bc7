"""All figures, one after the other: ``python -m benchmarks``."""

from benchmarks import caching, calls, compiling, importing, ratio

for module in (importing, compiling, caching, calls, ratio):
    print(f"\n## {(module.__doc__ or '').splitlines()[0]}\n")
    module.main()
