// RUN: memwall-opt %s | memwall-opt | FileCheck %s

// Every part, in an order that a person may write, printed in the one order;
// a band without an order has its loops in the order of the dimensions.
// CHECK: func.func private @all()
// CHECK-SAME: memwall.schedule = #memwall.schedule<bands = [<"l3", sizes = [512, 0, 256], order = [2, 0], parallel = [2]>, <"l2", sizes = [64, 0, 64], order = [0, 2]>], leaf_order = [0, 2, 1], packs = [<operand = 1, inner_dims = [0, 1], inner_tiles = [16, 64], outer_permutation = [1, 0], ahead>], units = 8>
func.func private @all() attributes {memwall.schedule = #memwall.schedule<
  units = 8,
  packs = [<operand = 1, inner_dims = [0, 1], inner_tiles = [16, 64],
            ahead, outer_permutation = [1, 0]>],
  leaf_order = [0, 2, 1],
  bands = [<"l3", order = [2, 0], sizes = [512, 0, 256], parallel = [2]>,
           <"l2", sizes = [64, 0, 64]>]>}

// CHECK: func.func private @empty() attributes {memwall.schedule = #memwall.schedule<>}
func.func private @empty() attributes {memwall.schedule = #memwall.schedule<>}

// CHECK: memwall.schedule = #memwall.schedule<leaf_order = [1, 0]>
func.func private @leaf() attributes {
  memwall.schedule = #memwall.schedule<leaf_order = [1, 0]>}

// CHECK: memwall.schedule = #memwall.schedule<split = <dim = 2, parts = 16>, units = 108>
func.func private @split() attributes {
  memwall.schedule = #memwall.schedule<units = 108, split = <parts = 16, dim = 2>>}

// CHECK: memwall.schedule = #memwall.schedule<group = "a", stream = [<"l2", dim = 4, size = 64, parts = 16>]>
func.func private @stream() attributes {memwall.schedule = #memwall.schedule<
  stream = [<"l2", parts = 16, size = 64, dim = 4>], group = "a">}

// The parts are attributes of their own.
// CHECK: part = #memwall.tile_band<"l2", sizes = [4], order = [0]>
func.func private @part() attributes {
  part = #memwall.tile_band<"l2", sizes = [4]>}
