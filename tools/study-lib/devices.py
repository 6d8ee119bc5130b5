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


def bytes_sent(lab, cut, shape, flags, devices, batch, context):
    if devices == 1:
        return 0
    if cut == "tensor":
        return links.tensor_bytes(lab.bin, flags)
    if cut == "expert":
        return links.expert_bytes(shape, batch, devices)
    return links.context_bytes(shape, batch, devices, context)


def seconds_text(seconds):
    return "-" if seconds is None else f"{seconds * 1e3:.3g}"


def row(lab, link, options, shape, cut, devices, flags):
    """The figures of one number of devices."""
    function = lab.get(flags, [options.target])
    device = function.seconds(options.target)
    sent = bytes_sent(lab, cut, shape, flags, devices, options.batch,
                      options.context)
    usable = link if link and link.joins(devices) else None
    times = ((device, device) if devices == 1
             else links.step_seconds(device, sent, usable))
    return {"cut": cut, "devices": devices,
            "fits": function.devices(options.target) == 1,
            "device": device, "sent": sent,
            "link": sent / usable.rate if usable else None,
            "overlap": times and times[0], "serial": times and times[1],
            "rate": times and options.batch / times[1]}


def find_rows(lab, options):
    """Rows, and why there are no others."""
    link = links.read_link(lab.bin, options.target)
    model = (f"--config={options.config}" if options.config
             else f"--model={options.model}")
    model = " ".join([model, *options.flags.split()])
    shape = links.Shape(lab.bin, model)
    rows, reasons = [], []
    for cut in CUTS:
        devices = 1 if cut == CUTS[0] else 2
        while devices <= options.most and (cut != "expert" or shape.experts):
            flags, reason = links.flags_of_slice(
                shape, model, cut, devices, options.batch, options.context)
            reason = reason or lab.why_not(flags)
            if reason:
                reasons.append(f"{cut}, {devices} devices: {reason}")
            else:
                rows.append(row(lab, link, options, shape, cut, devices, flags))
            devices *= 2
    return rows, reasons


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
    model = parser.add_mutually_exclusive_group(required=True)
    model.add_argument("--model", help="a name that memwall-gen knows")
    model.add_argument("--config", help="config.json of Hugging Face")
    parser.add_argument("--flags", default="", help="more of memwall-gen: "
                        "--flags='--weights=q4_k --kv=f8'")
    parser.add_argument("--target", required=True)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--most", type=int, default=8, help="devices, at most")
    parser.add_argument("--rate", type=float, help="tokens/s that are wanted: "
                        "says the fewest devices that reach it")
    options = parser.parse_args()
    rows, reasons = find_rows(Lab(options.bin, accuracy="fast"), options)
    print_table(rows)
    for reason in reasons:
        print(f"left out: {reason}", file=sys.stderr)
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
