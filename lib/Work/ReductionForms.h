//===- ReductionForms.h - How scalars depend on rows ------------*- C++ -*-===//

#ifndef MEMWALL_LIB_WORK_REDUCTIONFORMS_H
#define MEMWALL_LIB_WORK_REDUCTIONFORMS_H

#include "memwall/Work/ReductionAlgebra.h"
#include "llvm/Support/FormatVariadic.h"

namespace memwall {

template <typename... Ts>
llvm::Error refuseStream(const char *format, const Ts &...values) {
  return llvm::createStringError(llvm::formatv(format, values...).str());
}

/// How a scalar depends on rows, r, and on what is reduced, x.
enum class Shape {
  Constant,
  Plain,    ///< a(x): no rows.
  Rows,     ///< h(r): rows and constants alone.
  Exponent, ///< L(x) + R(r), for an exponential.
  Product,  ///< a(x) exp(...) r1 / r2: see `Form`.
};

/// A scalar as a product: of a part without rows, kernels and row factors.
struct Form {
  Shape shape = Shape::Constant;
  llvm::SmallVector<StreamKernel, 1> kernels; ///< Of a product.
  llvm::SmallVector<RowFactor, 2> factors;    ///< Of a product.
  /// Of rows and exponents: what is read of rows, and by which columns.
  llvm::SmallVector<KernelInput, 2> inputs;
  llvm::SmallVector<KernelColumn, 1> columns;
  /// Of rows and exponents: 1 where the value grows when rows do in the course
  /// of the loop, -1 where it falls, 0 where that is not known.
  int growth = 0;
  /// Of rows: how much larger the value can be than the rows; infinite where
  /// that is not known.
  double scale = 1;
  /// Of an exponent: it is multiplied by more than 1,
  bool isScaled = false;
  bool isSignUnknown = false; ///< or by what may have any sign.
  /// Of a plain value: it is the same in all iterations.
  bool isFixed = false;
  /// Of an exponent: a mask has left out elements.
  bool isMasked = false;

  bool has(Shape other) const { return shape == other; }
  bool dependsOnRow() const { return has(Shape::Rows) || has(Shape::Exponent); }
};

/// Reads the bodies of the ops of one group.
class FormReader {
public:
  explicit FormReader(llvm::ArrayRef<StreamedOp> ops);

  /// The form of every node of a body, or why one has none.
  llvm::Expected<std::vector<Form>> read(unsigned op) const;

  /// Notes what column `op` makes, for the ops that read it.
  void setColumn(unsigned op, Form form) { columns[op] = std::move(form); }

  /// Whether the op reads a reduction, at any distance.
  bool needsRows(unsigned op) const { return readsRows[op]; }

  /// Whether it is a row that is final only at the end of the loop.
  bool isRow(unsigned op) const {
    return ops[op].isReduction || (!ops[op].isColumn && readsRows[op]);
  }

private:
  llvm::Expected<Form> evaluate(unsigned op, unsigned node,
                                llvm::ArrayRef<Form> before) const;
  Form evaluateInput(unsigned op, const ScalarNode &node) const;
  void followRow(unsigned op, const ScalarNode &node,
                 llvm::ArrayRef<const Form *> of, Form &form) const;
  void scaleRow(unsigned op, const ScalarNode &node,
                llvm::ArrayRef<const Form *> of, Form &form) const;
  llvm::Expected<Form> add(unsigned op, const ScalarNode &node,
                           llvm::ArrayRef<const Form *> of) const;
  llvm::Expected<Form> multiply(unsigned op, const ScalarNode &node,
                                llvm::ArrayRef<const Form *> of) const;
  llvm::Expected<Form> raise(unsigned op, unsigned number,
                             const Form &exponent) const;
  llvm::Expected<Form> select(unsigned op, const ScalarNode &node,
                              llvm::ArrayRef<const Form *> of) const;
  llvm::Error mixes(unsigned op, const ScalarNode &node) const {
    return refuseStream("{0} in {1} mixes a row with what is reduced",
                        node.name, ops[op].where);
  }

  llvm::ArrayRef<StreamedOp> ops;
  std::vector<Form> columns; ///< Of the results of columns in the first loop.
  llvm::SmallVector<bool, 8> readsRows;
};

} // namespace memwall

#endif // MEMWALL_LIB_WORK_REDUCTIONFORMS_H
