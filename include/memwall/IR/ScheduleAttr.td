//===- ScheduleAttr.td - #memwall.schedule -----------------*- tablegen -*-===//

#ifndef MEMWALL_IR_SCHEDULEATTR_TD
#define MEMWALL_IR_SCHEDULEATTR_TD

include "memwall/IR/MemWallDialect.td"
include "mlir/IR/AttrTypeBase.td"

class MemWallAttr<string name, string attrMnemonic>
    : AttrDef<MemWallDialect, name> {
  let mnemonic = attrMnemonic;
  let genVerifyDecl = 1;
  let hasCustomAssemblyFormat = 1;
}

def TileBandAttr : MemWallAttr<"TileBand", "tile_band"> {
  let summary = "One band of tile loops around an op";
  let description = [{
    `<"l2", sizes = [128, 0, 64], order = [2, 0], parallel = [2]>`: the level
    that a tile is meant to stay in, tile sizes per dimension of the op (0: no
    loop), the loops outermost first, and which of them run on several units.
    Without `order`, the loops are in the order of their dimensions.
  }];
  let parameters = (ins StringRefParameter<"level that holds a tile">:$level,
      ArrayRefParameter<"int64_t", "tile size per dimension">:$sizes,
      ArrayRefParameter<"int64_t", "dimensions, outermost first">:$order,
      OptionalArrayRefParameter<"int64_t", "dimensions over units">:$parallel);
}

def PackedOperandAttr : MemWallAttr<"PackedOperand", "packed_operand"> {
  let summary = "An operand that is laid out in tiles first";
  let description = [{
    `<operand = 1, inner_dims = [0, 1], inner_tiles = [16, 64],
    outer_permutation = [1, 0], ahead>`, with the names of `linalg.pack`.
    `ahead`: the packing is done once, before the program.
  }];
  let parameters = (ins "int64_t":$operand,
      ArrayRefParameter<"int64_t", "dimensions of the tensor">:$innerDims,
      ArrayRefParameter<"int64_t", "sizes of a tile">:$innerTiles,
      OptionalArrayRefParameter<"int64_t">:$outerPermutation,
      "bool":$ahead);
}

def StreamBandAttr : MemWallAttr<"StreamBand", "stream_band"> {
  let summary = "A loop over tiles of what a group reduces";
  let description = [{
    `<"l2", dim = 4, size = 64>`: the level that a tile is meant to stay in, the
    reduction dimension of the op that is streamed, and iterations per tile.
    With `parts = 16`, so many units pass over a part of it each.
  }];
  let parameters = (ins StringRefParameter<"level that holds a tile">:$level,
      "int64_t":$dim, "int64_t":$size, "std::optional<int64_t>":$parts);
}

def SplitReductionAttr : MemWallAttr<"SplitReduction", "split_reduction"> {
  let summary = "A reduction whose iterations are dealt to several units";
  let description = [{
    `<dim = 2, parts = 16>`: dimension 2 of the op in 16 parts, each with
    accumulators of its own, which one op behind them combines.
  }];
  let parameters = (ins "int64_t":$dim, "int64_t":$parts);
}

def ScheduleAttr : MemWallAttr<"Schedule", "schedule"> {
  let summary = "How one op is tiled, ordered and packed";
  let description = [{
    The text form of a Schedule; docs/Schedule.md says what it means. All parts
    may be left out:

    ```mlir
    #memwall.schedule<bands = [<"l3", sizes = [512, 0, 256], order = [2, 0],
                                parallel = [2]>,
                               <"l2", sizes = [64, 0, 64], order = [0, 2]>],
                      leaf_order = [0, 2, 1],
                      packs = [<operand = 1, inner_dims = [0, 1],
                                inner_tiles = [16, 64]>],
                      units = 8>
    #memwall.schedule<split = <dim = 2, parts = 16>, units = 108>
    #memwall.schedule<group = "attn", at = 1, recompute>
    #memwall.schedule<group = "attn", stream = [<"l2", dim = 4, size = 64>]>
    ```
  }];
  let parameters = (ins OptionalArrayRefParameter<"::memwall::TileBandAttr">:$bands,
      OptionalArrayRefParameter<"int64_t">:$leafOrder,
      OptionalArrayRefParameter<"::memwall::PackedOperandAttr">:$packs,
      OptionalParameter<"::memwall::SplitReductionAttr">:$split,
      "int64_t":$units,
      StringRefParameter<"fusion group of the op; empty: none">:$group,
      "std::optional<int64_t>":$at,
      "bool":$recompute,
      OptionalArrayRefParameter<"::memwall::StreamBandAttr">:$stream);
}

#endif // MEMWALL_IR_SCHEDULEATTR_TD
