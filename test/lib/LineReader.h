//===- LineReader.h - Text, line by line, with locations --------*- C++ -*-===//

#ifndef MEMWALL_TEST_LIB_LINEREADER_H
#define MEMWALL_TEST_LIB_LINEREADER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/LogicalResult.h"
#include "llvm/Support/SourceMgr.h"
#include <string>

namespace memwall {

/// Reads the lines of a text that are neither blank nor a comment (`//`), each
/// from left to right. Every `consume` and `parse` skips blanks first. A
/// `parse` that fails keeps the message of the first failure.
class LineReader {
public:
  LineReader(llvm::StringRef text, llvm::StringRef bufferName);

  /// Goes on to the next line; false at the end of the text.
  bool nextLine();
  /// Blanks in front of the line.
  unsigned getIndentation() const { return indentation; }

  bool isAtEndOfLine();
  /// What comes next, up to a blank.
  llvm::StringRef peekWord();
  /// Takes `text` if it comes next.
  bool consume(llvm::StringRef text);
  /// Takes `keyword` if it comes next and a blank, `(`, `)`, `[`, `]`, `,`,
  /// `+` or the end of the line follows.
  bool consumeKeyword(llvm::StringRef keyword);
  /// The letters, digits and `_` that come next; may be empty.
  llvm::StringRef consumeName();

  llvm::LogicalResult parse(llvm::StringRef text);
  /// A number in [least, most]; `expected` says what it is.
  llvm::LogicalResult parseInteger(int64_t &value, int64_t least, int64_t most,
                                   const llvm::Twine &expected);
  /// Everything up to a blank, or what is quoted.
  llvm::LogicalResult parseWord(std::string &word, llvm::StringRef expected);

  /// Fails at the place that was reached, or at `location`, which begins what
  /// was found.
  llvm::LogicalResult fail(const llvm::Twine &expected);
  llvm::LogicalResult fail(llvm::SMLoc location, const llvm::Twine &expected);
  llvm::Error takeError();

  llvm::SMLoc getLocation();
  /// "file:line:column".
  std::string print(llvm::SMLoc location) const;

private:
  llvm::SourceMgr sources;
  llvm::StringRef text; ///< After the line.
  llvm::StringRef line; ///< What is left of it.
  unsigned indentation = 0;
  std::string message;
};

} // namespace memwall

#endif // MEMWALL_TEST_LIB_LINEREADER_H
