//===- TilingsPicks.cpp - Tiles that other compilers pick -----------------===//

#include "TilingsPicks.h"

using namespace memwall::tilings;

llvm::ArrayRef<PickedShape> memwall::tilings::getPickedShapes() {
  static const Pick prefill[] = {
      {"mlir-opt affine-loop-tile, 512 KiB", 4, 4, 4},
      {"IREE llvm-cpu, default", 64, 64, 0},
      {"IREE llvm-cpu, data-tiled", 16, 16, 0},
      {"TPP-MLIR / lighthouse, x86", 32, 32, 32},
      {"intel graph-compiler, 2 MiB L2", 256, 256, 512},
      {"Polly, BLIS model, 512 bits", 192, 4096, 256},
      {"XLA GPU cost model, H100", 256, 256, 64},
  };
  static const Pick bert[] = {
      {"mlir-opt affine-loop-tile, 512 KiB", 2, 2, 2},
      {"IREE llvm-cpu, default", 64, 64, 0},
      {"IREE llvm-cpu, data-tiled", 32, 48, 0},
      {"TPP-MLIR / lighthouse, x86", 32, 32, 32},
      {"intel graph-compiler, 2 MiB L2", 256, 384, 384},
      {"Polly, BLIS model, 512 bits", 192, 768, 256},
      {"XLA GPU cost model, H100", 64, 32, 128},
  };
  static const Pick decode[] = {
      {"mlir-opt affine-loop-tile, 512 KiB", 1, 4, 4},
      {"IREE llvm-cpu, default", 1, 64, 0},
      {"IREE llvm-cpu, data-tiled", 1, 16, 0},
      {"TPP-MLIR / lighthouse, x86", 1, 32, 32},
      {"intel graph-compiler, 2 MiB L2", 1, 512, 512},
      {"XLA GPU cost model, H100", 1, 16, 128},
  };
  static const PickedShape shapes[] = {
      {2048, 4096, 4096, prefill},
      {512, 768, 768, bert},
      {1, 4096, 4096, decode},
  };
  return shapes;
}
