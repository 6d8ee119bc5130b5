//--- ops.mlir
// Two coordinates out of three; a unit dimension where they were. The second
// half puts single elements into a matrix.
func.func @both(%t: tensor<10x8x6xf32>, %at: tensor<3x2x2xindex>,
                %s: tensor<5xf32>, %d: tensor<7x9xf32>, %to: tensor<5x2xi32>)
    -> (tensor<3x2x1x8x1xf32>, tensor<7x9xf32>) {
  %g = tensor.gather %t[%at] gather_dims([0, 2])
      : (tensor<10x8x6xf32>, tensor<3x2x2xindex>) -> tensor<3x2x1x8x1xf32>
  %r = tensor.scatter %s into %d[%to] scatter_dims([0, 1]) unique
      : (tensor<5xf32>, tensor<7x9xf32>, tensor<5x2xi32>) -> tensor<7x9xf32>
  return %g, %r : tensor<3x2x1x8x1xf32>, tensor<7x9xf32>
}

//--- loops.mlir
func.func @both(%t: tensor<10x8x6xf32>, %at: tensor<3x2x2xindex>,
                %s: tensor<5xf32>, %d: tensor<7x9xf32>, %to: tensor<5x2xi32>)
    -> (tensor<3x2x1x8x1xf32>, tensor<7x9xf32>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %5 = arith.constant 5 : index
  %g = tensor.generate {
  ^bb0(%i: index, %j: index, %u: index, %k: index, %v: index):
    %a = tensor.extract %at[%i, %j, %0] : tensor<3x2x2xindex>
    %b = tensor.extract %at[%i, %j, %1] : tensor<3x2x2xindex>
    %x = tensor.extract %t[%a, %k, %b] : tensor<10x8x6xf32>
    tensor.yield %x : f32
  } : tensor<3x2x1x8x1xf32>
  %r = scf.for %i = %0 to %5 step %1 iter_args(%m = %d) -> tensor<7x9xf32> {
    %a32 = tensor.extract %to[%i, %0] : tensor<5x2xi32>
    %b32 = tensor.extract %to[%i, %1] : tensor<5x2xi32>
    %a = arith.index_cast %a32 : i32 to index
    %b = arith.index_cast %b32 : i32 to index
    %x = tensor.extract %s[%i] : tensor<5xf32>
    %n = tensor.insert %x into %m[%a, %b] : tensor<7x9xf32>
    scf.yield %n : tensor<7x9xf32>
  }
  return %g, %r : tensor<3x2x1x8x1xf32>, tensor<7x9xf32>
}

//--- other.mlir
func.func @both(%t: tensor<10x8x6xf32>, %at: tensor<3x2x2xindex>,
                %s: tensor<5xf32>, %d: tensor<7x9xf32>, %to: tensor<5x2xi32>)
    -> (tensor<3x2x1x8x1xf32>, tensor<7x9xf32>) {
  %g = tensor.gather %t[%at] gather_dims([0, 2])
      : (tensor<10x8x6xf32>, tensor<3x2x2xindex>) -> tensor<3x2x1x8x1xf32>
  return %g, %d : tensor<3x2x1x8x1xf32>, tensor<7x9xf32>
}
