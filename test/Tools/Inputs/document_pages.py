"""Writes pages of docs/Measured.md and docs/Study.md: document_pages.py ROOT FOLDER."""

import os
import sys

root, folder = sys.argv[1:]
sys.path.insert(0, os.path.join(root, "tools", "study-lib"))
import measured
import study

docs = os.path.join(root, "docs")


def read(name):
    with open(os.path.join(docs, name)) as file:
        return file.read()


measured.write_page(read("Measured.md"), os.path.join(folder, "measured.html"))
study.write_page(read("Study.md"), docs, os.path.join(folder, "study.html"))
