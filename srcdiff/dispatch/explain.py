"""An exception in generated code names the line of the author's that its statement was made from."""

from __future__ import annotations

from srcdiff.compile import Module
from srcdiff.emit.origins import statement_at


def explain(error: BaseException, module: Module) -> None:
    """Add the author's line to an exception that a generated module has raised. Nothing is looked up before."""
    made, name, line, trace = module.made, "", 0, error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == module.filename and code.co_name in made.origins:
            name, line = code.co_name, trace.tb_lineno
        trace = trace.tb_next
    origins = made.origins.get(name, ())
    number = statement_at(made.text, name, line) if line else None
    origin = origins[number] if number is not None and number < len(origins) else None
    if origin is not None:
        error.add_note(f'line {line} of {name} was made from\n  File "{origin.file}", line {origin.line}\n'
                       f"    {origin.text}")
