//===- RenderJSON.h - Parts of a report in JSON -----------------*- C++ -*-===//
//
// What the JSON report and the page share, so that both have the same fields
// with the same figures. docs/Report.md describes them.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_REPORT_RENDERJSON_H
#define MEMWALL_LIB_REPORT_RENDERJSON_H

#include "memwall/Report/Report.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/JSON.h"

namespace memwall {

/// The options and the targets.
void writeReportFields(llvm::json::OStream &json, const Report &report);

/// All of a function; `writeOps` writes the entries of its ops.
void writeFunctionFields(llvm::json::OStream &json,
                         const FunctionFigures &function,
                         llvm::function_ref<void()> writeOps);

/// All of an op, or of the sum of several.
void writeOpFields(llvm::json::OStream &json, const OpFigures &op);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_RENDERJSON_H
