//===- RenderTextRows.h - Rows of operations in text ------------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_RENDERTEXTROWS_H
#define MEMWALL_LIB_REPORT_RENDERTEXTROWS_H

#include "Rows.h"
#include "TextColumns.h"

namespace memwall {

/// Writes the rows of `target`, with its bytes at `level`:
///   h100-sxm: what takes the time as the program stands
///    share     time    moved  minimum  operation
///     67 %  35.9 ms   120 GB   302 MB  gate_proj, up_proj: 2× matmul ...
///                                      hbm3 moves 120 GB, 398 times ...
/// The three that cost most say why, at DRAM.
void writeRows(TextColumns &text, llvm::ArrayRef<Row> rows, unsigned target,
               unsigned level, const RenderOptions &options);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_RENDERTEXTROWS_H
