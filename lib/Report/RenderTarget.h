//===- RenderTarget.h - A machine in JSON -----------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_RENDERTARGET_H
#define MEMWALL_LIB_REPORT_RENDERTARGET_H

#include "memwall/Bounds/Roofline.h"
#include "memwall/Target/Target.h"
#include "llvm/Support/JSON.h"

namespace memwall {

/// Writes an object with the capacities, bandwidths and peaks of `target`, and
/// the ridges of its levels by element type.
void writeTarget(llvm::json::OStream &json, const Target &target,
                 BandwidthChoice bandwidth);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_RENDERTARGET_H
