//===- Passes.td - The passes of memwall -------------------*- tablegen -*-===//

#ifndef MEMWALL_PASSES_PASSES_TD
#define MEMWALL_PASSES_PASSES_TD

include "mlir/Pass/PassBase.td"

class DimsOption<string who> : ListOption<"dims", "dims", "std::string",
    who # ": `@function:arg0:1=2048` binds dimension 1 of argument 0, "
    "`@function:arg2=2048` an integer or index argument, a bare number all "
    "sizes that are left">;

class TargetFileOption : Option<"targetFile", "target-file", "std::string",
    /*default=*/"\"\"",
    "File of targets (`#dlti.target_system_spec` on a module) to add to the "
    "shipped ones">;

class TargetOption : Option<"target", "target", "std::string",
    /*default=*/"\"\"",
    "Name of the target; default: the first on the module itself, else "
    "h100-sxm">;

class AccuracyOption : Option<"accuracy", "accuracy", "std::string",
    /*default=*/"\"default\"",
    "What is spent on scheduled bytes: `fast` (reuse distances), `default` "
    "(sets of every cache, all or some, within a budget) or `exact` (all sets, "
    "within a large one)">;

class StrictOption : Option<"strict", "strict", "bool", /*default=*/"false",
    "Whatever makes figures less than they look is an error, not a warning: ops "
    "that are not modelled, accumulation onto content that nothing has "
    "written">;

class TargetsAlias : ListOption<"targets", "targets", "std::string",
    "The same as `target`">;

