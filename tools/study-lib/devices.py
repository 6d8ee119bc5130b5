"""How many of which device: the time of a decoding step on 1, 2, 4, ... devices.

Every way of cutting the model (links.py) that divides; the program of one device
from memwall-gen, its time at the bound from memwall-opt, the link from the
target.
"""

import argparse
import sys

import links
from lab import Lab

CUTS = ["tensor", "expert", "context"]


def bytes_sent(lab, cut, model, flags, devices, batch):
    if devices == 1:
        return 0
    if cut == "tensor":
        return links.tensor_bytes(lab.bin, flags)
    if cut == "expert":
        return links.expert_bytes(model, batch, devices)
    return links.context_bytes(model, batch, devices)


def seconds_text(seconds):
    return "-" if seconds is None else f"{seconds * 1e3:.3g}"


def row(lab, link, target, model, cut, devices, batch, context):
    """The figures of one number of devices, or None where it does not divide."""
    flags = links.flags_of_slice(model, cut, devices, batch, context)
    if flags is None:
        return None
    function = lab.get(flags, [target])
    device = function.seconds(target)
    sent = bytes_sent(lab, cut, model, flags, devices, batch)
    usable = link if link and link.joins(devices) else None
    times = ((device, device) if devices == 1
             else links.step_seconds(device, sent, usable))
    return {"cut": cut, "devices": devices, "fits": function.devices(target) == 1,
            "device": device, "sent": sent,
            "link": sent / usable.rate if usable else None,
            "overlap": times and times[0], "serial": times and times[1],
            "rate": times and batch / times[1]}


def find_rows(lab, options):
    link = links.read_link(lab.bin, options.target)
    for cut in CUTS:
        if cut == "expert" and options.model not in links.EXPERTS:
            continue
        devices = 1
        while devices <= options.most:
            found = row(lab, link, options.target, options.model, cut, devices,
                        options.batch, options.context)
            if found and (devices > 1 or cut == CUTS[0]):
                yield found
            devices *= 2


def print_table(rows):
    print("| cut | devices | fits | device, ms | sent, MB | link, ms | "
          "overlap, ms | serial, ms | tokens/s |")
    print("|---|--:|---|--:|--:|--:|--:|--:|--:|")
    for r in rows:
        rate = "-" if r["rate"] is None else f"{r['rate']:.0f}"
        print(f"| {'-' if r['devices'] == 1 else r['cut']} | {r['devices']} | "
              f"{'yes' if r['fits'] else 'no'} | {seconds_text(r['device'])} | "
              f"{r['sent'] / 1e6:.3g} | {seconds_text(r['link'])} | "
              f"{seconds_text(r['overlap'])} | {seconds_text(r['serial'])} | "
              f"{rate} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="folder of the tools")
    parser.add_argument("--model", required=True, choices=sorted(links.SHAPES))
    parser.add_argument("--target", required=True)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--most", type=int, default=8, help="devices, at most")
    parser.add_argument("--rate", type=float, help="tokens/s that are wanted: "
                        "says the fewest devices that reach it")
    options = parser.parse_args()
    rows = list(find_rows(Lab(options.bin, accuracy="fast"), options))
    print_table(rows)
    if options.rate:
        enough = [r for r in rows
                  if r["fits"] and r["rate"] and r["rate"] >= options.rate]
        if not enough:
            sys.exit(f"no more than {options.most} {options.target} reach "
                     f"{options.rate:g} tokens/s")
        best = min(enough, key=lambda r: (r["devices"], r["serial"]))
        print(f"\n{best['devices']} {options.target}, cut by {best['cut']}: "
              f"{best['rate']:.0f} tokens/s")


if __name__ == "__main__":
    main()
