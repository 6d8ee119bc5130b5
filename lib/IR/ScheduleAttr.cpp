//===- ScheduleAttr.cpp - The text form of a schedule ---------------------===//

#include "memwall/IR/ScheduleAttr.h"
#include "memwall/IR/MemWallDialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

#define GET_ATTRDEF_CLASSES
#include "memwall/IR/ScheduleAttr.cpp.inc"

using namespace mlir;
using namespace memwall;

void MemWallDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "memwall/IR/ScheduleAttr.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

void memwall::printIntegers(llvm::raw_ostream &os, ArrayRef<int64_t> values) {
  os << '[';
  llvm::interleaveComma(values, os);
  os << ']';
}

void memwall::printTileBand(llvm::raw_ostream &os, StringRef level,
                            ArrayRef<int64_t> sizes, ArrayRef<int64_t> order,
                            ArrayRef<int64_t> parallel) {
  os << "<\"";
  llvm::printEscapedString(level, os);
  os << "\", sizes = ";
  printIntegers(os, sizes);
  os << ", order = ";
  printIntegers(os, order);
  if (!parallel.empty()) {
    os << ", parallel = ";
    printIntegers(os, parallel);
  }
  os << '>';
}

void memwall::printPackedOperand(llvm::raw_ostream &os, int64_t operand,
                                 ArrayRef<int64_t> innerDims,
                                 ArrayRef<int64_t> innerTiles,
                                 ArrayRef<int64_t> outerPermutation,
                                 bool ahead) {
  os << "<operand = " << operand << ", inner_dims = ";
  printIntegers(os, innerDims);
  os << ", inner_tiles = ";
  printIntegers(os, innerTiles);
  if (!outerPermutation.empty()) {
    os << ", outer_permutation = ";
    printIntegers(os, outerPermutation);
  }
  os << (ahead ? ", ahead>" : ">");
}

void memwall::printStreamBand(llvm::raw_ostream &os, StringRef level,
                              int64_t dim, int64_t size,
                              std::optional<int64_t> parts) {
  os << "<\"";
  llvm::printEscapedString(level, os);
  os << "\", dim = " << dim << ", size = " << size;
  if (parts)
    os << ", parts = " << *parts;
  os << '>';
}

void memwall::printSplit(llvm::raw_ostream &os, SplitPlace split) {
  os << "<dim = " << split.dim << ", parts = " << split.parts << '>';
}

void memwall::printScheduleParts(llvm::raw_ostream &os, size_t bands,
                                 llvm::function_ref<void(size_t)> printBand,
                                 ArrayRef<int64_t> leafOrder, size_t packs,
                                 llvm::function_ref<void(size_t)> printPack,
                                 std::optional<SplitPlace> split, int64_t units,
                                 const GroupPlace &place) {
  StringRef separator = "";
  auto begin = [&](StringRef key) {
    os << separator << key << " = ";
    separator = ", ";
  };
  auto printEach = [&](size_t count, llvm::function_ref<void(size_t)> print) {
    os << '[';
    llvm::interleaveComma(llvm::seq(count), os, print);
    os << ']';
  };
  os << '<';
  if (bands != 0) {
    begin("bands");
    printEach(bands, printBand);
  }
  if (!leafOrder.empty()) {
    begin("leaf_order");
    printIntegers(os, leafOrder);
  }
  if (packs != 0) {
    begin("packs");
    printEach(packs, printPack);
  }
  if (split) {
    begin("split");
    printSplit(os, *split);
  }
  if (units != 1) {
    begin("units");
    os << units;
  }
  if (!place.group.empty()) {
    begin("group");
    os << '"';
    llvm::printEscapedString(place.group, os);
    os << '"';
  }
  if (place.at) {
    begin("at");
    os << *place.at;
  }
  if (place.recompute) {
    os << separator << "recompute";
    separator = ", ";
  }
  if (place.streams != 0) {
    begin("stream");
    printEach(place.streams, place.printStream);
  }
  os << '>';
}

void TileBandAttr::print(AsmPrinter &printer) const {
  printTileBand(printer.getStream(), getLevel(), getSizes(), getOrder(),
                getParallel());
}

