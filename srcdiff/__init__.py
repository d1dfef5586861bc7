"""srcdiff turns plain NumPy functions into readable gradient source code."""
