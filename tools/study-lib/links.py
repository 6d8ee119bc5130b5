"""What several devices send one another, and the time that it takes.

Bytes that one device sends (and receives) in a step, of one call of the whole
model. T tokens are computed in all, n devices, w bytes of an activation:

tensor    Every device has a slice of every weight (`memwall-gen
          --tensor-parallel=n`, which says the bytes: docs/Workload.md). A ring
          all-reduce of the output and of the down projection, each
          2 (n - 1) / n * T * hidden * w, and the slices of the logits.
expert    Every device has T / n tokens and E / n of the E experts. A token goes
          to k different experts. When routing is uniform another device has
          none of them with the probability C(E - E / n, k) / C(E, k); a token
          goes once to each of the others, and one sum comes back from there:
          2 * T / n * (n - 1) (1 - that) * hidden * w in every layer with experts.
context   Every device has all weights and 1 / n of the cached tokens. The parts
          of the attention are put together from the outputs, the largest score
          and the sum of each head, in f32: an all-reduce,
          2 (n - 1) / n * T * heads * (value size + 2) * 4 in every layer that
          attends to more tokens than a device has. Smaller windows and states
          are whole on every device.

The time on the link is the bytes over the rate of the device's link in one
direction; a link is not used between more devices than it joins. With overlap a
step takes the longer one of device and link, without it both. Latencies,
switches that add on the way, and congestion are left out: the time is at least
this.
"""

import json
import math
import os
import re
import subprocess

# Bytes of an activation: bf16.
WIDTH = 2


class Shape:
    """The dimensions of a model, as memwall-gen describes them."""

    def __init__(self, bin_folder, model_flags):
        told = subprocess.run(
            [os.path.join(bin_folder, "memwall-gen"), *model_flags.split(),
             "--phase=decode", "--describe"], capture_output=True, text=True)
        if told.returncode:
            raise SystemExit(told.stderr.strip())
        self.__dict__.update(json.loads(told.stdout))

    @property
    def expert_layers(self):
        return sum(layer["experts"] for layer in self.layers)

    def count_cut(self, rows):
        """Layers that attend to more than so many tokens."""
        return sum(layer["attends"] and
                   (layer["window"] == 0 or layer["window"] > rows)
                   for layer in self.layers)


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
        capture_output=True, text=True)
    if printed.returncode:
        raise SystemExit(printed.stderr.strip())
    links = printed.stdout.partition('"links" = #dlti.map<')[2]
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
    """What memwall-gen says of the whole program: most of all its functions."""
    made = subprocess.run(
        [os.path.join(bin_folder, "memwall-gen")] + flags.split(),
        capture_output=True, text=True, check=True).stdout
    stated = re.findall(r"func\.func.*memwall\.interconnect_bytes = (\d+)",
                        made)
    return max(map(int, stated), default=0)


def expert_bytes(shape, tokens, devices):
    missed = (math.comb(shape.experts - shape.experts // devices, shape.top_k) /
              math.comb(shape.experts, shape.top_k))
    others = (devices - 1) * (1 - missed)
    return (2 * tokens / devices * others * shape.hidden * WIDTH *
            shape.expert_layers)


def context_bytes(shape, tokens, devices, context):
    share = 2 * (devices - 1) / devices
    return (share * tokens * shape.heads * (shape.value_dim + 2) * 4 *
            shape.count_cut(context // devices))


def count_hits(shape, tokens, devices):
    """Experts of one device that all tokens hit, as uniform routing does. Its
    own program has 1 / n of the tokens, each with k choices among them."""
    own = shape.experts // devices
    hit = round(own * (1 - (1 - shape.top_k / shape.experts) ** tokens))
    return min(max(hit, shape.top_k), own, tokens // devices * shape.top_k)


def flags_of_slice(shape, model_flags, cut, devices, batch, context):
    """The program of one device, or why there is none: (flags, reason)."""
    base = f"{model_flags} --phase=decode --layers=all"
    if cut == "tensor":
        return (f"{base} --batch={batch} --context={context} "
                f"--tensor-parallel={devices}", None)
    if cut == "context":
        if context % devices:
            return None, f"{devices} do not divide {context} tokens"
        if not shape.count_cut(context // devices):
            return None, "no layer attends to more tokens than a device has"
        return f"{base} --batch={batch} --context={context // devices}", None
    if shape.experts % devices or batch % devices:
        return None, (f"{devices} do not divide {shape.experts} experts and "
                      f"{batch} sequences")
    if shape.experts // devices < shape.top_k:
        return None, (f"a token has {shape.top_k} experts, a device "
                      f"{shape.experts // devices}")
    # As many choices of expert as the device gets: B / n tokens with k each.
    return (f"{base} --batch={batch // devices} --context={context} "
            f"--experts={shape.experts // devices} "
            f"--experts-hit={count_hits(shape, batch, devices)}", None)


def step_seconds(device_seconds, sent_bytes, link):
    """(with overlap, without); None where the link is not known."""
    if not link:
        return None
    on_link = sent_bytes / link.rate
    return max(device_seconds, on_link), device_seconds + on_link
