//===- TiledBox.cpp - The box of an op inside its tile loops --------------===//

#include "TiledBox.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <limits>

using namespace memwall;

bool memwall::isMultiple(const AffineForm &value, int64_t size) {
  return value.constant % size == 0 &&
         llvm::all_of(value.terms, [&](const Term &term) {
           return term.stride % size == 0;
         });
}

int64_t TiledDim::getMostIterations() const {
  int64_t most = std::numeric_limits<int64_t>::max();
  for (const AffineForm &form : extent) {
    bool onlyFalls = llvm::all_of(
        form.terms, [](const Term &term) { return term.stride <= 0; });
    if (onlyFalls)
      most = std::min(most, form.constant);
  }
  return most;
}

void TiledDim::cut(int64_t size, LoopId loop) {
  llvm::SmallVector<AffineForm, 2> inner;
  for (AffineForm &form : extent) {
    if (isMultiple(form, size))
      continue;
    form.terms.push_back({loop, -size});
    inner.push_back(std::move(form));
  }
  inner.push_back(AffineForm{size, {}});
  extent = std::move(inner);
  offset.push_back({loop, size});
}

TiledDim TiledDim::scale(int64_t factor) const {
  TiledDim scaled = *this;
  for (AffineForm &form : scaled.extent) {
    form.constant *= factor;
    for (Term &term : form.terms)
      term.stride *= factor;
  }
  for (Term &step : scaled.offset)
    step.stride *= factor;
  return scaled;
}

int64_t memwall::countTiles(int64_t extent, llvm::ArrayRef<int64_t> sizes) {
  if (sizes.empty() || extent <= 0)
    return extent > 0;
  int64_t size = std::min(sizes.front(), extent);
  int64_t rest = extent % size;
  return extent / size * countTiles(size, sizes.drop_front()) +
         (rest ? countTiles(rest, sizes.drop_front()) : 0);
}
