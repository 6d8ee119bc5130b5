// RUN: memwall-opt %s --transform-interpreter | FileCheck %s

// The ops of an attention share a loop over rows and pass over the columns once;
// what the function is predicted to move is less than before.
module attributes {transform.with_named_sequence,
  dlti.target_system_spec = #dlti.target_system_spec<
    "small" = #dlti.target_device_spec<
      "levels" = #dlti.map<
        "l1" = #dlti.map<"capacity_bytes" = 8192>,
        "l2" = #dlti.map<"capacity_bytes" = 65536>,
        "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {

// CHECK-LABEL: func.func @attention
//       CHECK:   scf.for
//       CHECK:     scf.for {{.*}} iter_args({{.*}}, {{.*}}, {{.*}})
//       CHECK:       linalg.contract
//       CHECK:   } {fused}
func.func @attention(%q: tensor<256x32xf32>, %k: tensor<256x32xf32>, %v: tensor<256x32xf32>) -> tensor<256x32xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %scores = tensor.empty() : tensor<256x256xf32>
  %rows = tensor.empty() : tensor<256xf32>
  %out = tensor.empty() : tensor<256x32xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%scores : tensor<256x256xf32>) -> tensor<256x256xf32>
  %s = linalg.contract indexing_maps = [affine_map<(n, t, d) -> (n, d)>, affine_map<(n, t, d) -> (t, d)>, affine_map<(n, t, d) -> (n, t)>]
    ins(%q, %k : tensor<256x32xf32>, tensor<256x32xf32>) outs(%s0 : tensor<256x256xf32>) -> tensor<256x256xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%rows : tensor<256xf32>) -> tensor<256xf32>
  %m = linalg.generic {indexing_maps = [affine_map<(n, t) -> (n, t)>, affine_map<(n, t) -> (n)>],
      iterator_types = ["parallel", "reduction"]}
    ins(%s : tensor<256x256xf32>) outs(%m0 : tensor<256xf32>) {
  ^bb0(%x: f32, %o: f32):
    %a = arith.maximumf %o, %x : f32
    linalg.yield %a : f32
  } -> tensor<256xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(n, t) -> (n, t)>, affine_map<(n, t) -> (n)>, affine_map<(n, t) -> (n, t)>],
      iterator_types = ["parallel", "parallel"]}
    ins(%s, %m : tensor<256x256xf32>, tensor<256xf32>) outs(%scores : tensor<256x256xf32>) {
  ^bb0(%x: f32, %r: f32, %o: f32):
    %d = arith.subf %x, %r : f32
    %e = math.exp %d : f32
    linalg.yield %e : f32
  } -> tensor<256x256xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%out : tensor<256x32xf32>) -> tensor<256x32xf32>
  %o = linalg.contract indexing_maps = [affine_map<(n, v, t) -> (n, t)>, affine_map<(n, v, t) -> (t, v)>, affine_map<(n, v, t) -> (n, v)>]
    ins(%p, %v : tensor<256x256xf32>, tensor<256x32xf32>) outs(%o0 : tensor<256x32xf32>) -> tensor<256x32xf32>
  return %o : tensor<256x32xf32>
}

transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
  %function = transform.structured.match ops{["func.func"]} in %root : (!transform.any_op) -> !transform.any_op
  %before = transform.memwall.predicted_bytes %function target "small" level "dram" : (!transform.any_op) -> !transform.param<i64>
  %ops = transform.structured.match interface{LinalgOp} in %root : (!transform.any_op) -> !transform.any_op
  %loops = transform.memwall.fuse_for_traffic %ops target "small" : (!transform.any_op) -> !transform.any_op
  transform.annotate %loops "fused" : !transform.any_op
  %same = transform.structured.match ops{["func.func"]} in %root : (!transform.any_op) -> !transform.any_op
  %after = transform.memwall.predicted_bytes %same target "small" level "dram" : (!transform.any_op) -> !transform.param<i64>
  transform.match.param.cmpi lt %after, %before : !transform.param<i64>
  transform.yield
}
}
