//===- FillArguments.cpp - The data that a program runs on ----------------===//

#include "FillArguments.h"
#include "PhaseLine.h"
#include <random>

using namespace mlir;
using namespace memwall;

/// Every argument and every constant has a sequence of its own.
static uint64_t computeSeed(uint64_t seed, uint64_t isConstant,
                            uint64_t position) {
  std::seed_seq sequence{seed, isConstant, position};
  return std::mt19937_64(sequence)();
}

/// Sets the numbers that the options give for an argument; false when they give
/// none.
static llvm::Expected<bool> setInput(HostTensor &tensor, size_t position,
                                     const InputNumbers &inputs) {
  if (position >= inputs.size() || inputs[position].empty())
    return false;
  const std::vector<double> &numbers = inputs[position];
  if (int64_t(numbers.size()) != tensor.elements())
    return llvm::createStringError(
        "expected %lld numbers for argument %zu, found %zu",
        (long long)tensor.elements(), position, numbers.size());
  for (auto [index, number] : llvm::enumerate(numbers))
    tensor.setNumber(index, number);
  return true;
}

llvm::Error memwall::fillArguments(EntryCall &call, const LoweredEntry &entry,
                                   ArrayRef<int64_t> gatherExtents,
                                   const RunOptions &options) {
  if (options.inputs.size() > entry.sourceArguments)
    return llvm::createStringError(
        "expected numbers for at most %u arguments, found %zu",
        unsigned(entry.sourceArguments), options.inputs.size());
  if (options.onPhase)
    options.onPhase("filling the arguments of");
  PhaseLine line(options.showProgress, "filled", "bytes",
                 call.getArgumentBytes());
  int64_t bytes = 0;
  for (unsigned i = 0; i < entry.sourceArguments; ++i) {
    HostTensor &tensor = call.getArgument(i);
    llvm::Expected<bool> isSet = setInput(tensor, i, options.inputs);
    if (!isSet)
      return isSet.takeError();
    IntegerRange range{options.integerRange, false};
    if (i < gatherExtents.size() && gatherExtents[i] > 0)
      range = {gatherExtents[i], true};
    if (!*isSet)
      fillRandom(tensor, computeSeed(options.seed, 0, i), range);
    line.advance(bytes += tensor.bytes.size());
  }
  // Those without content are numbered among themselves: a rewrite of the
  // program may need fewer of the others.
  unsigned withoutContent = 0;
  for (auto [i, constant] : llvm::enumerate(entry.constants)) {
    HostTensor &tensor = call.getArgument(entry.sourceArguments + i);
    if (!fillFrom(tensor, constant))
      fillRandom(tensor, computeSeed(options.seed, 1, withoutContent++),
                 {options.integerRange, false});
    line.advance(bytes += tensor.bytes.size());
  }
  return llvm::Error::success();
}
