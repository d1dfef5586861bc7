"""The grammar of random programs: productions by level, with types and extents tracked while they are written."""
