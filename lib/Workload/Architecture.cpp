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
  bool isMixerOnly = splitLayers && kind.mixer != Mixer::FeedForward;
  kind.hasExperts =
      hasExperts() && !isMixerOnly && routed > 0 && routed % moe.interval == 0;
  return kind;
}

bool Architecture::hasFeedForward(LayerKind kind) const {
  if (splitLayers && kind.mixer != Mixer::FeedForward)
    return false;
  return kind.hasExperts || ffn > 0;
}

bool Architecture::has(Mixer mixer) const {
  if (pattern.empty())
    return mixer == (window > 0 ? Mixer::Window : Mixer::Attention);
  return llvm::is_contained(pattern, mixer);
}

bool Architecture::isRecurrent() const {
  return llvm::any_of(
      pattern, [](Mixer mixer) { return LayerKind{mixer}.isRecurrent(); });
}
