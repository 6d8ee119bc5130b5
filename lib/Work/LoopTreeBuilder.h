//===- LoopTreeBuilder.h - Walks a function in execution order --*- C++ -*-===//
//
// The state of buildLoopTree: where the program is (tree node, enclosing
// loops), what every SSA value is (a view of storage, or an integer), and the
// tree so far. Split by concept: BuildControlFlow (loops, branches),
// BuildCalls, BuildViews (ops that only rename storage), BuildStorage (fresh
// storage and copies), BuildLeaves (structured ops), BuildScalars (loads,
// stores and arithmetic outside of structured ops). Private to the room.
//
// Every visit* answers: true when it dealt with the op, false when the op is
// not its business, failure after a diagnostic.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_WORK_LOOPTREEBUILDER_H
#define MEMWALL_LIB_WORK_LOOPTREEBUILDER_H

#include "DeadScalars.h"
#include "IndexValue.h"
#include "memwall/Work/InPlace.h"
#include "memwall/Work/LoopTree.h"
#include "memwall/Work/WorkNest.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include <deque>

namespace mlir::affine {
class AffineIfOp;
} // namespace mlir::affine
namespace mlir::gpu {
class LaunchOp;
} // namespace mlir::gpu

namespace memwall {

/// One dimension of a view: `stride` elements of the buffer per step, and an
/// extent that is the minimum of forms.
struct ViewDim {
  int64_t stride = 1;
  llvm::SmallVector<AffineForm, 1> extent;
};

/// What a tensor or memref value is: a strided part of a buffer.
struct View {
  BufferId buffer = 0;
  AffineForm offset;
  llvm::SmallVector<GatherTerm, 0> gathers;
  /// Per gather the identity of its index (IndexValue::identity).
  llvm::SmallVector<const void *, 0> gatherIdentities;
  llvm::SmallVector<ViewDim, 4> dims;
  bool isFill = false;   ///< Every element was put there by a fill or a splat.
  bool isDefined = true; ///< False for the content of a tensor.empty.
};

/// "file:line:column" of the innermost file location, or "unknown".

/// Binds the trip count of a loop whose bounds do not give it.
inline constexpr llvm::StringLiteral kTripCountName = "memwall.trip_count";

class LoopTreeBuilder {
public:
  LoopTreeBuilder(mlir::FunctionOpInterface function, InPlaceAnalysis &inPlace)
      : function(function), inPlace(inPlace), arithmetic(tree.loops) {}

  mlir::FailureOr<LoopTree> build();

private:
  using Handled = mlir::FailureOr<bool>;

  // BuildLoopTree.cpp: the function and the walk.
  mlir::LogicalResult buildArguments();
  mlir::LogicalResult visitBlock(mlir::Block &block);
  mlir::LogicalResult visit(mlir::Operation *op);
  void finishReturn(mlir::ValueRange results);
  void removeUnusedBuffers();
  mlir::LogicalResult checkOverflow(mlir::Operation *op);

  // BuildRecords.cpp: nodes, loops, records.
  NodeId addNode(Node::Kind kind);
  LoopId addLoop(LoopKind kind, llvm::ArrayRef<AffineForm> extent, int64_t step,
                 bool isReduction = false);
  void beginLoop(LoopId loop);
  void endLoop();
  OpId addOp(mlir::Operation *op, OpKind kind, llvm::StringRef computeType);
  mlir::LogicalResult addNest(mlir::Operation *op, Nest nest);
  void noteFills(const Nest &nest);
  void countValues(OpRecord &record, const Nest &nest, int64_t count);
  /// Whether `view` still holds what a fill of a memref put there.
  bool holdsFill(const View &view);
  /// Whether `view` is of a memref that the function allocates and that nothing
  /// has written yet.
  bool isNeverWritten(const View &view);
  void noteUndefinedRead(OpId op);
  int64_t countEnclosing();

