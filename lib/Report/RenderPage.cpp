//===- RenderPage.cpp - A report as one HTML page -------------------------===//
//
// The page holds its figures once, as JSON with the fields of the JSON report
// (RenderJSON.h), where ops that only differ in where they stand share an
// entry.
//
//===----------------------------------------------------------------------===//

#include "RenderPage.h"
#include "RenderJSON.h"
#include "Rows.h"
#include "memwall/Report/Format.h"
#include "memwall/Report/Page.h"
#include "memwall/Target/DLTI.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include <numeric>

using namespace memwall;
using llvm::json::OStream;

/// The parts of a page that no figure changes; empty where there is no d3.
static constexpr llvm::StringLiteral kStyle =
#include "PageStyle.inc"
    ;
static constexpr llvm::StringLiteral kScript =
#include "PageScript.inc"
    ;
static constexpr llvm::StringLiteral kD3 =
#include "PageD3.inc"
    ;
static constexpr llvm::StringLiteral kD3Licence =
#include "PageD3Licence.inc"
    ;

/// What stands beside the operands in a window of 1280 pixels.
static constexpr unsigned kExplanationColumns = 86;

bool memwall::canRenderPage() { return !kD3.empty(); }

std::string memwall::hashTarget(const Target &target) {
  std::string text;
  llvm::raw_string_ostream os(text);
  printTargets(os, target);
  auto digest = llvm::SHA256::hash(llvm::arrayRefFromStringRef(text));
  return llvm::toHex(llvm::ArrayRef(digest).take_front(6), /*LowerCase=*/true);
}

/// Positions of the rows that take most time on any target.
static llvm::DenseSet<size_t> findCostly(llvm::ArrayRef<Row> rows) {
  llvm::SmallVector<size_t, 0> order(rows.size());
  std::iota(order.begin(), order.end(), 0);
  auto share = [&](size_t row) {
    double most = 0;
    for (const TargetFigures &target : rows[row].figures.targets)
      most = std::max(most, target.shareAsScheduled);
    return most;
  };
  llvm::stable_sort(order,
                    [&](size_t a, size_t b) { return share(a) > share(b); });
  if (order.size() > kRowsWithOperands)
    order.resize(kRowsWithOperands);
  return llvm::DenseSet<size_t>(order.begin(), order.end());
}

/// Like any op of a JSON report, and what only rows have.
static void writeRow(OStream &json, const FunctionFigures &function,
                     size_t number, const Row &row, bool withOperands) {
  OpFigures figures = row.figures;
  if (!withOperands) {
    figures.operands.clear();
    for (TargetFigures &target : figures.targets)
      for (LevelFigures &level : target.levels)
        level.operands.clear();
  }
  writeOpFields(json, figures);
  json.attribute("row", row.label);
  json.attribute("count", int64_t(row.members.size()));
  json.attributeArray("ops", [&] {
    for (OpId op : function.groups[number].ops)
      json.value(op);
  });
  // Where a row has several steps, what each of its ops is called.
  bool hasNames = llvm::any_of(row.members, [&](const OpFigures *op) {
    return op->givenName() != row.members.front()->givenName();
  });
  if (hasNames)
    json.attributeArray("names", [&] {
      for (const OpFigures *op : row.members)
        json.value(op->givenName());
    });
  json.attribute("operations", countOperations(figures));
  json.attribute("operations_text", formatOperations(figures));
  json.attributeArray("shares", [&] {
    for (const TargetFigures &target : figures.targets)
      json.value(target.shareAsScheduled);
  });
  json.attributeArray("reasons", [&] {
    for (unsigned target : llvm::seq<unsigned>(row.figures.targets.size()))
      json.value(explainTime(row, target));
  });
}

/// By op: the row it is in.
static llvm::SmallVector<size_t, 0>
findRowOfOps(const FunctionFigures &function) {
  llvm::SmallVector<size_t, 0> row(function.ops.size());
  for (auto [number, group] : llvm::enumerate(function.groups))
    for (OpId op : group.ops)
      row[op] = number;
  return row;
}

/// The program from op to op, with the layers that it repeats.
static void writeOrder(OStream &json, const FunctionFigures &function) {
  auto order = findRowOfOps(function);
  json.attributeArray("order", [&] {
    for (size_t row : order)
      json.value(int64_t(row));
  });
  std::optional<RepeatedRun> run = findRepeatedRun(order);
  if (!run)
    return json.attribute("repeated", nullptr);
  json.attributeObject("repeated", [&] {
    json.attribute("begin", int64_t(run->begin));
    json.attribute("length", int64_t(run->length));
    json.attribute("times", int64_t(run->times));
  });
}

