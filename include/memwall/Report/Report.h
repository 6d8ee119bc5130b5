//===- Report.h - The figures of a program, as one value --------*- C++ -*-===//
//
// Everything memwall says about a program on one or several targets, as plain
// data: computed once from loop trees, then only rendered (Render.h). Field by
// field description and units: docs/Report.md.
//
// Usage:
//   Report report = computeReport(trees, targets, BandwidthChoice::Peak);
//   renderText(report, llvm::outs());
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_REPORT_REPORT_H
#define MEMWALL_REPORT_REPORT_H

#include "memwall/Bounds/Liveness.h"
#include "memwall/Bounds/Roofline.h"
#include "memwall/Report/Curves.h"
#include "memwall/Report/Model.h"
#include "memwall/Target/Target.h"
#include "memwall/Traffic/Traffic.h"
#include "memwall/Work/LoopTree.h"
#include "llvm/ADT/ArrayRef.h"

namespace memwall {

/// Why bytes of an operand move. All but the last two are read, and together
/// they are all that is; the last two are all that is written.
struct Causes {
  int64_t cold = 0;     ///< Used, and never there before.
  int64_t capacity = 0; ///< There before, and gone for lack of room.
  /// Lost to other lines of the same set: more than a cache without sets of the
  /// same capacity reads. Absent where that is not known.
  std::optional<int64_t> conflict = 0;
  int64_t unused = 0; ///< Of lines and sectors, gone before they are used.
  int64_t fetchOnStore = 0; ///< By stores that missed.
  int64_t partialRead = 0;  ///< Partial results that come back.
  int64_t writtenOnce = 0;
  int64_t writtenAgain = 0; ///< Partial results, or parts of lines.

  int64_t read() const {
    return cold + capacity + conflict.value_or(0) + unused + fetchOnStore +
           partialRead;
  }
  int64_t written() const { return writtenOnce + writtenAgain; }
};

/// What a level moves of one operand of an op.
struct OperandBytes {
  Bytes scheduled;
  int64_t readByStores = 0; ///< Of what is read: fetched by stores that missed.
  /// Bytes read over the operand's footprint: absent without a footprint, and
  /// where the bytes do not fit 64 bits.
  std::optional<double> timesFetched;
  /// Absent unless they were asked for, at the innermost level, and where bytes
  /// do not fit 64 bits.
  std::optional<Causes> causes;
};

/// One level of one target, for one op or a whole function.
struct LevelFigures {
  std::string name;
  Bytes scheduled; ///< Bytes as the IR is written.
  /// What moving these bytes takes; absent where no bandwidth is known, and for
  /// more than fit 64 bits.
  std::optional<double> seconds;
  int64_t boundBytes = 0; ///< Read + written; of a function: sum over its ops.
  std::string theorem;    ///< What proves the bound; empty for a function.
  /// FLOP (of integer types, integer operations) over scheduled bytes; absent
  /// at 0 bytes.
  std::optional<double> flopsPerByte;
  /// The same over bound bytes; absent at 0 bytes.
  std::optional<double> flopsPerByteAtBound;
  /// FLOP per byte from which on the arithmetic takes longer than this level;
  /// absent without a bandwidth or a peak.
  std::optional<double> ridge;
  /// Where `scheduled` comes from and how far off it may be; of a function's
  /// sums only.
  std::optional<Provenance> provenance;
  /// Of an op, by position in `OpFigures::operands`; their sum is `scheduled`.
  llvm::SmallVector<OperandBytes, 0> operands;

