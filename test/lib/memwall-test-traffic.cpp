//===- memwall-test-traffic.cpp - The traffic of loop trees in text -------===//
//
// Engines of Traffic beside one another and beside the simulator, on trees of
// ten lines (LoopTreeParser.h):
//
//   memwall-test-traffic trees.test --memwall-target-file=caches.mlir
//       --target=caches --method=default,simulate
//
// Trees are separated by `// -----`. For every level, in what each method says
// it serves; ops and buffers that move nothing are left out.
//
//===----------------------------------------------------------------------===//

#include "LoopTreeParser.h"
#include "LoopTreePrinter.h"
#include "SimulateTree.h"
#include "TargetFlags.h"
#include "memwall/Target/Registry.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Support/ToolUtilities.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

using namespace memwall;
namespace cl = llvm::cl;

namespace {
enum class Method { Fast, Default, Exact, Simulate };
} // namespace

static cl::opt<std::string> inputFile(cl::Positional, cl::init("-"),
                                      cl::desc("trees"));
static cl::opt<std::string> targetName("target", cl::desc("A target"));
static cl::opt<bool> printTree("print", cl::desc("Print the trees again"));
static cl::list<Method> methods(
    "method", cl::CommaSeparated, cl::desc("How traffic is computed"),
    cl::values(clEnumValN(Method::Fast, "fast", "accuracy=fast"),
               clEnumValN(Method::Default, "default", "accuracy=default"),
               clEnumValN(Method::Exact, "exact", "accuracy=exact"),
               clEnumValN(Method::Simulate, "simulate", "the simulator")));

static llvm::StringRef getName(Method method) {
  constexpr llvm::StringRef names[] = {"fast", "default", "exact", "simulate"};
  return names[int(method)];
}

static llvm::Expected<Traffic> compute(const LoopTree &tree,
                                       const Target &target, Method method) {
  if (method == Method::Simulate)
    return test::simulateTree(tree, target);
  TrafficOptions options;
  options.accuracy = method == Method::Fast    ? Accuracy::Fast
                     : method == Method::Exact ? Accuracy::Exact
                                               : Accuracy::Default;
  return computeTraffic(tree, target, options);
}

static void printBytes(llvm::raw_ostream &os, Bytes bytes) {
  os << ": read " << bytes.read << " written " << bytes.written;
}

static void printProvenance(llvm::raw_ostream &os, const Provenance &from) {
  auto printError = [&](std::optional<double> error) {
    if (error)
      os << " " << llvm::format("%.0f", *error);
    else
      os << " unknown";
  };
  os << ", by " << getMethodName(from.method);
  if (from.sets)
    os << " " << from.setsWalked << "/" << from.sets;
  if (from.sampledInTime)
    os << ", sampled in time";
  os << ", error";
  printError(from.errorOfRead);
  printError(from.errorOfWritten);
  if (!from.reason.empty())
    os << ", " << from.reason;
}

static void printLevel(llvm::raw_ostream &os, const LoopTree &tree,
                       const LevelTraffic &level, Method method) {
  os << "    " << getName(method);
  printBytes(os, level.total);
  if (method != Method::Simulate)
    printProvenance(os, level.provenance);
  os << "\n";
  auto print = [&](llvm::StringRef name, Bytes bytes) {
    if (bytes.total() == 0)
      return;
    os << "      " << name;
    printBytes(os, bytes);
    os << "\n";
  };
  for (auto [op, bytes] : llvm::enumerate(level.ops))
    print(tree.ops[op].name, bytes);
  for (auto [buffer, bytes] : llvm::enumerate(level.buffers))
    print(tree.buffers[buffer].name, bytes);
}

static llvm::Error process(llvm::MemoryBufferRef text, const Target *target,
                           llvm::raw_ostream &os) {
  llvm::Expected<LoopTree> tree =
      parseLoopTree(text.getBuffer(), text.getBufferIdentifier());
  if (!tree)
    return tree.takeError();
  if (printTree)
    printLoopTree(*tree, os);
  llvm::SmallVector<Traffic, 4> traffic;
  for (Method method : methods) {
    llvm::Expected<Traffic> computed = compute(*tree, *target, method);
    if (!computed)
      return computed.takeError();
    traffic.push_back(std::move(*computed));
  }
  if (!methods.empty())
    os << "@" << tree->function << "\n";
  for (size_t level = 0; target && level < target->levels.size(); ++level) {
    os << "  " << target->levels[level].name << "\n";
    for (auto [method, computed] : llvm::zip_equal(methods, traffic))
      printLevel(os, *tree, computed.levels[level], method);
  }
  return llvm::Error::success();
}

static int fail(const llvm::Twine &message) {
  llvm::WithColor::error() << message << "\n";
  return EXIT_FAILURE;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv, "the traffic of loop trees\n");
  if (std::optional<int> exit = handleTargetFlags())
    return *exit;
  llvm::Expected<Registry> registry = createRegistry();
  if (!registry)
    return fail(llvm::toString(registry.takeError()));
  const Target *target = nullptr;
  if (!methods.empty()) {
    llvm::Expected<const Target *> found = registry->find(targetName);
    if (!found)
      return fail(llvm::toString(found.takeError()));
    target = *found;
  }
  std::string message;
  auto file = mlir::openInputFile(inputFile, &message);
  if (!file)
    return fail(message);
  auto processChunk = [&](std::unique_ptr<llvm::MemoryBuffer> chunk,
                          llvm::raw_ostream &os) {
    llvm::Error error = process(*chunk, target, os);
    return llvm::success(!error ||
                         (fail(llvm::toString(std::move(error))), false));
  };
  bool isFine = llvm::succeeded(
      mlir::splitAndProcessBuffer(std::move(file), processChunk, llvm::outs()));
  return isFine ? EXIT_SUCCESS : EXIT_FAILURE;
}
