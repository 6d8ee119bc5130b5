//===- GroupStreamer.h - Makes the stream of one group ----------*- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_GROUPSTREAMER_H
#define MEMWALL_LIB_TRANSFORMS_GROUPSTREAMER_H

#include "PackOperands.h"
#include "SplitReduction.h"
#include "StreamGroup.h"
#include "StreamRows.h"
#include "VisibleTiles.h"
#include "memwall/Work/BodyExpression.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace memwall {

/// The number of a scalar in its body while loops are made.
inline constexpr llvm::StringLiteral kScalarAttrName = "memwall.scalar";

/// Erases what nobody reads: what started sums, and slices.
void eraseUnread(mlir::RewriterBase &rewriter, mlir::Block *block);

/// Storage that nothing else uses, like `init`; a part of something larger
/// stays where it is.
mlir::Value createOwnStorage(mlir::RewriterBase &rewriter, mlir::Value init);

/// Makes the stream of one group.
class GroupStreamer {
public:
  GroupStreamer(mlir::RewriterBase &rewriter, const GroupInIR &group,
                const LoopsInIR &loops,
                llvm::ArrayRef<mlir::Operation *> members, mlir::Block *block)
      : rewriter(rewriter), group(group), plan(group.plan),
        bodies(group.bodies), loops(loops), members(members), block(block),
        behind(block) {}

  /// The loop over parts, or null.
  mlir::FailureOr<mlir::Operation *> run();

private:
  /// Maps values in `block` to what they are in the loop.
  using Tiles = llvm::DenseMap<mlir::Value, mlir::Value>;

  mlir::Value createStart(unsigned member);
  mlir::LogicalResult makeFirstLoop();
  mlir::LogicalResult makeWhole(Tiles &finals);
  void findCarried();
  llvm::SmallVector<unsigned> findSecondSinks() const;
  mlir::LogicalResult makeSecondLoop();
  mlir::LogicalResult packOperands();
  mlir::LogicalResult fillFirstLoop(mlir::scf::ForOp loop);
  mlir::scf::ForOp createVisibleLoop(mlir::scf::ForOp loop);
  mlir::LogicalResult addStreamed(unsigned member, mlir::Value iv,
                                  Tiles &tiles);
  mlir::FailureOr<mlir::linalg::LinalgOp> tile(unsigned member, mlir::Value iv,
                                               Tiles &tiles);
  mlir::Operation *cloneRow(unsigned member, Tiles &tiles);
  mlir::FailureOr<mlir::Value> correct(unsigned member, mlir::Value sum,
                                       Tiles &tiles, bool isReleased = false);
  mlir::LogicalResult releaseRows(Tiles &finals);
  mlir::Value insertTile(mlir::linalg::LinalgOp tiled, mlir::Value into);
  mlir::linalg::LinalgOp leaveOut(unsigned member,
                                  mlir::linalg::LinalgOp tiled);
  mlir::FailureOr<ExponentOfRows>
  findExponent(const StreamKernel &kernel) const;
  llvm::SmallVector<mlir::Value> findRows(const StreamKernel &kernel,
                                          const Tiles &rows) const;
  mlir::LogicalResult keepExponents(unsigned member, const Tiles &rows);
  void holdRows(unsigned member, mlir::Operation *tiled);
  mlir::Value fillLowest(unsigned member, mlir::Value storage);
  mlir::LogicalResult applyFactors(unsigned member, mlir::Value sum);
  mlir::scf::ForOp createLoop(mlir::ValueRange inits, bool isLimited,
                              mlir::Value part = {});
  void eraseMembers();

  // Parts: StreamParts.cpp.
  mlir::LogicalResult makeParts(Tiles &finals);
  mlir::FailureOr<Tiles> makePartNest();
  mlir::LogicalResult fillPart(mlir::scf::ForallOp parts);
  llvm::SmallVector<int64_t> getWholeShape(unsigned member) const;
  PartSlice createPartSlice(unsigned member, mlir::OpFoldResult number,
                            mlir::OpFoldResult count);
  mlir::FailureOr<mlir::Value> createPartStart(unsigned member,
                                               mlir::Value row);
  mlir::FailureOr<mlir::Value> createStorageOfParts(unsigned member);
  void beginSecondParts();
  unsigned getStreamedPosition(unsigned member) const;
  PartSlice createSecondSlice(unsigned member, mlir::Value whole);
  void moveToPart(unsigned member, mlir::linalg::LinalgOp tiled,
                  const PartSlice &part);
  mlir::LogicalResult endSecondParts(llvm::ArrayRef<unsigned> sinks,
                                     llvm::ArrayRef<PartSlice> slices,
                                     mlir::scf::ForOp loop);
  void finishSecondParts();
  mlir::LogicalResult combineParts(const Tiles &partials, Tiles &finals);
  mlir::FailureOr<llvm::SmallVector<PartFactor>>
  createFactors(unsigned member, const Tiles &partials, const Tiles &finals);

  const StreamRole &role(unsigned member) const {
    return plan.members[member].role;
  }
  mlir::linalg::LinalgOp op(unsigned member) const {
    return llvm::cast<mlir::linalg::LinalgOp>(members[member]);
  }
  mlir::Value result(unsigned member) const {
    return members[member]->getResult(0);
  }
  bool isReduction(unsigned member) const {
    const std::optional<unsigned> &dim = plan.members[member].streamDim;
    return dim && op(member).getIteratorTypesArray()[*dim] ==
                      mlir::utils::IteratorType::reduction;
  }
  bool isTile(unsigned member) const {
    return plan.members[member].streamDim && !isReduction(member);
  }
  bool isInside(unsigned member) const {
    return role(member).place == StreamPlace::Inside;
  }
  mlir::Value findScalar(mlir::linalg::LinalgOp at, unsigned member,
                         unsigned number) const;
  mlir::Operation *findNumbered(mlir::linalg::LinalgOp at,
                                unsigned number) const;
  mlir::BlockArgument findArgument(unsigned reader, unsigned access) const;
  mlir::AffineMap mapMainRow(const StreamKernel &kernel, unsigned sum) const;
  mlir::AffineMap mapRow(unsigned reader, mlir::OpOperand *row,
                         unsigned sum) const;

  mlir::RewriterBase &rewriter;
  const GroupInIR &group;
  const GroupPlan &plan;
  llvm::ArrayRef<std::shared_ptr<const BodyExpression>> bodies;
  const LoopsInIR &loops;
  llvm::ArrayRef<mlir::Operation *> members;
  mlir::Block *block;
  /// What comes behind the first loop: `block`, or the body of the loop over
  /// parts that need final rows.
  mlir::Block *behind;
  mlir::scf::ForallOp secondParts; ///< Null where there is none.
  int64_t extent = 0;              ///< Of the streamed dimension.
  mlir::Operation *partLoop = nullptr;
  llvm::SmallVector<llvm::SmallVector<PackedSource>> packed; ///< By member.
  /// Members whose results the first loop carries: sums, rows, and tiles that
  /// others read, in this order of the program.
  llvm::SmallVector<unsigned> carried;
  llvm::SmallVector<mlir::Value> current; ///< By carried member, in the loop.
  /// By (member, number) of an exponential: its exponent at the old row, and
  /// then what corrects sums of it.
  llvm::DenseMap<std::pair<unsigned, unsigned>, mlir::Value> exponents,
      corrections;
};

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_GROUPSTREAMER_H
