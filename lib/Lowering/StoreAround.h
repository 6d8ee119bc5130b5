//===- StoreAround.h - Vector stores past the caches ------------*- C++ -*-===//

#ifndef MEMWALL_LIB_LOWERING_STOREAROUND_H
#define MEMWALL_LIB_LOWERING_STOREAROUND_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringRef.h"

namespace memwall {

/// A note on the innermost loop over vectors of an op with
/// `memwall.nontemporal`: vectors cannot say it of themselves before they are
/// in memory.
constexpr llvm::StringLiteral storesAroundName = "memwall.stores_around";

/// Makes the vector stores inside of loops with that note nontemporal, on
/// memrefs, and takes the note off. Stores stay as they are that may begin
/// anywhere but at a multiple of their size: such a store would be taken apart.
/// That takes an allocation of the program at the root of the memref, which is
/// aligned to 64 bytes, and indices that are known to be multiples.
void storeAround(mlir::ModuleOp module);

} // namespace memwall

#endif // MEMWALL_LIB_LOWERING_STOREAROUND_H
