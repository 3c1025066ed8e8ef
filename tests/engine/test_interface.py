"""The C header and Python's declarations of the engine's functions agree, type by type."""

import ctypes
import re
from pathlib import Path
from typing import Any

import pytest

from lenet.engine.library import (
    _SIGNATURES,  # pyright: ignore[reportPrivateUsage] the declarations under test
)

HEADER = Path(__file__).parents[2] / "native" / "lenet_engine.h"

TYPES = {
    "void": None,
    "int": ctypes.c_int,
    "int64_t": ctypes.c_int64,
    "float": ctypes.c_float,
    "double": ctypes.c_double,
    "const char*": ctypes.c_char_p,
}


def signatures(text: str) -> dict[str, tuple[Any, list[Any]]]:
    """Read the functions of a header: each one's result and its arguments, as ctypes types."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    functions = re.findall(r"\bLENET_API\s+([\w\s*]+?)\b(\w+)\s*\(([^()]*)\)\s*;", text)
    assert len(functions) == len(re.findall(r"\bLENET_API\b(?!\s+__)", text))
    return {
        name: (
            ctype(result),
            [] if arguments == "void" else [ctype(drop_name(one)) for one in arguments.split(",")],
        )
        for result, name, arguments in functions
    }


def drop_name(argument: str) -> str:
    """Return the type of ``type name``."""
    match = re.fullmatch(r"(.*[\s*])\w+\s*", argument, flags=re.DOTALL)
    assert match is not None, argument
    return match[1]


def ctype(text: str) -> Any:
    """Return the ctypes type of a type in C. All pointers but ``const char*`` are ``void*``."""
    name = re.sub(r"\s*\*\s*", "*", " ".join(text.split()))
    if name in TYPES:
        return TYPES[name]
    assert name.endswith("*"), f"this test does not know the type {name!r}"
    return ctypes.c_void_p


def test_header_and_python_declare_the_same_functions() -> None:
    assert signatures(HEADER.read_text()) == _SIGNATURES


def test_the_parser_reads_types() -> None:
    text = """
    #define LENET_API __attribute__((visibility("default")))
    /* LENET_API int not_this(int number); */
    LENET_API const char* first(int number);
    LENET_API void second(plan* plan);
    LENET_API int third(const float* const* parameters, float *const *out, int64_t count,
                        const int64_t* index, float scale, const char *name, double seconds);
    """
    c_void_p, c_char_p = ctypes.c_void_p, ctypes.c_char_p
    assert signatures(text) == {
        "first": (c_char_p, [ctypes.c_int]),
        "second": (None, [c_void_p]),
        "third": (
            ctypes.c_int,
            [
                *[c_void_p, c_void_p, ctypes.c_int64, c_void_p, ctypes.c_float],
                *[c_char_p, ctypes.c_double],
            ],
        ),
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("lenet_variant(int number)", "lenet_variant(int64_t number)"),
        ("LENET_API const char* lenet_variant(", "LENET_API char* lenet_variant("),
        ("lenet_peak(const char* variant, int threads", "lenet_peak(const char* variant"),
        ("LENET_API double lenet_peak(", "LENET_API float lenet_peak("),
        ("LENET_API int lenet_warp(", "LENET_API void lenet_warp("),
        ("lenet_warp(", "lenet_distort("),
        ("float scale,", "double scale,"),
        ("const int64_t* index", "int64_t index"),
        ("LENET_API void lenet_plan_free(lenet_plan* plan);", ""),
        (
            "LENET_API void lenet_plan_free(lenet_plan* plan);",
            "LENET_API void lenet_plan_free(lenet_plan* plan); LENET_API void more(int number);",
        ),
    ],
)
def test_a_changed_header_is_noticed(before: str, after: str) -> None:
    text = HEADER.read_text()
    assert before in text
    assert signatures(text.replace(before, after, 1)) != _SIGNATURES


@pytest.mark.parametrize("name", _SIGNATURES)
def test_a_function_that_only_one_side_declares_is_noticed(name: str) -> None:
    rest = {other: types for other, types in _SIGNATURES.items() if other != name}
    assert signatures(HEADER.read_text()) != rest
