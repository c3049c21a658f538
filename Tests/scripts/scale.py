#!/usr/bin/env python3
"""Measures plan, apply and what reads a state with many instances of terraform_data: flinkform, and terraform where there is one.

usage: scale.py FLINKFORM [INSTANCES [COMPARED]]

INSTANCES (10,000 unless given) is what the bounds are for; a tenth of it shows the growth. Both tools run with COMPARED (1,000 unless
given) instances, since Terraform's time grows with the square. Wall clock and memory are those of the whole process. Ends with 1 when
a bound is not kept.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

# What each command may take at 10,000 instances: seconds.
BOUNDS = {"plan": 1.5, "plan, nothing to do": 1.5, "apply": 3.0, "destroy": 3.0, "plan -target=one": 0.5}
MEMORY_BOUND = 250
# From a tenth of the instances to all of them, no command may take more than this many times as long.
GROWTH_BOUND = 13


def each(count):
    """One resource with for_each, and one that refers to its instances."""
    return f"""
locals {{
  keys = toset([for i in {numbers(count // 2)} : format("k%05d", i)])
}}

resource "terraform_data" "first" {{
  for_each = local.keys
  input    = {{ name = each.key, size = 3 }}
}}

resource "terraform_data" "second" {{
  for_each = local.keys
  input    = terraform_data.first[each.key].output
}}
"""


def numbers(count):
    """An expression for the numbers below COUNT: range makes 1,024 at most."""
    if count <= 1024:
        return f"range({count})"
    parts = [f"range({start}, {min(start + 1000, count)})" for start in range(0, count, 1000)]
    return f"concat({', '.join(parts)})"


def blocks(count):
    """As many blocks as there are instances."""
    return "\n".join(
        f'resource "terraform_data" "r{i}" {{\n  input = {{ name = "n{i}", size = 3 }}\n}}' for i in range(count))


def chains(count):
    """Blocks in chains of ten, each of which needs the one before."""
    lines = []
    for i in range(count):
        value = f'"n{i}"' if i % 10 == 0 else f"terraform_data.r{i - 1}.output"
        lines.append(f'resource "terraform_data" "r{i}" {{\n  input = {value}\n}}')
    return "\n".join(lines)


def triggers(count):
    """Instances that are replaced with those of another resource, and an output of all of them."""
    return each(count).replace(
        "output\n}", "output\n  lifecycle {\n    replace_triggered_by = [terraform_data.first[each.key]]\n  }\n}"
    ) + "output \"sizes\" {\n  value = { for key, second in terraform_data.second : key => second.output }\n}\n"


def modules(count):
    """A module for every ten instances."""
    return f"""
module "m" {{
  source   = "./m"
  for_each = toset([for i in {numbers(count // 10)} : format("k%05d", i)])
  name     = each.key
}}
"""


MODULE = """
variable "name" {}

resource "terraform_data" "r" {
  count = 10
  input = "${var.name}-${count.index}"
}

output "ids" {
  value = terraform_data.r[*].id
}
"""

SHAPES = {
    "for_each": (each, 'terraform_data.second["k00001"]'),
    "blocks": (blocks, "terraform_data.r1"),
    "chains of ten": (chains, "terraform_data.r19"),
    "triggers and an output": (triggers, 'terraform_data.second["k00001"]'),
    "modules": (modules, 'module.m["k00001"].terraform_data.r[1]'),
}
# The name, the words, and the exit status that is expected.
COMMANDS = [
    ("plan", ["plan"], 0),
    ("apply", ["apply", "-auto-approve"], 0),
    ("plan, nothing to do", ["plan", "-detailed-exitcode"], 0),
    ("state list", ["state", "list"], 0),
    ("show -json", ["show", "-json"], 0),
    ("plan -target=one", ["plan", "-target={one}"], 0),
    ("destroy", ["destroy", "-auto-approve"], 0),
]


class Place:
    """A directory with a configuration, where one of the tools runs."""

    def __init__(self, program, shape, count):
        self.program = program
        make, self.one = SHAPES[shape]
        self.path = pathlib.Path(tempfile.mkdtemp())
        (self.path / "main.tf").write_text(make(count))
        (self.path / "m").mkdir()
        (self.path / "m" / "main.tf").write_text(MODULE)
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
        self.environment.update(TF_CLI_CONFIG_FILE=os.devnull, CHECKPOINT_DISABLE="1")

    def __enter__(self):
        if os.path.basename(self.program) == "terraform":
            self.run(["init"], 0)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def run(self, words, expected):
        """Runs a command; returns seconds, seconds of the processor, and megabytes."""
        words = [word.replace("{one}", self.one) for word in words]
        with open(self.path / "log", "wb") as log:
            began = time.monotonic()
            process = subprocess.Popen(
                [self.program, *words, *([] if words[0] in ("state", "show") else ["-no-color"])], cwd=self.path,
                env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            _, status, usage = os.wait4(process.pid, 0)
            took = time.monotonic() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != expected:
            sys.stderr.write((self.path / "log").read_text()[-3000:])
            sys.exit(f"error: {self.program} {' '.join(words)} ended with {process.returncode}")
        return took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure(program, shape, count):
    """All commands in turn; returns what each took."""
    with Place(program, shape, count) as place:
        return {name: place.run(words, expected) for name, words, expected in COMMANDS}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.strip())
    program = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    compared = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000
    terraform = shutil.which("terraform")
    broken = []
    for shape in SHAPES:
        print(f"{shape}: {count:,} instances (and a tenth of them)")
        few = measure(program, shape, count // 10)
        many = measure(program, shape, count)
        for name, (took, processor, memory) in many.items():
            bound = BOUNDS.get(name)
            growth = processor / few[name][1]
            print(
                f"  {name:<22} {took:6.2f} s  (processor {processor:5.2f} s)  {memory:4.0f} MB  {growth:5.1f} times a tenth's"
                + (f"  (at most {bound} s)" if bound else ""))
            if count == 10_000 and bound and took > bound:
                broken.append(f"{shape}: {name} took {took:.2f} s, at most {bound} s are allowed")
            if count == 10_000 and memory > MEMORY_BOUND:
                broken.append(f"{shape}: {name} took {memory:.0f} MB, at most {MEMORY_BOUND} MB are allowed")
            if growth > GROWTH_BOUND and took > 0.5:
                broken.append(f"{shape}: {name} took {growth:.1f} times as long for ten times as many")
        if not terraform:
            continue
        print(f"{shape}: {compared:,} instances, beside terraform")
        ours = measure(program, shape, compared)
        theirs = measure(terraform, shape, compared)
        for name, (took, _, memory) in ours.items():
            other, _, others = theirs[name]
            print(
                f"  {name:<22} {took:6.2f} s  {memory:4.0f} MB  terraform {other:6.2f} s  {others:4.0f} MB"
                f"  {other / took:6.1f} times as fast, {others / memory:4.1f} times less memory")
    for line in broken:
        print(f"error: {line}", file=sys.stderr)
    sys.exit(1 if broken else 0)


main()
