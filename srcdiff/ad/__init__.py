"""The mathematics of differentiation: forward and reverse mode over structured programs. No function is known by name."""