/// "tile d0 (m) by 64 saves 14.3 GB"
static std::string describeRemedy(const Explanation &why) {
  const Suggestion &best = why.suggestions.front();
  return best.text + " saves " + (best.isApplied ? "" : "about ") +
         formatBytes(best.savedBytes);
}

static void writeExplanations(OStream &json, const Page &page,
                              size_t function) {
  auto rows = findRowOfOps(page.report.functions[function]);
  json.attributeArray("explanations", [&] {
    for (const PageExplanation &each : page.explanations)
      if (each.function == function)
        json.object([&] {
          std::string text;
          llvm::raw_string_ostream os(text);
          renderExplanation(each.why, os, kExplanationColumns);
          json.attribute("row", int64_t(rows[each.why.op.index]));
          json.attribute("target", int64_t(each.target));
          json.attribute("index", each.why.op.index);
          json.attribute("level", each.why.level);
          json.attribute("text", text);
          json.attribute("cause", describeReturn(each.why));
          if (!each.why.suggestions.empty())
            json.attribute("remedy", describeRemedy(each.why));
        });
  });
}

static void writeFunction(OStream &json, const Page &page, size_t number) {
  const FunctionFigures &function = page.report.functions[number];
  auto rows = collectRows(function, {});
  auto costly = findCostly(rows);
  writeFunctionFields(json, function, [&] {
    for (auto [position, row] : llvm::enumerate(rows))
      json.object([&, position = position, &row = row] {
        writeRow(json, function, position, row, costly.contains(position));
      });
  });
  json.attributeArray("glances", [&] {
    for (size_t target = 0; target < function.targets.size(); ++target)
      json.value(describeAtAGlance(function, target));
  });
  json.attributeArray("above_floor", [&] {
    for (const TargetFigures &target : function.targets)
      json.array([&] {
        for (const ExcessBytes &excess : target.aboveFloor)
          json.object([&] {
            json.attribute("what", excess.what);
            json.attribute("read", excess.bytes.read);
            json.attribute("written", excess.bytes.written);
          });
      });
  });
  json.attributeArray("unit_sentences", [&] {
    for (size_t target = 0; target < function.targets.size(); ++target)
      json.array([&] {
        for (size_t level = 0; level < function.targets[target].levels.size();
             ++level)
          json.array([&] {
            for (const std::string &text :
                 describeUnits(function, target, level))
              json.value(text);
          });
      });
  });
  writeOrder(json, function);
  writeExplanations(json, page, number);
}

static void writeData(OStream &json, const Page &page) {
  json.attribute("schema", "memwall.page/1");
  json.attribute("version", MEMWALL_VERSION);
  json.attribute("program", page.program);
  writeReportFields(json, page.report);
  json.attribute("units_title", kUnitsTitle);
  json.attributeArray("descriptions", [&] {
    for (const Target &target : page.report.targets)
      json.value(target.description);
  });
  json.attributeArray("hashes", [&] {
    for (const Target &target : page.report.targets)
      json.value(hashTarget(target));
  });
  json.attributeArray("functions", [&] {
    for (size_t i = 0; i < page.report.functions.size(); ++i)
      json.object([&] { writeFunction(json, page, i); });
  });
  writeChanges(json, page.changes);
}

/// JSON inside of a script element: nothing in it may end the element.
static void writeEscaped(llvm::StringRef json, llvm::raw_ostream &os) {
  for (char c : json)
    if (c == '<')
      os << "\\u003c";
    else
      os << c;
}

void memwall::renderPage(const Page &page, llvm::raw_ostream &os) {
  assert(canRenderPage() && "the build has no d3");
  std::string data;
  {
    llvm::raw_string_ostream stream(data);
    OStream json(stream);
    json.object([&] { writeData(json, page); });
  }
  os << "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta "
        "charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\">\n<title>";
  llvm::printHTMLEscaped(page.program, os);
  os << " - memwall</title>\n<style>\n"
     << kStyle << "</style>\n</head>\n<body>\n";
  os << "<div id=\"plain\">\n";
  renderPlainTables(page, os);
  os << "</div>\n<div id=\"app\" hidden></div>\n"
        "<script type=\"application/json\" id=\"data\">";
  writeEscaped(data, os);
  os << "</script>\n<!-- d3:\n"
     << kD3Licence << "-->\n<script>\n"
     << kD3 << "</script>\n<script>\n"
     << kScript << "</script>\n</body>\n</html>\n";
}
