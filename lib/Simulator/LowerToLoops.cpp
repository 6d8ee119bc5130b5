//===- LowerToLoops.cpp - From tensors to loops over memrefs --------------===//

#include "DecomposeGathers.h"
#include "DecomposePack.h"
#include "Storage.h"
#include "memwall/Simulator/LowerProgram.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/IR/Iterators.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace memwall;

/// Canonicalization that keeps what is executed all the same: stores to storage
/// that nobody reads, and ops that put a buffer's content where it is.
static constexpr StringLiteral cleanUp =
    "canonicalize{disable-patterns="
    "\"(anonymous namespace)::SimplifyDeadAlloc<mlir::memref::AllocOp>,"
    "(anonymous namespace)::SimplifyDeadAlloc<mlir::memref::AllocaOp>,"
    "(anonymous namespace)::EraseSelfCopy\"}";

/// On a linalg op whose stores go past all caches.
static constexpr StringLiteral nontemporalName = "memwall.nontemporal";

static LogicalResult runPipeline(ModuleOp module, StringRef pipeline) {
  PassManager manager(module.getContext());
  if (failed(parsePassPipeline(pipeline, manager)))
    return failure();
  return manager.run(module);
}

/// Takes what generators noted ("memwall.*") off a function: the translation to
/// LLVM warns of every argument attribute that it does not know.
static void dropNotes(FunctionOpInterface function) {
  auto dropFrom = [](ArrayRef<NamedAttribute> attributes) {
    return llvm::to_vector(
        llvm::make_filter_range(attributes, [](NamedAttribute attribute) {
          return !attribute.getName().strref().starts_with("memwall.");
        }));
  };
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    function.setArgAttrs(
        i, dropFrom(function_interface_impl::getArgAttrs(function, i)));
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    function.setResultAttrs(
        i, dropFrom(function_interface_impl::getResultAttrs(function, i)));
}

/// Finds the entry and makes it the only public function.
static FailureOr<func::FuncOp> findEntry(ModuleOp module, StringRef entry) {
  auto function = module.lookupSymbol<func::FuncOp>(entry);
  if (!function || function.isExternal()) {
    InFlightDiagnostic diagnostic =
        module.emitError("expected a function with a body named '")
        << entry << "', found";
    bool any = false;
    for (auto candidate : module.getOps<func::FuncOp>())
      if (!candidate.isExternal()) {
        diagnostic << (any ? ", '" : " '") << candidate.getName() << "'";
        any = true;
      }
    diagnostic << (any ? "" : " none");
    return failure();
  }
  for (Type type : function.getFunctionType().getInputs())
    if (auto shaped = dyn_cast<ShapedType>(type);
        shaped && !shaped.hasStaticShape())
      return function.emitError("expected static argument types, found ")
             << type << "; bind its dimensions with --memwall-bind-dims";
  for (auto other : module.getOps<func::FuncOp>())
    other.setVisibility(SymbolTable::Visibility::Private);
  function.setPublic();
  dropNotes(function);
  if (failed(runPipeline(module, "inline{default-pipeline=},symbol-dce")))
    return failure();
  return function;
}

/// Turns constant tensors into arguments that nothing may write. Comes before
/// anything that merges equal ops (equal constants without data are different
/// weights) or folds them (what the program computes it has to execute).
static void externalizeConstants(LoweredEntry &entry) {
  SmallVector<Operation *> constants;
  entry.function.walk([&](Operation *op) {
    ElementsAttr value;
    if (op->getNumResults() == 1 && isa<TensorType>(op->getResultTypes()[0]) &&
        matchPattern(op, m_Constant(&value))) {
      constants.push_back(op);
      entry.constants.push_back(value);
    }
  });
  MLIRContext *context = entry.function.getContext();
  for (Operation *op : constants) {
    unsigned position = entry.function.getNumArguments();
    NamedAttribute readOnly(
        bufferization::BufferizationDialect::kWritableAttrName,
        BoolAttr::get(context, false));
    (void)entry.function.insertArgument(position, op->getResultTypes()[0],
                                        DictionaryAttr::get(context, readOnly),
                                        op->getLoc());
    op->getResult(0).replaceAllUsesWith(entry.function.getArgument(position));
    op->erase();
  }
}

