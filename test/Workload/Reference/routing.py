"""What experts move, measured: the simulator runs real routing, and the model is
told how many experts that hits.

usage: routing.py
"""

from forward import report
from program import Program, draw
from reference import Model, Weights, norm

WIDTH = 64
FLAGS = (f"--types=f32 --hidden={WIDTH} --heads=4 --experts=8 --top-k=2 "
         "--expert-ffn=96 --phase=decode --context=4")
LIMIT = 0.01


def count_hits(program, values):
    """The attention adds nothing, so the router sees the hidden states."""
    values["o_proj.weight"] = [0.0] * len(values["o_proj.weight"])
    hidden = values["hidden"]
    rows = [hidden[i:i + WIDTH] for i in range(0, len(hidden), WIDTH)]
    weights = Weights(program, values)
    model = Model(heads=4, top_k=2)
    model.experts(weights, norm(weights, "ffn_norm", rows))
    return len(model.chosen)


def check(tokens, seed):
    flags = f"{FLAGS} --batch={tokens}"
    program = Program(flags)
    values = draw(program, seed)
    hits = count_hits(program, values)
    told = Program(f"{flags} --experts-hit={hits}")
    worst = 0.0
    for level in told.simulate(values, "ddr5-2ch"):
        for direction in ("read", "written"):
            measured = level["measured"][direction]
            error = level["predicted"][direction] / measured - 1
            worst = max(worst, abs(error))
    report(f"{tokens} tokens hit {hits} experts", worst, LIMIT)


def main():
    for tokens, seed in ((1, "a"), (2, "a"), (3, "a"), (3, "d"), (6, "a")):
        check(tokens, seed)


if __name__ == "__main__":
    main()
