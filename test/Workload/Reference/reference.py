"""A transformer in double precision, written from the definitions.

Rows of numbers in, rows out; one sequence at a time; no caches: what a decode
step should give is the last row of a prompt that is longer by one.
"""

import math


class Weights:
    """Tensors by name, under a prefix."""

    def __init__(self, program, values, prefix=""):
        self.program, self.values, self.prefix = program, values, prefix

    def under(self, prefix):
        return Weights(self.program, self.values, self.prefix + prefix)

    def find(self, name):
        port = self.program.argument(self.prefix + name)
        return port and (port.shape, self.values[self.prefix + name])

    def vector(self, name):
        found = self.find(name)
        return found and found[1]

    def matrix(self, name, expert=None):
        """Rows of `name`.weight, times their scales if it has some."""
        shape, data = self.find(name + ".weight")
        out, width = shape[-2:]
        first = 0 if expert is None else expert * out
        rows = [data[(first + o) * width:(first + o + 1) * width]
                for o in range(out)]
        scales = self.find(name + ".scales")
        if scales is None:
            return rows
        groups = scales[0][-1]
        size = width // groups
        return [[q * scales[1][(first + o) * groups + k // size]
                 for k, q in enumerate(row)] for o, row in enumerate(rows)]


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b))


def multiply(rows, matrix, bias=None):
    """x W^T + b."""
    out = [[dot(row, w) for w in matrix] for row in rows]
    if bias:
        out = [[x + b for x, b in zip(row, bias)] for row in out]
    return out


def add(a, b):
    return [[x + y for x, y in zip(r, s)] for r, s in zip(a, b)]


def softmax(scores):
    top = max(scores)
    powers = [math.exp(s - top) for s in scores]
    total = math.fsum(powers)
    return [p / total for p in powers]


def normalise(rows, weight, bias):
    """LayerNorm with a bias, else RMSNorm."""
    out = []
    for row in rows:
        mean = math.fsum(row) / len(row) if bias else 0.0
        centred = [x - mean for x in row]
        square = math.fsum(x * x for x in centred) / len(row)
        out.append([x / math.sqrt(square + 1e-5) * w
                    for x, w in zip(centred, weight)])
        if bias:
            out[-1] = [x + b for x, b in zip(out[-1], bias)]
    return out


def norm(weights, name, rows):
    return normalise(rows, weights.vector(name + ".weight"),
                     weights.vector(name + ".bias"))


def linear(weights, name, rows):
    return multiply(rows, weights.matrix(name), weights.vector(name + ".bias"))


