//===- RenderPage.h - Parts of a page ---------------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_RENDERPAGE_H
#define MEMWALL_LIB_REPORT_RENDERPAGE_H

#include "memwall/Report/Page.h"
#include "llvm/Support/JSON.h"

namespace memwall {

/// Twelve digits that say which machine it was: the start of the SHA-256 of the
/// target's text, as `printTargets` writes it.
std::string hashTarget(const Target &target);

/// "changes": what differs from the baseline, null without one, and
/// "changes_markdown", the same for a pull request.
void writeChanges(llvm::json::OStream &json, const Comparison *changes);

/// The figures as HTML tables, for whoever has no scripts.
void renderPlainTables(const Page &page, llvm::raw_ostream &os);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_RENDERPAGE_H
