"""Pictures of a history, with matplotlib; no display is needed."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srcdiff.train.errors import TrainingError

_UNDATED: dict[str, dict[str, None]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
"""What keeps the time out of a file: the same history gives the same bytes."""


@dataclass(frozen=True)
class Curve:
    """A line in a picture."""

    label: str
    x: list[float]
    y: list[float]


def check_path(path: str | os.PathLike[str]) -> None:
    """Refuse a file that no picture can be written to: a missing matplotlib, or an ending that it does not know."""
    drawn = _new_figure()
    ending = Path(path).suffix.removeprefix(".").lower()
    known = drawn.canvas.get_supported_filetypes()
    if ending not in known:
        raise TrainingError(f"cannot draw {os.fspath(path)}: a picture ends in .png, .svg or .pdf")


def figure(panels: Mapping[str, Sequence[Curve]]) -> Any:
    """A matplotlib Figure with one panel for each metric, against the epochs."""
    drawn = _new_figure(width=1.0 + 4.0 * len(panels))
    for place, (metric, curves) in enumerate(panels.items(), 1):
        axes = drawn.add_subplot(1, len(panels), place)
        for curve in curves:
            style = "-" if len(curve.x) > 1 else "o"
            axes.plot(curve.x, curve.y, style, label=curve.label, linewidth=1.8)
        axes.set_xlabel("epoch")
        axes.set_title(metric)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
    return drawn


def image(drawn: Any, path: str | os.PathLike[str]) -> bytes:
    """A figure as the content of a file; the ending of ``path`` says of which kind."""
    import matplotlib

    content, ending = io.BytesIO(), Path(path).suffix.removeprefix(".").lower()
    with matplotlib.rc_context({"svg.hashsalt": "srcdiff"}):
        drawn.savefig(content, format=ending, dpi=150, metadata=_UNDATED.get(ending))
    return content.getvalue()


def _new_figure(width: float = 5.0) -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise TrainingError("pictures are drawn by matplotlib: pip install matplotlib") from None
    return Figure(figsize=(width, 3.6), layout="constrained")
