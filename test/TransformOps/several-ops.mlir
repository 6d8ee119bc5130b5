// RUN: memwall-opt %s --transform-interpreter | FileCheck %s

// Both products are tiled; the fill that both start from is given, too, and has
// moved into the loops of the two.
module attributes {transform.with_named_sequence,
  dlti.target_system_spec = #dlti.target_system_spec<
    "small" = #dlti.target_device_spec<
      "levels" = #dlti.map<
        "cache" = #dlti.map<"capacity_bytes" = 16384>,
        "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {

  // CHECK-LABEL: func @f
  // CHECK-COUNT-2: {{linalg.*}}memwall.tiled, product
  func.func @f(%a: tensor<256x256xf32>, %b: tensor<256x256xf32>) -> tensor<256x256xf32> {
    %zero = arith.constant 0.0 : f32
    %e = tensor.empty() : tensor<256x256xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<256x256xf32>) -> tensor<256x256xf32>
    %m = linalg.matmul {product} ins(%a, %b : tensor<256x256xf32>, tensor<256x256xf32>) outs(%f : tensor<256x256xf32>) -> tensor<256x256xf32>
    %n = linalg.matmul {product} ins(%m, %b : tensor<256x256xf32>, tensor<256x256xf32>) outs(%f : tensor<256x256xf32>) -> tensor<256x256xf32>
    return %n : tensor<256x256xf32>
  }

  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %ops = transform.structured.match ops{["linalg.matmul", "linalg.fill"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loops = transform.memwall.tile_for_traffic %ops target "small" : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.annotate %loops "loop" : !transform.any_op
    transform.annotate %tiled "seen" : !transform.any_op
    transform.yield
  }
}
