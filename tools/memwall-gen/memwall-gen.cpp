//===- memwall-gen.cpp - Transformer layers on demand ---------------------===//

#include "GenTool.h"
#include "WorkloadFlags.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  memwall::hideOtherFlags();
  llvm::cl::ParseCommandLineOptions(
      argc, argv,
      "memwall: transformer layers in linalg, by the name of a model or by its "
      "dimensions\n\n"
      "  memwall-gen --model=llama3-8b --phase=decode --batch=8 --context=8192 "
      "--weights=i4\n"
      "  memwall-gen --hidden=1024 --heads=16 --kv-heads=4 --ffn=4096 "
      "--seq=512\n");
  return memwall::runGenTool();
}