  // BuildUnmodelled.cpp
  void addUnmodelled(mlir::Operation *op, llvm::StringRef name = "");
  /// Lists `op`, of which nothing is counted, and gives its shaped results
  /// storage with unknown content.
  mlir::LogicalResult makeUnmodelled(mlir::Operation *op,
                                     llvm::StringRef name = "");
  /// Lists `op`, and counts what it contains, or else its operands and results,
  /// once.
  mlir::LogicalResult visitUnknown(mlir::Operation *op,
                                   llvm::StringRef name = "");
  mlir::LogicalResult visitBody(mlir::Operation *op);
  mlir::LogicalResult touchOperands(mlir::Operation *op);
  Handled readOperands(mlir::Operation *op, OpId record);
  mlir::LogicalResult touchOnce(mlir::Operation *op, OpId record,
                                const View &view, bool isWrite);
  mlir::FailureOr<std::optional<View>> placeUnknown(mlir::OpResult result,
                                                    bool hasOperands);
  mlir::LogicalResult makeUnknownStorage(mlir::Operation *op, mlir::Value value,
                                         const llvm::Twine &name);

  // BuildWhile.cpp
  Handled visitWhile(mlir::Operation *op);
  std::optional<IndexValue> countWhile(mlir::Operation *op);
  IndexValue getScalar(mlir::Value value);
  void followCounters(mlir::MutableArrayRef<mlir::OpOperand> inits,
                      mlir::ValueRange arguments, mlir::ValueRange yielded,
                      const IndexValue &iteration);

  // BuildLoops.cpp
  Handled visitLoop(mlir::Operation *op);
  struct LoopParts;
  bool matchSerial(mlir::Operation *op, LoopParts &parts);
  bool matchParallel(mlir::Operation *op, LoopParts &parts);
  bool matchLaunch(mlir::gpu::LaunchOp launch, LoopParts &parts);
  IndexValue evaluateBound(mlir::AffineMap map, mlir::ValueRange operands,
                           bool isUpper);
  enum class LoopEntry { Runs, Never, Unknown };
  mlir::FailureOr<LoopEntry> enterLoops(mlir::Operation *op,
                                        const LoopParts &parts);
  mlir::FailureOr<LoopEntry> enterLoop(mlir::Operation *op, LoopKind kind,
                                       const IndexValue &lower,
                                       const IndexValue &upper, int64_t step,
                                       mlir::Value inductionVariable);
  struct CarriedTensor {
    unsigned position;
    View storage;
  };
  llvm::SmallVector<LoopParts, 2> splitLoop(mlir::Operation *op,
                                            const LoopParts &parts);
  void shareStorage(BufferId first, BufferId firstEnd, BufferId second,
                    BufferId secondEnd);
  mlir::FailureOr<LoopEntry>
  visitIterations(mlir::Operation *op, const LoopParts &parts,
                  const IndexValue &first,
                  llvm::ArrayRef<CarriedTensor> carried);
  mlir::LogicalResult
  bindCarried(mlir::MutableArrayRef<mlir::OpOperand> inits,
              mlir::ValueRange arguments,
              llvm::SmallVectorImpl<CarriedTensor> &carried);
  mlir::LogicalResult storeYielded(mlir::Operation *yield,
                                   mlir::ValueRange yielded,
                                   llvm::ArrayRef<CarriedTensor> carried);
  void checkCarriedFills(NodeId firstNode,
                         llvm::ArrayRef<CarriedTensor> carried);
  void bindLoopResults(mlir::Operation *op, mlir::ValueRange arguments,
                       mlir::MutableArrayRef<CarriedTensor> carried, bool runs);

  // BuildBranches.cpp
  Handled visitControlFlow(mlir::Operation *op);
  Handled visitBranch(mlir::Operation *op);
  std::optional<llvm::SmallVector<AffineForm, 2>>
  getCondition(mlir::Value value);
  std::optional<llvm::SmallVector<AffineForm, 2>>
  getCondition(mlir::affine::AffineIfOp op);
  mlir::LogicalResult visitGuarded(mlir::Operation *op, mlir::Region &region,
                                   llvm::ArrayRef<AffineForm> condition);
  mlir::LogicalResult visitConditional(mlir::Operation *op,
                                       llvm::ArrayRef<AffineForm> condition);
  mlir::LogicalResult visitInline(mlir::Operation *op, mlir::Region &region);
  void bindResults(mlir::Operation *op, mlir::ValueRange values);

