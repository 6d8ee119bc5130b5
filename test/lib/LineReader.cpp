//===- LineReader.cpp - Text, line by line, with locations ----------------===//

#include "LineReader.h"
#include "llvm/ADT/StringExtras.h"

using namespace memwall;

static bool isNameCharacter(char c) { return llvm::isAlnum(c) || c == '_'; }
static bool isBlank(char c) { return llvm::isSpace(c); }

LineReader::LineReader(llvm::StringRef text, llvm::StringRef bufferName)
    : text(text), line(text.take_front(0)) {
  // The buffer is the caller's text itself: locations point into it.
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBuffer(text, bufferName,
                                       /*RequiresNullTerminator=*/false),
      llvm::SMLoc());
}

bool LineReader::nextLine() {
  while (!text.empty()) {
    std::tie(line, text) = text.split('\n');
    indentation = line.size() - line.ltrim().size();
    if (!isAtEndOfLine())
      return true;
  }
  return false;
}

bool LineReader::isAtEndOfLine() {
  line = line.drop_while(isBlank);
  return line.empty() || line.starts_with("//");
}

llvm::StringRef LineReader::peekWord() {
  return isAtEndOfLine() ? "" : line.take_until(isBlank);
}

bool LineReader::consume(llvm::StringRef text) {
  return !isAtEndOfLine() && line.consume_front(text);
}

bool LineReader::consumeKeyword(llvm::StringRef keyword) {
  if (isAtEndOfLine() || !line.starts_with(keyword))
    return false;
  llvm::StringRef rest = line.drop_front(keyword.size());
  bool isWhole = rest.empty() || isBlank(rest.front()) ||
                 llvm::StringRef("()[],+").contains(rest.front());
  if (isWhole)
    line = rest;
  return isWhole;
}

llvm::StringRef LineReader::consumeName() {
  if (isAtEndOfLine() || llvm::isDigit(line.front()))
    return "";
  llvm::StringRef name = line.take_while(isNameCharacter);
  line = line.drop_front(name.size());
  return name;
}

llvm::LogicalResult LineReader::parse(llvm::StringRef text) {
  return consume(text) ? llvm::success() : fail("'" + text + "'");
}

llvm::LogicalResult LineReader::parseInteger(int64_t &value, int64_t least,
                                             int64_t most,
                                             const llvm::Twine &expected) {
  llvm::SMLoc location = getLocation();
  if (isAtEndOfLine() || line.consumeInteger(10, value) || value < least ||
      value > most)
    return fail(location, expected);
  return llvm::success();
}

llvm::LogicalResult LineReader::parseWord(std::string &word,
                                          llvm::StringRef expected) {
  llvm::SMLoc location = getLocation();
  word.clear();
  if (isAtEndOfLine())
    return fail(location, expected);
  if (!line.consume_front("\"")) {
    word = peekWord().str();
    line = line.drop_front(word.size());
    return llvm::success();
  }
  while (!line.empty() && line.front() != '"') {
    char c = line.front();
    line = line.drop_front();
    if (c == '\\' && !line.consume_front("\\")) {
      unsigned code;
      if (line.size() < 2 || line.take_front(2).getAsInteger(16, code))
        return fail("two hexadecimal digits");
      c = char(code);
      line = line.drop_front(2);
    }
    word.push_back(c);
  }
  return line.consume_front("\"") ? llvm::success() : fail("'\"'");
}

llvm::SMLoc LineReader::getLocation() {
  isAtEndOfLine();
  return llvm::SMLoc::getFromPointer(line.data());
}

std::string LineReader::print(llvm::SMLoc location) const {
  unsigned buffer = sources.getMainFileID();
  auto [row, column] = sources.getLineAndColumn(location, buffer);
  return (sources.getMemoryBuffer(buffer)->getBufferIdentifier() + ":" +
          llvm::Twine(row) + ":" + llvm::Twine(column))
      .str();
}

llvm::LogicalResult LineReader::fail(const llvm::Twine &expected) {
  return fail(getLocation(), expected);
}

llvm::LogicalResult LineReader::fail(llvm::SMLoc location,
                                     const llvm::Twine &expected) {
  if (!message.empty())
    return llvm::failure();
  // What was found: the name or number there, or a single character.
  const char *end = line.end();
  llvm::StringRef found(location.getPointer(), end - location.getPointer());
  size_t size = found.take_while(isNameCharacter).size();
  found = found.take_front(std::max<size_t>(size, 1));
  bool isEnd = found.empty() || found.starts_with("//");
  message = (print(location) + ": expected " + expected + ", found " +
             (isEnd ? "the end of the line" : "'" + found.str() + "'"))
                .str();
  return llvm::failure();
}

llvm::Error LineReader::takeError() {
  return llvm::createStringError(std::move(message));
}
