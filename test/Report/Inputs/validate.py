"""Holds JSON against a JSON Schema, and the schema against its own rules.

usage: validate.py SCHEMA FILE...    (needs Debian's python3-jsonschema)
"""

import json
import sys

import jsonschema

with open(sys.argv[1]) as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for path in sys.argv[2:]:
    with open(path) as file:
        errors = list(validator.iter_errors(json.load(file)))
    for error in errors[:5]:
        print(f"{path}: {error.json_path}: {error.message}")
    if errors:
        sys.exit(1)
print(len(sys.argv) - 2, "files are as their schema says")