  // BuildCalls.cpp
  Handled visitCall(mlir::Operation *op);

  // BuildViews.cpp
  Handled visitView(mlir::Operation *op);
  Handled visitCast(mlir::Operation *op);

  // BuildUnranked.cpp
  mlir::FailureOr<std::optional<View>> viewUnranked(mlir::Operation *op,
                                                    mlir::OpFoldResult offset);
  mlir::FailureOr<std::optional<View>>
  placeInUnranked(mlir::Operation *op, View view, const void *identity);
  Handled visitRelabel(mlir::Operation *op);
  Handled visitMaterialize(mlir::Operation *op);
  Handled visitSelect(mlir::Operation *op);

  // BuildSlices.cpp
  Handled visitSlice(mlir::Operation *op);
  Handled visitInsertSlice(mlir::Operation *op, mlir::OpOperand &destination,
                           mlir::Value source, mlir::Value result);
  std::optional<View> slice(const View &source, mlir::Operation *op);

  // BuildReshapes.cpp
  Handled visitReshape(mlir::Operation *op);
  std::optional<View>
  collapse(const View &source,
           llvm::ArrayRef<llvm::SmallVector<int64_t, 2>> groups);
  std::optional<View>
  expand(const View &source,
         llvm::ArrayRef<llvm::SmallVector<int64_t, 2>> groups,
         llvm::ArrayRef<mlir::OpFoldResult> sizes);
  std::optional<View> reshapeContiguous(const View &source,
                                        mlir::ShapedType type);
  bool isContiguous(const View &view);

  // BuildStorage.cpp
  Handled visitStorage(mlir::Operation *op);
  mlir::FailureOr<std::optional<View>> makeAllocation(mlir::Operation *op);
  mlir::FailureOr<std::optional<View>> makeGlobal(mlir::Operation *op,
                                                  mlir::SymbolRefAttr symbol);
  /// Storage for `type`; dynamic dimensions take their extents from `dynamic`.
  /// Absent where bits or sizes are not known; failure after an overflow.
  mlir::FailureOr<std::optional<View>>
  makeStorage(mlir::Operation *op, mlir::ShapedType type,
              llvm::ArrayRef<IndexValue> dynamic, BufferKind kind,
              llvm::StringRef name = "");
  /// Storage with the shape of `view`.
  mlir::FailureOr<View> makeStorageLike(mlir::Operation *op, const View &view);
  mlir::FailureOr<std::optional<View>> makeConstant(mlir::Operation *op,
                                                    mlir::Attribute value,
                                                    mlir::ShapedType type);
  /// What the op finds in `operand`'s place when it writes: the operand's
  /// storage, or fresh storage, with a copy under `record` when needed. A copy
  /// without a record gets one of its own, a copy of `op`.
  mlir::FailureOr<View> getDestination(mlir::OpOperand &operand,
                                       std::optional<OpId> record);
  mlir::LogicalResult addCopy(mlir::Operation *op, std::optional<OpId> record,
                              const View &source, const View &destination);
  bool isSameStorage(const View &lhs, const View &rhs);

  // BuildLeaves.cpp
  Handled visitStructured(mlir::Operation *op);
  bool isInitFill(mlir::Operation *op);
  struct Leaf;
  mlir::LogicalResult bindLeafOperands(Leaf &leaf);
  mlir::LogicalResult addLeafNest(Leaf &leaf, const WorkNest &work,
                                  llvm::SmallVectorImpl<LoopId> &around,
                                  unsigned joined);
  IndexValue evaluate(const Leaf &leaf, const NestIndex &index,
                      llvm::ArrayRef<LoopId> dims);

  // BuildResults.cpp
  Handled placeResults(Leaf &leaf);
  mlir::FailureOr<std::optional<View>> makeResultStorage(const Leaf &leaf,
                                                         mlir::OpResult result);
  IndexValue getStatedExtent(mlir::Operation *op, unsigned dim);

