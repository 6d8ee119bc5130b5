//===- ModelConfig.h - Hugging Face's config.json ---------------*- C++ -*-===//
//
// Reads the configuration that a model is published with. A model_type that is
// not known, a key whose meaning for the shapes is not known, and a value that
// asks for what cannot be generated are errors that name the key.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORKLOAD_MODELCONFIG_H
#define MEMWALL_WORKLOAD_MODELCONFIG_H

#include "memwall/Workload/Architecture.h"

namespace memwall {

/// The architecture that the text of a config.json describes. Models of images
/// and words are read as their decoder (`text_config`), without the images.
llvm::Expected<Architecture> parseModelConfig(llvm::StringRef json);

/// The same of a file; messages start with its name.
llvm::Expected<Architecture> readModelConfig(llvm::StringRef path);

} // namespace memwall

#endif // MEMWALL_WORKLOAD_MODELCONFIG_H