  bool hasTooManyScheduled() const {
    return scheduled.read == kTooManyBytes ||
           scheduled.written == kTooManyBytes;
  }
  bool hasTooManyAtBound() const { return boundBytes == kTooManyBytes; }
};

/// Whether `boundBy` is the name of a level.
inline bool isMemory(llvm::StringRef boundBy) {
  return boundBy != "compute" && boundBy != "unknown";
}

/// Bytes at DRAM that a function moves beyond its floor, of storage of one
/// sort.
struct ExcessBytes {
  std::string what; ///< "transposed weights", "results of scores".
  Bytes bytes;      ///< Over all executions; never negative.
};

/// What memwall-optimize makes of a function, on one target.
struct OptimizedFigures {
  std::optional<double> seconds; ///< As scheduled.
  std::string boundBy;           ///< As `TargetFigures::boundByAsScheduled`.
  Bytes dram;
};

/// One target, for one op or a whole function. A time is absent when neither
/// a peak nor any bandwidth is known, or where a level that takes time moves
/// `kTooManyBytes`.
struct TargetFigures {
  std::string name;
  llvm::SmallVector<LevelFigures, 4> levels; ///< Innermost first, DRAM last.
  /// What takes the time at the bound: "compute", a level's name, or "unknown".
  std::string boundBy;
  /// The same for the bytes as scheduled.
  std::string boundByAsScheduled;
  std::optional<double> secondsAtBound;
  std::optional<double> secondsAsScheduled;
  /// Functions only: the larger of the arithmetic and the floor at DRAM, and
  /// which of the two it is.
  std::optional<double> secondsAtFloor;
  std::string boundByAtFloor;
  /// Element types whose peak the target does not state: their arithmetic is in
  /// no time.
  llvm::SmallVector<std::string, 0> typesWithoutPeak;
  /// Part of the sum of `secondsAtBound` over the ops of the function, 0 to 1.
  double share = 0;
  /// The same of `secondsAsScheduled`.
  double shareAsScheduled = 0;
  /// Functions only: the resident bytes fit in DRAM.
  bool fits = true;
  /// Functions only: scheduled bytes at DRAM less the floor, the most first.
  llvm::SmallVector<ExcessBytes, 0> aboveFloor;
  /// Functions only, and only where somebody asked for it.
  std::optional<OptimizedFigures> optimized;

  const LevelFigures &dram() const { return levels.back(); }
  /// Some level, not the arithmetic, takes the time at the bound.
  bool isMemoryBound() const { return isMemory(boundBy); }
};

/// Storage that an op touches, over all its executions.
struct OperandFigures {
  BufferId buffer = 0;
  /// The `memwall.name` of the argument or result that it is; else "%arg3", or
  /// "result of q_proj", or "result of linalg.matmul at f.mlir:3:5"
  /// (`OpFigures::fullName`).
  std::string name;
  /// The same with the maker as rows of reports name it: "result of matmul
  /// 512x4096x14336 at f.mlir:3:5".
  std::string label;
  std::string role; ///< `memwall.role` of the argument or result, or empty.
  BufferKind kind = BufferKind::Intermediate;
  std::string elementType;
  bool isRead = false, isWritten = false;
  /// Distinct bytes that the op touches; at most so many where data choose.
  int64_t footprintBytes = 0;
};

/// One op at one call site, over all its executions.
struct OpFigures {
  OpId index = 0;
  mlir::Operation *operation = nullptr; ///< May be null.
  std::string name;
  std::string location;
  /// `memwall.name` of the op, and `memwall.step` of the op or of what it is
  /// in; empty where there is none.
  std::string label, step;
  /// Where it is called from, outermost first: "f.mlir:9:3".
  llvm::SmallVector<std::string, 0> calls;
  OpKind kind = OpKind::Other;
  std::string computeType;
  /// Sizes of the op's own iterations, outermost first, 1s left out:
  /// "40x11008x4096"; "scalar" when nothing is left.
  std::string shape;
  int64_t executions = 1;
  Arithmetic arithmetic;
  Bytes compulsory;
  llvm::SmallVector<OperandFigures, 0> operands; ///< As it touches them first.
  llvm::SmallVector<TargetFigures, 2> targets;