void StreamBandAttr::print(AsmPrinter &printer) const {
  printStreamBand(printer.getStream(), getLevel(), getDim(), getSize(),
                  getParts());
}

void PackedOperandAttr::print(AsmPrinter &printer) const {
  printPackedOperand(printer.getStream(), getOperand(), getInnerDims(),
                     getInnerTiles(), getOuterPermutation(), getAhead());
}

void SplitReductionAttr::print(AsmPrinter &printer) const {
  printSplit(printer.getStream(), {getDim(), getParts()});
}

void ScheduleAttr::print(AsmPrinter &printer) const {
  printScheduleParts(
      printer.getStream(), getBands().size(),
      [&](size_t number) { getBands()[number].print(printer); }, getLeafOrder(),
      getPacks().size(),
      [&](size_t number) { getPacks()[number].print(printer); },
      getSplit() ? std::optional<SplitPlace>(
                       {getSplit().getDim(), getSplit().getParts()})
                 : std::nullopt,
      getUnits(),
      {getGroup(), getAt(), getRecompute(), getStream().size(),
       [&](size_t number) { getStream()[number].print(printer); }});
}

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

using Integers = SmallVector<int64_t>;

static ParseResult parseIntegers(AsmParser &parser, Integers &values) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
    return parser.parseInteger(values.emplace_back());
  });
}

/// `<key = value, ...>`: `parseValue` gets each key, and says nullopt to a key
/// it does not know. A key may come once.
static ParseResult parseFields(
    AsmParser &parser,
    llvm::function_ref<std::optional<ParseResult>(StringRef key)> parseValue) {
  SmallVector<StringRef> seen;
  return parser.parseCommaSeparatedList(
      AsmParser::Delimiter::LessGreater, [&]() -> ParseResult {
        SMLoc location = parser.getCurrentLocation();
        StringRef key;
        // A string in front has no key (the level of a band).
        if (failed(parser.parseOptionalKeyword(&key)))
          key = "";
        if (llvm::is_contained(seen, key))
          return parser.emitError(location)
                 << "expected '" << key << "' only once";
        seen.push_back(key);
        std::optional<ParseResult> result = parseValue(key);
        if (!result)
          return parser.emitError(location) << "unknown key '" << key << "'";
        return *result;
      });
}

/// Says that a part is missing.
static Attribute missing(AsmParser &parser, SMLoc location, StringRef what) {
  parser.emitError(location) << "expected " << what;
  return {};
}

Attribute TileBandAttr::parse(AsmParser &parser, Type) {
  SMLoc location = parser.getCurrentLocation();
  std::string level;
  Integers sizes, order, parallel;
  bool hasOrder = false;
  auto parseField = [&](StringRef key) -> std::optional<ParseResult> {
    if (key.empty())
      return parser.parseString(&level);
    hasOrder |= key == "order";
    Integers *list = key == "sizes"      ? &sizes
                     : key == "order"    ? &order
                     : key == "parallel" ? &parallel
                                         : nullptr;
    if (!list)
      return std::nullopt;
    return ParseResult(
        failure(parser.parseEqual() || parseIntegers(parser, *list)));
  };
  if (parseFields(parser, parseField))
    return {};
  if (level.empty())
    return missing(parser, location, "the name of a level in a tile band");
  if (sizes.empty())
    return missing(parser, location, "'sizes' in a tile band");
  if (!hasOrder)
    for (auto [dim, size] : llvm::enumerate(sizes))
      if (size != 0)
        order.push_back(dim);
  return parser.getChecked<TileBandAttr>(location, parser.getContext(), level,
                                         sizes, order, parallel);
}

