//===- FindDevice.cpp - Where a device stands in its file -----------------===//

#include "FindDevice.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace memwall;
using llvm::StringRef;

/// The end of the string that begins at `text[from]`, after its last quote.
static size_t skipString(StringRef text, size_t from) {
  for (size_t i = from + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return text.size();
}

/// Whether `text` begins with what follows the name of a device: its attribute,
/// or an alias that stands for it.
static bool isDevice(StringRef text) {
  text = text.ltrim();
  if (!text.consume_front("="))
    return false;
  text = text.ltrim();
  return text.starts_with("#dlti.target_device_spec") ||
         (text.starts_with("#") && !text.starts_with("#dlti."));
}

/// The offset of the quoted name of a device, outside of comments: the first
/// one from `from` on, or else the last one before, where an alias may stand. A
/// file can have several modules with a device of that name.
static size_t findName(StringRef text, StringRef name, size_t from) {
  size_t before = StringRef::npos;
  for (size_t i = 0; i < text.size();) {
    if (text.substr(i).starts_with("//")) {
      i = text.find('\n', i);
      continue;
    }
    if (text[i] != '"') {
      ++i;
      continue;
    }
    size_t end = skipString(text, i);
    StringRef found = text.slice(i + 1, end - 1);
    if (found == name && isDevice(text.substr(end))) {
      if (i >= from)
        return i;
      before = i;
    }
    i = end;
  }
  return before;
}

/// The offset at which line `line` begins, from 1.
static size_t findLine(StringRef text, unsigned line) {
  size_t offset = 0;
  for (unsigned at = 1; at < line && offset != StringRef::npos; ++at)
    if (offset = text.find('\n', offset); offset != StringRef::npos)
      ++offset;
  return offset;
}

mlir::Location memwall::findDevice(mlir::Location module, StringRef text,
                                   StringRef name) {
  auto place = llvm::dyn_cast<mlir::FileLineColLoc>(module);
  if (!place)
    return module;
  std::unique_ptr<llvm::MemoryBuffer> file;
  if (text.empty()) {
    auto read = llvm::MemoryBuffer::getFile(place.getFilename().getValue());
    if (!read)
      return module;
    file = std::move(*read);
    text = file->getBuffer();
  }
  size_t offset = findName(text, name, findLine(text, place.getLine()));
  if (offset == StringRef::npos)
    return module;
  StringRef before = text.take_front(offset);
  unsigned column = offset - (before.rfind('\n') + 1);
  return mlir::FileLineColLoc::get(place.getFilename(), before.count('\n') + 1,
                                   column + 1);
}