  /// What the program calls it: its label, else its step; may be empty.
  llvm::StringRef givenName() const { return label.empty() ? step : label; }
  /// The same; where that is empty, "linalg.matmul at f.mlir:3:5", without the
  /// folders of the file.
  std::string fullName() const;
};

/// Ops that only differ in where they stand; indices into
/// `FunctionFigures::ops`, ascending. Figures of a group are sums.
struct OpGroup {
  llvm::SmallVector<OpId, 4> ops;
};

/// Two contractions in a row (Bounds/Units.h), by index into
/// `FunctionFigures::ops`, and what both together must move.
struct UnitFigures {
  OpId first = 0, second = 0;
  /// By target and level, innermost first.
  llvm::SmallVector<llvm::SmallVector<Bound, 4>, 2> bounds;
};

/// An op that is not modelled. The same op with the same remedy is one of them.
struct UnmodelledFigures {
  std::string name;
  std::string location; ///< Of the first place.
  int64_t count = 0;    ///< Executions, where known.
  int64_t places = 0;   ///< In the program.
  std::string advice;   ///< Why, and what would help.
  CountedPart counted = CountedPart::Nothing;
  int64_t countedBytes = 0; ///< Of operands and results, over all executions.
};

/// Joins what is the same, in order of the first place.
llvm::SmallVector<UnmodelledFigures, 0>
mergeUnmodelled(llvm::ArrayRef<Unmodelled> entries);

/// Something that makes figures less than they look.
struct ReportWarning {
  std::string text;   ///< "3 ops are in no figure: stablehlo.add, ...".
  std::string advice; ///< What would help.
};

/// What a reader of the figures has to know first: how much of the program is
/// in no figure, or in some of them only, and what it computes from nothing.
llvm::SmallVector<ReportWarning, 1>
listWarnings(llvm::ArrayRef<UnmodelledFigures> unmodelled,
             llvm::ArrayRef<UndefinedRead> undefinedReads);

/// Intermediate storage that is alive when most is.
struct AliveBytes {
  std::string name; ///< As `OperandFigures::name`.
  int64_t bytes = 0;
};

/// A run of ops that the program repeats, such as its layers: `times` times the
/// same groups of ops in the same order, from op `begin` on, `length` each.
struct RepeatedRun {
  size_t begin = 0, length = 0, times = 1;
};

/// The repeated run that has most of the ops: of all of them, by their groups;
/// absent where nothing of two ops or more is repeated. At most `kLongestRun`
/// ops are one round.
inline constexpr size_t kLongestRun = 2048;
std::optional<RepeatedRun> findRepeatedRun(llvm::ArrayRef<size_t> groups);

/// One function that nothing calls, with all it calls.
struct FunctionFigures {
  std::string name;
  Arithmetic arithmetic;
  Bytes floor;
  int64_t residentBytes = 0;
  llvm::SmallVector<UnmodelledFigures, 0> unmodelled;
  llvm::SmallVector<UndefinedRead, 0> undefinedReads;
  llvm::SmallVector<OpFigures, 0> ops;
  llvm::SmallVector<OpGroup, 0> groups; ///< In order of their first op.
  Liveness live;
  llvm::SmallVector<AliveBytes, 0> aliveAtPeak; ///< As `live.aliveAtPeak`.
  /// By target, with a part for each of `groups`; empty unless asked for.
  /// Absent on a target without a cache.
  llvm::SmallVector<std::optional<CapacityCurve>, 0> curves;
  llvm::SmallVector<UnitFigures, 0> units; ///< In order of their first op.
  llvm::SmallVector<TargetFigures, 2> targets;
  std::optional<ModelFigures> model; ///< Of functions that are models.
};

/// What a report is made for.
struct ReportOptions {
  ReportOptions(BandwidthChoice bandwidth = BandwidthChoice::Peak,
                Accuracy accuracy = Accuracy::Default)
      : bandwidth(bandwidth), accuracy(accuracy) {}

