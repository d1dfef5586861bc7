"""Rewrites of a function: each one Function -> Function, one file each, with a before/after in its docstring."""
