//===- Attention.cpp - I/O lower bounds of fused units --------------------===//

#include "memwall/Bounds/Attention.h"
#include "memwall/Bounds/Contraction.h"
#include <algorithm>
#include <cmath>

using namespace memwall;

/// Charged bytes of `pairs` scores, each between a row of `alpha` bytes and a
/// row of `beta` bytes, where a score that is not finished in one go is carried
/// in `scoreBytes` (docs/Model.md, B8).
static double computePairBytes(double pairs, double alpha, double beta,
                               double scoreBytes, double capacityBytes) {
  double product = alpha * beta;
  if (capacityBytes * scoreBytes >= 2 * product)
    return pairs * product / capacityBytes;
  return pairs * scoreBytes * (1 - scoreBytes * capacityBytes / (4 * product));
}

static Bound makeBound(double compulsory, double bytes, const char *theorem) {
  Bound bound{(int64_t)std::ceil(compulsory * (1 - 1e-9)), "compulsory"};
  int64_t whole = (int64_t)std::ceil(bytes * (1 - 1e-9));
  if (whole > bound.bytes)
    bound = {whole, theorem};
  return bound;
}

Bound memwall::computeAttentionBound(const AttentionShape &shape,
                                     double capacityBytes) {
  double heads = shape.heads, queries = shape.queryRows, keys = shape.keyRows;
  double outputs = queries * shape.valueDim;
  double compulsory = heads * (queries * shape.queryKeyDim * shape.queryBytes +
                               keys * shape.queryKeyDim * shape.keyBytes +
                               keys * shape.valueDim * shape.valueBytes +
                               outputs * shape.outputBytes);
  double alpha = shape.queryBytes * shape.queryKeyDim +
                 shape.accumulatorBytes * shape.valueDim;
  double beta =
      shape.keyBytes * shape.queryKeyDim + shape.valueBytes * shape.valueDim;
  double pairs =
      shape.unmaskedPairs ? (double)*shape.unmaskedPairs : queries * keys;
  double charged = computePairBytes(heads * pairs, alpha, beta,
                                    shape.scoreBytes, capacityBytes);
  return makeBound(compulsory,
                   charged + heads * outputs *
                                 (shape.outputBytes - shape.accumulatorBytes),
                   "attention");
}

Bound memwall::computeMatmulPairBound(const MatmulPairShape &shape,
                                      double capacityBytes) {
  double m = shape.m, n = shape.n, k = shape.k, l = shape.l;
  double compulsory = m * k * shape.aBytes + k * n * shape.bBytes +
                      n * l * shape.dBytes + m * l * shape.eBytes;
  double outputs = m * l * (shape.eBytes - shape.accumulatorBytes);
  // 1. One matmul with the reduction k + l.
  ContractionShape merged;
  merged.dims = {m, n, k + l};
  merged.operands = {{std::min(shape.aBytes, shape.accumulatorBytes), 0b101},
                     {std::min(shape.bBytes, shape.dBytes), 0b110},
                     {shape.pBytes, 0b011}};
  double asMatmul =
      maximizeChargedBytes(merged, capacityBytes) - shape.pBytes * m * n;
  // 2. Rows of A and E against columns of B and rows of D.
  double alpha = shape.aBytes * k + shape.accumulatorBytes * l;
  double beta = shape.bBytes * k + shape.dBytes * l;
  double asPairs =
      computePairBytes(m * n, alpha, beta, shape.pBytes, capacityBytes);
  return makeBound(compulsory, std::max(asMatmul, asPairs) + outputs,
                   "matmul pair");
}
