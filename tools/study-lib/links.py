"""What several devices send one another, and the time that it takes.

Bytes that one device sends (and receives) in a step, of one call of the whole
model. T tokens are computed in all, n devices, w bytes of an activation:

tensor    Every device has a slice of every weight (`memwall-gen
          --tensor-parallel=n`, which says the bytes: docs/Workload.md). A ring
          all-reduce of the output and of the down projection, each
          2 (n - 1) / n * T * hidden * w, and the slices of the logits.
expert    Every device has T / n tokens and 1 / n of the experts. A token goes
          to k experts; these are on (n - 1) (1 - (1 - 1 / n)^k) other devices
          when routing is uniform, and the results come back:
          2 * T / n * that * hidden * w in every layer with experts.
context   Every device has all weights and 1 / n of the cached tokens. The parts
          of the attention are put together from the outputs, the largest score
          and the sum of each head, in f32: an all-reduce,
          2 (n - 1) / n * T * heads * (head size + 2) * 4 in every layer.

The time on the link is the bytes over the rate of the device's link in one
direction; a link is not used between more devices than it joins. With overlap a
step takes the longer one of device and link, without it both. Latencies,
switches that add on the way, and congestion are left out: the time is at least
this.
"""

import json
import os
import re
import subprocess

# Of the presets in lib/Workload: layers, hidden, heads, head size.
SHAPES = {
    "llama2-7b": (32, 4096, 32, 128),
    "llama2-70b": (80, 8192, 64, 128),
    "llama3-8b": (32, 4096, 32, 128),
    "llama3-70b": (80, 8192, 64, 128),
    "llama3-405b": (126, 16384, 128, 128),
    "mixtral-8x7b": (32, 4096, 32, 128),
}
# Layers with experts, experts of each, and how many a token is sent to.
# Mixtral's are the defaults of its configuration:
# https://github.com/huggingface/transformers/blob/main/src/transformers/models/mixtral/configuration_mixtral.py
EXPERTS = {"mixtral-8x7b": (32, 8, 2)}


class Link:
    """A link of a target: bytes per second in one direction, and devices."""

    def __init__(self, name, rate, devices):
        self.name = name
        self.rate = rate
        self.devices = devices

    def joins(self, count):
        return self.devices is None or count <= self.devices


def read_link(bin_folder, target):
    """The first link of a target, or None when it says nothing of one."""
    printed = subprocess.run(
        [os.path.join(bin_folder, "memwall-opt"),
         f"--memwall-print-target={target}"],
        capture_output=True, text=True, check=True).stdout
    links = printed.partition('"links" = #dlti.map<')[2]
    name = re.search(r'"([\w-]+)" = #dlti\.map<', links)
    if not name:
        return None

    def find(key):
        found = re.search(rf'"{key}" = ([-+.e\d]+)', links)
        return float(found.group(1)) if found else None

    rate = (find("achievable_write_bytes_per_second") or
            find("peak_write_bytes_per_second"))
    devices = find("devices")
    return rate and Link(name.group(1), rate, devices and int(devices))


def tensor_bytes(bin_folder, flags):
    """What memwall-gen says of the function that these flags make."""
    made = subprocess.run(
        [os.path.join(bin_folder, "memwall-gen")] + flags.split(),
        capture_output=True, text=True, check=True).stdout
    stated = re.findall(r"func\.func.*memwall\.interconnect_bytes = (\d+)",
                        made)
    return sum(map(int, stated))


def expert_bytes(model, tokens, devices, width=2):
    layers, _, chosen = EXPERTS[model]
    hidden = SHAPES[model][1]
    others = (devices - 1) * (1 - (1 - 1 / devices) ** chosen)
    return 2 * tokens / devices * others * hidden * width * layers


def context_bytes(model, tokens, devices):
    layers, _, heads, size = SHAPES[model]
    share = 2 * (devices - 1) / devices
    return share * tokens * heads * (size + 2) * 4 * layers


def flags_of_slice(model, phase, devices, batch, context):
    """The program of one device; None where it does not divide."""
    base = f"--model={model} --phase=decode --layers=all"
    if phase == "tensor":
        return (f"{base} --batch={batch} --context={context} "
                f"--tensor-parallel={devices}")
    if phase == "context":
        if context % devices:
            return None
        return f"{base} --batch={batch} --context={context // devices}"
    experts = EXPERTS.get(model, (0, 0, 0))[1]
    if not experts or experts % devices or batch % devices:
        return None
    # As many choices of expert as the device gets: B / n tokens with k each.
    return (f"{base} --batch={batch // devices} --context={context} "
            f"--experts={experts // devices}")


def step_seconds(device_seconds, sent_bytes, link):
    """(with overlap, without); None where the link is not known."""
    if not link:
        return None
    on_link = sent_bytes / link.rate
    return max(device_seconds, on_link), device_seconds + on_link
