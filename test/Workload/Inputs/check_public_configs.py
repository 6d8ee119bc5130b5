"""Configurations as they are published, and small changes of them that mean
another model: right, or one message that names the key.

usage: check_public_configs.py PUBLIC.jsonl    (memwall-gen on PATH)

Each line of the file has an address, the configuration, and its parameters or the
error; `note` is part of the warning.
"""

import json
import os
import subprocess
import sys
import tempfile

from count_parameters import ENTRY_FLAGS, count_weights

# From the configuration that `base` is part of the address of: keys of another
# value (null: taken away), and the error, or what the module has.
CHANGES = [
    # A factor among the angles, as transformers 5 writes it.
    ("Phi-4-mini", {"partial_rotary_factor": None,
                    "rope_parameters": {"rope_theta": 1e4, "partial_rotary_factor": 0.75}},
     "tensor<512x48xbf16> {memwall.name = \"rope_cos\""),
    ("Phi-4-mini", {"partial_rotary_factor": 1.5},
     "expected a number from 0 to 1 for the key 'partial_rotary_factor', found 1.5"),
    ("Phi-4-mini", {"lm_head_bias": True},
     "expected false for the key 'lm_head_bias', found true"),
    ("Phi-4-mini", {"tie_word_embeddings": False}, "\"lm_head.weight\""),
    ("TinyLlama", {"attention_bias": True}, "\"layers.21.o_proj.bias\""),
    ("TinyLlama", {"mlp_bias": True},
     "expected false for the key 'mlp_bias', found true"),
    ("TinyLlama", {"num_key_value_heads": None},
     "tensor<1x32x512x64xbf16> {memwall.name = \"layers.0.k_cache\""),
    ("TinyLlama", {"head_dim": 128},
     "tensor<4096x2048xbf16> {memwall.name = \"layers.0.q_proj.weight\""),
    # The class of Llama has no window, whatever the file says.
    ("TinyLlama", {"sliding_window": 4096},
     "the key 'sliding_window' is not known for model_type 'llama'"),
    ("TinyLlama", {"hidden_act": "gelu"},
     "expected silu or gelu_pytorch_tanh for the key 'hidden_act', found 'gelu'"),
    ("TinyLlama", {"num_hidden_layers": 5000},
     "expected 1 to 1024 for the key 'num_hidden_layers', found 5000"),
    ("TinyLlama", {"hidden_size": 1 << 40}, "expected an integer of at most 2^31 for "
     "the key 'hidden_size', found 1099511627776"),
    ("TinyLlama", {"use_bidirectional_attention": True}, "expected false for the key "
     "'use_bidirectional_attention', found true"),
    # Without a number of its own the class takes 8.
    ("codestral", {"num_key_value_heads": None},
     "tensor<1x8x512x128xbf16> {memwall.name = \"layers.0.k_cache\""),
    ("codestral", {"sliding_window": 64, "layer_types":
                   ["sliding_attention", "full_attention"] * 28}, "@decoder_layer_window"),
    ("gemma-2-27b", {"attn_logit_softcapping": None, "final_logit_softcapping": None},
     "math.tanh"),
    ("Hermes", {"use_sliding_window": True},
     "expected false for the key 'use_sliding_window', found true"),
    ("Hermes", {"mlp_only_layers": [0, 1]},
     "expected an empty list for the key 'mlp_only_layers', found [0,1]"),
    ("Hermes", {"shared_expert_intermediate_size": 5000}, "expected a multiple of "
     "moe_intermediate_size for the key 'shared_expert_intermediate_size', found 5000"),
    ("dormant", {"first_k_dense_replace": 2}, "\"layers.2.experts.gate_proj.weight\""),
    ("llama-4-8E", {"text_config.no_rope_layers": [1, 1, 0, 1]}, "expected 0 for layers "
     "that attend to all for the key 'no_rope_layers', found 0 for layer 2"),
    ("llama-4-8E", {"text_config.moe_layers": [0, 1]}, "expected every "
     "interleave_moe_layer_step-th layer for the key 'moe_layers', found another list"),
    ("bert-base", {"position_embedding_type": "relative_key"}, "expected 'absolute' for "
     "the key 'position_embedding_type', found \"relative_key\""),
    ("bert-base", {"is_decoder": True},
     "expected false for the key 'is_decoder', found true"),
    ("bert-base", {"pruned_heads": {"1": [0]}},
     "expected an empty list for the key 'pruned_heads', found {\"1\":[0]}"),
    ("gpt2-xl", {"scale_attn_by_inverse_layer_idx": True}, "expected false for the key "
     "'scale_attn_by_inverse_layer_idx', found true"),
    ("opt-125m", {"word_embed_proj_dim": 512},
     "expected the hidden size for the key 'word_embed_proj_dim', found 512"),
    ("falcon-7b", {"new_decoder_architecture": True},
     "expected false for the key 'new_decoder_architecture', found true"),
    ("stablelm-2", {"use_parallel_residual": True},
     "expected false for the key 'use_parallel_residual', found true"),
    # The first 70 of 80 layers attend to all.
    ("Qwen2.5-72B", {"use_sliding_window": True, "sliding_window": 64},
     "@decoder_layer_window"),
    ("mouse-20b", {"swiglu_limit": 5.0},
     "expected 7 for the key 'swiglu_limit', found another"),
    # Other patterns are other modules: the last layer of EXAONE attends to all.
    ("EXAONE-4.0-32B", {"sliding_window_pattern": "LLGL"}, "@decoder_layer_unturned"),
    ("EXAONE-4.0-32B", {"sliding_window_pattern": "LLX"},
     "expected L and G for the key 'sliding_window_pattern', found 'LLX'"),
    ("granite-4.0-h-small", {"layer_types": ["mamba", "moe"]},
     "expected mamba or attention for the key 'layer_types', found 'moe'"),
    ("granite-4.0-h-small", {"position_embedding_type": "alibi"},
     "expected rope or nope for the key 'position_embedding_type', found 'alibi'"),
    ("granite-4.0-h-small", {"mamba_d_head": 32}, "expected mamba_n_heads times it to "
     "be 8192 for the key 'mamba_d_head', found 32"),
    ("Nemotron-H-8B", {"hybrid_override_pattern": "M-*"}, "expected as many letters as "
     "layers, 52, for the key 'hybrid_override_pattern', found 3"),
    ("Nemotron-H-8B", {"use_bias": True},
     "expected false for the key 'use_bias', found true"),
    ("Jamba-v0.1", {"expert_layer_offset": 0}, "expected expert_layer_period - 1 for "
     "the key 'expert_layer_offset', found 0"),
    ("Falcon-H1-7B", {"mamba_rms_norm": True}, "\"layers.43.scan_mixer_norm.weight\""),
    ("OLMoE-1B-7B", {"clip_qkv": 8.0},
     "expected null for the key 'clip_qkv', found a number"),
    ("pythia-6.9b", {"use_parallel_residual": False}, "\"ffn_residual\""),
    ("GLM-4.5-Air", {"use_qk_norm": True}, "\"layers.45.q_norm.weight\""),
    ("SmolLM3-3B", {"no_rope_layers": [1, 0]}, "expected as many entries as layers, 36, "
     "for the key 'no_rope_layers', found 2"),
]


