// Rows that are read outside, several results, and ops that share nothing but
// what they read are groups, too.
// RUN: memwall-opt %s --memwall-optimize=target=small --remarks-filter=memwall -o %t.mlir 2>&1 | FileCheck %s
// RUN: memwall-run %s --entry=logsumexp --compare=%t.mlir
// RUN: memwall-run %s --entry=exponents --compare=%t.mlir
// RUN: memwall-run %s --entry=cross_entropy --compare=%t.mlir

// Attention that returns the logsumexp for its gradient, beside the context or
// in front of it. Its scores would take 262 kB, written and read again.
// CHECK-DAG: Function=logsumexp {{.*}}linalg.contract, {{.*}}linalg.contract share loops for small: dram 2.01 MB before, 33{{[0-9]}} kB after{{.*}}; streamed
// CHECK-DAG: Function=exponents {{.*}}linalg.contract, {{.*}}linalg.contract share loops for small: dram 2.01 MB before, 33{{[0-9]}} kB after{{.*}}; streamed
// The logits of 16 x 4096 x 4 bytes come in once, and not three times.
// CHECK-DAG: Function=cross_entropy {{.*}}share loops for small: dram 787 kB before, 263 kB after

#nt = affine_map<(n, t) -> (n, t)>
#n = affine_map<(n, t) -> (n)>
#row = affine_map<(n) -> (n)>

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "small" = #dlti.target_device_spec<
    "units" = 4,
    "levels" = #dlti.map<
      "l1" = #dlti.map<"capacity_bytes" = 8192>,
      "l2" = #dlti.map<"capacity_bytes" = 65536, "units_per_instance" = 4>,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {

