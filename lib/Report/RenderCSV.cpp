//===- RenderCSV.cpp - One line per op, target and level ------------------===//

#include "memwall/Report/Render.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace memwall;

/// Quotes a field that needs it (RFC 4180).
static std::string quote(llvm::StringRef field) {
  if (field.find_first_of(",\"\r\n") == llvm::StringRef::npos)
    return field.str();
  std::string quoted = "\"";
  for (char c : field)
    quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

/// A figure with every digit; an empty field when it is absent.
static void writeOptional(llvm::raw_ostream &os, std::optional<double> value) {
  os << ",";
  if (value)
    os << llvm::format("%.9g", *value);
}

/// An empty field for more than fits 64 bits.
static void writeCount(llvm::raw_ostream &os, int64_t count) {
  os << ",";
  if (count != kTooManyBytes)
    os << count;
}

/// Where the scheduled bytes of the level come from; `sum` is its part of the
/// function's figures.
static void writeProvenance(llvm::raw_ostream &os, const LevelFigures &sum) {
  if (!sum.provenance) {
    os << ",,,,,";
    return;
  }
  const Provenance &provenance = *sum.provenance;
  os << "," << getMethodName(provenance.method) << "," << provenance.setsWalked
     << "," << provenance.sets;
  writeOptional(os, provenance.errorOfRead);
  writeOptional(os, provenance.errorOfWritten);
}

static void writeBlanks(llvm::raw_ostream &os, unsigned fields) {
  for (unsigned i = 0; i < fields; ++i)
    os << ",";
}

/// A line of kind `operand`: a part of the line above it.
static void
writeOperand(llvm::raw_ostream &os, const FunctionFigures &function,
             const OpFigures &op,
             std::pair<llvm::StringRef, llvm::StringRef> targetAndLevel,
             const OperandFigures &operand, const OperandBytes &bytes) {
  constexpr unsigned kFromShape = 8, kFromBound = 15;
  os << quote(function.name) << "," << op.index << "," << quote(op.name) << ","
     << quote(op.location) << ",operand";
  writeBlanks(os, kFromShape);
  os << quote(targetAndLevel.first) << "," << quote(targetAndLevel.second);
  writeCount(os, bytes.scheduled.read);
  writeCount(os, bytes.scheduled.written);
  writeBlanks(os, kFromBound);
  os << "," << quote(op.label) << "," << quote(op.step) << ","
     << quote(operand.name) << "," << quote(operand.role) << ","
     << operand.footprintBytes;
  writeOptional(os, bytes.timesFetched);
  os << "\n";
}

static void writeOp(llvm::raw_ostream &os, const FunctionFigures &function,
                    const OpFigures &op, size_t position, size_t depth) {
  const TargetFigures &target = op.targets[position];
  const LevelFigures &level = target.levels[depth];
  os << quote(function.name) << "," << op.index << "," << quote(op.name) << ","
     << quote(op.location) << "," << getKindName(op.kind) << "," << op.shape
     << "," << op.executions << "," << op.arithmetic.flops << ","
     << op.arithmetic.transcendentals << "," << op.arithmetic.intOps << ","
     << op.compulsory.read << "," << op.compulsory.written << ","
     << quote(target.name) << "," << quote(level.name);
  writeCount(os, level.scheduled.read);
  writeCount(os, level.scheduled.written);
  writeCount(os, level.boundBytes);
  os << "," << quote(level.theorem);
  writeOptional(os, level.flopsPerByte);
  writeOptional(os, level.ridge);
  os << "," << quote(target.boundBy);
  writeOptional(os, target.secondsAtBound);
  writeOptional(os, target.secondsAsScheduled);
  const TargetFigures &sum = function.targets[position];
  writeProvenance(os, sum.levels[depth]);
  writeOptional(os, sum.secondsAtFloor);
  os << "," << (doBoundsExceedScheduled(sum.levels[depth]) ? "true" : "false")
     << "," << quote(llvm::join(target.typesWithoutPeak, " ")) << ","
     << quote(op.label) << "," << quote(op.step) << ",,,,\n";
  for (auto [operand, bytes] : llvm::zip(op.operands, level.operands))
    writeOperand(os, function, op, {target.name, level.name}, operand, bytes);
}

/// A line about an op without figures: where it is and how often it runs.
static void writeWarning(llvm::raw_ostream &os, const FunctionFigures &function,
                         llvm::StringRef kind, llvm::StringRef name,
                         llvm::StringRef location, llvm::StringRef executions) {
  constexpr unsigned kColumnsWithoutFigures = 30;
  os << quote(function.name) << ",," << quote(name) << "," << quote(location)
     << "," << kind << ",," << executions;
  writeBlanks(os, kColumnsWithoutFigures);
  os << "\n";
}

/// The lines in front of the ops of a function.
static void writeWarnings(llvm::raw_ostream &os,
                          const FunctionFigures &function) {
  for (const UnmodelledFigures &entry : function.unmodelled)
    writeWarning(os, function, "unmodelled", entry.name, entry.location,
                 std::to_string(entry.count));
  for (const UndefinedRead &read : function.undefinedReads)
    writeWarning(os, function, "undefined", read.name, read.location, "");
}

void memwall::renderCSV(const Report &report, llvm::raw_ostream &os) {
  os << "function,index,name,loc,kind,shape,executions,flops,transcendentals,"
        "int_ops,compulsory_read,compulsory_written,target,level,"
        "scheduled_read,scheduled_written,bound_bytes,bound_theorem,"
        "flop_per_byte,ridge,bound_by,seconds_at_bound,seconds_scheduled,"
        "method,sets_walked,sets,standard_error_read,standard_error_written,"
        "function_seconds_at_floor,bounds_exceed_scheduled,"
        "types_without_peak,label,step,operand,operand_role,"
        "operand_footprint,times_fetched\n";
  for (const FunctionFigures &function : report.functions) {
    writeWarnings(os, function);
    for (const OpFigures &op : function.ops)
      for (size_t position = 0; position < op.targets.size(); ++position)
        for (size_t depth = 0; depth < op.targets[position].levels.size();
             ++depth)
          writeOp(os, function, op, position, depth);
  }
}
