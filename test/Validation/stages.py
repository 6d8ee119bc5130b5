"""Programs as lists of stages, written one after the other or fused in tiles."""

from ir import Op, Operand, Tensor, parse_expr


class Stage:
    """One structured op whose inputs are arguments or earlier stages.

    `ins`: (name, *expressions); `out`: expressions; `init`: what a reduction
    starts from, None where the body ignores it."""

    def __init__(self, name, extents, ins, out, element, body, init=None,
                 reductions=()):
        self.name = name
        self.extents = dict(extents)
        self.ins = ins
        self.out = out
        self.element = element
        self.body = body
        self.init = init
        self.reductions = reductions

    def shape(self, extents):
        """Of the result: output expressions are single dimensions."""
        return [extents[parse_expr(e)[0][0]] for e in self.out]


def new_out(f, stage, extents):
    shape = stage.shape(extents)
    if stage.init is None:
        return f.empty(shape, stage.element)
    return f.filled(shape, stage.element, stage.init)


def emit_sequence(f, stages, values, tilings=None):
    """Writes every stage over whole tensors; `values`: name -> tensor."""
    for stage in stages:
        ins = [Operand(values[name], *exprs) for name, *exprs in stage.ins]
        out = Operand(new_out(f, stage, stage.extents), *stage.out)
        op = Op(stage.extents, stage.reductions, ins, out, stage.body)
        levels = (tilings or {}).get(stage.name, ())
        values[stage.name] = f.apply(op, levels)
    return values[stages[-1].name]


def emit_fused(f, stages, values, tiles, inner=None, local=None):
    """Writes one nest over `tiles` (dimension, tile), with all stages inside of
    it on the tile; what they hand on is as large as a tile. `inner`: tilings of
    stages inside of the tile."""
    last = stages[-1]
    whole = f.empty(last.shape(last.extents), last.element)
    ivs, sizes, opened = {}, {}, []
    for dimension, tile in tiles:
        extent = next(
            s.extents[dimension] for s in stages if dimension in s.extents
        )
        iv, (whole,), (result,) = f.begin_for(extent, tile, [whole])
        opened.append(result)
        ivs[dimension] = iv
        sizes[dimension] = f.tile_size(iv, extent, tile)
    made = {}
    for stage in stages:
        extents = {d: sizes.get(d, e) for d, e in stage.extents.items()}
        mine = {d: iv for d, iv in ivs.items() if d in stage.extents}
        ins = []
        for name, *exprs in stage.ins:
            operand = Operand(made.get(name) or values[name], *exprs)
            if name not in made:
                part, _ = f.extract(operand, mine, extents)
                operand = f.replaced(operand, part)
            ins.append(operand)
        if stage is last:
            target = Operand(whole, *stage.out)
            part, place = f.extract(target, mine, extents)
            if stage.init is not None:
                part = f.fill(part, stage.init)
        else:
            part, place = new_out(f, stage, extents), None
        op = Op(extents, stage.reductions, ins, Operand(part, *stage.out),
                stage.body)
        made[stage.name] = f.apply(op, (inner or {}).get(stage.name, ()))
    value = f.insert(made[last.name], whole, place)
    for result in reversed(opened):
        f.end_for([value])
        value = result
    return value
