//===- DecomposePack.cpp - linalg.pack as one loop nest -------------------===//
//
//   %p = linalg.pack %x padding_value(%pad) inner_dims_pos = [0]
//            inner_tiles = [16] : tensor<50xf32> -> tensor<4x16xf32>
//   // becomes
//   linalg.generic outs(%p) {
//     %i = 16 * index(0) + index(1)
//     %v = scf.if %i < 50 { tensor.extract %x[%i] } else { %pad }
//     linalg.yield %v
//   }
//
//===----------------------------------------------------------------------===//

#include "DecomposePack.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace {
/// Where an element of the packed tensor comes from.
struct Origin {
  SmallVector<Value> indices; ///< In the plain tensor.
  Value isInside;             ///< Null: always.
};
} // namespace

/// The origin of the element that the body of a linalg.generic over the packed
/// tensor is at.
static Origin findOrigin(OpBuilder &builder, linalg::PackOp op) {
  Location location = op.getLoc();
  auto constant = [&](int64_t value) {
    return arith::ConstantIndexOp::create(builder, location, value);
  };
  ArrayRef<int64_t> shape = op.getSourceType().getShape();
  ArrayRef<int64_t> outerOrder = op.getOuterDimsPerm();
  Origin origin;
  origin.indices.resize(shape.size());
  for (size_t outer = 0; outer < shape.size(); ++outer)
    origin.indices[outerOrder.empty() ? outer : outerOrder[outer]] =
        linalg::IndexOp::create(builder, location, outer);
  for (auto [number, dim, tile] :
       llvm::enumerate(op.getInnerDimsPos(), op.getStaticInnerTiles())) {
    Value inner =
        linalg::IndexOp::create(builder, location, shape.size() + number);
    Value start = arith::MulIOp::create(builder, location, origin.indices[dim],
                                        constant(tile));
    Value index = arith::AddIOp::create(builder, location, start, inner);
    origin.indices[dim] = index;
    if (shape[dim] % tile == 0)
      continue;
    Value isInside =
        arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ult,
                              index, constant(shape[dim]));
    origin.isInside = origin.isInside
                          ? arith::AndIOp::create(builder, location,
                                                  origin.isInside, isInside)
                          : isInside;
  }
  return origin;
}

bool memwall::canDecomposePack(linalg::PackOp op) {
  if (!op.getSourceType().hasStaticShape() ||
      !op.getDestType().hasStaticShape())
    return false;
  return op.getDestType() == linalg::PackOp::inferPackedType(
                                 cast<RankedTensorType>(op.getSourceType()),
                                 op.getStaticInnerTiles(), op.getInnerDimsPos(),
                                 op.getOuterDimsPerm());
}

void memwall::decomposePack(RewriterBase &rewriter, linalg::PackOp op) {
  unsigned rank = op.getDestType().getRank();
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      rewriter, op.getLoc(), op.getDestType(), ValueRange(), op.getDest(),
      rewriter.getMultiDimIdentityMap(rank), iterators,
      [&](OpBuilder &builder, Location location, ValueRange) {
        Origin origin = findOrigin(builder, op);
        auto extract = [&](OpBuilder &builder, Location location) -> Value {
          return tensor::ExtractOp::create(builder, location, op.getSource(),
                                           origin.indices);
        };
        if (!origin.isInside) {
          linalg::YieldOp::create(builder, location,
                                  extract(builder, location));
          return;
        }
        // Padding is no load, so a choice between two values would not do.
        auto either = scf::IfOp::create(
            builder, location, origin.isInside,
            [&](OpBuilder &builder, Location location) {
              scf::YieldOp::create(builder, location,
                                   extract(builder, location));
            },
            [&](OpBuilder &builder, Location location) {
              scf::YieldOp::create(builder, location, op.getPaddingValue());
            });
        linalg::YieldOp::create(builder, location, either.getResults());
      });
  rewriter.replaceOp(op, generic.getResults());
}
