//===- WeightFormat.h - How matrices are stored -----------------*- C++ -*-===//
//
// Elements of a matrix [..., in], and the scales (and offsets) that groups of
// its inputs share. Bits per weight are those of the published formats:
//
//   f8              8                          no scales
//   i8, i4, f4      8, 4 + scale / group       --group-size, --scales
//   q8_0, q5_0, q4_0  8.5, 5.5, 4.5            i8, i5, i4; f16 per 32
//   q5_1            6                          u5; f16 scale and minimum per 32
//   mxfp4           4.25                       f4; e8m0 per 32
//   nvfp4           4.5                        f4; f8 per 16
//   q4_k            4.5 = 144 bytes per 256    u4; u6 scale and u6 minimum per
//                                              32; f16 scales of these per 256
//   q5_k            5.5 = 176 bytes per 256    as q4_k, with u5
//   q6_k            6.5625 = 210 bytes per 256 i6; i8 per 16; f16 per 256
//   q4_k_m          q4_k, others for some matrices: MixedFormat.cpp
//
// q4_0 to q4_k_m give way where a row is no whole blocks: `fitBlocks`.
//
// MXFP4: OCP Microscaling Formats 1.0, section 5. NVFP4's scale per tensor
// moves nothing and is left out. q4_0 to q6_k: structs block_q4_0 to
// block_q6_K of ggml-org/llama.cpp, ggml/src/ggml-common.h. A minimum of q5_1
// is added, those of q4_k and q5_k are subtracted.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_WORKLOAD_WEIGHTFORMAT_H
#define MEMWALL_LIB_WORKLOAD_WEIGHTFORMAT_H

#include "Emitter.h"

namespace memwall {

/// What llama.cpp stores rows of so many inputs as, that are no whole blocks of
/// its format: one with blocks of 32, or `other`. Other formats stay.
ElementKind fitBlocks(ElementKind kind, int64_t inputs, ElementKind other);

/// See the head of this file.
struct WeightFormat {
  WeightFormat(mlir::MLIRContext *context, ElementKind kind,
               const WorkloadOptions &options);

  /// What a group of inputs shares: [..., in / group].
  struct Part {
    llvm::StringRef suffix; ///< Of the argument's name.
    mlir::Type type;
    int64_t group; ///< 0: all inputs of a row.
    int64_t getGroup(int64_t in) const { return group == 0 ? in : group; }
  };

  mlir::Type element;
  bool isUnsigned = false;
  /// The second of two parts is a minimum, else the scale of the scales.
  bool hasMinimum = false;
  /// Finest first. One: a scale. Two: a scale and what `hasMinimum` says. Four:
  /// scale and minimum, and the scales of both.
  llvm::SmallVector<Part, 4> parts;

  bool hasParts() const { return !parts.empty(); }
  /// The only scale is that of a whole row of `in` inputs.
  bool isPerRow(int64_t in) const {
    return parts.size() == 1 && parts.front().getGroup(in) == in;
  }
  /// The number that `stored` stands for; `shared` are elements of the parts.
  mlir::Value widen(ScalarBuilder &s, mlir::Value stored,
                    mlir::ValueRange shared) const;
};

/// A matrix in a format: an element of `parts` for each part.
struct StoredMatrix {
  const WeightFormat &format;
  mlir::Value elements;
  llvm::SmallVector<mlir::Value, 4> parts;
};

/// The dimension of a row's inputs split into groups: what is left of a tensor
/// [..., in] is [..., sizes], with the letters `letters`; parts have a prefix
/// of these.
struct InputGroups {
  InputGroups(const WeightFormat &format, int64_t in, char inner);
  /// The tensor with its last dimension split.
  Lettered split(Emitter &emitter, Lettered tensor, std::string &storage) const;
  /// Part `index`, whose dimensions in front have `letters`.
  Lettered splitPart(Emitter &emitter, size_t index, mlir::Value part,
                     llvm::StringRef letters, std::string &storage) const;

  std::string letters;
  llvm::SmallVector<int64_t> sizes;
  llvm::SmallVector<size_t, 4> partRank; ///< Dimensions that a part has.
};

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_WEIGHTFORMAT_H