def angles(position, size):
    """Rotary positions: number i is turned by position / 10000^(2 i / size)."""
    return [position / 10000 ** (2 * i / size) for i in range(size // 2)]


def rotate(head, position):
    """Number i and number i + size / 2 are the two parts of a point."""
    half = len(head) // 2
    turns = angles(position, len(head))
    low = [head[i] * math.cos(a) - head[i + half] * math.sin(a)
           for i, a in enumerate(turns)]
    high = [head[i + half] * math.cos(a) + head[i] * math.sin(a)
            for i, a in enumerate(turns)]
    return low + high


def split(row, size):
    return [row[i:i + size] for i in range(0, len(row), size)]


def activate(kind, x):
    if kind == "gelu":
        return 0.5 * x * (1 + math.erf(x / math.sqrt(2)))
    if kind == "gelu-tanh":
        inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)
        return 0.5 * x * (1 + math.tanh(inner))
    return max(x, 0.0)


def silu(x):
    return x / (1 + math.exp(-x))


class Model:
    """Dimensions as memwall-gen's flags name them, and how to run a layer."""

    def __init__(self, **given):
        self.heads = given["heads"]
        self.kv_heads = given.get("kv_heads", self.heads)
        self.activation = given.get("activation", "swiglu")
        self.placement = given.get("placement", "pre")
        self.rotary = given.get("rotary", True)
        self.causal = given.get("causal", True)
        self.window = given.get("window", 0)
        self.top_k = given.get("top_k", 0)
        self.latent = given.get("latent", 0)
        self.rope = given.get("rope", 0)
        self.value = given.get("value", 0)
        self.scaled = given.get("scaled", True)
        self.chosen = set()  # Experts that some row was sent to.
        # Given keys and values of a row become what a cache makes of them.
        self.store = lambda row: row

    def sees(self, query, key):
        if self.causal and key > query:
            return False
        return self.window == 0 or query < key + self.window

    def mix(self, queries, keys, values, bias=None, everything=False):
        """queries[t][h], keys[s][kv], values[s][kv]: heads side by side."""
        group = len(queries[0]) // len(keys[0])
        out = []
        for t, heads in enumerate(queries):
            row = []
            for h, query in enumerate(heads):
                seen = [s for s in range(len(keys))
                        if everything or self.sees(t, s)]
                scores = [dot(query, keys[s][h // group]) +
                          (bias(h, t, s) if bias else 0.0) for s in seen]
                shares = softmax(scores)
                size = len(values[0][0])
                row += [math.fsum(p * values[s][h // group][d]
                                  for p, s in zip(shares, seen))
                        for d in range(size)]
            out.append(row)
        return out

    def attention(self, weights, rows, bias=None):
        """The part's result, and the rows of the caches by name."""
        if self.latent:
            return self.latent_attention(weights, rows)
        q, k, v = (linear(weights, f"{name}_proj", rows) for name in "qkv")
        size = len(q[0]) // self.heads
        q, k, v = ([split(row, size) for row in x] for x in (q, k, v))
        if self.rotary:
            q, k = ([[rotate(head, t) for head in row]
                     for t, row in enumerate(x)] for x in (q, k))
        if self.scaled:
            q = [[[x / math.sqrt(size) for x in head] for head in row]
                 for row in q]
        k, v = ([[self.store(head) for head in row] for row in x]
                for x in (k, v))
        mixed = self.mix(q, k, v, bias)
        return multiply(mixed, weights.matrix("o_proj")), \
            {"k_cache": k, "v_cache": v}

    def latent_attention(self, weights, rows):
        """arXiv 2405.04434, section 2.1, keys and values written out."""
        queries = rows
        if weights.find("q_a_proj.weight"):
            queries = norm(weights, "q_a_norm",
                           linear(weights, "q_a_proj", rows))
        q = linear(weights, "q_b_proj", queries)
        size = len(q[0]) // self.heads
        plain = size - self.rope
        q = [[[x / math.sqrt(size) for x in
               head[:plain] + rotate(head[plain:], t)]
              for head in split(row, size)] for t, row in enumerate(q)]
        both = linear(weights, "kv_a_proj", rows)
        latent = norm(weights, "kv_a_norm", [r[:self.latent] for r in both])
        turned = [rotate(r[self.latent:], t) for t, r in enumerate(both)]
        latent, turned = ([self.store(row) for row in x]
                          for x in (latent, turned))
        k = [[head + tail for head in split(row, plain)] for row, tail in
             zip(linear(weights, "k_b_proj", latent), turned)]
        v = [split(row, self.value)
             for row in linear(weights, "v_b_proj", latent)]
        mixed = self.mix(q, k, v)
        return multiply(mixed, weights.matrix("o_proj")), {
            "latent_cache": [[row] for row in latent],
            "k_rope_cache": [[row] for row in turned]}

    def cross_attention(self, weights, rows, memory):
        q = linear(weights, "cross_q_proj", rows)
        size = len(q[0]) // self.heads
        k, v = ([split(row, size) for row in
                 linear(weights, f"cross_{name}_proj", memory)]
                for name in "kv")
        scale = 1 / math.sqrt(size) if self.scaled else 1.0
        q = [[[x * scale for x in head] for head in split(row, size)]
             for row in q]
        mixed = self.mix(q, k, v, everything=True)
        return multiply(mixed, weights.matrix("cross_o_proj")), \
            {"cross_k_cache": k, "cross_v_cache": v}

    def gated(self, weights, names, rows, expert=None):
        gate, up, down = (weights.matrix(name, expert) for name in names)
        inner = [[silu(g) * u for g, u in zip(*pair)] for pair in
                 zip(multiply(rows, gate), multiply(rows, up))]
        return multiply(inner, down)

    def experts(self, weights, rows):
        names = [f"experts.{n}_proj" for n in ("gate", "up", "down")]
        out = []
        for row in rows:
            shares = softmax(multiply([row], weights.matrix("router"))[0])
            chosen = sorted(range(len(shares)), key=lambda e: -shares[e])
            chosen = chosen[:self.top_k]
            self.chosen.update(chosen)
            total = math.fsum(shares[e] for e in chosen)
            parts = [[shares[e] / total * x for x in
                      self.gated(weights, names, [row], e)[0]] for e in chosen]
            out.append([math.fsum(column) for column in zip(*parts)])
        if weights.find("shared_gate_proj.weight"):
            names = [f"shared_{n}_proj" for n in ("gate", "up", "down")]
            out = add(out, self.gated(weights, names, rows))
        return out

    def feed_forward(self, weights, rows):
        if weights.find("router.weight"):
            return self.experts(weights, rows)
        if self.activation == "swiglu":
            return self.gated(weights, ["gate_proj", "up_proj", "down_proj"],
                              rows)
        inner = [[activate(self.activation, x) for x in row]
                 for row in linear(weights, "up_proj", rows)]
        return multiply(inner, weights.matrix("down_proj"))

    def layer(self, weights, rows, bias=None, memory=None):
        """The rows after a layer, and what its caches hold."""
        def with_bias(update, name):
            vector = weights.vector(name + ".bias")
            return [[x + b for x, b in zip(row, vector)]
                    for row in update] if vector else update

        if self.placement == "parallel":
            same = norm(weights, "norm", rows)
            attended, caches = self.attention(weights, same, bias)
            return add(add(rows, attended),
                       self.feed_forward(weights, same)), caches
        caches = {}
        parts = [("attn", "o_proj",
                  lambda x: self.attention(weights, x, bias))]
        if memory:
            parts.append(("cross", "cross_o_proj",
                          lambda x: self.cross_attention(weights, x, memory)))
        parts.append(("ffn", "down_proj",
                      lambda x: (self.feed_forward(weights, x), {})))
        for name, last, part in parts:
            before = rows
            if self.placement == "pre":
                before = norm(weights, name + "_norm", rows)
            update, made = part(before)
            caches.update(made)
            rows = add(rows, with_bias(update, last))
            if self.placement == "post":
                rows = norm(weights, name + "_norm", rows)
        return rows, caches
