//===- TextColumns.h - Lines of a text report -------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_TEXTCOLUMNS_H
#define MEMWALL_LIB_REPORT_TEXTCOLUMNS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace memwall {

/// How text stands out on a terminal.
enum class TextStyle { Plain, Bold, Red };

/// Writes lines of so many terminal columns, without blanks at their ends.
class TextColumns {
public:
  TextColumns(llvm::raw_ostream &os, unsigned columns, bool color)
      : os(os), columns(columns), color(color) {}

  unsigned width() const { return columns; }

  void writeLine(llvm::StringRef line = "", TextStyle style = TextStyle::Plain);

  /// `title`, and a rule from there to the right margin.
  void writeTitle(llvm::StringRef title);

  /// `first` and the words of `text` behind it, in lines that begin below the
  /// first word.
  void writeParagraph(llvm::StringRef first, llvm::StringRef text,
                      TextStyle style = TextStyle::Plain);

  /// `name` in `nameColumns`, and the texts side by side in equal parts of the
  /// rest, each in as many lines as it takes; nothing when all are empty.
  /// Whether something was written.
  bool writeSideBySide(llvm::StringRef name, unsigned nameColumns,
                       llvm::ArrayRef<std::string> texts, unsigned parts);

private:
  llvm::raw_ostream &os;
  unsigned columns;
  bool color;
};

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_TEXTCOLUMNS_H