/// Ops that are several loop nests, in terms of ops that are one.
static LogicalResult decomposeComposites(func::FuncOp function) {
  IRRewriter rewriter(function.getContext());
  SmallVector<Operation *> composites;
  function.walk([&](Operation *op) {
    if (isa<linalg::AggregatedOpInterface, linalg::PackOp, linalg::UnPackOp>(
            op))
      composites.push_back(op);
  });
  for (Operation *op : composites) {
    rewriter.setInsertionPoint(op);
    bool decomposed = true;
    if (auto pack = dyn_cast<linalg::PackOp>(op)) {
      if (canDecomposePack(pack))
        decomposePack(rewriter, pack);
      else
        decomposed = succeeded(linalg::lowerPack(rewriter, pack));
    } else if (auto unpack = dyn_cast<linalg::UnPackOp>(op)) {
      decomposed = succeeded(linalg::lowerUnPack(rewriter, unpack));
    } else {
      // Upstream looks for the least float of whatever the elements are.
      if (auto softmax = dyn_cast<linalg::SoftmaxOp>(op))
        if (Type element = softmax.getInputOperandType().getElementType();
            !isa<FloatType>(element))
          return op->emitOpError("cannot be run on elements of ")
                 << element << ", expected floating-point numbers";
      auto parts =
          cast<linalg::AggregatedOpInterface>(op).decomposeOperation(rewriter);
      decomposed = succeeded(parts);
      if (decomposed)
        rewriter.replaceOp(op, *parts);
    }
    if (!decomposed)
      return op->emitOpError("cannot be decomposed into loop nests");
  }
  SmallVector<Operation *> concats;
  function.walk([&](tensor::ConcatOp op) { concats.push_back(op); });
  RewritePatternSet patterns(function.getContext());
  tensor::populateDecomposeTensorConcatPatterns(patterns);
  // Nothing else may change: equal constants stay apart, nothing is folded, and
  // what nobody reads is executed all the same.
  GreedyRewriteConfig config;
  config.enableFolding(false).enableConstantCSE(false);
  config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
  config.setStrictness(GreedyRewriteStrictness::ExistingOps);
  return applyOpPatternsGreedily(concats, std::move(patterns), config);
}

/// Arithmetic on whole tensors as linalg ops, as upstream's pass
/// convert-elementwise-to-linalg does it, but nothing is folded: max(x, x) is
/// computed.
static LogicalResult convertElementwise(func::FuncOp function) {
  MLIRContext *context = function.getContext();
  RewritePatternSet patterns(context);
  linalg::populateElementwiseToLinalgConversionPatterns(patterns);
  ConversionTarget target(*context);
  target.markUnknownOpDynamicallyLegal([](Operation *op) {
    return !OpTrait::hasElementwiseMappableTraits(op) ||
           llvm::none_of(op->getOperandTypes(),
                         llvm::IsaPred<RankedTensorType>);
  });
  ConversionConfig config;
  config.foldingMode = DialectConversionFoldingMode::Never;
  return applyPartialConversion(function, target, std::move(patterns), config);
}

/// Lets the function return memrefs of any strides, so that a result that is a
/// view is handed over as it is. With the identity layout, which arguments
/// have, bufferization would copy it.
static void returnViews(func::FuncOp function) {
  OpBuilder builder(function.getContext());
  function.walk([&](func::ReturnOp exit) {
    builder.setInsertionPoint(exit);
    for (OpOperand &operand : exit->getOpOperands())
      if (auto type = dyn_cast<TensorType>(operand.get().getType()))
        operand.set(bufferization::ToBufferOp::create(
            builder, exit.getLoc(),
            bufferization::getMemRefTypeWithFullyDynamicLayout(type),
            operand.get(), /*read_only=*/true));
    function.setType(builder.getFunctionType(
        function.getArgumentTypes(), llvm::to_vector(exit.getOperandTypes())));
  });
}

