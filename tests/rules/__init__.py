"""Tests of the rules: what every op computes, how it is typed, and how it is differentiated."""