def BindDims : Pass<"memwall-bind-dims", "::mlir::ModuleOp"> {
  let summary = "Replace dynamic dimensions of arguments by numbers";
  let description = [{
    Specialises functions to the sizes given: argument types become static, and
    the sizes follow through the body, into the functions it calls, and to the
    results. `dims` takes a list, so several bindings are separated by commas.

    ```mlir
    // memwall-bind-dims{dims=@prefill:arg0:0=2048}
    func.func @prefill(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
      %y = math.exp %x : tensor<?x64xf32>
      return %y : tensor<?x64xf32>
    }
    // becomes
    func.func @prefill(%x: tensor<2048x64xf32>) -> tensor<2048x64xf32> {
      %y = math.exp %x : tensor<2048x64xf32>
      return %y : tensor<2048x64xf32>
    }
    ```

    It is an error to bind what does not exist or is not dynamic. Dimensions
    that no binding names stay dynamic; the passes that need all of them list
    those that are missing.
  }];
  let options = [DimsOption<"Sizes to bind">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::tensor::TensorDialect"];
}

def PrintReport : Pass<"memwall-report", "::mlir::ModuleOp"> {
  let summary = "Report the bytes that a program moves, per op and level";
  let description = [{
    For every function that nothing in the module calls, and for each target:
    FLOPs, the floor, and per op the compulsory, bound and scheduled bytes of
    every level of the memory hierarchy, the intensity, and what the time goes
    into. docs/Report.md describes the formats field by field.

    Several targets are given as `targets=h100-sxm,ddr5-2ch`. The IR is not
    changed: dimensions are bound in a copy. `memwall-opt` prints the IR beside a
    report only if `-o` is given.

    With `baseline=before.json`, a report of the program before a change, it
    says what changed and nothing else; `max-growth=2%` makes more than that an
    error.

    Operations that are bound by memory, and about which something can be done,
    get a remark (`--remarks-filter=memwall`).
  }];
  let options = [
    ListOption<"targets", "targets", "std::string",
        "Names of the targets; default: those on the module itself, else "
        "h100-sxm,ddr5-2ch">,
    Option<"target", "target", "std::string", /*default=*/"\"\"",
        "The same as `targets`">,
    TargetFileOption<>,
    Option<"format", "format", "std::string", /*default=*/"\"text\"",
        "text, json (docs/Report.md), csv, md, or html: one page that needs "
        "nothing else">,
    Option<"output", "output", "std::string", /*default=*/"\"-\"",
        "File to write the report to; - is standard output">,
    Option<"bandwidth", "bandwidth", "std::string", /*default=*/"\"peak\"",
        "Bandwidths the times are made of: peak (data sheet) or achievable "
        "(measured; where that is unknown, peak)">,
    Option<"levels", "levels", "std::string", /*default=*/"\"dram\"",
        "Levels that text and markdown show: dram (the last of each target) or "
        "all">,
    AccuracyOption<>,
    Option<"ops", "ops", "std::string", /*default=*/"\"groups\"",
        "Rows of text and markdown: `groups` (identical ops share one), `all` "
        "(one per op), or a number (so many groups, those that cost most)">,
    Option<"rows", "rows", "std::string", /*default=*/"\"costly\"",
        "`costly` leaves out rows of less than 1 % of the time and counts them, "
        "`all` shows them">,
    Option<"order", "order", "std::string", /*default=*/"\"cost\"",
        "Rows by `cost` (time as the program stands), `minimum` (time at the "
        "operations' minima) or in the order of the `program`">,
    Option<"columns", "columns", "unsigned", /*default=*/"0",
        "Width of text, 80 to 160; default: the terminal's, and 100 where there "
        "is none">,
    Option<"baseline", "baseline", "std::string", /*default=*/"\"\"",
        "A report in JSON of the program before a change: text and markdown then "
        "say what changed">,
    Option<"maxGrowth", "max-growth", "std::string", /*default=*/"\"\"",
        "By how much DRAM bytes and time of a function may have grown since the "
        "baseline, such as 2%; more is an error">,
    Option<"causes", "causes", "bool", /*default=*/"false",
        "Say in JSON why bytes of operands move (docs/Explain.md, Causes); takes "
        "longer">,
    Option<"curves", "curves", "bool", /*default=*/"false",
        "Say in JSON what moves at DRAM with other sizes of the cache; pages "
        "always do">,
    Option<"optimize", "optimize", "bool", /*default=*/"false",
        "Say what memwall-optimize with the same `accuracy` would make of each "
        "function, which takes as long as that; default of html: of up to 64 "
        "ops">,
    DimsOption<"Sizes to bind before the analysis">,
    StrictOption<>,
  ];
  // Binding dimensions makes constants and casts.
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::tensor::TensorDialect"];
}

def Explain : Pass<"memwall-explain", "::mlir::ModuleOp"> {
  let summary = "Explain why an op moves what it moves, and what would help";
  let description = [{
    Says of one op at one level of a target which operand is fetched how often,
    for which cause and by which loop, what comes between two uses and whether
    that fits, what its neighbours left behind, the bound in words, and what
    would change it: tiles, orders, packing, capacities, types, each counted by
    the model, most saved first (docs/Explain.md). The IR is not changed.

    ```
    memwall-explain{target=ddr5-2ch op=down_proj}
    ```
  }];
  let options = [
    TargetOption<>, TargetsAlias<>, TargetFileOption<>,
    Option<"op", "op", "std::string", /*default=*/"\"\"",
        "Which op: its `memwall.name`, its `memwall.step`, its index in the "
        "report, or `file:line`; of several the one that takes longest. "
        "Default: of all ops the one that takes longest">,
    Option<"level", "level", "std::string", /*default=*/"\"\"",
        "Which level of the target; default: DRAM where more than the bound is "
        "moved there, else the outermost level where it is">,
    Option<"format", "format", "std::string", /*default=*/"\"text\"",
        "text or json (docs/Explain.md)">,
    Option<"output", "output", "std::string", /*default=*/"\"-\"",
        "File to write to; - is standard output">,
    Option<"columns", "columns", "unsigned", /*default=*/"0",
        "Width of text, 80 to 160; default: the terminal's, and 100 where there "
        "is none">,
    AccuracyOption<>,
    DimsOption<"Sizes to bind before the analysis">,
    StrictOption<>,
  ];
  // Binding dimensions makes constants and casts.
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::tensor::TensorDialect"];
}

def Annotate : Pass<"memwall-annotate", "::mlir::ModuleOp"> {
  let summary = "Attach the figures of one target to operations and functions";
  let description = [{
    Writes what the report says as attributes, for FileCheck and other passes:
    on ops `memwall.flops`, `memwall.int_ops` (where there are some),
    `memwall.compulsory`, `memwall.bound` and `memwall.scheduled`; on functions
    that nothing calls the totals, with `memwall.floor`,
    `memwall.resident_bytes` and, where ops are not modelled,
    `memwall.unmodelled`, how many. Figures of an op that is executed from
    several call sites are summed. Figures that do not fit 64 bits are warned
    of and left out.

    ```mlir
    // memwall-annotate{target=ddr5-2ch}
    %1 = linalg.matmul {memwall.bound = {ddr5 = 3145728 : i64, ...},
                        memwall.compulsory = {read = 2097152 : i64,
                                              written = 1048576 : i64},
                        memwall.flops = 268435456 : i64, ...} ins(...)
    ```

    Dimensions given by `dims` are bound in the IR.
  }];
  let options = [TargetOption<>, TargetsAlias<>, TargetFileOption<>, AccuracyOption<>,
                 DimsOption<"Sizes to bind before the analysis">, StrictOption<>];
  let dependentDialects = ["::memwall::MemWallDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::tensor::TensorDialect"];
}

def CheckBudget : Pass<"memwall-check-budget", "::mlir::ModuleOp"> {
  let summary = "Fail where a program moves more bytes than it may";
  let description = [{
    `memwall.max_bytes = {hbm3 = 1.2e9}` on a function or an operation says how
    many bytes, read plus written, that level may serve to it as scheduled, all
    executions together. `memwall.max_over_bound = 1.2` says how many times the
    sum of its operations' minima it may move at DRAM; on a function also by
    step, `{q_proj = 1.2, "*_proj" = 1.5}`. A budget of a function covers the operations inside,
    wherever it is called from. An operation that exceeds its budget is an
    error that says found and allowed, of several operations which one is
    farthest from its minimum, and which operand moves most beyond once; so is a
    budget of something with an unmodelled part, and of a level that no shipped target has. Levels of other
    shipped targets are skipped. A line on standard error says how many
    were kept at which level; it is a warning when there were none.
  }];
  let options = [TargetOption<>, TargetsAlias<>, TargetFileOption<>, AccuracyOption<>,
                 DimsOption<"Sizes to bind before the analysis">, StrictOption<>];
  // Binding dimensions makes constants and casts.
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::tensor::TensorDialect"];
}

def Normalize : Pass<"memwall-normalize", "::mlir::ModuleOp"> {
  let summary = "Write programs in one way, with one op per pass over data";
  let description = [{
    Decomposes aggregates (softmax, Winograd transforms), writes arithmetic on
    tensors and named elementwise ops as `linalg.generic`, drops dimensions of
    extent 1, puts constants into bodies, merges elementwise ops into the op
    that reads them, reads transposed, repeated and widened tensors in place,
    and makes a fill once per result that starts from it. Results are equal to
    the last bit, nothing is computed more often, and running the pass twice is
    the same as running it once (docs/Fusion.md).

    ```mlir
    // memwall-normalize
    %0 = arith.subf %x, %m : tensor<8x64xf32>
    %1 = math.exp %0 : tensor<8x64xf32>
    // becomes
    %0 = tensor.empty() : tensor<8x64xf32>
    %1 = linalg.generic ... ins(%x, %m) outs(%0) {
    ^bb0(%a: f32, %b: f32, %out: f32):
      %2 = arith.subf %a, %b : f32
      %3 = math.exp %2 : f32
      linalg.yield %3 : f32
    }
    ```

    Ops with `memwall.schedule`, `memwall.tiled`, `memwall.packed_ahead` or
    `memwall.max_bytes` stay as they are. Remarks (`--remarks-filter=memwall`)
    list what was changed.
  }];
  // Dependent dialects: registerTilingDialects.
}

def ApplySchedule : Pass<"memwall-apply-schedule", "::mlir::ModuleOp"> {
  let summary = "Tile, reorder and pack ops as their schedules say";
  let description = [{
    Replaces every op with a `memwall.schedule` attribute, written by
    `memwall-search` or by hand, by the loops that it says (docs/Schedule.md).
    Fills and broadcasts that an init comes from move into the loops. The op of
    a tile carries `memwall.tiled`.

    ```mlir
    // memwall-apply-schedule
    func.func @f(%x: tensor<64xf32>, %y: tensor<64xf32>) -> tensor<64xf32> {
      %0 = linalg.exp {memwall.schedule = #memwall.schedule<
               bands = [<"l2", sizes = [16]>]>}
           ins(%x : tensor<64xf32>) outs(%y : tensor<64xf32>) -> tensor<64xf32>
      return %0 : tensor<64xf32>
    }
    // becomes
    %0 = scf.for %i = %c0 to %c64 step %c16 iter_args(%out = %y) -> (tensor<64xf32>) {
      %slice = tensor.extract_slice %x[%i] [16] [1]
      %slice_0 = tensor.extract_slice %out[%i] [16] [1]
      %1 = linalg.exp {memwall.tiled} ins(%slice) outs(%slice_0)
      %2 = tensor.insert_slice %1 into %out[%i] [16] [1]
      scf.yield %2
    }
    ```

    A schedule that does not fit its op is an error at the op. With a target
    (`target`), levels and units have to exist, and tiles have to fit.
  }];
  let options = [
    Option<"target", "target", "std::string", /*default=*/"\"\"",
        "Name of the target to check schedules against; default: no check">,
    TargetsAlias<>,
    TargetFileOption<>];
  // Dependent dialects: registerTilingDialects.
}

class PackWeightsAheadOption : Option<"packWeightsAhead", "pack-weights-ahead",
    "bool", /*default=*/"false",
    "Weights (arguments and constants that are only read) may be packed once, "
    "ahead of the program, at no cost in it">;

class PackOption : Option<"pack", "pack", "bool", /*default=*/"true",
    "Pack operands (linalg.pack) where that pays for itself">;

class StreamOption
    : Option<"stream", "stream", "bool", /*default=*/"true",
             "Let groups pass once over what they reduce, where that moves "
             "less (docs/Fusion.md); sums are added in another order then">;

class ParallelOption : Option<"parallel", "parallel", "bool",
    /*default=*/"true",
    "Distribute the outermost parallel loops over the units of the target">;

class SplitOption : Option<"split", "split", "bool",
    /*default=*/"true",
    "Split reductions over units that have no work otherwise; sums are added in another order">;

class ObjectiveOption : Option<"objective", "objective", "std::string",
    /*default=*/"\"auto\"",
    "What schedules are compared by: `bytes` (at DRAM, then at the next level in), "
    "`time` (predicted, then bytes), or `auto`: time where the target states the "
    "bandwidth of every level, else bytes">;

class VectorCodeOption : Option<"vectorCode", "vector-code", "bool",
    /*default=*/"false",
    "Tiles for products in register tiles (memwall-lower-to-llvm), not for "
    "loops of one element, on targets that state vector_registers">;

def SearchSchedules : Pass<"memwall-search", "::mlir::ModuleOp"> {
  let summary = "Write the schedule that moves the fewest bytes on every op";
  let description = [{
    Searches, for every structured op that a function executes, the tiling, loop
    order and packing with the fewest predicted bytes at DRAM, then at the next
    level in, or the least predicted time (`objective`, docs/Search.md), and writes it as `memwall.schedule`
    (docs/Schedule.md). Nothing else changes; `memwall-apply-schedule` applies
    what is written. Ops that nothing is gained for, and those that were tiled
    before (`memwall.tiled`), get none.

    ```mlir
    // memwall-search{target=ddr5-2ch}
    %0 = linalg.matmul {memwall.schedule = #memwall.schedule<bands = [...]>}
    ```

    Remarks (`--remarks-filter=memwall`) say at every op what was chosen, the
    bytes before, after and at the bound, and the best alternative.
  }];
  let options = [TargetOption<>, TargetsAlias<>, TargetFileOption<>, PackOption<>,
                 PackWeightsAheadOption<>, ParallelOption<>, VectorCodeOption<>,
                 StreamOption<>, ObjectiveOption<>,
                 Option<"fuse", "fuse", "bool", /*default=*/"true",
                        "Let ops share loops (groups)">,
                 SplitOption<>,
                 DimsOption<"Sizes to bind before the search">, StrictOption<>];
  let dependentDialects = ["::memwall::MemWallDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::tensor::TensorDialect"];
}

def Optimize : Pass<"memwall-optimize", "::mlir::ModuleOp"> {
  let summary = "Fuse, tile, reorder and pack ops where fewer bytes are moved";
  let description = [{
    Searches schedules as `memwall-search` does, applies them as
    `memwall-apply-schedule` does, and keeps what helps: the rewritten program
    is read again, and no function may be predicted to be worse: a worse score,
    or over 1 % more bytes at DRAM. An op that nothing is gained for stays as it
    is, with a remark that says why. Running the pass twice is the same as
    running it once.

    With `fuse`, the default, it starts from the normal form, and ops that hand
    each other more than stays in a cache share loops (docs/Fusion.md). Sums are
    added in the order of the program, so results are equal to the last bit. With
    `split`, the default, that is not so for reductions that would leave units of
    the target without work: their parts are added first, and then the sums.

    ```mlir
    // memwall-optimize{target=ddr5-2ch}
    %0 = linalg.fill ins(%zero) outs(%empty)
    %1 = linalg.matmul ins(%a, %b) outs(%0)
    // becomes, for tiles that fit in a cache
    %1 = scf.for %i = ... {
      scf.for %j = ... {
        %2 = linalg.fill ins(%zero) outs(%tile)
        scf.for %k = ... {
          linalg.matmul {memwall.tiled} ins(%a_tile, %b_tile) outs(...)
    ```

    A weight that is packed ahead is packed by a `linalg.pack` with the
    attribute `memwall.packed_ahead`, where the weight comes from; the bytes
    of this op are left out of the comparison.

    In the end, ops get `memwall.nontemporal` whose results would be fetched by
    the caches and not kept (docs/Search.md, "Nontemporal stores").
  }];
  let options = [TargetOption<>, TargetsAlias<>, TargetFileOption<>, PackOption<>,
                 PackWeightsAheadOption<>, ParallelOption<>, VectorCodeOption<>,
                 StreamOption<>, ObjectiveOption<>,
                 Option<"nontemporal", "nontemporal", "bool", /*default=*/"true",
                        "Store results past the caches that would fetch them and "
                        "not keep them">,
                 Option<"fuse", "fuse", "bool", /*default=*/"true",
                        "Start from the normal form (memwall-normalize), unless "
                        "a function would move more than 1 % more at DRAM, and "
                        "let ops share loops (groups)">,
                 SplitOption<>, AccuracyOption<>,
                 DimsOption<"Sizes to bind first">, StrictOption<>];
  // Dependent dialects: registerTilingDialects, and those of binding.
}

def Vectorize : Pass<"memwall-vectorize", "::mlir::ModuleOp"> {
  let summary = "Make vector code of linalg ops on tensors";
  let description = [{
    The first step of the pipeline `memwall-lower-to-llvm` (docs/Lowering.md).
    Products become loops over tiles of sums that stay in vector registers, with
    operands packed where they are read several times; other linalg ops become
    loops over vectors, with upstream's vectorizer. Loops of schedules stay. What
    vectors cannot do is left as it is.

    ```mlir
    // memwall-vectorize{target=xeon-8592}
    %0 = linalg.matmul ins(%a, %b : tensor<64x256xf32>, tensor<256x64xf32>)
                       outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
    // becomes, without the packing,
    scf.for %j = 0 to 1 {
      scf.for %i = 0 to 11 {
        %sums = vector.transfer_read %c[%i * 6, %j * 64] : vector<6x64xf32>
        scf.for %k = 0 to 256 {
          %b_row = vector.transfer_read %b_panels[%j, %k, 0] : vector<64xf32>
          %sums[r] = math.fma (broadcast %a_panels[%i, %k, r]), %b_row, %sums[r]
    ```
  }];
  let options = [
    Option<"target", "target", "std::string", /*default=*/"\"\"",
        "Name of the target whose vector registers there are; default: the "
        "first on the module, else 16 registers of 256 bits">,
    TargetsAlias<>,
    TargetFileOption<>,
    Option<"vectorBits", "vector-bits", "int64_t", /*default=*/"0",
        "Bits of a vector register; 0: of the target">,
    Option<"vectorRegisters", "vector-registers", "int64_t", /*default=*/"0",
        "How many there are; 0: of the target">,
    Option<"dotInstructions", "dot-instructions", "std::string",
        /*default=*/"\"\"",
        "Those that the CPU has, of avx512bf16 and avx512vnni, with commas "
        "between them, or none; default: of the target">,
    Option<"tileRows", "tile-rows", "int64_t", /*default=*/"0",
        "Rows of the register tiles of products; 0: from the registers">,
    Option<"tileVectors", "tile-vectors", "int64_t", /*default=*/"0",
        "Vector registers per row of these tiles; 0: from the registers">,
    Option<"threads", "threads", "int64_t", /*default=*/"1",
        "Threads that the program runs on">];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
    "::mlir::ub::UBDialect", "::mlir::vector::VectorDialect"];
}

def LowerVectors : Pass<"memwall-lower-vectors", "::mlir::ModuleOp"> {
  let summary = "Take vectors of several dimensions apart, on memrefs";
  let description = [{
    A later step of the pipeline `memwall-lower-to-llvm`: products, reductions,
    masks and transposes of vectors become what one register does, math
    functions become polynomials, and copies that are no memcpy loops.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::ub::UBDialect", "::mlir::vector::VectorDialect"];
}

def CheckIsLLVM : Pass<"memwall-check-is-llvm", "::mlir::ModuleOp"> {
  let summary = "Fail at the first op that did not become one of LLVM";
  let description = [{
    The last step of the pipeline `memwall-lower-to-llvm`. What is left in another
    dialect would fail in mlir-translate, without a place.
  }];
}

#endif // MEMWALL_PASSES_PASSES_TD
