#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""json_schema_check.py SALLYCTL ROOT: holds the JSON Schema against a validator that we did not write.

The schema itself is well formed; the example and every other good text pass; each bad text whose
mistake stands in one value is refused. Skipped, saying so, without python3-jsonschema and python3-yaml.
"""
import json
import pathlib
import re
import subprocess
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)


class Yaml12(yaml.SafeLoader):
    """YAML 1.2: only true and false are booleans, and dates are texts."""


Yaml12.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Yaml12.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), "tf")

# Texts of tests/unit/config/bad whose mistakes a schema sees.
SEEN = """addresses devices durations empty_lists hosts ipv6 kubernetes limits lists_for_later missing_everything
missing_keys names not_supported_yet old_booleans out_of_range paths port_range_zero protocols resolver root_is_a_list
sizes times unknown_choices unknown_keys wrong_types wrong_version""".split()


def is_valid(validator, text):
    return not list(validator.iter_errors(yaml.load(text, Yaml12)))


def main():
    sallyctl, root = sys.argv[1], pathlib.Path(sys.argv[2])
    schema = json.loads(subprocess.run([sallyctl, "config", "schema"], capture_output=True, check=True).stdout)
    kind = jsonschema.validators.validator_for(schema, default=None)
    assert kind is jsonschema.Draft202012Validator, schema.get("$schema")
    kind.check_schema(schema)
    validator = kind(schema)
    for error in validator.iter_errors(yaml.load((root / "config/example.yaml").read_text(), Yaml12)):
        sys.exit(f"the example: {error.json_path}: {error.message}")
    example = subprocess.run([sallyctl, "config", "example"], capture_output=True, check=True).stdout.decode()
    assert example == (root / "config/example.yaml").read_text(), "config example prints something else"
    bad = root / "tests/unit/config/bad"
    for name in SEEN:
        if is_valid(validator, (bad / f"{name}.yaml").read_text()):
            sys.exit(f"{name}.yaml passes the schema")
    print(f"the example passes, {len(SEEN)} bad texts do not")


main()
