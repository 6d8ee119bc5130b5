//===- Kernel.cpp - A function of linalg as machine code ------------------===//

#include "Kernel.h"
#include "memwall/Lowering/HostRegisters.h"
#include "memwall/Passes/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include <cstdlib>
#include <cstring>
#include <random>

using namespace mlir;
using namespace memwall;

static bool isLimitedToAVX2 = false;

void memwall::limitToAVX2() { isLimitedToAVX2 = true; }

int64_t Tensor::elements() const {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

int64_t Tensor::bytes() const {
  return elements() * (element == "i8" || element == "i4" ? 1
                       : element == "bf16"                ? 2
                                                          : 4);
}

std::string Tensor::type() const {
  std::string text = "tensor<";
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text + element + ">";
}

Tensor Tensor::makeRandom(std::vector<int64_t> shape, std::string element,
                          uint64_t seed, float scale) {
  Tensor tensor{std::move(shape), std::move(element), {}};
  size_t bytes = llvm::alignTo(uint64_t(tensor.bytes()), 64);
  tensor.storage.reset(static_cast<char *>(std::aligned_alloc(64, bytes)),
                       std::free);
  std::minstd_rand random(seed + 1);
  char *to = static_cast<char *>(tensor.data());
  bool isHalf = tensor.element == "bf16";
  bool isByte = tensor.element == "i8" || tensor.element == "i4";
  for (int64_t i = 0, count = tensor.elements(); i < count; ++i) {
    float number = float(int64_t(random() % 2001) - 1000) / 1000 * scale;
    uint32_t bits;
    std::memcpy(&bits, &number, 4);
    if (isHalf) {
      auto half = uint16_t(bits >> 16);
      std::memcpy(to + 2 * i, &half, 2);
    } else if (isByte) {
      to[i] = char(int64_t(random() % 15) - 7);
    } else {
      std::memcpy(to + 4 * i, &bits, 4);
    }
  }
  return tensor;
}

static std::vector<int64_t> describe(const Tensor &tensor) {
  auto address = reinterpret_cast<int64_t>(tensor.data());
  std::vector<int64_t> descriptor{address, address, 0};
  descriptor.insert(descriptor.end(), tensor.shape.begin(), tensor.shape.end());
  int64_t stride = tensor.elements();
  for (int64_t extent : tensor.shape)
    descriptor.push_back(stride /= extent);
  return descriptor;
}

LogicalResult memwall::optimize(ModuleOp module,
                                const ScheduleSource &schedule) {
  PassManager manager(module.getContext());
  std::string pipeline = "memwall-optimize{parallel=false vector-code=true "
                         "target=" +
                         schedule.target;
  if (!schedule.targetFile.empty())
    pipeline += " target-file=" + schedule.targetFile;
  if (failed(parsePassPipeline(pipeline + "}", manager)))
    return failure();
  return manager.run(module);
}

/// From linalg, with the loops of its schedules, to the llvm dialect.
static LogicalResult lower(ModuleOp module) {
  PassManager manager(module.getContext());
  VectorRegisters registers =
      isLimitedToAVX2 ? VectorRegisters{256, 16, {}} : detectVectorRegisters();
  LowerToLLVMOptions options;
  options.vectorBits = registers.bits;
  options.vectorRegisters = registers.count;
  options.dotInstructions = registers.dots.print();
  if (failed(buildLowerToLLVMPipeline(manager, options)))
    return failure();
  return manager.run(module);
}

static llvm::Expected<std::unique_ptr<ExecutionEngine>>
createEngine(ModuleOp module) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  registerBuiltinDialectTranslation(*module.getContext());
  registerLLVMDialectTranslation(*module.getContext());
  auto builder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!builder)
    return builder.takeError();
  // All of AVX-512 goes with its foundation.
  if (isLimitedToAVX2)
    builder->addFeatures({"-avx512f"});
  builder->setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  auto machine = builder->createTargetMachine();
  if (!machine)
    return machine.takeError();
  ExecutionEngineOptions options;
  auto optimize = makeOptimizingTransformer(3, 0, machine->get());
  options.transformer = optimize;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Aggressive;
  return ExecutionEngine::create(module, options, std::move(*machine));
}

llvm::Expected<Kernel> Kernel::compile(MLIRContext &context,
                                       const std::string &text,
                                       const std::vector<Tensor> &arguments,
                                       unsigned resultRank,
                                       const ScheduleSource &schedule) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return llvm::createStringError("cannot parse a benchmark");
  if (!schedule.target.empty() && failed(optimize(*module, schedule)))
    return llvm::createStringError("cannot schedule a benchmark");
  return compile(*module, arguments, resultRank);
}

llvm::Expected<Kernel> Kernel::compile(ModuleOp module,
                                       const std::vector<Tensor> &arguments,
                                       unsigned resultRank) {
  module.lookupSymbol<func::FuncOp>("f")->setAttr(
      "llvm.emit_c_interface", UnitAttr::get(module.getContext()));
  if (failed(lower(module)))
    return llvm::createStringError("cannot lower a benchmark");
  Kernel kernel;
  auto engine = createEngine(module);
  if (!engine)
    return engine.takeError();
  kernel.engine = std::move(*engine);
  auto function = kernel.engine->lookupPacked("_mlir_ciface_f");
  if (!function)
    return function.takeError();
  kernel.function = *function;
  for (const Tensor &argument : arguments)
    kernel.descriptors.push_back(describe(argument));
  kernel.result.assign(3 + 2 * resultRank, 0);
  return kernel;
}

void Kernel::release() {
  if (result.empty()) // Moved from.
    return;
  std::free(reinterpret_cast<void *>(result[0]));
  result[0] = 0;
}

void Kernel::run() {
  release();
  std::vector<void *> pointers{result.data()};
  for (std::vector<int64_t> &descriptor : descriptors)
    pointers.push_back(descriptor.data());
  std::vector<void *> packed;
  for (void *&pointer : pointers)
    packed.push_back(&pointer);
  function(packed.data());
}
