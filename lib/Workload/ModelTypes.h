//===- ModelTypes.h - What the keys of a configuration mean -----*- C++ -*-===//

#ifndef MEMWALL_LIB_WORKLOAD_MODELTYPES_H
#define MEMWALL_LIB_WORKLOAD_MODELTYPES_H

#include "ConfigReader.h"

namespace memwall {

/// A model_type, and what reads its keys.
struct ModelType {
  llvm::StringRef name;
  void (*read)(ConfigReader &, Architecture &);
};

llvm::ArrayRef<ModelType> getModelTypes();

// EncoderTypes.cpp
void readBERT(ConfigReader &config, Architecture &model);
void readSigLIP(ConfigReader &config, Architecture &model);
void readViT(ConfigReader &config, Architecture &model);
void readT5(ConfigReader &config, Architecture &model);
void readWhisper(ConfigReader &config, Architecture &model);

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_MODELTYPES_H
