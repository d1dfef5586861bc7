"""The mathematics of differentiation: forward and reverse mode over structured programs, no function by name."""
