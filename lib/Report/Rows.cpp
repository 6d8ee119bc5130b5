//===- Rows.cpp - The rows and columns of reports for people --------------===//

#include "Rows.h"
#include "memwall/Report/Format.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/StringExtras.h"

using namespace memwall;

std::string memwall::formatLabel(const OpFigures &op) {
  llvm::StringRef name = op.name;
  name.consume_front("linalg.");
  // What a generic op does says more than that it is one.
  bool isGeneric = name == "generic" || name == "map" || name == "reduce";
  return (isGeneric && op.kind != OpKind::Other ? getKindName(op.kind) : name)
             .str() +
         " " + op.shape;
}

llvm::SmallVector<Row, 0> memwall::selectRows(const FunctionFigures &function,
                                              const RenderOptions &options) {
  llvm::SmallVector<Row, 0> rows;
  if (options.ungrouped)
    for (const OpFigures &op : function.ops)
      rows.push_back({1, formatLabel(op), op});
  else
    for (const OpGroup &group : function.groups) {
      OpFigures figures = computeGroupFigures(function, group);
      rows.push_back({group.ops.size(), formatLabel(figures), figures});
    }
  if (options.maxRows == 0 || rows.size() <= options.maxRows)
    return rows;
  auto order = llvm::to_vector(llvm::seq<size_t>(0, rows.size()));
  auto share = [&](size_t row) {
    return rows[row].figures.targets.front().share;
  };
  llvm::sort(order, [&](size_t a, size_t b) {
    return share(a) != share(b) ? share(a) > share(b) : a < b;
  });
  order.resize(options.maxRows);
  llvm::sort(order);
  llvm::SmallVector<Row, 0> chosen;
  for (size_t index : order)
    chosen.push_back(std::move(rows[index]));
  return chosen;
}

llvm::SmallVector<LevelColumn>
memwall::selectColumns(const FunctionFigures &function,
                       const RenderOptions &options) {
  llvm::SmallVector<LevelColumn> columns;
  for (auto [index, target] : llvm::enumerate(function.targets))
    for (auto [depth, level] : llvm::enumerate(target.levels))
      if (options.allLevels || depth + 1 == target.levels.size())
        columns.push_back(
            {target.name + " " + level.name, (unsigned)index, (unsigned)depth});
  return columns;
}

llvm::SmallVector<const Row *>
memwall::selectCostliest(llvm::ArrayRef<Row> rows, unsigned target,
                         size_t count) {
  llvm::SmallVector<const Row *> order;
  for (const Row &row : rows)
    if (row.figures.targets[target].share > 0)
      order.push_back(&row);
  auto share = [&](const Row *row) {
    return row->figures.targets[target].share;
  };
  llvm::sort(order, [&](const Row *a, const Row *b) {
    return share(a) != share(b) ? share(a) > share(b) : a < b;
  });
  order.resize(std::min(order.size(), count));
  return order;
}

std::optional<double> memwall::computeBytesPerFlop(const OpFigures &op,
                                                   const LevelFigures &level) {
  int64_t operations = countOperations(op);
  if (operations == 0 || operations == kTooManyBytes ||
      level.scheduled.total() == kTooManyBytes)
    return std::nullopt;
  return (double)level.scheduled.total() / (double)operations;
}

std::string memwall::formatBoundBy(llvm::StringRef boundBy) {
  return boundBy == "unknown" ? "no time known" : "bound by " + boundBy.str();
}

std::string memwall::formatStandardErrors(const LevelFigures &level) {
  if (!level.provenance || level.hasTooManyScheduled())
    return "";
  const Provenance &from = *level.provenance;
  if (!from.errorOfRead || !from.errorOfWritten)
    return from.reason.empty() ? "~" : "~ (" + from.reason + ")";
  std::string read =
      formatStandardError(from.errorOfRead, double(level.scheduled.read));
  std::string written =
      formatStandardError(from.errorOfWritten, double(level.scheduled.written));
  return (read.empty() ? "" : read + " read") +
         (read.empty() || written.empty() ? "" : ", ") +
         (written.empty() ? "" : written + " written");
}

llvm::StringRef memwall::formatBandwidthChoice(BandwidthChoice use) {
  return use == BandwidthChoice::Peak ? "peak" : "achievable";
}

std::string memwall::formatTypesWithoutPeak(const TargetFigures &target) {
  if (target.typesWithoutPeak.empty())
    return "";
  return "arithmetic on " + llvm::join(target.typesWithoutPeak, ", ") +
         ", no peak known";
}

std::string memwall::countThings(size_t count, llvm::StringRef one,
                                 llvm::StringRef several) {
  return std::to_string(count) + " " + (count == 1 ? one : several).str();
}

std::string memwall::formatFirstPlace(const UnmodelledFigures &unmodelled) {
  if (unmodelled.places <= 1)
    return unmodelled.location;
  return unmodelled.location + " and " +
         countThings(unmodelled.places - 1, "more place", "more places");
}
