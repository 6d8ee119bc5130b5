//===- Explain.h - Why an op moves what it moves ----------------*- C++ -*-===//
//
// One op at one level: which operands are fetched how often, by which loop,
// against which capacity, for which cause, and what would change it. Plain data
// that is computed once and then rendered. docs/Explain.md.
//
// Usage:
//   Explanation why = explainOp(tree, target, options, figures, op, depth);
//   renderExplanation(why, llvm::outs());
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_REPORT_EXPLAIN_H
#define MEMWALL_REPORT_EXPLAIN_H

#include "memwall/Report/Report.h"
#include "memwall/Schedule/ScheduleTree.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/raw_ostream.h"

namespace memwall {

/// A loop around or of an op.
struct LoopFigures {
  std::string name;     ///< "d0 (m)", "the scf.for at f.mlir:3:5".
  std::string location; ///< "f.mlir:3:5", or "unknown".
  int64_t tripCount = 1;
};

/// The loop that brings an operand back most.
struct CarryingLoop {
  LoopFigures loop;
  /// Bytes by which an iteration moves the operand; 0 where it stays.
  int64_t strideBytes = 0;
  /// What has come between two uses, itself included.
  double distanceBytes = 0;
  /// Of walks in steps of several lines: the step, and how many of the sets of
  /// the cache it meets. 0 where there is no such walk.
  int64_t pitchBytes = 0, setsMet = 0, sets = 0;
};

/// What another op had to do with an operand: data that it touched last.
struct Neighbour {
  std::string op;
  int64_t foundBytes = 0; ///< Still there.
  int64_t lostBytes = 0;  ///< Gone.
  double distanceBytes = 0;
};

/// One operand of the op.
struct OperandExplanation {
  OperandFigures operand;
  OperandBytes bytes;
  Causes causes;
  std::optional<CarryingLoop> carrier; ///< Where it comes back.
  llvm::SmallVector<Neighbour, 1> neighbours;
  bool isAtMinimum = false;
  /// The op only reads it, and only what a fill left there: the bound does not
  /// count that (docs/Model.md, "Inits").
  bool isFillToReadFrom = false;
};

/// The op and another contraction in a row (Bounds/Units.h): less than the sum
/// of their bounds, as what is between them need not move.
struct UnitExplanation {
  OpId other = 0;
  std::string name;       ///< Of the other, "q_proj".
  int64_t boundBytes = 0; ///< Both must move as much, fused or not.
  int64_t apartBytes = 0; ///< The sum of their own bounds.
  std::string theorem;    ///< What proves `boundBytes`.
};

/// An attribute to write on an operation.
struct PastedSchedule {
  OpId op = 0;
  std::string name;      ///< Of the op, "q_proj" or "linalg.exp at f.mlir:3:5".
  std::string location;  ///< "f.mlir:3:5".
  std::string attribute; ///< "memwall.schedule = #memwall.schedule<...>".
};

/// Something that would change it, and what it would come to. Figures are of
/// the model that made the explanation.
struct Suggestion {
  std::string text; ///< "tile d0 (m) by 64".
  /// What to write where: on the op; on it and others that are to share its
  /// loops, in program order; nowhere where the change is no line of text.
  llvm::SmallVector<PastedSchedule, 1> pastes;
  /// The figures are of the rewritten program, counted with the effort of the
  /// explanation. Else they are of a plan: of other machines and types, counted
  /// with less effort, or of weights that are packed ahead of the program.
  bool isApplied = false;
  /// Of the op, or of all ops of `pastes` together, with the packing that they
  /// ask for; else of `together` ops, where that is not 0.
  Bytes before, after;
  unsigned together = 0;
  /// Of ops that are to share loops: what they would move with the best tiles
  /// of each on its own. A plan, counted with less effort.
  std::optional<Bytes> apart;
  Bytes functionAfter;    ///< Of the whole function.
  int64_t savedBytes = 0; ///< `before` less `after`.

  /// The op is to share loops with others.
  bool isGroup() const { return pastes.size() > 1; }
};

/// What the level moves once schedules are applied to ops.
struct AppliedBytes {
  /// Of what stands where the ops stood; absent where others stand there too.
  std::optional<Bytes> ops;
  Bytes function;
};

/// Applies schedules, in the dimensions of the operations, to ops of the tree
/// of an explanation and counts the result at its level; nullopt where they
/// cannot be applied. May be null: then schedules are only planned, in the loop
/// tree.
using ApplyAndCount =
    llvm::function_ref<std::optional<AppliedBytes>(llvm::ArrayRef<OpSchedule>)>;

/// What the level moves once a copy is gone whose readers read its input.
struct FoldedBytes {
  llvm::SmallVector<OpId, 2> readers; ///< In the tree of the explanation.
  Bytes ops;                          ///< Of the readers, afterwards.
  Bytes function;
};

/// Lets the ops that read what `copy` makes read its input in the place of it,
/// and counts the result; nullopt where they cannot, and where `op` is neither
/// the copy nor one of them. May be null.
using FoldAndCount =
    llvm::function_ref<std::optional<FoldedBytes>(OpId copy, OpId op)>;

/// See the head of this file.
struct Explanation {
  std::string function;
  OpFigures op;                     ///< With the figures of the one target.
  std::string target, level, cache; ///< `cache`: the memory above the level.
  int64_t capacityBytes = 0;        ///< Of one instance of `cache`.
  int64_t lineBytes = 0;
  unsigned depth = 0; ///< Of the level in the target.
  Bytes scheduled, functionScheduled;
  int64_t boundBytes = 0;
  std::string theorem;
  Provenance provenance;
  llvm::SmallVector<OperandExplanation, 3> operands;
  llvm::SmallVector<UnitExplanation, 1> units;
  llvm::SmallVector<Suggestion, 4> suggestions;

  /// Moves no more than a hundredth above its bound.
  bool isAtMinimum() const;
};

/// Which level of an op on a target to explain: DRAM, where it moves more than
/// its bound there, else the outermost one where it does, else DRAM.
unsigned chooseLevel(const OpFigures &op, unsigned target);

/// Explains op `op` of `tree` at level `depth` (1 or more) of `target`.
/// `figures` are those of the function on that target alone, with operands.
Explanation explainOp(const LoopTree &tree, const Target &target,
                      ReportOptions options, const FunctionFigures &figures,
                      OpId op, unsigned depth,
                      ApplyAndCount applyAndCount = nullptr,
                      FoldAndCount foldAndCount = nullptr);

/// Which loop brings the operand back that moves most beyond what is needed
/// once, and against which capacity: "once per iteration of d0 (m) (80
/// iterations), which does not move it; it comes back after 180 MB, l2 holds
/// 52.4 MB: 128 MB short". Empty where nothing comes back.
std::string describeReturn(const Explanation &why);

/// For a terminal of so many columns; what is to be pasted may be longer.
void renderExplanation(const Explanation &why, llvm::raw_ostream &os,
                       unsigned columns = 100);

/// Schema "memwall.explain/1".
void renderExplanationJSON(llvm::ArrayRef<Explanation> all,
                           llvm::raw_ostream &os);

} // namespace memwall

#endif // MEMWALL_REPORT_EXPLAIN_H
