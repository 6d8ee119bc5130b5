//===- SeparateFills.cpp - What results start from ------------------------===//
//
//   %f = linalg.fill ins(%zero) outs(%e)
//   %r:2 = linalg.generic outs(%f, %f)
//   // becomes
//   %f = linalg.fill ins(%zero) outs(%e)
//   %g = linalg.fill ins(%zero) outs(%e)
//   %r:2 = linalg.generic outs(%f, %g)
//
// The results of one op never share storage, so the second used to be a copy of
// the first.
//
//===----------------------------------------------------------------------===//

#include "FillsAndBroadcasts.h"
#include "NormalForm.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace memwall;

/// Fills instead of constants: a constant cannot be written to, so that its
/// content would be copied.
static void fillInsteadOfConstants(RewriterBase &rewriter, linalg::LinalgOp op,
                                   SpellingLog &log) {
  for (OpOperand &init : op.getDpsInitsMutable()) {
    DenseElementsAttr elements;
    auto type = dyn_cast<RankedTensorType>(init.get().getType());
    if (!type || !matchPattern(init.get(), m_Constant(&elements)) ||
        !elements.isSplat() || !type.getElementType().isIntOrIndexOrFloat())
      continue;
    memwall::log(log, init.get().getDefiningOp(),
                 "starts a result and is written as linalg.fill");
    rewriter.setInsertionPoint(op);
    Value scalar = arith::ConstantOp::create(
        rewriter, op.getLoc(),
        cast<TypedAttr>(elements.getSplatValue<Attribute>()));
    Value empty = tensor::EmptyOp::create(
        rewriter, op.getLoc(), type.getShape(), type.getElementType());
    Value fill = linalg::FillOp::create(rewriter, op.getLoc(), scalar, empty)
                     ->getResult(0);
    rewriter.modifyOpInPlace(op, [&] { init.set(fill); });
  }
}

void memwall::separateFills(RewriterBase &rewriter, Operation *root,
                            SpellingLog &log) {
  for (linalg::LinalgOp op : collectFree<linalg::LinalgOp>(root))
    if (op.hasPureTensorSemantics())
      fillInsteadOfConstants(rewriter, op, log);
  for (linalg::FillOp fill : collectFree<linalg::FillOp>(root))
    if (fill.hasPureTensorSemantics())
      for (Operation *op : separateInits(rewriter, fill, isPinned))
        memwall::log(log, fill,
                     "is made once more for " + describeWithPlace(op));
}
