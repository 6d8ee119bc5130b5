// RUN: memwall-opt %s --transform-interpreter | FileCheck %s

// The op is tiled in its function; %loops are all loops, outermost first. What
// is predicted afterwards is less than before: a plain loop nest reads the second
// operand, 256 KiB, once per row, and the cache holds 16 KiB.
module attributes {transform.with_named_sequence,
  dlti.target_system_spec = #dlti.target_system_spec<
    "small" = #dlti.target_device_spec<
      "levels" = #dlti.map<
        "cache" = #dlti.map<"capacity_bytes" = 16384>,
        "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {

  // CHECK-LABEL: func @f
  //       CHECK:   tensor.empty() {untouched}
  //       CHECK:   scf.for
  //       CHECK:     linalg.{{matmul|generic}} {{.*}}memwall.tiled
  //       CHECK:   } {loop}
  func.func @f(%a: tensor<256x256xf32>, %b: tensor<256x256xf32>) -> tensor<256x256xf32> {
    %zero = arith.constant 0.0 : f32
    %e = tensor.empty() : tensor<256x256xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<256x256xf32>) -> tensor<256x256xf32>
    %m = linalg.matmul ins(%a, %b : tensor<256x256xf32>, tensor<256x256xf32>) outs(%f : tensor<256x256xf32>) -> tensor<256x256xf32>
    return %m : tensor<256x256xf32>
  }

  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["linalg.matmul"]} in %root : (!transform.any_op) -> !transform.any_op
    %before = transform.memwall.predicted_bytes %op target "small" level "dram" : (!transform.any_op) -> !transform.param<i64>
    %tiled, %loops = transform.memwall.tile_for_traffic %op target "small" : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %after = transform.memwall.predicted_bytes %tiled target "small" level "dram" : (!transform.any_op) -> !transform.param<i64>
    transform.match.param.cmpi lt %after, %before : !transform.param<i64>
    // An op that nothing is gained for stays, without loops.
    %fill = transform.structured.match ops{["tensor.empty"]} in %root : (!transform.any_op) -> !transform.any_op
    %same, %none = transform.memwall.tile_for_traffic %fill target "small" : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %count = transform.num_associations %none : (!transform.any_op) -> !transform.param<i64>
    %zero = transform.param.constant 0 : i64 -> !transform.param<i64>
    transform.match.param.cmpi eq %count, %zero : !transform.param<i64>
    transform.annotate %same "untouched" : !transform.any_op
    transform.annotate %loops "loop" : !transform.any_op
    transform.yield
  }
}
