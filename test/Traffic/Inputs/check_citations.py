"""Checks that every section of docs/Model.md that code cites exists.

Code cites `docs/Model.md, "Section"` or `docs/Model.md, B6`, perhaps several
of them and over a line break of a comment.
"""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
model = (root / "docs/Model.md").read_text()
headings = re.findall(r"^#+ (.*)$", model, re.M)
# Section titles, the numbers of bounds, and paragraphs that begin in italics.
names = set(headings) | {title.split(".")[0] for title in headings}
names |= set(re.findall(r"\*([^*\n]+?)\.?\* ", model))

citation = re.compile(r'docs/Model\.md((?:,? ?(?:and )?(?:"[^"]+"|B\d+))+)')
cited = missing = 0
for folder in ["include", "lib", "tools", "test"]:
    for path in sorted((root / folder).rglob("*")):
        if path.suffix not in {".h", ".cpp", ".td", ".mlir", ".test"}:
            continue
        text = re.sub(r"\s*\n\s*(///?|//!|#)?\s*", " ", path.read_text())
        for match in citation.finditer(text):
            for name in re.findall(r'"([^"]+)"|(B\d+)', match.group(1)):
                name = name[0] or name[1]
                cited += 1
                if name in names:
                    continue
                missing += 1
                print(f'{path.relative_to(root)}: docs/Model.md has no "{name}"')
print(f"{cited} citations, {missing} missing")
sys.exit(missing != 0 or cited == 0)
