//===- RenamedOps.cpp - Ops of upstream that have another name now --------===//
//
// Programs of older compilers have ops that upstream has renamed or replaced
// since. MLIR calls them unknown; here they are known by name only, and the
// error says what they are called now.
//
//===----------------------------------------------------------------------===//

#include "memwall/Passes/ForeignDialects.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;

namespace memwall {

/// An op as it was called, and what it is in LLVM 22. (Release notes of LLVM
/// and the dialects' own pages.)
struct RenamedOp {
  llvm::StringLiteral name;
  llvm::StringLiteral now;
};

static constexpr RenamedOp kRenamedOps[] = {
    {"tensor.pack", "linalg.pack"},
    {"tensor.unpack", "linalg.unpack"},
    {"linalg.elemwise_unary",
     "linalg.elementwise, or an op such as linalg.exp"},
    {"linalg.elemwise_binary",
     "linalg.elementwise, or an op such as linalg.add"},
    {"linalg.matmul_transpose_a", "linalg.matmul with indexing_maps"},
    {"linalg.matmul_transpose_b", "linalg.matmul with indexing_maps"},
    {"linalg.batch_matmul_transpose_a",
     "linalg.batch_matmul with indexing_maps"},
    {"linalg.batch_matmul_transpose_b",
     "linalg.batch_matmul with indexing_maps"},
    {"linalg.init_tensor", "tensor.empty"},
    {"linalg.pad_tensor", "tensor.pad"},
    {"linalg.tensor_reshape", "tensor.collapse_shape or tensor.expand_shape"},
    {"vector.splat", "vector.broadcast"},
    {"vector.extractelement", "vector.extract"},
    {"vector.insertelement", "vector.insert"},
    {"bufferization.to_memref", "bufferization.to_buffer"},
    {"memref.tensor_load", "bufferization.to_tensor"},
    {"memref.buffer_cast", "bufferization.to_buffer"},
    {"scf.foreach_thread", "scf.forall"},
    {"tosa.fully_connected", "tosa.matmul and tosa.add"},
    {"tosa.reduce_prod", "tosa.reduce_product"},
};

/// One of them. MLIR wants a class for each.
template <size_t number>
class Renamed : public Op<Renamed<number>, OpTrait::VariadicOperands,
                          OpTrait::VariadicResults, OpTrait::VariadicRegions,
                          OpTrait::VariadicSuccessors> {
public:
  using Op<Renamed<number>, OpTrait::VariadicOperands, OpTrait::VariadicResults,
           OpTrait::VariadicRegions, OpTrait::VariadicSuccessors>::Op;

  static StringRef getOperationName() { return kRenamedOps[number].name; }
  static ArrayRef<StringRef> getAttributeNames() { return {}; }

  /// In its own syntax. The parser has named the op.
  static ParseResult parse(OpAsmParser &parser, OperationState &) {
    return parser.emitError(parser.getNameLoc(), "is ")
           << kRenamedOps[number].now << " since LLVM 22 or before";
  }
  /// In generic form.
  LogicalResult verify() {
    return this->emitOpError("is ")
           << kRenamedOps[number].now << " since LLVM 22 or before";
  }
};

/// Adds the ops of `dialect` among those from `number` on.
template <size_t number = 0>
static void addRenamed(Dialect &dialect) {
  if constexpr (number < std::size(kRenamedOps)) {
    if (kRenamedOps[number].name.split('.').first == dialect.getNamespace())
      RegisteredOperationName::insert<Renamed<number>>(dialect);
    addRenamed<number + 1>(dialect);
  }
}

template <typename... Dialects>
static void addRenamedTo(DialectRegistry &registry) {
  (registry.addExtension(
       +[](MLIRContext *, Dialects *dialect) { addRenamed(*dialect); }),
   ...);
}

void registerRenamedOps(DialectRegistry &registry) {
  addRenamedTo<bufferization::BufferizationDialect, linalg::LinalgDialect,
               memref::MemRefDialect, scf::SCFDialect, tensor::TensorDialect,
               tosa::TosaDialect, vector::VectorDialect>(registry);
}

} // namespace memwall