func.func @logsumexp(%q: tensor<256x32xf32>, %k: tensor<256x32xf32>, %v: tensor<256x32xf32>) -> (tensor<256x32xf32>, tensor<256xf32>) {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %rows = tensor.empty() : tensor<256xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%rows : tensor<256xf32>) -> tensor<256xf32>
  %l0 = linalg.fill ins(%zero : f32) outs(%rows : tensor<256xf32>) -> tensor<256xf32>
  %scores = tensor.empty() : tensor<256x256xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%scores : tensor<256x256xf32>) -> tensor<256x256xf32>
  %s = linalg.contract indexing_maps = [affine_map<(n, t, d) -> (n, d)>, affine_map<(n, t, d) -> (t, d)>, affine_map<(n, t, d) -> (n, t)>]
      ins(%q, %k : tensor<256x32xf32>, tensor<256x32xf32>) outs(%s0 : tensor<256x256xf32>) -> tensor<256x256xf32>
  %m = linalg.generic {indexing_maps = [#nt, #n], iterator_types = ["parallel", "reduction"]}
      ins(%s : tensor<256x256xf32>) outs(%m0 : tensor<256xf32>) {
  ^bb0(%x: f32, %o: f32):
    %y = arith.maximumf %x, %o : f32
    linalg.yield %y : f32
  } -> tensor<256xf32>
  %l = linalg.generic {indexing_maps = [#nt, #n, #n], iterator_types = ["parallel", "reduction"]}
      ins(%s, %m : tensor<256x256xf32>, tensor<256xf32>) outs(%l0 : tensor<256xf32>) {
  ^bb0(%x: f32, %r: f32, %o: f32):
    %d = arith.subf %x, %r : f32
    %e = math.exp %d : f32
    %y = arith.addf %o, %e : f32
    linalg.yield %y : f32
  } -> tensor<256xf32>
  %p = linalg.generic {indexing_maps = [#nt, #n, #nt], iterator_types = ["parallel", "parallel"]}
      ins(%s, %m : tensor<256x256xf32>, tensor<256xf32>) outs(%scores : tensor<256x256xf32>) {
  ^bb0(%x: f32, %r: f32, %o: f32):
    %d = arith.subf %x, %r : f32
    %e = math.exp %d : f32
    linalg.yield %e : f32
  } -> tensor<256x256xf32>
  %w = linalg.generic {indexing_maps = [#nt, #n, #nt], iterator_types = ["parallel", "parallel"]}
      ins(%p, %l : tensor<256x256xf32>, tensor<256xf32>) outs(%scores : tensor<256x256xf32>) {
  ^bb0(%x: f32, %r: f32, %o: f32):
    %y = arith.divf %x, %r : f32
    linalg.yield %y : f32
  } -> tensor<256x256xf32>
  %z = linalg.generic {indexing_maps = [#row, #row, #row], iterator_types = ["parallel"]}
      ins(%m, %l : tensor<256xf32>, tensor<256xf32>) outs(%rows : tensor<256xf32>) {
  ^bb0(%x: f32, %r: f32, %o: f32):
    %g = math.log %r : f32
    %y = arith.addf %x, %g : f32
    linalg.yield %y : f32
  } -> tensor<256xf32>
  %oe = tensor.empty() : tensor<256x32xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%oe : tensor<256x32xf32>) -> tensor<256x32xf32>
  %c = linalg.contract indexing_maps = [affine_map<(n, v, t) -> (n, t)>, affine_map<(n, v, t) -> (t, v)>, affine_map<(n, v, t) -> (n, v)>]
      ins(%w, %v : tensor<256x256xf32>, tensor<256x32xf32>) outs(%o0 : tensor<256x32xf32>) -> tensor<256x32xf32>
  return %c, %z : tensor<256x32xf32>, tensor<256xf32>
}

func.func @exponents(%q: tensor<256x32xf32>, %k: tensor<256x32xf32>, %v: tensor<256x32xf32>) -> (tensor<256x32xf32>, tensor<256xf32>) {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %rows = tensor.empty() : tensor<256xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%rows : tensor<256xf32>) -> tensor<256xf32>
  %l0 = linalg.fill ins(%zero : f32) outs(%rows : tensor<256xf32>) -> tensor<256xf32>
  %scores = tensor.empty() : tensor<256x256xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%scores : tensor<256x256xf32>) -> tensor<256x256xf32>
  %s = linalg.contract indexing_maps = [affine_map<(n, t, d) -> (n, d)>, affine_map<(n, t, d) -> (t, d)>, affine_map<(n, t, d) -> (n, t)>]
      ins(%q, %k : tensor<256x32xf32>, tensor<256x32xf32>) outs(%s0 : tensor<256x256xf32>) -> tensor<256x256xf32>
  %m = linalg.generic {indexing_maps = [#nt, #n], iterator_types = ["parallel", "reduction"]}
      ins(%s : tensor<256x256xf32>) outs(%m0 : tensor<256xf32>) {
  ^bb0(%x: f32, %o: f32):
    %y = arith.maximumf %x, %o : f32
    linalg.yield %y : f32
  } -> tensor<256xf32>
  %l = linalg.generic {indexing_maps = [#nt, #n, #n], iterator_types = ["parallel", "reduction"]}
      ins(%s, %m : tensor<256x256xf32>, tensor<256xf32>) outs(%l0 : tensor<256xf32>) {
  ^bb0(%x: f32, %r: f32, %o: f32):
    %d = arith.subf %x, %r : f32
    %e = math.exp %d : f32
    %y = arith.addf %o, %e : f32
    linalg.yield %y : f32
  } -> tensor<256xf32>
  %z = linalg.generic {indexing_maps = [#row, #row, #row], iterator_types = ["parallel"]}
      ins(%m, %l : tensor<256xf32>, tensor<256xf32>) outs(%rows : tensor<256xf32>) {
  ^bb0(%x: f32, %r: f32, %o: f32):
    %g = math.log %r : f32
    %y = arith.addf %x, %g : f32
    linalg.yield %y : f32
  } -> tensor<256xf32>
  %w = linalg.generic {indexing_maps = [#nt, #n, #nt], iterator_types = ["parallel", "parallel"]}
      ins(%s, %z : tensor<256x256xf32>, tensor<256xf32>) outs(%scores : tensor<256x256xf32>) {
  ^bb0(%x: f32, %r: f32, %o: f32):
    %d = arith.subf %x, %r : f32
    %e = math.exp %d : f32
    linalg.yield %e : f32
  } -> tensor<256x256xf32>
  %oe = tensor.empty() : tensor<256x32xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%oe : tensor<256x32xf32>) -> tensor<256x32xf32>
  %c = linalg.contract indexing_maps = [affine_map<(n, v, t) -> (n, t)>, affine_map<(n, v, t) -> (t, v)>, affine_map<(n, v, t) -> (n, v)>]
      ins(%w, %v : tensor<256x256xf32>, tensor<256x32xf32>) outs(%o0 : tensor<256x32xf32>) -> tensor<256x32xf32>
  return %c, %z : tensor<256x32xf32>, tensor<256xf32>
}

func.func @cross_entropy(%s: tensor<16x4096xf32>, %label: tensor<16xi64>) -> tensor<16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %rows = tensor.empty() : tensor<16xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%rows : tensor<16xf32>) -> tensor<16xf32>
  %l0 = linalg.fill ins(%zero : f32) outs(%rows : tensor<16xf32>) -> tensor<16xf32>
  %m = linalg.generic {indexing_maps = [#nt, #n], iterator_types = ["parallel", "reduction"]}
      ins(%s : tensor<16x4096xf32>) outs(%m0 : tensor<16xf32>) {
  ^bb0(%x: f32, %o: f32):
    %y = arith.maximumf %x, %o : f32
    linalg.yield %y : f32
  } -> tensor<16xf32>
  %l = linalg.generic {indexing_maps = [#nt, #n, #n], iterator_types = ["parallel", "reduction"]}
      ins(%s, %m : tensor<16x4096xf32>, tensor<16xf32>) outs(%l0 : tensor<16xf32>) {
  ^bb0(%x: f32, %r: f32, %o: f32):
    %d = arith.subf %x, %r : f32
    %e = math.exp %d : f32
    %y = arith.addf %o, %e : f32
    linalg.yield %y : f32
  } -> tensor<16xf32>
  %picked = linalg.generic {indexing_maps = [#nt, #n, #n], iterator_types = ["parallel", "reduction"]}
      ins(%s, %label : tensor<16x4096xf32>, tensor<16xi64>) outs(%l0 : tensor<16xf32>) {
  ^bb0(%x: f32, %at: i64, %o: f32):
    %t = linalg.index 1 : index
    %column = arith.index_cast %t : index to i64
    %last = arith.constant 4095 : i64
    %inside = arith.andi %at, %last : i64
    %is = arith.cmpi eq, %column, %inside : i64
    %term = arith.select %is, %x, %zero : f32
    %y = arith.addf %o, %term : f32
    linalg.yield %y : f32
  } -> tensor<16xf32>
  %z = linalg.generic {indexing_maps = [#row, #row, #row], iterator_types = ["parallel"]}
      ins(%m, %l : tensor<16xf32>, tensor<16xf32>) outs(%rows : tensor<16xf32>) {
  ^bb0(%x: f32, %r: f32, %o: f32):
    %g = math.log %r : f32
    %y = arith.addf %x, %g : f32
    linalg.yield %y : f32
  } -> tensor<16xf32>
  %loss = linalg.generic {indexing_maps = [#row, #row, #row], iterator_types = ["parallel"]}
      ins(%z, %picked : tensor<16xf32>, tensor<16xf32>) outs(%rows : tensor<16xf32>) {
  ^bb0(%x: f32, %r: f32, %o: f32):
    %y = arith.subf %x, %r : f32
    linalg.yield %y : f32
  } -> tensor<16xf32>
  return %loss : tensor<16xf32>
}
}
