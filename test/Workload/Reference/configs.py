"""Whole models from a config.json against the reference: small ones of each
architecture, a prompt and the token after it, with all caches and states.

usage: configs.py [--style=STYLE] [NAME...]
"""

import json
import math
import os
import sys
import tempfile

from program import distance, narrow
from reference import Model, Weights, angles, cap, multiply, norm
from forward import check_caches, fill_caches, report
from models import WORDS, embed, prepare

CONTEXT = 9
BASE = {"hidden_size": 24, "num_attention_heads": 4, "num_key_value_heads": 2,
        "head_dim": 6, "intermediate_size": 20, "vocab_size": WORDS,
        "torch_dtype": "float32", "rms_norm_eps": 1e-5}


class Case:
    """A configuration, and what the reference makes of its layers."""

    def __init__(self, config, layers, head="lm_head", scale=1.0, limit=0,
                 local_theta=10000, logits=1.0, drops=()):
        self.config = {**BASE, **config}
        if not {"n_layer", "n_layers"} & config.keys():
            self.config["num_hidden_layers"] = len(layers)
        self.layers = [{"heads": 4, **layer} for layer in layers]
        self.head, self.scale, self.limit = head, scale, limit
        self.local_theta = local_theta
        self.logits = logits
        # Keys of BASE that the class has other names for.
        for key in drops:
            self.config.pop(key)


