"""All three styles of a program: the same FLOPs, transcendentals and floor, no
unmodelled op, and (with --run) the same results on the same random inputs.

usage: check_styles.py [--run] FLAGS...   (of memwall-gen, as one argument each
                                           program; tools on PATH)
"""

import json
import os
import subprocess
import sys
import tempfile

STYLES = ["named", "generic", "torch-like"]


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True)


def keep_used(flags):
    """Without the length of the other phases, which memwall-gen rejects."""
    is_cached = "--phase=decode" in flags or "--phase=verify" in flags
    unused = ["--seq="] if is_cached else ["--context="]
    if "--contexts=" in flags:
        unused.append("--context=")
    return [flag for flag in flags.split()
            if not flag.startswith(tuple(unused))]


def generate(flags, style, folder):
    path = os.path.join(folder, style + ".mlir")
    done = run("memwall-gen", *keep_used(flags), f"--style={style}", "-o", path)
    if done.returncode:
        sys.exit(f"{flags}: {done.stdout}")
    return path


def measure(path, flags):
    """What must not depend on the style."""
    done = run("memwall-opt", path,
               "--memwall-report=targets=ddr5-2ch accuracy=fast format=json output=" +
               path + ".json")
    if done.returncode:
        sys.exit(f"{flags}: {done.stdout}")
    functions = json.load(open(path + ".json"))["functions"]
    if len(functions) != 1:
        sys.exit(f"{flags}: expected one entry, found {len(functions)}")
    entry = functions[0]
    if entry["unmodelled"]:
        sys.exit(f"{flags}: unmodelled {entry['unmodelled'][:3]}")
    return {key: entry[key] for key in
            ["flops", "transcendentals", "floor"]}


def check(flags, is_run):
    with tempfile.TemporaryDirectory() as folder:
        paths = [generate(flags, style, folder) for style in STYLES]
        figures = [measure(path, flags) for path in paths]
        for style, other in zip(STYLES[1:], figures[1:]):
            if other != figures[0]:
                sys.exit(f"{flags}: named {figures[0]}\n{style} {other}")
        for path in paths[1:] if is_run else []:
            done = run("memwall-run", paths[0], "--compare=" + path, "--time=0")
            if done.returncode:
                sys.exit(f"{flags}: {path}\n{done.stdout[-400:]}")
    print("same:", flags, f"{figures[0]['flops']} FLOP")


def main(arguments):
    is_run = arguments[:1] == ["--run"]
    for flags in arguments[is_run:]:
        check(flags, is_run)


if __name__ == "__main__":
    main(sys.argv[1:])
