"""lit configuration of memwall's tests: IR, shell and Python tests."""

import importlib.util
import json
import os
import shutil
import subprocess

import lit.formats

config.name = "memwall"
config.test_format = lit.formats.ShTest(True)
config.suffixes = [".mlir", ".test"]
config.excludes = ["unit", "lib", "CMakeLists.txt", "Inputs"]
config.test_source_root = os.path.join(config.memwall_source_root, "test")
config.test_exec_root = os.path.join(config.memwall_build_root, "test")

# One test may not hold up the rest: ten minutes at most.
# lit needs the Python module psutil for that; without it there is no limit.
if importlib.util.find_spec("psutil"):
    lit_config.maxIndividualTestTime = 600

# Every tool is called by its plain name.
tool_dirs = [
    os.path.join(config.memwall_build_root, "bin"),
    config.llvm_tools_dir,
    os.path.join(config.memwall_source_root, "tools"),
]
config.environment["PATH"] = os.pathsep.join(
    tool_dirs + [config.environment.get("PATH", "")]
)
# The asan preset has the options that sanitizers need beside Debian's libraries.
with open(os.path.join(config.memwall_source_root, "CMakePresets.json")) as file:
    for preset in json.load(file)["configurePresets"]:
        config.environment.update(preset.get("environment", {}))

config.substitutions += [
    ("%memwall_src_root", config.memwall_source_root),
    ("%memwall_build_root", config.memwall_build_root),
    ("%llvm_libs_dir", config.llvm_library_dir),
    ("%mlir-opt", os.path.join(config.llvm_tools_dir, "mlir-opt")),
    ("%mlir-translate", os.path.join(config.llvm_tools_dir, "mlir-translate")),
    ("%cc", config.memwall_cc),
    ("%cxx", config.memwall_cxx),
    ("%python", "python3"),
]

# Real models from other people's front ends stand beside some checkouts.
# Tests that read them say REQUIRES: shared-inputs, and skip elsewhere.
shared = os.path.join(os.path.dirname(config.memwall_source_root), "shared")
if os.path.isdir(os.path.join(shared, "inputs")):
    config.available_features.add("shared-inputs")
if os.path.isdir(os.path.join(shared, "reference")):
    config.available_features.add("shared-reference")
config.substitutions.append(("%shared", shared))

# Nothing that was built with sanitizers goes into a program without them.
if "-fsanitize" in config.memwall_cxx_flags:
    config.available_features.add("asan")

plugin = os.path.join(config.memwall_build_root, "lib", "MemWallPlugin.so")
if os.path.exists(plugin):
    config.available_features.add("plugin")
config.substitutions.append(("%plugin", plugin))

# Debian's python3-jsonschema; without it JSON is not held to its schema.
if importlib.util.find_spec("jsonschema"):
    config.available_features.add("jsonschema")

# Pages of reports are driven in Debian's chromium, by Debian's python3-websocket,
# which only Debian's own python3 finds. They are written where d3 was there
# when memwall was configured.
for python in ["python3", "/usr/bin/python3"]:
    if shutil.which("chromium") and shutil.which(python) and not subprocess.call(
            [python, "-c", "import websocket"], stderr=subprocess.DEVNULL):
        config.available_features.add("browser")
        config.substitutions.append(("%browser-python", python))
        break
# On demand, `lit --param large=1`: tests that take minutes.
if lit_config.params.get("large"):
    config.available_features.add("large")
if config.memwall_d3 and not config.memwall_d3.endswith("-NOTFOUND"):
    config.available_features.add("page")

# Containers may have no terminals to open.
try:
    for descriptor in os.openpty():
        os.close(descriptor)
    config.available_features.add("terminal")
except OSError:
    pass

# Programs that not every build or machine has.
for tool in [
    "memwall-gen",
    "memwall-run",
    "memwall-bench",
    "memwall-bench-kernels",
    "memwall-calibrate",
    "valgrind",
    "clang-format-22",
]:
    if shutil.which(tool, path=config.environment["PATH"]):
        config.available_features.add(tool)
