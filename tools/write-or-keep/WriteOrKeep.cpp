//===- WriteOrKeep.cpp - Files that are written whole or not at all -------===//

#include "WriteOrKeep.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

using namespace mlir;

using WriteFunction = llvm::function_ref<LogicalResult(raw_ostream &)>;

/// Writes to `os` and says what went wrong; an empty message where `write` said
/// it itself.
static llvm::Error writeTo(llvm::raw_fd_ostream &os, WriteFunction write) {
  if (failed(write(os)))
    return llvm::createStringError("");
  os.flush();
  if (!os.has_error())
    return llvm::Error::success();
  std::error_code code = os.error();
  os.clear_error();
  return llvm::errorCodeToError(code);
}

/// Devices and pipes are written in place, a file is replaced when all of it is
/// there; a link stays a link.
static llvm::Error writeToPath(StringRef path, WriteFunction write) {
  if (path == "-")
    return writeTo(llvm::outs(), write);
  SmallString<128> real;
  if (llvm::sys::fs::real_path(path, real))
    real = path;
  if (llvm::sys::fs::exists(real) && !llvm::sys::fs::is_regular_file(real)) {
    std::error_code code;
    llvm::raw_fd_ostream os(real, code);
    return code ? llvm::errorCodeToError(code) : writeTo(os, write);
  }
  return llvm::writeToOutput(real, [&](raw_ostream &os) {
    return writeTo(static_cast<llvm::raw_fd_ostream &>(os), write);
  });
}

int memwall::writeOrKeep(StringRef path, WriteFunction write) {
  llvm::Error error = writeToPath(path, write);
  if (!error)
    return EXIT_SUCCESS;
  std::string message;
  llvm::handleAllErrors(
      std::move(error),
      [&](const llvm::FileError &file) {
        message = file.messageWithoutFileInfo();
      },
      [&](const llvm::ErrorInfoBase &other) { message = other.message(); });
  std::string name = path == "-" ? "standard output" : "'" + path.str() + "'";
  if (!message.empty())
    llvm::WithColor::error()
        << "cannot write " << name << ": " << message << '\n';
  return EXIT_FAILURE;
}
