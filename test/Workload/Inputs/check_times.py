"""Holds the time at bound of generated kernels to measured times."""

import json
import subprocess

# Microseconds: (tokens, kernel) on A100 80GB and H100.
MEASURED = {
    (1, "qkv projection"): (65, 38),
    (1, "o projection"): (25, 16),
    (2048, "qkv projection"): (980, 280),
    (2048, "o projection"): (301, 94),
}
STEPS = {"qkv projection": ["q_proj", "k_proj", "v_proj"],
         "o projection": ["o_proj"]}
TARGETS = ["a100-sxm", "h100-sxm"]


def report_steps(tokens):
    """Seconds at the bound by step and target."""
    phase = "--phase=decode" if tokens == 1 else f"--seq={tokens}"
    layer = subprocess.run(
        ["memwall-gen", "--model=llama2-7b", phase, "--types=f16", "--steps"],
        capture_output=True, check=True).stdout
    report = subprocess.run(
        ["memwall-opt",
         f"--memwall-report=targets={','.join(TARGETS)} accuracy=fast format=json"],
        input=layer, capture_output=True, check=True).stdout
    return {function["name"]: [target["seconds"]["at_bound"]
                               for target in function["targets"]]
            for function in json.loads(report)["functions"]}


def main():
    reports = {tokens: report_steps(tokens) for tokens in (1, 2048)}
    for (tokens, kernel), measured in MEASURED.items():
        for index, target in enumerate(TARGETS):
            bound = 1e6 * sum(reports[tokens][step][index]
                              for step in STEPS[kernel])
            share = bound / measured[index]
            verdict = "ok" if 0.6 <= share <= 1 else "wrong"
            print(f"{verdict}: {tokens} {kernel} on {target}: {bound:.1f} of "
                  f"{measured[index]} us, {share:.2f}")


main()
