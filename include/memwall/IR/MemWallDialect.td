//===- MemWallDialect.td - The memwall dialect -------------*- tablegen -*-===//

#ifndef MEMWALL_IR_MEMWALLDIALECT_TD
#define MEMWALL_IR_MEMWALLDIALECT_TD

include "mlir/IR/DialectBase.td"

def MemWallDialect : Dialect {
  let name = "memwall";
  let summary = "What a program may move, and what it was found to move";
  let description = [{
    The dialect has no operations. It owns the discardable attributes
    `memwall.*`, so that MLIR accepts them and checks the ones a user writes:

    - `memwall.max_bytes = {hbm3 = 1.2e9}`, on a function or an operation: the
      budget of each named level, in bytes read plus bytes written; a
      non-negative integer, or a float that is a whole number.
    - `memwall.max_over_bound = 1.2`, on a function or an operation: it may
      move so many times what its operations have to move at DRAM, each alone.
      On a function also by step, `{q_proj = 1.2, "*_proj" = 1.5}`: what has
      that `memwall.step`.
    - `memwall.distinct_rows = 8 : i64`, on `tensor.extract`, `tensor.gather` or
      `memref.load`: how many values its one data-dependent index takes in one
      call of the function, from 1 to the rows of the table. What is not said
      is unknown.
    - `memwall.nontemporal`, on a linalg operation that does not read what it
      stores: the stores to its results go past all caches (docs/Model.md,
      "Stores").
    - `memwall.schedule = #memwall.schedule<...>`, on an operation: how to tile
      it (docs/Schedule.md). `memwall-search` writes it, `memwall-apply-schedule`
      applies it and leaves the unit attribute `memwall.tiled`.

    The other `memwall.*` attributes are figures that `memwall-annotate` writes,
    and what `memwall-gen` and the passes note; one with a name that nobody
    knows is an error.
  }];
  let cppNamespace = "::memwall";
  let extraClassDeclaration = [{
    void registerAttributes();

    /// A check of one `memwall.*` attribute of an op that needs to know more
    /// than IR: an editor adds some, tools check in their passes.
    using AttributeCheck =
        ::llvm::LogicalResult (*)(::mlir::Operation *, ::mlir::NamedAttribute);
    void addAttributeCheck(AttributeCheck check) { checks.push_back(check); }

  private:
    ::llvm::SmallVector<AttributeCheck, 1> checks;
  }];
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let useDefaultAttributePrinterParser = 1;
}

#endif // MEMWALL_IR_MEMWALLDIALECT_TD
