//===- ConfigReader.h - Keys of a config.json -------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_WORKLOAD_CONFIGREADER_H
#define MEMWALL_LIB_WORKLOAD_CONFIGREADER_H

#include "memwall/Workload/Architecture.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"
#include <vector>

namespace memwall {

/// Reads the keys of an object and notes which were read. The first thing that
/// is wrong is kept; what is read after it does not matter. null is as good as
/// no key.
class ConfigReader {
public:
  /// `file`: where the object is a part of it.
  ConfigReader(const llvm::json::Object &object, llvm::StringRef type,
               const llvm::json::Object *file = nullptr)
      : object(object), type(type), file(file) {}

  /// Whether the object is a part of a file: it leaves out what its class has
  /// by default.
  bool isPart() const { return file; }

  bool has(llvm::StringRef key) const;
  /// Not even null.
  bool isAbsent(llvm::StringRef key) const { return !object.get(key); }
  /// Without a key: the default, or an error where there is none.
  int64_t integer(llvm::StringRef key);
  int64_t integer(llvm::StringRef key, int64_t other);
  /// That of the first of the keys that there is; all are read.
  int64_t firstInteger(llvm::ArrayRef<llvm::StringRef> keys);
  bool boolean(llvm::StringRef key, bool other);
  double number(llvm::StringRef key, double other);
  llvm::StringRef string(llvm::StringRef key, llvm::StringRef other);
  std::vector<std::string> strings(llvm::StringRef key);
  std::vector<int64_t> integers(llvm::StringRef key);
  /// Whether the value is the string "auto".
  bool isAuto(llvm::StringRef key);
  /// A string; empty if the value is something else.
  llvm::StringRef letters(llvm::StringRef key);
  /// Null where there is none.
  const llvm::json::Object *objectAt(llvm::StringRef key);
  Activation activation(llvm::ArrayRef<llvm::StringRef> keys,
                        llvm::StringRef other, bool isGated);
  /// The key is that of the file where the part has none.
  void inherit(llvm::StringRef key) { inherited.insert(key); }
  /// Only this value can be generated.
  void expect(llvm::StringRef key, bool value);
  void expect(llvm::StringRef key, const char *value);
  void expectEmpty(llvm::StringRef key);
  /// Keys that change nothing for this model.
  void ignore(llvm::ArrayRef<llvm::StringRef> keys);
  /// What `integer` gives where the key is left out.
  void setDefault(llvm::StringRef key, int64_t value) { defaults[key] = value; }

  void fail(llvm::StringRef key, const llvm::Twine &expected,
            const llvm::Twine &found);
  /// What was wrong, or the first key that nothing read.
  llvm::Error finish() const;

private:
  /// Notes that the key was read; null where there is none.
  const llvm::json::Value *find(llvm::StringRef key);

  const llvm::json::Object &object;
  std::string type, message;
  const llvm::json::Object *file;
  llvm::StringSet<> known, inherited;
  llvm::StringMap<int64_t> defaults;
};

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_CONFIGREADER_H
