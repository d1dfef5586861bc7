"""A model: the function that is trained, and where its parameters and scores come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcdiff.diagnostics import SrcdiffError
from srcdiff.ir.types import DTYPES, Array, Type
from srcdiff.leaves import describe, is_integer, leaves
from srcdiff.train.data import Data, named
from srcdiff.train.errors import TrainingError
from srcdiff.train.trees import check_params, copied, inventory
from srcdiff.usercode import call_user_code


@dataclass(frozen=True)
class Model:
    """What the loop works with.

    name: for messages; value_and_grad: ``(params, *batch) -> (value, gradient)``; loss: the same without the gradient,
    where it is known; inputs: the names of a batch's
    arrays, in order, None if any will do; required: how many of them have no default; types: of inputs,
    where they are known; init: ``(rng, data) -> params``; predict: ``(params, x) -> scores``; home: where these two
    were looked for; leading: the length of the tuple that the parameters have to be, None if they may be anything.
    """

    name: str
    value_and_grad: Callable[..., Any]
    inputs: tuple[str, ...] | None
    required: int = 0
    types: Mapping[str, Type] = field(default_factory=dict)
    init: Callable[..., Any] | None = None
    predict: Callable[..., Any] | None = None
    home: str = ""
    leading: int | None = None
    loss: Callable[..., Any] | None = None

    def call(self, params: Any, batch: tuple[np.ndarray, ...]) -> tuple[float, Any]:
        """Value and gradient of a batch; whatever the function raises becomes one message with the shapes involved."""
        try:
            result = self.value_and_grad(params, *batch)
        except SrcdiffError:
            raise
        except Exception as error:
            given = f"{inventory(params)}; {named(batch, self.inputs)}"
            raise TrainingError(
                f"{self.name} raises {type(error).__name__}: {error}\n  called with {given}"
            ) from error
        if not isinstance(result, tuple) or len(result) != 2 or np.ndim(result[0]) != 0:
            raise TrainingError(
                f"{self.name} returns no pair (value, gradient) with one number as its value: a loss becomes a function"
                " that does with srcdiff.value_and_grad(loss)"
            )
        return float(result[0]), result[1]

    def value(self, params: Any, batch: tuple[np.ndarray, ...]) -> float:
        """The value of a batch: by the author's loss where it is known and does not write to what it is given."""
        if self.loss is None or any(is_integer(leaf) for _, leaf in leaves(params)):
            return self.call(params, batch)[0]
        try:
            return float(self.loss(copied(params), *map(_read_only, batch)))
        except Exception:  # it writes; or it fails, and the other one says so with what it was called with
            return self.call(params, batch)[0]

    def initial(self, rng: np.random.Generator, data: Data) -> Any:
        """Fresh parameters from ``init``; TrainingError if there is none."""
        if self.init is None:
            raise TrainingError(f"{self._home()} has no `init(rng, data) -> params`: add it, or pass the parameters")
        what = f"init of {self._home()} raises, called with the data {data}"
        return call_user_code(self.init, (rng, data.all()), what)

    def check_params(self, params: Any) -> None:
        """Refuse parameters that are no tuple of the arguments, without a number, or not finite."""
        if self.leading is not None and (not isinstance(params, tuple) or len(params) != self.leading):
            first = f"the first {self.leading} arguments of {self.name}"
            raise TrainingError(f"params is {describe(params)}: it has to be a tuple of {first}")
        check_params(params)

    def scores(self, params: Any, x: np.ndarray) -> np.ndarray:
        """What ``predict`` says, as an array."""
        assert self.predict is not None
        what = f"predict of {self._home()} raises, called with {inventory(params)}; x: {describe(x)}"
        scores = np.asarray(call_user_code(self.predict, (params, x), what))
        if scores.ndim == 0 or scores.dtype.kind not in "fiub":
            raise TrainingError(f"predict of {self._home()} gives {describe(scores)}: it needs a row of scores each")
        return scores

    def _home(self) -> str:
        return self.home or f"the file of {self.name}"

    def fitted(self, data: Data) -> Data:
        """Data of the types that the function is written for: converted where nothing is lost, else TrainingError."""
        arrays = {name: self._converted(name, array, data.part) for name, array in data.arrays.items()}
        return Data(arrays, data.part)

    def _converted(self, name: str, array: np.ndarray, part: str) -> np.ndarray:
        wanted = self.types.get(name)
        if not isinstance(wanted, Array):
            return array
        dtype = DTYPES[wanted.dtype] if wanted.dtype else array.dtype
        if wanted.rank in (None, array.ndim) and (np.can_cast(array.dtype, dtype, "safe") or _is_whole(array, dtype)):
            return array.astype(dtype, copy=False)
        raise TrainingError(
            f"`{name}` of the {part} data is {describe(array)}, {self.name} is written for {name}: {wanted}"
        )


def _is_whole(array: np.ndarray, dtype: np.dtype) -> bool:
    """Whether floats are whole numbers, as labels from a text file are, where integers are wanted."""
    return array.dtype.kind == "f" and dtype.kind == "i" and bool(np.all(array.astype(dtype) == array))


def _read_only(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view
