//===- Emitter.h - Tensor programs in one of three spellings ----*- C++ -*-===//
//
// Everything in this room is written in terms of a few operations on tensors
// whose dimensions have letters: contract("td", x, "od", w -> "to"). The
// emitter spells them in the style that was asked for. FLOPs are the same in
// each.
//
// Arithmetic is done in f32 where the elements are narrower: elements are
// widened as they are read and narrowed as they are written. Contractions and
// softmax compute in the type of their result, as the named ops do.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_WORKLOAD_EMITTER_H
#define MEMWALL_LIB_WORKLOAD_EMITTER_H

#include "memwall/Workload/Workload.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Builders.h"

namespace memwall {

struct StoredMatrix;

/// A tensor and the letters of its dimensions.
struct Lettered {
  mlir::Value value;
  llvm::StringRef letters;
};

/// Arithmetic on scalars, in the body of an op.
class ScalarBuilder {
public:
  ScalarBuilder(mlir::OpBuilder &builder, mlir::Location loc,
                llvm::StringRef letters)
      : builder(builder), loc(loc), letters(letters) {}
  mlir::Value constant(double value);
  mlir::Value add(mlir::Value lhs, mlir::Value rhs);
  mlir::Value sub(mlir::Value lhs, mlir::Value rhs);
  mlir::Value mul(mlir::Value lhs, mlir::Value rhs);
  mlir::Value div(mlir::Value lhs, mlir::Value rhs);
  mlir::Value max(mlir::Value lhs, mlir::Value rhs);
  mlir::Value min(mlir::Value lhs, mlir::Value rhs);
  mlir::Value negate(mlir::Value value);
  mlir::Value exp(mlir::Value value);
  mlir::Value log(mlir::Value value);
  mlir::Value sqrt(mlir::Value value);
  mlir::Value rsqrt(mlir::Value value);
  mlir::Value tanh(mlir::Value value);
  mlir::Value erf(mlir::Value value);
  mlir::Value abs(mlir::Value value);
  mlir::Value round(mlir::Value value);
  /// lhs > rhs, of floats.
  mlir::Value greater(mlir::Value lhs, mlir::Value rhs);
  mlir::Value select(mlir::Value condition, mlir::Value yes, mlir::Value no);
  /// The position in the dimension `letter` of the op.
  mlir::Value index(char letter);
  mlir::Value indexConstant(int64_t value);
  mlir::Value indexAdd(mlir::Value lhs, mlir::Value rhs);
  mlir::Value indexSub(mlir::Value lhs, mlir::Value rhs);
  mlir::Value indexLess(mlir::Value lhs, mlir::Value rhs);
  mlir::Value indexEqual(mlir::Value lhs, mlir::Value rhs);
  mlir::Value toIndex(mlir::Value integer);
  mlir::Value toInteger(mlir::Value value, mlir::Type type);
  /// An integer as f32; floats as they are.
  mlir::Value toFloat(mlir::Value value);
  /// The same of an integer without a sign.
  mlir::Value toFloatUnsigned(mlir::Value value);
  /// An element, widened like an operand. `distinctRows`: how many values the
  /// index that depends on data takes; 0: unknown.
  mlir::Value extract(mlir::Value tensor, mlir::ValueRange position,
                      int64_t distinctRows = 0);

private:
  mlir::OpBuilder &builder;
  mlir::Location loc;
  llvm::StringRef letters;
};

/// One result element from one element of every input.
using ElementBody =
    llvm::function_ref<mlir::Value(ScalarBuilder &, mlir::ValueRange)>;

enum class Reduction { Sum, Max };

/// See the head of this file.
class Emitter {
public:
  Emitter(mlir::OpBuilder &builder, Style style)
      : builder(builder), loc(builder.getUnknownLoc()), style(style) {}

  mlir::OpBuilder &getBuilder() { return builder; }
  Style getStyle() const { return style; }
  /// The part of the layer that the ops to come belong to.
  void setStep(llvm::StringRef name) { step = name.str(); }
  llvm::StringRef getStep() const { return step; }

  /// result = sum over the letters that it does not have of lhs * rhs, with
  /// elements of `type`. Letters of the result come first in the loops.
  /// `destination`: where the result is built, default fresh storage.
  mlir::Value contract(Lettered lhs, Lettered rhs, llvm::StringRef result,
                       mlir::Type type, mlir::Value destination = {});
  /// sum += lhs * rhs, of matrices [m, k] and [k, n].
  mlir::Value addProduct(mlir::Value lhs, mlir::Value rhs, mlir::Value sum);
  /// contract, where the elements of rhs are widened with the parts of
  /// `stored`, which groups of its last dimension share. Where that dimension
  /// is one of the result, the result has one for each group instead, behind
  /// all others: callers give its letters as InputGroups has them.
  mlir::Value contractStored(Lettered lhs, Lettered rhs,
                             const StoredMatrix &stored, llvm::StringRef result,
                             mlir::Type type);
  /// One op that computes every element of the result from the inputs'.
  /// Letters of the result that no input has take their size from `sizes`.
  mlir::Value map(llvm::StringRef result, llvm::ArrayRef<Lettered> inputs,
                  mlir::Type type, ElementBody body,
                  mlir::Value destination = {});
  /// The same for a result whose shape is given.
  mlir::Value mapShape(llvm::StringRef result, llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<Lettered> inputs, mlir::Type type,
                       ElementBody body, mlir::Value destination = {});
  /// Sum or maximum of the body over the letters that the result does not have.
  mlir::Value reduce(llvm::StringRef result, llvm::ArrayRef<Lettered> inputs,
                     mlir::Type type, Reduction kind, ElementBody body);
  /// Over the last dimension.
  mlir::Value softmax(Lettered input);
  /// The same with one more score per row, which has no weight in the result:
  /// that of `sink`, which has some of the letters.
  mlir::Value softmaxWithSink(Lettered input, Lettered sink);
  /// A result for each index of the input's letters that the result lacks: the
  /// largest element and its position (i64).
  std::pair<mlir::Value, mlir::Value> argmax(llvm::StringRef result,
                                             Lettered input);
  /// sum over the letters that the result lacks of lhs * table[row, ...]: rows
  /// of a table are picked by `rows`. The first letter of the table, '.', is
  /// the picked dimension. The table is widened with the parts of `stored`,
  /// picked alike; per-row scales are left to the caller. `loops`: the order of
  /// the loops. `distinctRows`: how many different rows are picked; 0: unknown.
  mlir::Value contractGathered(Lettered lhs, Lettered rows, Lettered table,
                               const StoredMatrix &stored,
                               llvm::StringRef loops, llvm::StringRef result,
                               mlir::Type type, int64_t distinctRows = 0);
  /// Rows of a stored table [row, in] as [.., in], in `type`.
  mlir::Value gatherStored(Lettered rows, const StoredMatrix &stored,
                           mlir::Type type);
  /// result = table[row, ...]; letters as above.
  mlir::Value gather(Lettered rows, Lettered table, llvm::StringRef result);