  BandwidthChoice bandwidth;   ///< Which bandwidths the times are for.
  Accuracy accuracy;           ///< What is spent on the scheduled bytes.
  bool recordsOperands = true; ///< Whether ops have operands.
  bool recordsCauses = false;  ///< Whether these have causes, too.
  bool recordsCurves = false;  ///< Whether functions have `curves`.
  /// Of explanations: whether they say what would help.
  bool findsSuggestions = true;
};

/// See the head of this file.
struct Report {
  ReportOptions options;
  /// What the figures are for, by position in every `targets` list.
  llvm::SmallVector<Target, 2> targets;
  llvm::SmallVector<FunctionFigures, 1> functions;
};

/// `target` with level `depth` and the cache above it only: the level moves the
/// same bytes of `tree` there, at a part of the time.
Target cutToLevel(const LoopTree &tree, const Target &target, unsigned depth);

/// FLOP per byte; absent at 0 bytes and where either is `kTooManyBytes`.
std::optional<double> computeIntensity(int64_t flops, int64_t bytes);

/// `memwall.step` of `op`, which may be null, or of the first op around it that
/// has one: a tile's step may stand on its loop.
std::string findStep(mlir::Operation *op);

/// By buffer of `tree`: what people call it, as `OperandFigures::name` once all
/// ops have run.
llvm::SmallVector<std::string, 0> nameBuffers(const LoopTree &tree);

/// The operand that a level moves most of beyond once: "w_down is fetched 32.0
/// times", "acc is written 8.00 times", or "most of it w_down" where nothing of
/// it comes back as a whole. Empty where operands are not known.
std::string describeCostliestOperand(const OpFigures &op,
                                     const LevelFigures &level);

/// An op at one of its levels.
struct OpAtLevel {
  const OpFigures *op;
  const LevelFigures *level;
};

/// The same of several ops, all operands by name: "results of q and k are
/// fetched 30.0 to 32.0 times; acc is written 8.00 times".
std::string describeCostliestOperands(llvm::ArrayRef<OpAtLevel> ops);

/// What intensities of `op` are of: its FLOPs, or its integer operations.
int64_t countOperations(const OpFigures &op);

/// Whether the operations' bounds, each alone and cold, add up to more at
/// `level` of a function than what is scheduled there.
inline bool doBoundsExceedScheduled(const LevelFigures &level) {
  return !level.hasTooManyAtBound() &&
         level.boundBytes > level.scheduled.total();
}

/// Computes all figures of one function. The scheduled totals of the function
/// are the sums over its ops, level by level; its times are the roofline of
/// these sums. `tree` and `targets` must have passed their `check`.
/// With `facts` the function is a model.
FunctionFigures
computeFunctionFigures(const LoopTree &tree, llvm::ArrayRef<Target> targets,
                       ReportOptions options,
                       const std::optional<ModelFacts> &facts = std::nullopt);

/// Computes the report of several functions. See `computeFunctionFigures`.
/// `facts`: by tree, or empty.
Report computeReport(llvm::ArrayRef<LoopTree> trees,
                     llvm::ArrayRef<Target> targets, ReportOptions options,
                     llvm::ArrayRef<std::optional<ModelFacts>> facts = {});

/// "more bytes than fit 64 bits at l1 of ddr5-2ch": the levels where an op, or
/// all together, move `kTooManyBytes`, and operations of all together. Empty
/// where all fit.
std::string describeOverflow(const FunctionFigures &function);

/// All of that: what the figures leave out, and what they do not fit.
llvm::SmallVector<ReportWarning, 1>
listWarnings(const FunctionFigures &function);

/// Sums the figures of the ops of `group`: bytes, arithmetic, executions,
/// seconds and shares; intensities are those of the sums.
OpFigures computeGroupFigures(const FunctionFigures &function,
                              const OpGroup &group);

} // namespace memwall

#endif // MEMWALL_REPORT_REPORT_H
