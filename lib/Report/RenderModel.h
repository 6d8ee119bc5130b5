//===- RenderModel.h - Models in reports for people -------------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_RENDERMODEL_H
#define MEMWALL_LIB_REPORT_RENDERMODEL_H

#include "memwall/Report/Report.h"

namespace memwall {

/// A figure of a model that no target decides.
struct ModelLine {
  llvm::StringRef name;
  std::string text;
};
llvm::SmallVector<ModelLine, 4> formatModel(const ModelFigures &model);

/// Names of the figures that targets decide; none when the function is not a
/// model.
llvm::ArrayRef<llvm::StringRef>
getModelFigureNames(const FunctionFigures &function);

/// The figure of that name; empty when it is unknown.
std::string formatModelFigure(llvm::StringRef name, const ModelOnTarget &model,
                              const Target &target);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_RENDERMODEL_H
