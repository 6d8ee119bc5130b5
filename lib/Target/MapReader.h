//===- MapReader.h - The entries of a DLTI map ------------------*- C++ -*-===//
//
// Private to the room.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TARGET_MAPREADER_H
#define MEMWALL_LIB_TARGET_MAPREADER_H

#include "memwall/Target/DLTI.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"

namespace memwall {

using Entries = llvm::ArrayRef<mlir::DataLayoutEntryInterface>;

/// The text of a key, or "" when it is a type.
llvm::StringRef getKeyText(mlir::DataLayoutEntryInterface entry);

/// The entries of one map, with what is needed to complain about them. Every
/// `read*` fails after one error when the value is of the wrong kind, and
/// leaves the output alone when the key is absent.
class MapReader {
public:
  MapReader(std::string where, Entries entries, EmitErrorFn emitError)
      : where(std::move(where)), entries(entries), emitError(emitError) {}

  mlir::LogicalResult checkKeys(llvm::ArrayRef<llvm::StringRef> known) const;
  mlir::Attribute find(llvm::StringRef key) const;
  mlir::LogicalResult require(llvm::StringRef key) const;
  mlir::LogicalResult readText(llvm::StringRef key, std::string &text) const;
  mlir::LogicalResult readInteger(llvm::StringRef key, int64_t &number) const;
  mlir::LogicalResult readRate(llvm::StringRef key,
                               std::optional<double> &rate) const;
  mlir::LogicalResult readBool(llvm::StringRef key, bool &value) const;
  mlir::FailureOr<Entries> readMap(llvm::StringRef key) const;

  mlir::LogicalResult fail(const llvm::Twine &message) const {
    return emitError() << where << ": " << message;
  }
  mlir::LogicalResult failKind(llvm::StringRef key, llvm::StringRef expected,
                               mlir::Attribute found) const {
    return emitError() << where << ": '" << key << "' expects " << expected
                       << ", found " << found;
  }
  /// The reader of a map inside of this one; `what` is its name in messages.
  MapReader getInner(const std::string &what, Entries inner) const {
    return MapReader(where + ", " + what, inner, emitError);
  }

private:
  std::string where;
  Entries entries;
  EmitErrorFn emitError;
};

} // namespace memwall

#endif // MEMWALL_LIB_TARGET_MAPREADER_H
