"""Prints the first mlir block of a document that is a whole function."""

import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
blocks = re.findall(r"^```mlir\n(func\.func.*?)^```", text, re.S | re.M)
print(blocks[0])
