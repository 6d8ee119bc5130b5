//===- WriteJSON.h - Values in JSON that may be unknown ---------*- C++ -*-===//
//
// What all JSON of the project writes alike: null stands for what is not known
// and for what does not fit 64 bits.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_REPORT_WRITEJSON_H
#define MEMWALL_LIB_REPORT_WRITEJSON_H

#include "memwall/Report/Report.h"
#include "llvm/Support/JSON.h"
#include <optional>

namespace memwall {

/// A number; null for more than fits 64 bits.
inline void writeCount(llvm::json::OStream &json, llvm::StringRef key,
                       int64_t count) {
  if (count == kTooManyBytes)
    json.attribute(key, nullptr);
  else
    json.attribute(key, count);
}

inline void writeBytes(llvm::json::OStream &json, llvm::StringRef key,
                       Bytes bytes) {
  json.attributeObject(key, [&] {
    writeCount(json, "read", bytes.read);
    writeCount(json, "written", bytes.written);
  });
}

inline void writeOptional(llvm::json::OStream &json, llvm::StringRef key,
                          std::optional<double> value) {
  if (value)
    json.attribute(key, *value);
  else
    json.attribute(key, nullptr);
}

/// A text; null where there is none.
inline void writeText(llvm::json::OStream &json, llvm::StringRef key,
                      llvm::StringRef text) {
  if (text.empty())
    json.attribute(key, nullptr);
  else
    json.attribute(key, text);
}

/// "causes": null where they are not known.
inline void writeCauses(llvm::json::OStream &json,
                        const std::optional<Causes> &causes) {
  if (!causes)
    return json.attribute("causes", nullptr);
  json.attributeObject("causes", [&] {
    json.attribute("cold", causes->cold);
    json.attribute("capacity", causes->capacity);
    if (causes->conflict)
      json.attribute("conflict", *causes->conflict);
    else
      json.attribute("conflict", nullptr);
    json.attribute("unused", causes->unused);
    json.attribute("fetch_on_store", causes->fetchOnStore);
    json.attribute("partial_read", causes->partialRead);
    json.attribute("written_once", causes->writtenOnce);
    json.attribute("written_again", causes->writtenAgain);
  });
}

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_WRITEJSON_H