/// Notes the sizes of allocations of dynamic size (partial tiles) while their
/// bounds can still be seen: lowering affine.min hides them.
static void noteAllocationBytes(func::FuncOp function) {
  Builder builder(function.getContext());
  function.walk([&](memref::AllocOp alloc) {
    std::optional<int64_t> bytes = computeStorageBytes(alloc);
    if (bytes && !alloc.getType().hasStaticShape())
      alloc->setAttr(storageBytesName, builder.getI64IntegerAttr(*bytes));
  });
}

/// memref.copy as a loop nest, so that its loads and stores are seen.
static void lowerCopies(func::FuncOp function) {
  SmallVector<memref::CopyOp> copies;
  function.walk([&](memref::CopyOp copy) { copies.push_back(copy); });
  for (memref::CopyOp copy : copies) {
    if (!isa<MemRefType>(copy.getSource().getType()) ||
        !isa<MemRefType>(copy.getTarget().getType()))
      continue;
    OpBuilder builder(copy);
    linalg::makeMemRefCopyOp(builder, copy.getLoc(), copy.getSource(),
                             copy.getTarget());
    copy.erase();
  }
}

/// The stores of ops that say so go past the caches.
static LogicalResult lowerNontemporalOps(func::FuncOp function) {
  SmallVector<linalg::LinalgOp> ops;
  function.walk([&](linalg::LinalgOp op) {
    if (op->hasAttr(nontemporalName))
      ops.push_back(op);
  });
  IRRewriter rewriter(function.getContext());
  for (linalg::LinalgOp op : ops) {
    rewriter.setInsertionPoint(op);
    FailureOr<linalg::LinalgLoops> loops =
        linalg::linalgOpToLoops(rewriter, op);
    if (failed(loops))
      return op->emitOpError("cannot be lowered to loops");
    // The loops stand where the op did, in front of it.
    Operation *nest =
        loops->empty() ? op->getBlock()->getParentOp() : loops->front();
    nest->walk([&](memref::StoreOp store) {
      if (llvm::is_contained(op.getDpsInits(), store.getMemRef()))
        store.setNontemporal(true);
    });
    rewriter.eraseOp(op);
  }
  return success();
}

/// Loads that nothing uses are not executed by any compiler (the lowering of
/// linalg loads inits that the body ignores).
static void eraseDeadLoads(func::FuncOp function) {
  function.walk<WalkOrder::PostOrder, ReverseIterator>([](Operation *op) {
    if (isOpTriviallyDead(op))
      op->erase();
  });
}

FailureOr<LoweredEntry> memwall::isolateEntry(ModuleOp module,
                                              StringRef entryName) {
  module.getContext()
      ->loadDialect<bufferization::BufferizationDialect, linalg::LinalgDialect,
                    tensor::TensorDialect>();
  FailureOr<func::FuncOp> function = findEntry(module, entryName);
  if (failed(function))
    return failure();
  LoweredEntry entry{*function, function->getNumArguments(), {}};
  externalizeConstants(entry);
  return entry;
}

FailureOr<LoweredEntry> memwall::lowerToLoops(ModuleOp module,
                                              StringRef entryName) {
  // 1. One function, its constants in memory.
  FailureOr<LoweredEntry> isolated = isolateEntry(module, entryName);
  if (failed(isolated))
    return failure();
  LoweredEntry entry = std::move(*isolated);

  // 2. Every op one loop nest.
  if (failed(decomposeComposites(entry.function)) ||
      failed(decomposeGathers(entry.function)) ||
      failed(convertElementwise(entry.function)))
    return failure();

  // 3. Memory. Equal views are merged so that copies of a view onto itself go.
  returnViews(entry.function);
  if (failed(runPipeline(
          module, ("one-shot-bufferize{bufferize-function-boundaries "
                   "function-boundary-type-conversion=identity-layout-map "
                   "allow-return-allocs-from-loops}," +
                   cleanUp + ",cse," + cleanUp)
                      .str())))
    return failure();

  // 4. Loops.
  noteAllocationBytes(entry.function);
  lowerCopies(entry.function);
  if (failed(lowerNontemporalOps(entry.function)))
    return failure();
  if (failed(runPipeline(module, "func.func(lower-vector-mask,"
                                 "convert-linalg-to-loops,lower-affine)")))
    return failure();
  eraseDeadLoads(entry.function);
  return entry;
}