Attribute StreamBandAttr::parse(AsmParser &parser, Type) {
  SMLoc location = parser.getCurrentLocation();
  std::string level;
  std::optional<int64_t> dim, size, parts;
  auto parseField = [&](StringRef key) -> std::optional<ParseResult> {
    if (key.empty())
      return parser.parseString(&level);
    std::optional<int64_t> *number = key == "dim"     ? &dim
                                     : key == "size"  ? &size
                                     : key == "parts" ? &parts
                                                      : nullptr;
    if (!number)
      return std::nullopt;
    return ParseResult(
        failure(parser.parseEqual() || parser.parseInteger(number->emplace())));
  };
  if (parseFields(parser, parseField))
    return {};
  if (level.empty())
    return missing(parser, location, "the name of a level in a stream band");
  if (!dim || !size)
    return missing(parser, location, "'dim' and 'size' in a stream band");
  return parser.getChecked<StreamBandAttr>(location, parser.getContext(), level,
                                           *dim, *size, parts);
}

Attribute PackedOperandAttr::parse(AsmParser &parser, Type) {
  SMLoc location = parser.getCurrentLocation();
  std::optional<int64_t> operand;
  Integers innerDims, innerTiles, outerPermutation;
  bool ahead = false;
  auto parseField = [&](StringRef key) -> std::optional<ParseResult> {
    if (key == "ahead") {
      ahead = true;
      return ParseResult(success());
    }
    if (key == "operand")
      return ParseResult(failure(parser.parseEqual() ||
                                 parser.parseInteger(operand.emplace())));
    Integers *list = key == "inner_dims"          ? &innerDims
                     : key == "inner_tiles"       ? &innerTiles
                     : key == "outer_permutation" ? &outerPermutation
                                                  : nullptr;
    if (!list)
      return std::nullopt;
    return ParseResult(
        failure(parser.parseEqual() || parseIntegers(parser, *list)));
  };
  if (parseFields(parser, parseField))
    return {};
  if (!operand)
    return missing(parser, location, "'operand' in a packed operand");
  return parser.getChecked<PackedOperandAttr>(location, parser.getContext(),
                                              *operand, innerDims, innerTiles,
                                              outerPermutation, ahead);
}

Attribute SplitReductionAttr::parse(AsmParser &parser, Type) {
  SMLoc location = parser.getCurrentLocation();
  std::optional<int64_t> dim, parts;
  auto parseField = [&](StringRef key) -> std::optional<ParseResult> {
    std::optional<int64_t> *number = key == "dim"     ? &dim
                                     : key == "parts" ? &parts
                                                      : nullptr;
    if (!number)
      return std::nullopt;
    return ParseResult(
        failure(parser.parseEqual() || parser.parseInteger(number->emplace())));
  };
  if (parseFields(parser, parseField))
    return {};
  if (!dim)
    return missing(parser, location, "'dim' in a split");
  if (!parts)
    return missing(parser, location, "'parts' in a split");
  return parser.getChecked<SplitReductionAttr>(location, parser.getContext(),
                                               *dim, *parts);
}

Attribute ScheduleAttr::parse(AsmParser &parser, Type type) {
  SMLoc location = parser.getCurrentLocation();
  SmallVector<TileBandAttr> bands;
  SmallVector<PackedOperandAttr> packs;
  SplitReductionAttr split;
  Integers leafOrder;
  int64_t units = 1;
  std::string group;
  std::optional<int64_t> at;
  bool recompute = false;
  SmallVector<StreamBandAttr> stream;
  auto parseEach = [&](auto &attributes) {
    return parser.parseCommaSeparatedList(
        AsmParser::Delimiter::Square, [&]() -> ParseResult {
          using Each = std::decay_t<decltype(attributes[0])>;
          Attribute each = Each::parse(parser, type);
          if (each)
            attributes.push_back(cast<Each>(each));
          return success(static_cast<bool>(each));
        });
  };
  auto parseField = [&](StringRef key) -> std::optional<ParseResult> {
    if (key == "recompute") {
      recompute = true;
      return ParseResult(success());
    }
    if (!llvm::is_contained({"bands", "leaf_order", "packs", "split", "units",
                             "group", "at", "stream"},
                            key))
      return std::nullopt;
    if (parser.parseEqual())
      return ParseResult(failure());
    if (key == "group")
      return parser.parseString(&group);
    if (key == "at")
      return parser.parseInteger(at.emplace());
    if (key == "bands")
      return parseEach(bands);
    if (key == "packs")
      return parseEach(packs);
    if (key == "stream")
      return parseEach(stream);
    if (key == "leaf_order")
      return parseIntegers(parser, leafOrder);
    if (key == "split") {
      split = cast_if_present<SplitReductionAttr>(
          SplitReductionAttr::parse(parser, type));
      return ParseResult(success(static_cast<bool>(split)));
    }
    return parser.parseInteger(units);
  };
  if (parseFields(parser, parseField))
    return {};
  return parser.getChecked<ScheduleAttr>(location, parser.getContext(), bands,
                                         leafOrder, packs, split, units, group,
                                         at, recompute, stream);
}