GEMMA = dict(activation="geglu", placement="both")
GPT_OSS = dict(activation="clamped-swiglu", top_k=2)
LLAMA4 = dict(qk_norm="plain", router="sigmoid-of-input", top_k=1)
NEXT = dict(qk_norm="weighted", top_k=2)
COHERE = dict(placement="parallel", centred=True)
STATE = dict(mixer="delta", key_heads=2, value_heads=4)
CASES = {
    "llama": Case({"model_type": "llama"}, [{}, {}]),
    "qwen2": Case({"model_type": "qwen2", "tie_word_embeddings": True},
                  [{}, {}], head="embedding"),
    "gemma2": Case(
        {"model_type": "gemma2", "attn_logit_softcapping": 1.5,
         "final_logit_softcapping": 2.0, "query_pre_attn_scalar": 9,
         "hidden_activation": "gelu_pytorch_tanh", "sliding_window": 4},
        [dict(GEMMA, attention_cap=1.5, query_scalar=9, window=4),
         dict(GEMMA, attention_cap=1.5, query_scalar=9)],
        head="embedding", scale=math.sqrt(24), limit=2.0),
    "gemma3": Case(
        {"model_type": "gemma3_text", "query_pre_attn_scalar": 6,
         "sliding_window": 4, "sliding_window_pattern": 3},
        [dict(GEMMA, qk_norm="weighted", window=4, theta=100)] * 2 +
        [dict(GEMMA, qk_norm="weighted")],
        head="embedding", scale=math.sqrt(24), local_theta=100),
    "gpt_oss": Case(
        {"model_type": "gpt_oss", "attention_bias": True, "sliding_window": 4,
         "num_local_experts": 5, "num_experts_per_tok": 2,
         "layer_types": ["sliding_attention", "full_attention"]},
        [dict(GPT_OSS, window=4), GPT_OSS]),
    "llama4": Case(
        {"model_type": "llama4_text", "intermediate_size_mlp": 16,
         "num_local_experts": 3, "num_experts_per_tok": 1,
         "interleave_moe_layer_step": 2, "attention_chunk_size": 4,
         "no_rope_layer_interval": 2},
        [dict(LLAMA4, window=4), dict(LLAMA4, rotary=False)]),
    "qwen3_next": Case(
        {"model_type": "qwen3_next", "num_experts": 4,
         "num_experts_per_tok": 2, "moe_intermediate_size": 8,
         "shared_expert_intermediate_size": 8, "linear_num_key_heads": 2,
         "linear_num_value_heads": 4, "linear_key_head_dim": 5,
         "linear_value_head_dim": 6, "linear_conv_kernel_dim": 4,
         "full_attention_interval": 2, "head_dim": 8,
         "partial_rotary_factor": 0.5},
        [dict(NEXT, **STATE), dict(NEXT, rotary_dim=4)]),
    "mamba2": Case(
        {"model_type": "mamba2", "expand": 2, "n_groups": 2, "head_dim": 12,
         "state_size": 5, "conv_kernel": 3},
        [dict(mixer="scan", key_heads=2, value_heads=4)] * 2,
        drops=("num_attention_heads", "num_key_value_heads",
               "intermediate_size")),
    "cohere2": Case(
        {"model_type": "cohere2", "logit_scale": 0.25, "sliding_window": 4,
         "sliding_window_pattern": 2},
        [dict(COHERE, window=4), dict(COHERE, rotary=False)],
        head="embedding", logits=0.25),
    "granite": Case(
        {"model_type": "granite", "embedding_multiplier": 3.0,
         "residual_multiplier": 0.5, "attention_multiplier": 0.25,
         "logits_scaling": 4.0},
        [dict(residual=0.5, query_scalar=16)] * 2, scale=3.0, logits=0.25),
    "minicpm": Case(
        {"model_type": "minicpm", "scale_emb": 2, "scale_depth": 0.7,
         "dim_model_base": 12},
        [dict(residual=0.7 / math.sqrt(2))] * 2, head="embedding", scale=2.0,
        logits=0.5),
    "glm4": Case(
        {"model_type": "glm4", "attention_bias": True, "head_dim": 8},
        [dict(placement="both", rotary_dim=4)] * 2),
    "glm4_moe": Case(
        {"model_type": "glm4_moe", "attention_bias": True, "head_dim": 8,
         "use_qk_norm": True, "n_routed_experts": 4, "num_experts_per_tok": 2,
         "moe_intermediate_size": 8},
        [dict(qk_norm="weighted", rotary_dim=4, top_k=2)] * 2),
    "phimoe": Case(
        {"model_type": "phimoe", "attention_bias": True, "lm_head_bias": True,
         "num_local_experts": 4, "num_experts_per_tok": 2},
        [dict(router="softmax", top_k=2)] * 2),
    "olmo3": Case(
        {"model_type": "olmo3", "sliding_window": 4,
         "layer_types": ["sliding_attention", "full_attention"]},
        [dict(placement="after", qk_norm="all-heads", window=4),
         dict(placement="after", qk_norm="all-heads")]),
    "olmoe": Case(
        {"model_type": "olmoe", "num_experts": 4, "num_experts_per_tok": 2},
        [dict(qk_norm="all-heads", router="softmax", top_k=2)] * 2),
    "smollm3": Case({"model_type": "smollm3", "no_rope_layer_interval": 2},
                    [{}, dict(rotary=False)], head="embedding"),
    "exaone4": Case(
        {"model_type": "exaone4", "sliding_window": 4,
         "sliding_window_pattern": "LG"},
        [dict(placement="after", qk_norm="weighted", window=4),
         dict(placement="after", qk_norm="weighted", rotary=False)]),
    "nemotron": Case({"model_type": "nemotron", "head_dim": 8},
                     [dict(activation="relu2", rotary_dim=4)] * 2),
    "gpt_neox": Case(
        {"model_type": "gpt_neox", "rotary_pct": 0.5, "hidden_act": "gelu",
         "hidden_size": 32},
        [dict(placement="parallel-two", activation="gelu", rotary_dim=4)] * 2,
        drops=("num_key_value_heads", "head_dim")),
    "phi": Case(
        {"model_type": "phi", "hidden_act": "gelu_new", "hidden_size": 32},
        [dict(placement="parallel", activation="gelu-tanh", rotary_dim=4)] * 2,
        drops=("head_dim",)),
    "bloom": Case(
        {"model_type": "bloom", "n_layer": 2, "n_head": 4},
        [dict(rotary=False, activation="gelu-tanh")] * 2, head="embedding",
        drops=("num_attention_heads", "num_key_value_heads", "head_dim",
               "intermediate_size")),
    "mpt": Case(
        {"model_type": "mpt", "d_model": 24, "n_layers": 2, "n_heads": 4,
         "attn_config": {"alibi": True}},
        [dict(rotary=False, activation="gelu", centred=True)] * 2,
        head="embedding",
        drops=("hidden_size", "num_attention_heads", "num_key_value_heads",
               "head_dim", "intermediate_size")),
    "mamba": Case(
        {"model_type": "mamba", "state_size": 5, "conv_kernel": 3,
         "time_step_rank": 3, "intermediate_size": 32},
        [dict(mixer="selective")] * 2, head="embedding",
        drops=("num_attention_heads", "num_key_value_heads", "head_dim")),
    "jamba": Case(
        {"model_type": "jamba", "attn_layer_period": 2, "attn_layer_offset": 1,
         "num_experts": 4, "mamba_d_state": 5, "mamba_dt_rank": "auto"},
        [dict(mixer="selective"),
         dict(rotary=False, router="softmax", top_k=2)]),
    "bamba": Case(
        {"model_type": "bamba", "attn_layer_indices": [1], "mamba_n_heads": 4,
         "mamba_d_head": 12, "mamba_n_groups": 2, "mamba_d_state": 5,
         "head_dim": 8},
        [dict(mixer="scan", key_heads=2, value_heads=4), dict(rotary_dim=4)]),
    "granitemoehybrid": Case(
        {"model_type": "granitemoehybrid", "layer_types": ["mamba", "attention"],
         "mamba_n_heads": 4, "mamba_d_head": "auto", "mamba_d_state": 5,
         "num_local_experts": 4, "num_experts_per_tok": 2,
         "shared_intermediate_size": 20, "residual_multiplier": 0.5},
        [dict(mixer="scan", key_heads=1, value_heads=4, residual=0.5, top_k=2),
         dict(rotary=False, query_scalar=1, residual=0.5, top_k=2)]),
    "falcon_h1": Case(
        {"model_type": "falcon_h1", "mamba_d_ssm": 32, "mamba_n_heads": 4,
         "mamba_n_groups": 2, "mamba_d_state": 5, "mamba_rms_norm": False,
         "mamba_norm_before_gate": False, "embedding_multiplier": 2.0,
         "lm_head_multiplier": 0.5},
        [dict(mixer="attention-scan", key_heads=2, value_heads=4,
              norm_groups=0)] * 2, scale=2.0, logits=0.5),
    "nemotron_h": Case(
        {"model_type": "nemotron_h", "hybrid_override_pattern": "M-*",
         "mamba_num_heads": 4, "mamba_head_dim": 6, "n_groups": 2,
         "ssm_state_size": 5},
        [dict(mixer="scan", key_heads=2, value_heads=4, norm_groups=2),
         dict(activation="relu2"), dict(rotary=False)]),
}


