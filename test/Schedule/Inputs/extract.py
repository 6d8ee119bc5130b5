"""Prints an mlir block of a document that is a whole function: the first, or the
one with the number given, from 0."""

import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
blocks = re.findall(r"^```mlir\n((?:#\w+ = .*\n)*func\.func.*?)^```", text, re.S | re.M)
print(blocks[int(sys.argv[2]) if len(sys.argv) > 2 else 0])
