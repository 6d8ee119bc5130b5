// RUN: memwall-opt %s --memwall-apply-schedule -split-input-file -verify-diagnostics


// The root has no bands.
// expected-error @+1 {{'func.func' op has a schedule that does not fit: group 'g' has no loops: expected tiles smaller than the whole on its last member, linalg.exp at}}
func.func @no_loops(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %e = tensor.empty() : tensor<8x8xf32>
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<group = "g">} ins(%a : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %f = tensor.empty() : tensor<8x8xf32>
  %1 = linalg.exp {memwall.schedule = #memwall.schedule<group = "g">} ins(%0 : tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// The sum needs all columns.
// expected-error-re @+1 {{linalg.reduce at {{.*}} is computed 4 times by the loops of group 'g' over dimension 1 of its root; say recompute}}
func.func @again(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %0 = linalg.reduce {arith.addf} ins(%a : tensor<8x8xf32>) outs(%f : tensor<8xf32>) dimensions = [1] {memwall.schedule = #memwall.schedule<group = "g">}
  %g = tensor.empty() : tensor<8x8xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%a, %0 : tensor<8x8xf32>, tensor<8xf32>) outs(%g : tensor<8x8xf32>) attrs = {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [2, 2], order = [1, 0]>], group = "g">} {
  ^bb0(%x: f32, %s: f32, %o: f32):
    %r = arith.mulf %x, %s : f32
    linalg.yield %r : f32
  } -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// A product with its own transpose: a row of it is a column as well.
// expected-error-re @+1 {{dimension 0 of linalg.generic at {{.*}} is two dimensions of linalg.generic at}}
func.func @twice(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %e = tensor.empty() : tensor<8x8xf32>
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<group = "g">} ins(%a : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %f = tensor.empty() : tensor<8x8xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%0, %0 : tensor<8x8xf32>, tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) attrs = {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [2, 0]>], group = "g">} {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %r = arith.addf %x, %y : f32
    linalg.yield %r : f32
  } -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// Rows are needed outside, but every tile of columns makes them.
// expected-error-re @+1 {{the result of linalg.exp at {{.*}} is used outside of group 'g', which makes it 4 times}}
func.func @outside(%a: tensor<8xf32>) -> (tensor<8xf32>, tensor<8x8xf32>) {
  %e = tensor.empty() : tensor<8xf32>
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<group = "g">} ins(%a : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %f = tensor.empty() : tensor<8x8xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<8xf32>) outs(%f : tensor<8x8xf32>) attrs = {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [2, 2], order = [1, 0]>], group = "g">} {
  ^bb0(%x: f32, %o: f32):
    %r = arith.negf %x : f32
    linalg.yield %r : f32
  } -> tensor<8x8xf32>
  return %0, %1 : tensor<8xf32>, tensor<8x8xf32>
}

// -----

// A band inside that is larger than the tile.
// expected-error-re @+1 {{band 'l1' of linalg.exp at {{.*}} has a tile of 4 in dimension 0, inside a tile of 2 of group 'g'}}
func.func @inside(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %e = tensor.empty() : tensor<8x8xf32>
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<bands = [<"l1", sizes = [4, 0]>], group = "g">} ins(%a : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %f = tensor.empty() : tensor<8x8xf32>
  %1 = linalg.exp {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [2, 0]>], group = "g">} ins(%0 : tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// The op between the members needs the first and is needed by the last.
// expected-error-re @+1 {{group 'g' is not closed: linalg.add at {{.*}} needs what is made between the members and needs one of them}}
func.func @between(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %e = tensor.empty() : tensor<8x8xf32>
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<group = "g">} ins(%a : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %h = tensor.empty() : tensor<8x8xf32>
  %t = linalg.negf ins(%0 : tensor<8x8xf32>) outs(%h : tensor<8x8xf32>) -> tensor<8x8xf32>
  %f = tensor.empty() : tensor<8x8xf32>
  %1 = linalg.add {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [2, 0]>], group = "g">} ins(%0, %t : tensor<8x8xf32>, tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// The loop cuts what a member sums over.
// expected-error-re @+1 {{group 'g' cannot cut dimension 1 of linalg.generic at {{.*}}: linalg.reduce at {{.*}} reduces over it and needs all of it}}
func.func @reduced(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x8xf32>
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<group = "g">} ins(%a : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %h = tensor.empty() : tensor<8xf32>
  %z = linalg.fill ins(%zero : f32) outs(%h : tensor<8xf32>) -> tensor<8xf32>
  %t = linalg.reduce {arith.addf} ins(%0 : tensor<8x8xf32>) outs(%z : tensor<8xf32>) dimensions = [1]
    {memwall.schedule = #memwall.schedule<group = "g">}
  %f = tensor.empty() : tensor<8x8xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m)>, affine_map<(m, n) -> (m, n)>],
                       iterator_types = ["parallel", "parallel"], memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [2, 4]>], group = "g">}
      ins(%0, %t : tensor<8x8xf32>, tensor<8xf32>) outs(%f : tensor<8x8xf32>) {
    ^bb0(%x: f32, %y: f32, %o: f32):
      %d = arith.divf %x, %y : f32
      linalg.yield %d : f32
  } -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// In different blocks.
