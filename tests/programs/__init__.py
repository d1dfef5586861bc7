"""Small programs by theme, each a class of mistakes that differentiation tools are known to make.

Every module lists its functions in `CASES`: name -> how to make arguments from a random generator. `WRT` says what to
differentiate by where that is not all float arguments together. All are smooth at their arguments.
"""
