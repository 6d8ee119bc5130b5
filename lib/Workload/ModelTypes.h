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

/// What of a type that is known by name is not generated; else empty.
llvm::StringRef findWhatIsMissing(llvm::StringRef type);

// Parts that several models share.
int64_t readCount(ConfigReader &config, llvm::StringRef key);
double readRotaryPart(ConfigReader &config, double other = 1);
void readDecoder(ConfigReader &config, Architecture &model,
                 bool readsActivation = true, bool allowsHeadBias = false);
void readPattern(ConfigReader &config, Architecture &model, Mixer others,
                 int64_t interval, Mixer global = Mixer::Attention);
void readExperts(ConfigReader &config, Architecture &model,
                 llvm::ArrayRef<llvm::StringRef> counts,
                 llvm::ArrayRef<llvm::StringRef> perToken,
                 llvm::StringRef width);
void readDeepSeek(ConfigReader &config, Architecture &model, bool normalises);
/// The factors of embeddings, parts, scores and logits.
void readGraniteScales(ConfigReader &config, Architecture &model);

// DecoderTypes.cpp
void readCohere(ConfigReader &config, Architecture &model);
void readCohere2(ConfigReader &config, Architecture &model);
void readGranite(ConfigReader &config, Architecture &model);
void readGraniteExperts(ConfigReader &config, Architecture &model);
void readMiniCPM(ConfigReader &config, Architecture &model);
void readMiniCPM3(ConfigReader &config, Architecture &model);
void readGLM(ConfigReader &config, Architecture &model);
void readGLM4(ConfigReader &config, Architecture &model);
void readGLM4Experts(ConfigReader &config, Architecture &model);
void readPhiExperts(ConfigReader &config, Architecture &model);
void readOLMo2(ConfigReader &config, Architecture &model);
void readOLMoE(ConfigReader &config, Architecture &model);
void readSmolLM3(ConfigReader &config, Architecture &model);
void readExaone(ConfigReader &config, Architecture &model);
void readExaone4(ConfigReader &config, Architecture &model);
void readInternLM(ConfigReader &config, Architecture &model);
void readNemotron(ConfigReader &config, Architecture &model);
void readArcee(ConfigReader &config, Architecture &model);
void readSeedOss(ConfigReader &config, Architecture &model);
void readErnie(ConfigReader &config, Architecture &model);

// OlderTypes.cpp
void readGPT2(ConfigReader &config, Architecture &model);
void readGPTBigCode(ConfigReader &config, Architecture &model);
void readGPTNeoX(ConfigReader &config, Architecture &model);
void readPhi(ConfigReader &config, Architecture &model);
void readBLOOM(ConfigReader &config, Architecture &model);
void readMPT(ConfigReader &config, Architecture &model);
void readOPT(ConfigReader &config, Architecture &model);
void readFalcon(ConfigReader &config, Architecture &model);
void readStableLM(ConfigReader &config, Architecture &model);

// HybridTypes.cpp
void readMamba(ConfigReader &config, Architecture &model);
void readMamba2(ConfigReader &config, Architecture &model);
void readJamba(ConfigReader &config, Architecture &model);
void readBamba(ConfigReader &config, Architecture &model);
void readGraniteHybrid(ConfigReader &config, Architecture &model);
void readFalconH1(ConfigReader &config, Architecture &model);
void readNemotronH(ConfigReader &config, Architecture &model);

// EncoderTypes.cpp
void readBERT(ConfigReader &config, Architecture &model);
void readSigLIP(ConfigReader &config, Architecture &model);
void readViT(ConfigReader &config, Architecture &model);
void readT5(ConfigReader &config, Architecture &model);
void readWhisper(ConfigReader &config, Architecture &model);

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_MODELTYPES_H