  /// Turns pairs of numbers, which lie half a row apart in the last dimension:
  ///   low' = low cos - high sin,  high' = high cos + low sin
  /// The tables have half as many columns. `isBack`: by the opposite angle.
  mlir::Value rotate(Lettered input, Lettered cosines, Lettered sines,
                     bool isBack = false);

  /// Elements of `states` are overwritten by what the body gives; it gets the
  /// inputs' elements and then theirs. TorchLike: the results are fresh.
  llvm::SmallVector<mlir::Value>
  update(llvm::StringRef letters, llvm::ArrayRef<Lettered> inputs,
         llvm::ArrayRef<mlir::Value> states,
         llvm::function_ref<llvm::SmallVector<mlir::Value>(ScalarBuilder &,
                                                           mlir::ValueRange)>
             body);

  /// Copies with another type or order of dimensions (a map without
  /// arithmetic); nothing where both are the same and no destination is given.
  mlir::Value convert(Lettered input, llvm::StringRef result, mlir::Type type,
                      mlir::Value destination = {});
  /// Sum of two tensors of one shape.
  mlir::Value add(mlir::Value lhs, mlir::Value rhs, llvm::StringRef letters,
                  mlir::Type type);
  /// TorchLike: the input written out along the new dimensions of the result;
  /// else the input itself, with its letters.
  Lettered repeat(Lettered input, llvm::StringRef result,
                  llvm::ArrayRef<int64_t> shape);

  // Views; they move nothing.
  mlir::Value reshape(mlir::Value value, llvm::ArrayRef<int64_t> shape);
  mlir::Value slice(mlir::Value value, llvm::ArrayRef<int64_t> offsets,
                    llvm::ArrayRef<int64_t> sizes);
  mlir::Value insert(mlir::Value value, mlir::Value destination,
                     llvm::ArrayRef<int64_t> offsets,
                     llvm::ArrayRef<int64_t> sizes);
  mlir::Value concat(llvm::ArrayRef<mlir::Value> parts, int64_t dim);

  mlir::Value empty(llvm::ArrayRef<int64_t> shape, mlir::Type type);
  mlir::Value zeros(llvm::ArrayRef<int64_t> shape, mlir::Type type);
  mlir::Value fill(mlir::Value destination, double value);
  /// Notes that a device sends so many bytes for the value.
  void setInterconnectBytes(mlir::Value value, int64_t bytes);

  static llvm::ArrayRef<int64_t> getShape(mlir::Value value);
  static mlir::Type getElementType(mlir::Value value);

private:
  struct Contraction;
  mlir::Value contractNamed(const Contraction &op);
  mlir::Value contractGeneric(const Contraction &op);
  mlir::Value contractTorchLike(const Contraction &op);
  mlir::Value contractMatrices(mlir::Value lhs, mlir::Value rhs,
                               mlir::Type type);
  mlir::Value transpose(mlir::Value value, llvm::StringRef from,
                        llvm::StringRef to);
  /// A linalg.generic; the body gets widened inputs and accumulators.
  mlir::linalg::GenericOp
  generic(llvm::StringRef loops, llvm::ArrayRef<Lettered> inputs,
          llvm::ArrayRef<Lettered> outputs,
          llvm::function_ref<llvm::SmallVector<mlir::Value>(ScalarBuilder &,
                                                            mlir::ValueRange)>
              body);
  template <typename Op>
  Op mark(Op op) {
    markStep(op);
    return op;
  }
  void markStep(mlir::Operation *op);

  mlir::OpBuilder &builder;
  mlir::Location loc;
  Style style;
  std::string step;
  bool widens = true; ///< Bodies get f32 for narrower floats.
};

/// Replaces a linalg.generic of parallel loops by one op per scalar operation,
/// each with a result of its own. The last op writes what `op` wrote.
llvm::SmallVector<mlir::Value> splitIntoScalarOps(mlir::RewriterBase &rewriter,
                                                  mlir::linalg::GenericOp op);

/// Casts between number types: widening, narrowing, integers to floats and
/// back (truncating).
mlir::Value castElement(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value value, mlir::Type type);

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_EMITTER_H
