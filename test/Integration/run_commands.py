"""Runs the commands of Markdown files as they stand there; all have to succeed.

    run_commands.py FOLDER FILE...

Commands are the lines of blocks of language sh that begin with no "$ ". Those of
one file run in one shell, in an empty folder below FOLDER that has the programs
`layer.mlir` and `f.mlir` which documents speak of. Tools have to be on PATH, and
MEMWALL_PLUGIN has to be set; "export PATH" is for readers and left out."""

import os
import pathlib
import re
import subprocess
import sys

BLOCK = re.compile(r"^```sh\n(?!\$ )(.*?)^```", re.M | re.S)
GENERATE = ["memwall-gen", "--model=gpt2", "--phase=decode", "--batch=1",
            "--context=16"]

count = 0
for name in sys.argv[2:]:
    folder = pathlib.Path(sys.argv[1], pathlib.Path(name).stem)
    folder.mkdir(parents=True)
    program = subprocess.run(GENERATE, stdout=subprocess.PIPE, check=True)
    for copy in ["layer.mlir", "f.mlir"]:
        (folder / copy).write_bytes(program.stdout)
    blocks = BLOCK.findall(pathlib.Path(name).read_text(encoding="utf-8"))
    lines = [line for block in blocks for line in block.splitlines()
             if not line.startswith("export PATH=")]
    count += len(lines)
    done = subprocess.run(["bash", "-exo", "pipefail", "-c", "\n".join(lines)],
                          cwd=folder, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{name}: exit status {done.returncode}\n{done.stderr}")
if count == 0:
    sys.exit("no commands found")
print(f"{count} lines ran")
