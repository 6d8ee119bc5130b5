"""Reports on whole models of all presets in all phases they have, with two layers
of each kind: one entry and nothing unmodelled.

usage: check_presets.py    (memwall-gen and memwall-opt on PATH)
"""

import json
import subprocess

PHASES = ["prefill", "decode", "verify", "train"]


def run(*command, text=None):
    return subprocess.run(command, input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True)


def main():
    lines = run("memwall-gen", "--list-models").stdout.splitlines()[1:]
    modules = 0
    for model in (line.split()[0] for line in lines):
        for phase in PHASES:
            ir = run("memwall-gen", f"--model={model}", f"--phase={phase}",
                     "--layers=all", "--num-layers=2", "--encoder-layers=2",
                     "--dense-layers=1", "--seq=300", "--context=64",
                     "--encoder-seq=32")
            if ir.returncode:
                # Encoders do not decode.
                if "which has no cache" not in ir.stderr:
                    print("unmodelled:", model, phase, ir.stderr)
                continue
            report = json.loads(run(
                "memwall-opt", "--memwall-report=targets=ddr5-2ch "
                "accuracy=fast format=json",
                text=ir.stdout).stdout)
            functions = report["functions"]
            modules += 1
            if len(functions) != 1 or functions[0]["unmodelled"]:
                print("unmodelled:", model, phase,
                      [f["unmodelled"][:3] for f in functions])
    print(len(lines), "models,", modules, "modules")


if __name__ == "__main__":
    main()
