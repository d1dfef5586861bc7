"""From a call to the module that serves it: the objects that ``srcdiff.grad`` and its kin give."""

from .compiled import CompiledFunction

__all__ = ["CompiledFunction"]
