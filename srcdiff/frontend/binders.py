"""Calls of functions that have a rule."""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping, Sequence
from typing import Any

from srcdiff.rules.binding import Binder

from .frames import Frame, to_item, to_python
from .items import Item

Kwargs = Mapping[str, Item]


def call_binder(
    frame: Frame, node: ast.Call, binder: Binder, args: Sequence[Item], kwargs: Kwargs, form: str = ""
) -> Item:
    """The item of a call of a function of the table."""
    given = [to_python(frame, node, item) for item in args]
    named = {name: to_python(frame, node, item) for name, item in kwargs.items()}
    # keywords travel inside a partial: the names of the call's own parameters must not catch them
    function = functools.partial(_bound, binder, given, named)
    try:
        return to_item(frame.call(node, function, form=form, operands=[*args, *kwargs.values()]))
    except TypeError as error:
        name = ast.unparse(node.func)
        raise frame.refuse(node, "SD001", f"this call of `{name}` is not supported", str(error)) from None


def _bound(binder: Binder, args: list[Any], kwargs: dict[str, Any], b: Any) -> Any:
    return binder(b, *args, **kwargs)