def run(config, folder, *flags):
    path = os.path.join(folder, "config.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)
    return subprocess.run(["memwall-gen", "--config=" + path, *flags],
                          capture_output=True, text=True)


def change(config, keys):
    """A key may be one of a part: text_config.hidden_size."""
    config = json.loads(json.dumps(config))
    for key, value in keys.items():
        *parts, last = key.split(".")
        owner = config
        for part in parts:
            owner = owner[part]
        owner[last] = value
        if value is None:
            del owner[last]
    return config


def is_one_error(made, message):
    return (made.returncode == 1 and not made.stdout
            and made.stderr.count("\n") == 1 and message in made.stderr)


def check_published(case, folder):
    made = run(case["config"], folder, *ENTRY_FLAGS)
    if "error" in case:
        return is_one_error(made, case["error"])
    if made.returncode or case.get("note", "") not in made.stderr:
        return False
    if "note" not in case and made.stderr:
        return False
    # A count of two digits is as near as it can be.
    error = count_weights(made.stdout) / case["parameters"] - 1
    return abs(error) < 0.01


def check_change(config, expected, folder):
    made = run(config, folder, *ENTRY_FLAGS)
    if made.returncode:
        return is_one_error(made, expected)
    return expected in made.stdout


def main(path):
    with open(path, encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            verdict = "ok" if check_published(case, folder) else "WRONG"
            print(f"{verdict}: {case['address']}")
        for base, keys, expected in CHANGES:
            config = change(next(c["config"] for c in cases if base in c["address"]),
                            keys)
            verdict = "ok" if check_change(config, expected, folder) else "WRONG"
            print(f"{verdict}: {base} {keys}")


if __name__ == "__main__":
    main(sys.argv[1])
