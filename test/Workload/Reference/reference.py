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
        if self.find(name + ".super_scales") or self.find(name + ".minima"):
            return self.blocks(name, rows, first)
        groups = scales[0][-1]
        size = width // groups
        return [[q * scales[1][(first + o) * groups + k // size]
                 for k, q in enumerate(row)] for o, row in enumerate(rows)]

    def blocks(self, name, rows, first):
        """q4_k, q5_k and q6_k: scales of groups, and the scales of these. q5_1:
        scales and minima of groups."""
        kind = self.program.argument(self.prefix + name + ".weight").type
        values = 2 ** int(kind[1:])

        def part(suffix, o, k, width):
            shape, data = self.find(name + suffix)
            return data[(first + o) * shape[-1] + k * shape[-1] // width]

        def number(o, k, q, width):
            scale = part(".scales", o, k, width)
            if not self.find(name + ".super_scales"):
                return scale * (q % values) + part(".minima", o, k, width)
            coarse = part(".super_scales", o, k, width)
            if not self.find(name + ".minima"):
                return coarse * scale * q
            # Integers without a sign, of 4 or 5 bits, and of 6.
            low = part(".minima", o, k, width) % 64
            return coarse * (scale % 64) * (q % values) - \
                part(".super_minima", o, k, width) * low

        return [[number(o, k, q, len(row)) for k, q in enumerate(row)]
                for o, row in enumerate(rows)]


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


def normalise(rows, weight, bias, subtracts=False):
    """LayerNorm with a bias or where `subtracts`, else RMSNorm."""
    out = []
    for row in rows:
        mean = math.fsum(row) / len(row) if bias or subtracts else 0.0
        centred = [x - mean for x in row]
        square = math.fsum(x * x for x in centred) / len(row)
        out.append([x / math.sqrt(square + 1e-5) * w
                    for x, w in zip(centred, weight)])
        if bias:
            out[-1] = [x + b for x, b in zip(out[-1], bias)]
    return out


def norm(weights, name, rows, centred=False):
    return normalise(rows, weights.vector(name + ".weight"),
                     weights.vector(name + ".bias"), centred)


def linear(weights, name, rows):
    return multiply(rows, weights.matrix(name), weights.vector(name + ".bias"))


def angles(position, size, theta=10000):
    """Rotary positions: number i is turned by position / theta^(2 i / size)."""
    return [position / theta ** (2 * i / size) for i in range(size // 2)]


def rotate(head, position, theta=10000):
    """Number i and number i + size / 2 are the two parts of a point."""
    half = len(head) // 2
    turns = angles(position, len(head), theta)
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
    if kind == "relu2":
        return max(x, 0.0) ** 2
    return max(x, 0.0)


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def silu(x):
    return x * sigmoid(x)


def softplus(x):
    return math.log1p(math.exp(x))


def gate(kind, g, u):
    """Gated activations; gpt-oss's has limits and adds 1."""
    if kind == "geglu":
        return activate("gelu-tanh", g) * u
    if kind == "clamped-swiglu":
        g, u = min(g, 7.0), max(-7.0, min(u, 7.0))
        return g * sigmoid(1.702 * g) * (u + 1)
    return silu(g) * u


GATED = ("swiglu", "geglu", "clamped-swiglu")


def cap(x, limit):
    return limit * math.tanh(x / limit) if limit else x


class History:
    """What is kept of a sequence: after 0, 1, 2, ... tokens, as flat data."""

    def __init__(self, states):
        self.states = states


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
        self.query_scalar = given.get("query_scalar", 0)
        self.qk_norm = given.get("qk_norm", "none")
        self.attention_cap = given.get("attention_cap", 0)
        self.rotary_dim = given.get("rotary_dim", 0)
        self.theta = given.get("theta", 10000)
        self.router = given.get("router", "normalised")
        self.mixer = given.get("mixer", "attention")
        self.key_heads = given.get("key_heads", 0)
        self.value_heads = given.get("value_heads", 0)
        self.norm_groups = given.get("norm_groups", 1)
        self.centred = given.get("centred", False)
        self.residual = given.get("residual", 1.0)
        self.chosen = set()  # Experts that some row was sent to.
        # Given keys and values of a row become what a cache makes of them.
        self.store = lambda row: row

    def sees(self, query, key):
        if self.causal and key > query:
            return False
        return self.window == 0 or query < key + self.window

    def turn(self, head, position):
        size = self.rotary_dim or len(head)
        return rotate(head[:size], position, self.theta) + head[size:]

    def norm_heads(self, weights, name, rows):
        if self.qk_norm in ("none", "all-heads"):
            return rows
        weight = weights.vector(name + ".weight") or [1.0] * len(rows[0][0])
        return [normalise(heads, weight, None) for heads in rows]

    def mix(self, queries, keys, values, bias=None, everything=False,
            sinks=None):
        """queries[t][h], keys[s][kv], values[s][kv]: heads side by side."""
        group = len(queries[0]) // len(keys[0])
        out = []
        for t, heads in enumerate(queries):
            row = []
            for h, query in enumerate(heads):
                seen = [s for s in range(len(keys))
                        if everything or self.sees(t, s)]
                scores = [cap(dot(query, keys[s][h // group]),
                              self.attention_cap) +
                          (bias(h, t, s) if bias else 0.0) for s in seen]
                # A sink is one more score, without a value.
                shares = softmax(scores + sinks[h:h + 1] if sinks else scores)
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
        if self.mixer == "attention-scan":
            mixed, caches = self.self_attention(weights, rows, bias)
            scanned, states = Recurrence(self, weights, "scan_").run(rows)
            return add(mixed, scanned), {**caches, **states}
        if self.mixer != "attention":
            return Recurrence(self, weights).run(rows)
        return self.self_attention(weights, rows, bias)

    def self_attention(self, weights, rows, bias):
        q, k, v = (linear(weights, f"{name}_proj", rows) for name in "qkv")
        size = len(q[0]) // self.heads
        if self.qk_norm == "all-heads":
            q, k = (norm(weights, f"{name}_norm", x)
                    for name, x in (("q", q), ("k", k)))
        q, k, v = ([split(row, size) for row in x] for x in (q, k, v))
        if self.qk_norm != "plain" or self.rotary:
            q, k = (self.norm_heads(weights, f"{name}_norm", x)
                    for name, x in (("q", q), ("k", k)))
        if self.rotary:
            q, k = ([[self.turn(head, t) for head in row]
                     for t, row in enumerate(x)] for x in (q, k))
        if self.scaled:
            root = math.sqrt(self.query_scalar or size)
            q = [[[x / root for x in head] for head in row] for row in q]
        k, v = ([[self.store(head) for head in row] for row in x]
                for x in (k, v))
        mixed = self.mix(q, k, v, bias, sinks=weights.vector("sinks"))
        if weights.find("attn_gate_proj.weight"):
            mixed = [[x * sigmoid(g) for x, g in zip(*pair)] for pair in
                     zip(mixed, linear(weights, "attn_gate_proj", rows))]
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
        """With the biases of an expert, if it has some."""
        def project(x, name):
            matrix = weights.matrix(name, expert)
            biases = expert is not None and weights.vector(name + ".bias")
            size = len(matrix)
            return multiply(x, matrix, biases[expert * size:][:size]
                            if biases else None)

        gates, ups = (project(rows, name) for name in names[:2])
        return project([[gate(self.activation, g, u) for g, u in zip(*pair)]
                        for pair in zip(gates, ups)], names[2])

    def experts(self, weights, rows):
        names = [f"experts.{n}_proj" for n in ("gate", "up", "down")]
        out = []
        for row in rows:
            logits = linear(weights, "router", [row])[0]
            by_input = self.router == "sigmoid-of-input"
            shares = [sigmoid(x) for x in logits] if by_input else \
                softmax(logits)
            chosen = sorted(range(len(shares)), key=lambda e: -shares[e])
            chosen = chosen[:self.top_k]
            self.chosen.update(chosen)
            total = math.fsum(shares[e] for e in chosen) \
                if self.router == "normalised" else 1.0
            parts = []
            for e in chosen:
                given = [shares[e] * x for x in row] if by_input else row
                made = self.gated(weights, names, [given], e)[0]
                share = 1.0 if by_input else shares[e] / total
                parts.append([share * x for x in made])
            out.append([math.fsum(column) for column in zip(*parts)])
        if weights.find("shared_gate_proj.weight"):
            names = [f"shared_{n}_proj" for n in ("gate", "up", "down")]
            shared = self.gated(weights, names, rows)
            if weights.find("shared_expert_gate.weight"):
                shared = [[x * sigmoid(g[0]) for x in row] for row, g in
                          zip(shared, linear(weights, "shared_expert_gate",
                                             rows))]
            out = add(out, shared)
        return out

    def feed_forward(self, weights, rows):
        if weights.find("router.weight"):
            return self.experts(weights, rows)
        if self.activation in GATED:
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

        if self.placement in ("parallel", "parallel-two"):
            one = self.placement == "parallel"
            same, other = (norm(weights, "norm" if one else name, rows,
                                self.centred)
                           for name in ("attn_norm", "ffn_norm"))
            attended, caches = self.attention(weights, same, bias)
            fed = self.feed_forward(weights, other)
            return add(add(rows, with_bias(attended, "o_proj")),
                       with_bias(fed, "down_proj")), caches
        caches = {}
        parts = [("attn", "o_proj",
                  lambda x: self.attention(weights, x, bias))] \
            if weights.find("attn_norm.weight") else []
        if memory:
            parts.append(("cross", "cross_o_proj",
                          lambda x: self.cross_attention(weights, x, memory)))
        if weights.find("ffn_norm.weight"):
            parts.append(("ffn", "down_proj",
                          lambda x: (self.feed_forward(weights, x), {})))
        for name, last, part in parts:
            before = rows
            if self.placement in ("pre", "both"):
                before = norm(weights, name + "_norm", rows, self.centred)
            update, made = part(before)
            caches.update(made)
            if self.placement in ("both", "after"):
                middle = "_post_norm" if self.placement == "both" else "_norm"
                update = norm(weights, name + middle, update)
            rows = add(rows, [[self.residual * x for x in row]
                              for row in with_bias(update, last)])
            if self.placement == "post":
                rows = norm(weights, name + "_norm", rows)
        return rows, caches


class Recurrence:
    """Layers with a state, token by token from the equations of the papers that
    lib/Workload/Recurrence.cpp names."""

    def __init__(self, model, weights, prefix=""):
        self.model, self.weights = model, weights.under(prefix)
        self.kind, self.prefix = model.mixer, prefix
        self.is_scan = self.kind in ("scan", "attention-scan")
        self.histories = {}

    def project(self, name, rows):
        """silu of the projection, through the convolution if there is one."""
        x = linear(self.weights, name + "_proj", rows)
        taps = self.weights.find(name + "_conv.weight")
        if taps is None:
            return [[silu(v) for v in row] for row in x]
        count, channels = taps[0][1], taps[0][0]
        w = split(taps[1], count)
        bias = self.weights.vector(name + "_conv.bias") or [0.0] * channels
        padded = [[0.0] * channels] * (count - 1) + x
        self.histories[self.prefix + name + "_conv_state"] = History(
            [sum(padded[t:t + count - 1], []) for t in range(len(x) + 1)])
        return [[silu(math.fsum(w[c][j] * padded[t + j][c]
                                for j in range(count)) + bias[c])
                 for c in range(channels)] for t in range(len(x))]

    def decays(self, rows):
        """For each token and head: the decay, and how strongly is written."""
        heads = self.model.value_heads
        if self.kind == "linear":
            return [[(a, 1.0) for a in self.weights.vector("decay")]
                    for _ in rows]
        a, bias = (self.weights.vector(name) for name in ("a_log", "dt_bias"))
        dts = [[softplus(x + b) for x, b in zip(row, bias)]
               for row in linear(self.weights, "dt_proj", rows)]
        betas = [[sigmoid(x) for x in row]
                 for row in linear(self.weights, "beta_proj", rows)] \
            if self.kind == "delta" else dts
        return [[(math.exp(-math.exp(a[h]) * dt[h]), beta[h])
                 for h in range(heads)] for dt, beta in zip(dts, betas)]

    def run_selective(self, rows):
        """Mamba: a state of so many numbers per channel (arXiv 2312.00752)."""
        v = self.project("v", rows)

        def make(name):
            x = linear(self.weights, name + "_proj", v)
            inner = name.removesuffix("_a") + "_norm"
            return norm(self.weights, inner, x) \
                if self.weights.find(inner + ".weight") else x

        k, q, latent = make("k"), make("q"), make("dt_a")
        bias, d = (self.weights.vector(name) for name in ("dt_bias", "d"))
        size = len(k[0])
        a = split(self.weights.vector("a_log"), size)
        states = [[0.0] * size for _ in v[0]]
        history, out = [sum(states, [])], []
        steps = linear(self.weights, "dt_proj", latent)
        gates = linear(self.weights, "z_proj", rows)
        for t, row in enumerate(v):
            made = []
            for c, x in enumerate(row):
                dt = softplus(steps[t][c] + bias[c])
                states[c] = [math.exp(-math.exp(a[c][n]) * dt) * s + dt * x * b
                             for n, (s, b) in enumerate(zip(states[c], k[t]))]
                made.append((dot(states[c], q[t]) + d[c] * x) * silu(gates[t][c]))
            out.append(made)
            history.append(sum(states, []))
        self.histories["state"] = History(history)
        return multiply(out, self.weights.matrix("o_proj")), self.histories

    def run(self, rows):
        if self.kind == "selective":
            return self.run_selective(rows)
        model = self.model
        heads, group = model.value_heads, model.value_heads // model.key_heads
        q, k, v = (self.project(name, rows) for name in "qkv")
        size, wide = len(k[0]) // model.key_heads, len(v[0]) // heads
        q, k = ([split(row, size) for row in x] for x in (q, k))
        v = [split(row, wide) for row in v]
        if not self.is_scan:
            q, k = ([[[x / math.sqrt(dot(head, head) + 1e-6) for x in head]
                      for head in row] for row in part] for part in (q, k))
            q = [[[x / math.sqrt(size) for x in head] for head in row]
                 for row in q]
        states = [[[0.0] * wide for _ in range(size)] for _ in range(heads)]
        history, out = [sum(sum(states, []), [])], []
        for t, decays in enumerate(self.decays(rows)):
            made = []
            for h, (decay, strength) in enumerate(decays):
                key, query = k[t][h // group], q[t][h // group]
                state = [[decay * x for x in row] for row in states[h]]
                written = [strength * x for x in v[t][h]]
                if self.kind == "delta":
                    known = [dot(key, column) for column in zip(*state)]
                    written = [strength * (x - y)
                               for x, y in zip(v[t][h], known)]
                states[h] = [[x + c * y for x, y in zip(row, written)]
                             for row, c in zip(state, key)]
                made.append([dot(query, column)
                             for column in zip(*states[h])])
            out.append(made)
            history.append(sum(sum(states, []), []))
        self.histories["state"] = History(history)
        return self.finish(rows, out, v), self.histories

    def norm_groups(self, rows):
        groups = self.model.norm_groups
        if groups == 0:
            return rows
        size = len(rows[0]) // groups
        weight = split(self.weights.vector("mixer_norm.weight"), size)
        return [sum((normalise([part], weight[g], None)[0]
                     for g, part in enumerate(split(row, size))), [])
                for row in rows]

    def finish(self, rows, out, v):
        z = linear(self.weights, "z_proj", rows)
        wide = len(out[0][0])
        if self.is_scan:
            d = self.weights.vector("d")
            flat = [[(x + d[h] * y) for h, pair in enumerate(zip(o, w))
                     for x, y in zip(*pair)] for o, w in zip(out, v)]
            flat = [[x * silu(g) for x, g in zip(*pair)]
                    for pair in zip(flat, z)]
            flat = self.norm_groups(flat)
        else:
            flat = [[x * silu(g) for x, g in
                     zip(sum(norm(self.weights, "mixer_norm", o), []), row)]
                    for o, row in zip(out, z)]
        assert wide * self.model.value_heads == len(flat[0])
        return multiply(flat, self.weights.matrix("o_proj"))
