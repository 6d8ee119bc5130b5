//===- Architecture.cpp - What each layer of a model is -------------------===//

#include "memwall/Workload/Architecture.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

LayerKind Architecture::getLayer(int64_t index) const {
  LayerKind kind;
  if (!pattern.empty())
    kind.mixer = pattern[index % pattern.size()];
  else if (window > 0)
    kind.mixer = Mixer::Window;
  int64_t routed = index - moe.denseLayers + 1;
  kind.hasExperts = hasExperts() && routed > 0 && routed % moe.interval == 0;
  return kind;
}

bool Architecture::has(Mixer mixer) const {
  if (pattern.empty())
    return mixer == (window > 0 ? Mixer::Window : Mixer::Attention);
  return llvm::is_contained(pattern, mixer);
}

bool Architecture::isRecurrent() const {
  return has(Mixer::LinearAttention) || has(Mixer::DeltaRule) ||
         has(Mixer::Scan);
}
