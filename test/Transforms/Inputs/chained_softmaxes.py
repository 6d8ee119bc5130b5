#!/usr/bin/env python3
"""A function of as many softmaxes in a row as the argument says."""

import sys

TYPE = "tensor<64x64xf32>"
print(f"func.func @f(%x0: {TYPE}) -> {TYPE} {{")
print(f"  %e = tensor.empty() : {TYPE}")
count = int(sys.argv[1])
for i in range(count):
    print(f"  %x{i + 1} = linalg.softmax dimension(1) ins(%x{i} : {TYPE}) outs(%e : {TYPE}) -> {TYPE}")
print(f"  return %x{count} : {TYPE}\n}}")