//===----------------------------------------------------------------------===//
// What no op could have
//===----------------------------------------------------------------------===//

using EmitError = llvm::function_ref<InFlightDiagnostic()>;

/// Numbers from `least` on; those of dimensions have to fit a plain schedule.
static LogicalResult verifyNumbers(EmitError emitError, StringRef what,
                                   ArrayRef<int64_t> values, int64_t least = 0,
                                   bool isSize = false) {
  for (int64_t value : values) {
    if (value < least)
      return emitError() << "'" << what << "' expects at least " << least
                         << ", found " << value;
    if (!isSize && value > std::numeric_limits<int32_t>::max())
      return emitError() << "'" << what << "' expects less than 2^31, found "
                         << value;
  }
  return success();
}

LogicalResult TileBandAttr::verify(EmitError emitError, StringRef level,
                                   ArrayRef<int64_t> sizes,
                                   ArrayRef<int64_t> order,
                                   ArrayRef<int64_t> parallel) {
  return success(succeeded(verifyNumbers(emitError, "sizes", sizes, 0, true)) &&
                 succeeded(verifyNumbers(emitError, "order", order)) &&
                 succeeded(verifyNumbers(emitError, "parallel", parallel)));
}

LogicalResult PackedOperandAttr::verify(EmitError emitError, int64_t operand,
                                        ArrayRef<int64_t> innerDims,
                                        ArrayRef<int64_t> innerTiles,
                                        ArrayRef<int64_t> outerPermutation,
                                        bool ahead) {
  return success(
      succeeded(verifyNumbers(emitError, "operand", operand)) &&
      succeeded(verifyNumbers(emitError, "inner_dims", innerDims)) &&
      succeeded(verifyNumbers(emitError, "inner_tiles", innerTiles, 1, true)) &&
      succeeded(
          verifyNumbers(emitError, "outer_permutation", outerPermutation)));
}

LogicalResult StreamBandAttr::verify(EmitError emitError, StringRef level,
                                     int64_t dim, int64_t size,
                                     std::optional<int64_t> parts) {
  return success(succeeded(verifyNumbers(emitError, "dim", dim)) &&
                 succeeded(verifyNumbers(emitError, "size", size, 1, true)) &&
                 (!parts || succeeded(verifyNumbers(emitError, "parts", *parts,
                                                    1, true))));
}

LogicalResult SplitReductionAttr::verify(EmitError emitError, int64_t dim,
                                         int64_t parts) {
  return success(succeeded(verifyNumbers(emitError, "dim", dim)) &&
                 succeeded(verifyNumbers(emitError, "parts", parts, 1, true)));
}

LogicalResult
ScheduleAttr::verify(EmitError emitError, ArrayRef<TileBandAttr> bands,
                     ArrayRef<int64_t> leafOrder,
                     ArrayRef<PackedOperandAttr> packs, SplitReductionAttr,
                     int64_t units, StringRef group, std::optional<int64_t> at,
                     bool recompute, ArrayRef<StreamBandAttr> stream) {
  if (group.empty() && (at || recompute || !stream.empty()))
    return emitError() << "'"
                       << (at          ? "at"
                           : recompute ? "recompute"
                                       : "stream")
                       << "' is for members of a 'group'";
  return success((!at || succeeded(verifyNumbers(emitError, "at", *at))) &&
                 succeeded(verifyNumbers(emitError, "leaf_order", leafOrder)) &&
                 succeeded(verifyNumbers(emitError, "units", units, 1, true)));
}