// expected-error-re @+1 {{group 'g' has members in different blocks: linalg.exp at {{.*}} and linalg.exp at}}
func.func @blocks(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %e = tensor.empty() : tensor<8x8xf32>
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<group = "g">} ins(%a : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%x = %0) -> (tensor<8x8xf32>) {
    %f = tensor.empty() : tensor<8x8xf32>
    %1 = linalg.exp {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [2, 0]>], group = "g">} ins(%x : tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
    scf.yield %1 : tensor<8x8xf32>
  }
  return %r : tensor<8x8xf32>
}

// -----

// `at` without a group.
func.func @at(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'at' is for members of a 'group'}}
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<at = 1>} ins(%a : tensor<8x8xf32>) outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// The root's columns are heads and columns of the member.
// expected-error-re @+1 {{dimension 1 of linalg.exp at {{.*}} has 8 iterations for 4 of linalg.exp at {{.*}}, which group 'g' cannot cut together}}
func.func @merged(%a: tensor<8x4x2xf32>) -> tensor<8x8xf32> {
  %e = tensor.empty() : tensor<8x4x2xf32>
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<group = "g">} ins(%a : tensor<8x4x2xf32>) outs(%e : tensor<8x4x2xf32>) -> tensor<8x4x2xf32>
  %c = tensor.collapse_shape %0 [[0], [1, 2]] : tensor<8x4x2xf32> into tensor<8x8xf32>
  %f = tensor.empty() : tensor<8x8xf32>
  %1 = linalg.exp {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [0, 2]>], group = "g">} ins(%c : tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// Every row needs the first.
// expected-error-re @+1 {{the result of linalg.exp at {{.*}} is used in another shape by linalg.generic at {{.*}}, which group 'g' cannot cut}}
func.func @first_row(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %e = tensor.empty() : tensor<8x8xf32>
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<group = "g">} ins(%a : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %r = tensor.extract_slice %0[0, 0] [1, 8] [1, 1] : tensor<8x8xf32> to tensor<8xf32>
  %f = tensor.empty() : tensor<8x8xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"], memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [2, 0]>], group = "g">}
      ins(%0, %r : tensor<8x8xf32>, tensor<8xf32>) outs(%f : tensor<8x8xf32>) {
    ^bb0(%x: f32, %y: f32, %o: f32):
      %d = arith.addf %x, %y : f32
      linalg.yield %d : f32
  } -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// Half of what the root reads is made in front of the group.
// expected-error-re @+1 {{the result of linalg.exp at {{.*}} is a part of a tensor that group 'g' uses but does not make whole}}
func.func @half(%a: tensor<8x4xf32>) -> tensor<8x8xf32> {
  %e = tensor.empty() : tensor<8x8xf32>
  %l = tensor.extract_slice %e[0, 0] [8, 4] [1, 1] : tensor<8x8xf32> to tensor<8x4xf32>
  %0 = linalg.exp ins(%a : tensor<8x4xf32>) outs(%l : tensor<8x4xf32>) -> tensor<8x4xf32>
  %i = tensor.insert_slice %0 into %e[0, 0] [8, 4] [1, 1] : tensor<8x4xf32> into tensor<8x8xf32>
  %h = tensor.extract_slice %i[0, 4] [8, 4] [1, 1] : tensor<8x8xf32> to tensor<8x4xf32>
  %1 = linalg.exp {memwall.schedule = #memwall.schedule<group = "g">} ins(%a : tensor<8x4xf32>) outs(%h : tensor<8x4xf32>) -> tensor<8x4xf32>
  %j = tensor.insert_slice %1 into %i[0, 4] [8, 4] [1, 1] : tensor<8x4xf32> into tensor<8x8xf32>
  %f = tensor.empty() : tensor<8x8xf32>
  %2 = linalg.exp {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [2, 0]>], group = "g">} ins(%j : tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}
