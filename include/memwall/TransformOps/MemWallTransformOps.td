//===- MemWallTransformOps.td - transform.memwall.* --------*- tablegen -*-===//

#ifndef MEMWALL_TRANSFORMOPS_MEMWALLTRANSFORMOPS_TD
#define MEMWALL_TRANSFORMOPS_MEMWALLTRANSFORMOPS_TD

include "mlir/Dialect/Transform/IR/TransformDialect.td"
include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.td"
include "mlir/Dialect/Transform/IR/TransformTypes.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def TileForTrafficOp : Op<Transform_Dialect, "memwall.tile_for_traffic",
    [DeclareOpInterfaceMethods<TransformOpInterface>,
     DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
     ReportTrackingListenerFailuresOpTrait]> {
  let summary = "Tile ops so that they move the fewest bytes on a target";
  let description = [{
    Searches the schedule of each op in its function, as `memwall-search` does,
    and applies it. `tiled` are the ops that work on tiles, one per op that was
    given; `loops` all loops that were made, outermost first, op by op. An op
    that nothing is gained for stays as it is: it is in `tiled` itself, without
    loops.

    ```mlir
    %t, %loops = transform.memwall.tile_for_traffic %op target "h100-sxm"
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    ```

    Fails definitely when the target does not exist, the function cannot be read
    (dynamic arguments), or the schedule cannot be applied.
  }];
  let cppNamespace = "::memwall";
  let arguments = (ins TransformHandleTypeInterface:$ops, StrAttr:$target);
  let results = (outs TransformHandleTypeInterface:$tiled,
                      TransformHandleTypeInterface:$loops);
  let assemblyFormat = [{
    $ops `target` $target attr-dict `:` functional-type(operands, results)
  }];
}

def FuseForTrafficOp : Op<Transform_Dialect, "memwall.fuse_for_traffic",
    [DeclareOpInterfaceMethods<TransformOpInterface>,
     DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "Fuse, stream and tile ops so that they move the fewest bytes";
  let description = [{
    Searches schedules and groups of the ops in their functions, as
    `memwall-search` does, and applies them; ops that are not given stay as they
    are. `loops` are the outermost loops that were made, in program order. The
    search does best in normal form (`memwall-normalize`).

    ```mlir
    %loops = transform.memwall.fuse_for_traffic %ops target "h100-sxm"
        : (!transform.any_op) -> !transform.any_op
    ```

    Fails definitely when the target does not exist, a function cannot be read
    (dynamic arguments), or a schedule cannot be applied. Handles to ops of these
    functions are invalid afterwards.
  }];
  let cppNamespace = "::memwall";
  let arguments = (ins TransformHandleTypeInterface:$ops, StrAttr:$target);
  let results = (outs TransformHandleTypeInterface:$loops);
  let assemblyFormat = [{
    $ops `target` $target attr-dict `:` functional-type(operands, results)
  }];
}

def PredictedBytesOp : Op<Transform_Dialect, "memwall.predicted_bytes",
    [DeclareOpInterfaceMethods<TransformOpInterface>,
     DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "The bytes that ops move at a level of a target, as they stand";
  let description = [{
    One number per op that was given: bytes read plus written that `level`
    serves to the op and what is inside it, all executions in one call of its
    function, as `memwall-report` says under "scheduled".

    ```mlir
    %b = transform.memwall.predicted_bytes %op target "h100-sxm" level "hbm3"
        : (!transform.any_op) -> !transform.param<i64>
    ```

    Fails definitely when target or level do not exist, the function cannot be
    read, or the op is nothing that memwall counts.
  }];
  let cppNamespace = "::memwall";
  let arguments = (ins TransformHandleTypeInterface:$ops, StrAttr:$target,
                       StrAttr:$level);
  let results = (outs TransformParamTypeInterface:$bytes);
  let assemblyFormat = [{
    $ops `target` $target `level` $level attr-dict `:`
    functional-type(operands, results)
  }];
}

#endif // MEMWALL_TRANSFORMOPS_MEMWALLTRANSFORMOPS_TD
