"""The FLOP rule of docs/Report.md by the names of ops, and the passes that bring
TOSA to linalg: what independent counts of a program's text share."""

FLOAT = set(
    "arith.addf arith.subf arith.mulf arith.divf arith.remf arith.negf"
    " arith.maximumf arith.minimumf arith.maxnumf arith.minnumf arith.cmpf"
    " math.absf math.sqrt math.ceil math.floor".split()
)
TRANSCENDENTAL = set(
    "math.exp math.tanh math.erf math.rsqrt math.log math.powf math.fpowi"
    " math.sin math.cos".split()
)
INTEGER = set(
    "arith.addi arith.subi arith.muli arith.divsi arith.remui arith.remsi"
    " arith.cmpi arith.andi arith.ori arith.xori".split()
)
FREE = set(
    "arith.truncf arith.extf arith.sitofp arith.uitofp arith.fptosi"
    " arith.extui arith.extsi arith.trunci arith.index_cast arith.select"
    " arith.constant linalg.index tensor.extract".split()
)

LOWER_TOSA = (
    "builtin.module(func.func(tosa-optional-decompositions,canonicalize,"
    "tosa-infer-shapes,tosa-make-broadcastable,tosa-to-linalg-named,"
    "canonicalize,tosa-layerwise-constant-fold,tosa-make-broadcastable,"
    "tosa-to-linalg,tosa-to-arith{include-apply-rescale=true},tosa-to-tensor,"
    "canonicalize,cse))"
)
