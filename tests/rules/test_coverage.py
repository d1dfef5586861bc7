"""Every public name of numpy, numpy.linalg and numpy.fft has a rule, or is out of scope for a reason; none is unlisted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcdiff.rules.table import FUNCTIONS

SPACES: dict[str, Any] = {"np": np, "np.linalg": np.linalg, "np.fft": np.fft}

OUT_OF_SCOPE = {
    "constants, types, modules, and classes of dtypes": """
        False_ ScalarType True_ bytes_ char character clongdouble complex256 complexfloating core ctypeslib
        datetime64 dtype dtypes e emath euler_gamma exceptions f2py fft flatiter flexible float128 floating generic
        inexact inf integer lib linalg little_endian longdouble longlong ma nan ndarray newaxis number object_ pi
        polynomial random rec recarray record sctypeDict signedinteger str_ strings test testing timedelta64 typecodes
        typing ufunc ulonglong unsignedinteger void matrix memmap matrixlib poly1d LinAlgError""",
    "texts, files and settings, not numbers": """
        array2string array_repr array_str base_repr binary_repr datetime_as_string datetime_data errstate finfo
        format_float_positional format_float_scientific from_dlpack frombuffer fromfile fromregex fromstring genfromtxt
        get_include get_printoptions getbufsize geterr geterrcall iinfo info load loadtxt printoptions save savetxt savez
        savez_compressed set_printoptions setbufsize seterr seterrcall show_config show_runtime busday_count
        busday_offset busdaycalendar is_busday isnat typename mintypecode""",
    "questions about types and memory, to be asked outside the function": """
        can_cast common_type iscomplex iscomplexobj isdtype isfortran isreal isrealobj isscalar issubdtype iterable
        may_share_memory min_scalar_type promote_types result_type shares_memory broadcast_shapes require""",
    "bits and integers, which have no derivative": """
        bitwise_count bitwise_left_shift bitwise_right_shift gcd lcm left_shift right_shift packbits unpackbits
        ravel_multi_index unravel_index nextafter spacing frexp ldexp lexsort""",
    "it changes its argument: store instead, `x[...] = v`": """
        copyto fill_diagonal place put put_along_axis putmask""",
    "it calls a function of the author's for each piece: write the loop": """
        apply_along_axis apply_over_axes fromfunction fromiter frompyfunc piecewise vectorize mask_indices""",
    "iterators and indexing helpers, read by the front end or not at all": """
        broadcast c_ index_exp ix_ mgrid ndenumerate ndindex nditer nested_iters ogrid r_ s_ diag_indices
        diag_indices_from tril_indices_from triu_indices_from einsum_path""",
    "sets and counts of values: the result's length and members are no smooth function": """
        histogram histogram2d histogram_bin_edges histogramdd intersect1d setdiff1d setxor1d union1d unique_all
        unique_counts unique_inverse unique_values trim_zeros matrix_rank""",
    "other names for what has a rule (np.array, x.astype, np.stack, np.block)": """
        asanyarray asarray_chkfinite asfortranarray asmatrix astype bmat row_stack unstack resize sort_complex
        real_if_close""",
    "no rule yet: write it out": """
        corrcoef cov kaiser poly polyadd polyder polydiv polyint polymul polysub roots eig eigvals hfft ihfft
        diagonal trace""",
}
"""Names without a rule, by the reason."""


def names(space: Any) -> set[str]:
    """What a module says is public."""
    return {name for name in space.__all__ if not name.startswith("_")}


def has_rule(value: Any) -> bool:
    try:
        return value in FUNCTIONS
    except TypeError:  # it has no hash, so it is no function
        return False


LISTED = {name for text in OUT_OF_SCOPE.values() for name in text.split()}


@pytest.mark.parametrize("prefix", SPACES)
def test_nothing_is_unlisted(prefix: str) -> None:
    space = SPACES[prefix]
    without = {name for name in names(space) if not has_rule(getattr(space, name))}
    assert sorted(without - LISTED) == []


def test_what_is_listed_has_no_rule() -> None:
    """A name leaves the list when it gets a rule (np.linalg.trace is another function than np.trace)."""
    ruled = [
        name
        for name in LISTED
        if not any(name in names(space) and not has_rule(getattr(space, name)) for space in SPACES.values())
        and any(hasattr(space, name) and has_rule(getattr(space, name)) for space in SPACES.values())
    ]
    assert ruled == []


def test_no_name_has_two_reasons() -> None:
    listed = [name for text in OUT_OF_SCOPE.values() for name in text.split()]
    assert len(listed) == len(set(listed))


def test_there_are_more_than_300_functions() -> None:
    assert sum(isinstance(function, np.ufunc) or callable(function) for function in FUNCTIONS) > 300