  // BuildScalars.cpp
  Handled visitScalar(mlir::Operation *op);
  Handled visitElementAccess(mlir::Operation *op);
  mlir::LogicalResult addElementAccess(mlir::Operation *op, const View &view,
                                       llvm::ArrayRef<IndexValue> indices,
                                       bool isWrite);
  void nameScalars(mlir::Operation *op, const View &view, bool isWrite);
  void visitInteger(mlir::Operation *op);
  mlir::LogicalResult flushScalars();

  // BuildVectors.cpp
  struct VectorAccess;
  Handled visitVectorAccess(mlir::Operation *op);
  bool matchTransfer(mlir::Operation *op, VectorAccess &access);
  bool matchAffineVectorAccess(mlir::Operation *op, VectorAccess &access);
  template <typename OpTy>
  bool matchVectorAccess(mlir::Operation *op, bool isWrite,
                         VectorAccess &access);
  mlir::LogicalResult addVectorAccess(mlir::Operation *op, const View &view,
                                      const VectorAccess &access);

  // Values.
  const View *getView(mlir::Value value) const;
  void setView(mlir::Value value, View view);
  IndexValue getIndex(mlir::Value value);
  IndexValue getIndex(mlir::OpFoldResult value);
  void setIndex(mlir::Value value, IndexValue index);
  /// Moves `view` by `index` steps of dimension `dim`, of which `extent` are
  /// touched from there.
  void shift(View &view, unsigned dim, const IndexValue &index,
             int64_t extent = 1);
  Access makeAccess(const View &view, llvm::ArrayRef<IndexValue> indices,
                    bool isWrite);
  /// Notes on an access through `view` that its one data-dependent index takes
  /// `rows` values in one call; 0: unknown.
  mlir::LogicalResult setDistinctRows(mlir::Operation *op, int64_t rows,
                                      const View &view, Access &access);

  mlir::FunctionOpInterface function;
  InPlaceAnalysis &inPlace;
  DeadScalars dead;
  LoopTree tree;
  IndexArithmetic arithmetic;

  std::deque<View> views;
  llvm::DenseMap<mlir::Value, const View *> viewOf;
  llvm::DenseMap<mlir::Value, IndexValue> indices;
  llvm::DenseMap<mlir::Attribute, BufferId> constants;
  llvm::DenseMap<mlir::Attribute, BufferId> globals;
  /// Memory that ops that are not understood say where it is.
  llvm::SmallVector<BufferId> foreignMemory;
  /// Storage without a rank, by the value and an offset that is not known.
  llvm::DenseMap<std::pair<mlir::Value, const void *>, BufferId> unranked;

  NodeId current = LoopTree::root;
  llvm::SmallVector<LoopId> enclosing;
  /// Executions of the innermost loop body; one entry per loop.
  llvm::SmallVector<int64_t> executions;
  llvm::SmallVector<mlir::Operation *> callStack; ///< Functions.
  llvm::SmallVector<mlir::Operation *> callSites; ///< Calls, one fewer.
  /// Operands of the return of the function that was inlined last.
  llvm::SmallVector<mlir::Value> returned;

  /// The fill whose content a buffer still has, at `offset` (dimension loops
  /// left out) or all over.
  struct FilledStorage {
    OpId op;
    AffineForm offset;
    bool isWhole;
  };
  llvm::DenseMap<BufferId, FilledStorage> filledBy;
  /// Buffers that something has, or may have, written.
  llvm::DenseSet<BufferId> written;
  /// Who reads the fills of memrefs.
  struct FillReaders {
    bool asInit = false;
    bool otherwise = false;
  };
  llvm::DenseMap<OpId, FillReaders> fillReaders;

  /// Straight line of scalar code that is not in the tree yet.
  struct ScalarRun {
    mlir::Operation *named = nullptr;
    llvm::SmallVector<Nest, 0> nests;
    std::string computeType;
    Arithmetic arithmetic;
    int64_t values = 0, valueBits = 0; ///< As those of an OpRecord.
    void addValue(mlir::Type type);
  } scalars;
};

} // namespace memwall

#endif // MEMWALL_LIB_WORK_LOOPTREEBUILDER_H