def set_angles(program, values, positions, theta, name):
    port = program.argument(f"rope_{name}cos")
    if not port:
        return
    turns = [a for p in positions
             for a in angles(p, 2 * port.shape[-1], theta)]
    values[f"rope_{name}cos"] = [narrow(math.cos(a)) for a in turns]
    values[f"rope_{name}sin"] = [narrow(math.sin(a)) for a in turns]


def set_all_angles(case, program, values, positions):
    set_angles(program, values, positions, 10000, "")
    set_angles(program, values, positions, case.local_theta, "local_")


def run_reference(case, top, tokens):
    """Logits of the last token, and what the caches hold."""
    rows = [[case.scale * x for x in row] for row in embed(top, tokens)]
    if top.find("embedding_norm.weight"):
        rows = norm(top, "embedding_norm", rows)
    slopes, caches = top.vector("slopes"), {}
    bias = slopes and (lambda h, t, s: slopes[h] * (s - t))
    for index, layer in enumerate(case.layers):
        prefix = f"layers.{index}."
        rows, made = Model(**layer).layer(top.under(prefix), rows, bias)
        caches.update({prefix + k: v for k, v in made.items()})
    last = norm(top, "final_norm", rows[-1:],
                case.layers[0].get("centred", False))
    logits = multiply(last, top.matrix(case.head), top.vector("lm_head.bias"))[0]
    return [cap(x * case.logits, case.limit) for x in logits], caches


def check(name, style, path):
    case = CASES[name]
    base = f"--config={path} --types=f32 --layers=all --style={style}"
    # 1. A prompt.
    program, values, source = prepare(f"{base} --seq={CONTEXT - 1}", name)
    set_all_angles(case, program, values, range(CONTEXT - 1))
    top = Weights(program, values)
    expected, caches = run_reference(case, top, values["tokens"])
    outputs = program.run(values)
    error = max(distance(outputs["logits"].data, expected),
                check_caches(program, outputs, {
                    k: v for k, v in caches.items() if "state" in k
                }, 0, 0, CONTEXT - 1))
    report(f"{name} prefill {style}", error)
    # 2. The token after it.
    step, given, _ = prepare(f"{base} --phase=decode --context={CONTEXT}", name)
    given.update({k: v for k, v in values.items() if step.argument(k)})
    token = source.randrange(WORDS)
    given["tokens"] = [token]
    set_all_angles(case, step, given, [CONTEXT - 1])
    expected, caches = run_reference(case, top, values["tokens"] + [token])
    fill_caches(step, given, caches, 0, CONTEXT - 1)
    outputs = step.run(given)
    error = max(distance(outputs["logits"].data, expected),
                check_caches(step, outputs, caches, 0, CONTEXT - 1, CONTEXT))
    report(f"{name} decode {style}", error)


def main(arguments):
    styles, names = ["named", "generic", "torch-like"], []
    for argument in arguments:
        if argument.startswith("--style="):
            styles = argument[8:].split(",")
        else:
            names.append(argument)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "config.json")
        for name in names or CASES:
            with open(path, "w", encoding="utf-8") as file:
                json.dump(CASES[name].config, file)
            for style in styles:
                check(name, style, path)


if __name__ == "__main__":
    main(sys.argv[1:])
