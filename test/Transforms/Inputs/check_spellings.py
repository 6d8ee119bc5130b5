#!/usr/bin/env python3
"""Functions whose names start alike are one in normal form.

    check_spellings.py NORMALIZED.mlir

Compares the printed text of @softmax_a, @softmax_b, ... up to their names."""

import difflib
import pathlib
import re
import sys

functions = re.split(r"(?m)^  (?=func\.func )", pathlib.Path(sys.argv[1]).read_text())[1:]
first = {}
for text in functions:
    name = re.match(r"func\.func @(\w+)", text).group(1)
    group = name.split("_")[0]
    text = text.replace(f"@{name}(", "@f(").rstrip("} \n")
    other, expected = first.setdefault(group, (name, text))
    if text != expected:
        lines = difflib.unified_diff(expected.split("\n"), text.split("\n"), other, name, lineterm="")
        sys.exit("\n".join(lines))
print(f"{len(functions)} spellings of {', '.join(first)}")
