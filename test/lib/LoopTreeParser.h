//===- LoopTreeParser.h - Loop trees from text ------------------*- C++ -*-===//
//
// The text form of a LoopTree, which LoopTreePrinter.h prints and tests write
// by hand. A product of two matrices, rows in tiles of 8, the last of 4:
//
//   tree @product
//     A argument 240xf32
//     B argument 600xf32
//     C intermediate 360xf32 live-out
//     matmul linalg.matmul contraction f32
//     for t in 12 step 8
//       nest matmul (i in min(8, 12-8*t), j in 30, k in 20 reduction) flops=2
//         read A[160*t+20*i+k]
//         read B[30*k+j]
//         read-fill C[240*t+30*i+j]
//         write C[240*t+30*i+j]
//
// One line per thing; a line that is indented more than a loop or nest is in
// it; `//` begins a comment. Definitions come before uses, except that a buffer
// may name its loop. [x] may be left out, x* is any number of x:
//
//   tree     [tree @word]
//   buffer   name kind [word] elements[x type] [bits=n] [live-out] [result=n]
//                                                              [in loop]
//            kind: argument, constant, global, intermediate. Bits are those of
//            the type, 32 where there is none. `in`: the buffer is allocated in
//            the body of a loop.
//   op       name [word] [kind] [type] [init-fill] [x executions] [work]
//            kind: contraction, elementwise, ...: as getKindName says; `other`
//            by default. Without a word the op is called by its name here.
//   missing  unmodelled word [x executions]
//   loop     for range, parallel range
//   nest     nest [op] (range, ...) [work]
//            Without an op the nest is one of its own.
//   range    name in extent [step n] [reduction] [inner-tile] [max n]
//   extent   form, min(form, ...)
//            Trip counts are bounded by the extents; `max` says that there are
//            fewer.
//   access   read, read-fill, write or write-around (nontemporal), then
//            buffer[form gather*] [results=n]
//            Bit r of n: the r-th write of the nest depends on the read.
//   form     sum of n, n*loop, loop
//   gather   +?(loop, ...)[*stride]<extent[ all][ least n]
//   work     [flops=n] [transcendentals=n] [int_ops=n], of one iteration in a
//            nest, of all executions in an op; 0 by default.
//
// A name has letters, digits and `_`. It stands for a loop from its range to
// the end of the loop's body; ids are numbered in the order of the text. A word
// ends with a blank, or is quoted with the escapes \\ and \XX (hexadecimal).
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TEST_LIB_LOOPTREEPARSER_H
#define MEMWALL_TEST_LIB_LOOPTREEPARSER_H

#include "memwall/Work/LoopTree.h"

namespace memwall {

/// The tree that `text` describes, which has passed `check`. Ops are located at
/// their lines. An error says where and what: "file:line:column: expected ...,
/// found ...", with `bufferName` for the file.
llvm::Expected<LoopTree> parseLoopTree(llvm::StringRef text,
                                       llvm::StringRef bufferName);

} // namespace memwall

#endif // MEMWALL_TEST_LIB_LOOPTREEPARSER_H
