"""Writes docs/Study.md and its plots from memwall's own reports."""

import argparse
import os
import subprocess

import machines
import memories
import page
import plots
import robots
import sweeps
import text
from lab import Lab
from machines import MACHINES
from phases import energy_table, phase_table

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SAMPLE = ["gpt2", "bert-base"]


def list_models(bin_folder):
    listing = subprocess.run([os.path.join(bin_folder, "memwall-gen"),
                              "--list-models"],
                             capture_output=True, check=True, text=True).stdout
    return [line.split()[0] for line in listing.splitlines()[1:]]


def machine_plot(lab, folder):
    """Tokens per second of one sequence."""
    shown = ["llama3-8b", "llama3-70b", "mixtral-8x7b", "deepseek-v3"]
    targets = list(MACHINES)
    plot = plots.Dots("Decoding one sequence: tokens per second, at most",
                      "tokens per second (open: does not fit in memory)",
                      (0.3, 1000), list(MACHINES.values()), shown)
    for row, target in enumerate(targets):
        for index, model in enumerate(shown):
            f = lab.get(machines.decode(model), targets)
            plot.dot(row, index, f.rate(target), f.devices(target) == 1)
    plot.write(os.path.join(folder, "study-machines.svg"))


def make_phases(lab, models):
    """One table for each phase, by name, of the models that have it."""
    def having(phase, among):
        return [m for m in among if lab.can_make(phase(m))]

    speakers = [m for m in models if m not in machines.STEPPERS]

    return {name: phase_table(lab, having(phase, speakers if name in
                                          ("decode", "verify") else models),
                              phase, name != "decode")
            for name, phase in [("decode", machines.decode),
                                ("verify", machines.verify),
                                ("prefill", machines.prefill),
                                ("train", machines.train)]}


def make_study(lab, models, folder):
    """The whole text; plots on the way."""
    parts = make_phases(lab, models)
    decoders = [m for m in models
                if m not in machines.ENCODERS | machines.STEPPERS]
    parts["energy"] = energy_table(lab, ["llama3-8b", "llama3-70b",
                                         "deepseek-v3", "openvla-7b"])
    parts["mixtures"] = sweeps.mixtures(lab)
    parts["ridges"] = sweeps.ridges(lab, decoders)
    parts["quantisation"] = sweeps.quantisation(lab)
    parts["attention"] = sweeps.attention(lab)
    parts["twins"] = memories.twins(lab)
    parts["memories"], slower = memories.one_processor(lab)
    parts["robots"], actions, chunks = robots.robot_tables(lab, folder)
    limits = sweeps.intensity_plot(lab, folder)
    machine_plot(lab, folder)
    return text.write(lab, models, decoders, parts, limits, slower, actions,
                      chunks)


def write_page(study, folder, path):
    """The same words and tables; every column can be sorted."""
    title, sections = page.read_markdown(study, folder)
    page.write_page(path, title, "every figure from memwall-gen and memwall-opt",
                    sections, {}, "tools/study makes this page again. "
                    "1 GB = 1e9 bytes, k is 1000.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="folder of the tools")
    parser.add_argument("--folder", required=True, help="where to write")
    parser.add_argument("--sample", action="store_true",
                        help=f"only the phases of {', '.join(SAMPLE)}")
    parser.add_argument("--html", help="the study as a page, too")
    arguments = parser.parse_args()
    # Commands in the text are relative to the checkout.
    folder, bin_folder = map(os.path.abspath,
                             (arguments.folder, arguments.bin))
    html = arguments.html and os.path.abspath(arguments.html)
    os.chdir(ROOT)
    os.makedirs(folder, exist_ok=True)
    lab = Lab(bin_folder, accuracy="fast")
    if arguments.sample:
        study = "# A part of the study\n\n" + "\n".join(
            make_phases(lab, SAMPLE).values())
    else:
        study = make_study(lab, list_models(bin_folder), folder)
    with open(os.path.join(folder, "Study.md"), "w", encoding="utf-8") as file:
        file.write(study)
    if html:
        write_page(study, folder, html)


if __name__ == "__main__":
    main()
