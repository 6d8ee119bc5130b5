//===- EntryCall.cpp - Calling a lowered function -------------------------===//

#include "EntryCall.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Support/MathExtras.h"
#include <cstdlib>
#include <cstring>

using namespace mlir;
using namespace memwall;

/// A memref in memory: two pointers, offset, sizes, strides; 8 bytes each.
static int64_t getDescriptorWords(MemRefType type) {
  return 3 + 2 * type.getRank();
}

/// Place of result `index` in the returned struct, and the struct's size for
/// the index after the last one.
static int64_t computeResultOffset(FunctionType type, unsigned index) {
  int64_t offset = 0;
  auto align = [&](int64_t bytes) { offset = llvm::alignTo(offset, bytes); };
  for (auto [i, result] : llvm::enumerate(type.getResults())) {
    auto memref = dyn_cast<MemRefType>(result);
    int64_t bytes = memref ? 8 : *getHostBytes(result);
    align(bytes);
    if (i == index)
      return offset;
    offset += memref ? getDescriptorWords(memref) * 8 : bytes;
  }
  align(8);
  return offset;
}

/// Arguments have to lie in the memory of this machine.
static llvm::Error checkArgumentsFit(FunctionType type) {
  double bytes = 0;
  for (Type input : type.getInputs())
    if (auto memref = dyn_cast<MemRefType>(input);
        memref && memref.hasStaticShape())
      bytes += double(memref.getNumElements()) *
               getHostBytes(memref.getElementType()).value_or(0);
  double available = getMachineBytes();
  if (bytes <= available)
    return llvm::Error::success();
  return llvm::createStringError(
      "the arguments take %.3g bytes, more than the %.3g of this machine",
      bytes, available);
}

llvm::Expected<EntryCall> EntryCall::create(FunctionType type) {
  EntryCall call;
  call.type = type;
  auto reject = [](Type bad) {
    std::string text;
    llvm::raw_string_ostream(text)
        << "expected arguments and results that are numbers or tensors of "
           "numbers of static shape, found "
        << bad;
    return llvm::createStringError(text);
  };
  if (llvm::Error error = checkArgumentsFit(type))
    return error;
  for (Type input : type.getInputs()) {
    auto memref = dyn_cast<MemRefType>(input);
    std::optional<HostTensor> argument =
        memref ? HostTensor::create(memref.getElementType(), memref.getShape())
               : HostTensor::create(input, {});
    if (!argument || (memref && !memref.getLayout().isIdentity()))
      return reject(input);
    call.arguments.push_back(std::move(*argument));
  }
  for (Type result : type.getResults()) {
    auto memref = dyn_cast<MemRefType>(result);
    if (!getHostBytes(memref ? memref.getElementType() : result))
      return reject(result);
  }
  call.results.resize(computeResultOffset(type, type.getNumResults()));
  return call;
}

std::optional<FailedCheck> EntryCall::invoke(void (*function)(void **)) {
  // A struct or a memref is returned through a first argument, one number as
  // a value.
  bool returnsStruct =
      type.getNumResults() > 1 ||
      (type.getNumResults() == 1 && isa<MemRefType>(type.getResult(0)));
  void *resultsPointer = results.data();
  std::vector<std::vector<int64_t>> descriptors(arguments.size());
  std::vector<void *> descriptorPointers(arguments.size());
  SmallVector<void *> packed;
  if (returnsStruct)
    packed.push_back(&resultsPointer);
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    if (!isa<MemRefType>(type.getInput(i))) {
      packed.push_back(argument.bytes.data());
      continue;
    }
    auto pointer = reinterpret_cast<int64_t>(argument.bytes.data());
    std::vector<int64_t> &descriptor = descriptors[i];
    descriptor = {pointer, pointer, 0};
    llvm::append_range(descriptor, argument.shape);
    llvm::append_range(descriptor, computeStrides(argument.shape));
    descriptorPointers[i] = descriptor.data();
    packed.push_back(&descriptorPointers[i]);
  }
  if (type.getNumResults() == 1 && !returnsStruct)
    packed.push_back(resultsPointer);
  return callChecked(function, packed.data());
}

int64_t EntryCall::getArgumentBytes() const {
  int64_t bytes = 0;
  for (const HostTensor &argument : arguments)
    bytes += argument.bytes.size();
  return bytes;
}

/// The tensor behind a descriptor, made dense.
static HostTensor copyMemref(MemRefType type, const int64_t *descriptor) {
  int64_t rank = type.getRank();
  ArrayRef<int64_t> shape(descriptor + 3, rank);
  ArrayRef<int64_t> strides(descriptor + 3 + rank, rank);
  HostTensor tensor = *HostTensor::create(type.getElementType(), shape);
  int64_t bytes = tensor.elementBytes();
  SmallVector<int64_t> rowMajor = computeStrides(shape);
  if (strides == ArrayRef(rowMajor)) {
    const char *begin =
        reinterpret_cast<const char *>(descriptor[1]) + descriptor[2] * bytes;
    std::copy_n(begin, tensor.bytes.size(), tensor.bytes.begin());
    return tensor;
  }
  for (int64_t i = 0, e = tensor.elements(); i < e; ++i) {
    SmallVector<int64_t> index = delinearize(i, rowMajor);
    int64_t source = descriptor[2] + linearize(index, strides);
    std::memcpy(&tensor.bytes[i * bytes],
                reinterpret_cast<const char *>(descriptor[1]) + source * bytes,
                bytes);
  }
  return tensor;
}

std::vector<HostTensor> EntryCall::getResults() const {
  std::vector<HostTensor> tensors;
  for (auto [i, result] : llvm::enumerate(type.getResults())) {
    const char *at = results.data() + computeResultOffset(type, i);
    if (auto memref = dyn_cast<MemRefType>(result)) {
      std::vector<int64_t> descriptor(getDescriptorWords(memref));
      std::memcpy(descriptor.data(), at, descriptor.size() * 8);
      tensors.push_back(copyMemref(memref, descriptor.data()));
      continue;
    }
    tensors.push_back(*HostTensor::create(result, {}));
    std::memcpy(tensors.back().bytes.data(), at, tensors.back().bytes.size());
  }
  return tensors;
}

void EntryCall::freeResults() {
  // What the lowering of memref.global to LLVM says of memory that nothing may
  // free.
  constexpr uintptr_t global = 0xdeadbeef;
  llvm::SmallPtrSet<const void *, 8> kept;
  for (const HostTensor &argument : arguments)
    kept.insert(argument.bytes.data());
  for (auto [i, result] : llvm::enumerate(type.getResults())) {
    if (!isa<MemRefType>(result))
      continue;
    void *allocated;
    std::memcpy(&allocated, results.data() + computeResultOffset(type, i),
                sizeof(allocated));
    if (reinterpret_cast<uintptr_t>(allocated) != global &&
        kept.insert(allocated).second)
      std::free(allocated);
  }
}
