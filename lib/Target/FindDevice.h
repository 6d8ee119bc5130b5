//===- FindDevice.h - Where a device stands in its file ---------*- C++ -*-===//
//
// Attributes have no locations, so the text is searched for the name. Private
// to the room.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TARGET_FINDDEVICE_H
#define MEMWALL_LIB_TARGET_FINDDEVICE_H

#include "mlir/IR/Location.h"
#include "llvm/ADT/StringRef.h"

namespace memwall {

/// The place of the name of a device in `text`, which is the file that `module`
/// is a location in; without a text, in that file, where it can be read.
/// `module` where no device of this name is found.
mlir::Location findDevice(mlir::Location module, llvm::StringRef text,
                          llvm::StringRef name);

} // namespace memwall

#endif // MEMWALL_LIB_TARGET_FINDDEVICE_H
