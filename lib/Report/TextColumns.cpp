//===- TextColumns.cpp - Lines of a text report ---------------------------===//

#include "TextColumns.h"
#include "memwall/Report/Format.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Unicode.h"

using namespace memwall;

/// Columns on a terminal; bytes where the text is no UTF-8.
static unsigned countColumns(llvm::StringRef text) {
  int width = llvm::sys::unicode::columnWidthUTF8(text);
  return width < 0 ? text.size() : width;
}

/// The words of `text` in lines of at most `columns`, unless one word is
/// longer; at least one line.
static llvm::SmallVector<std::string> wrap(llvm::StringRef text,
                                           unsigned columns) {
  llvm::SmallVector<std::string> lines(1);
  for (llvm::StringRef word : llvm::split(text, ' ')) {
    std::string &line = lines.back();
    if (line.empty())
      line = word.str();
    else if (countColumns(line) + 1 + countColumns(word) <= columns)
      line += " " + word.str();
    else
      lines.push_back(word.str());
  }
  return lines;
}

void TextColumns::writeLine(llvm::StringRef line, TextStyle style) {
  line = line.rtrim(' ');
  bool isStyled = color && style != TextStyle::Plain && !line.empty();
  if (isStyled)
    os << (style == TextStyle::Red
               ? llvm::sys::Process::OutputColor(
                     char(llvm::raw_ostream::Colors::RED), /*bold=*/false,
                     /*bg=*/false)
               : llvm::sys::Process::OutputBold(/*bg=*/false));
  os << line;
  if (isStyled)
    os << llvm::sys::Process::ResetColor();
  os << "\n";
}

void TextColumns::writeTitle(llvm::StringRef title) {
  std::string line = title.str() + " ";
  for (unsigned i = countColumns(line); i < columns; ++i)
    line += "─";
  writeLine(line, TextStyle::Bold);
}

void TextColumns::writeParagraph(llvm::StringRef first, llvm::StringRef text,
                                 TextStyle style) {
  unsigned indent = countColumns(first);
  std::string start = first.str();
  for (const std::string &line :
       wrap(text, columns - std::min(columns - 1, indent))) {
    writeLine(start + line, style);
    start = std::string(indent, ' ');
  }
}

bool TextColumns::writeSideBySide(llvm::StringRef name, unsigned nameColumns,
                                  llvm::ArrayRef<std::string> texts,
                                  unsigned parts) {
  unsigned width = (columns - nameColumns) / parts - 1;
  llvm::SmallVector<llvm::SmallVector<std::string>> wrapped;
  size_t lines = 0;
  for (const std::string &text : texts) {
    wrapped.push_back(wrap(text, width));
    if (!text.empty())
      lines = std::max(lines, wrapped.back().size());
  }
  for (size_t number = 0; number != lines; ++number) {
    std::string line = padRight(number == 0 ? name : "", nameColumns);
    for (const auto &text : wrapped)
      line += padRight(number < text.size() ? text[number] : "", width) + " ";
    writeLine(line);
  }
  return lines != 0;
}
