#!/usr/bin/env python3
"""Writes a random case in the form of fixtures/terraform: a configuration of terraform_data as practised users write it, how it
changes, and commands. The same seed gives the same case.

usage: random-case.py SEED [FOLDER]    (FOLDER is fixtures/terraform/random-SEED unless given)
"""
import collections
import pathlib
import random
import sys

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "terraform"
NAMES = ["app", "db", "cache", "queue", "web", "worker", "dns", "cert", "role", "bucket"]
KEYS = ["a", "b", "c", "east", "west", "x.y", "blue-1"]
WORDS = ["alpha", "beta", "gamma", "delta", "v1", "v2", "10.0.0.0/16", "t3.small", "true", "7", "", "ünï", "a b", "x/y?z=1&u=<v>"]
VARIABLES = {
    "level": "  type    = number\n  validation {\n    condition     = var.level >= 0 && var.level < 9\n"
             '    error_message = "The level is ${var.level}."\n  }\n',
    "secret": "  type      = string\n  sensitive = true\n",
}


class Raw(str):
    """An expression that is written as it stands."""


class Ref:
    """What a resource or module call gives; how it is written depends on how often that thing is there now."""

    def __init__(self, target, attribute="output", form=0):
        self.target, self.attribute, self.form = target, attribute, form

    def text(self, case):
        thing, attribute = self.target, self.attribute
        if thing not in case.things.values():
            return '"gone"'
        base, each = thing.base, thing.each
        if thing.module:
            attribute = "value" if attribute == "output" else "id"
        if each is None:
            return f"{base}.{attribute}"
        some = "0" if each[0] == "count" else f'"{sorted(each[1])[0]}"' if each[1] else '"none"'
        all = f"{base}[*].{attribute}" if each[0] == "count" else f"{{ for k, r in {base} : k => r.{attribute} }}"
        return [all, f'try({base}[{some}].{attribute}, "none")', f"length({base})"][self.form % 3]


# An expression made of another one.
Call = collections.namedtuple("Call", "template value")


class Thing:
    """A resource, or a call of a local module."""

    def __init__(self, name, module=None):
        self.name, self.module = name, module
        self.base = f"module.{name}" if module else f"terraform_data.{name}"
        self.each = self.input = self.trigger = None
        self.depends, self.lifecycle, self.conditions = [], {}, []

    def instances(self):
        kind, what = self.each or (None, [])
        keys = [f"[{index}]" for index in range(what)] if kind == "count" else [f'["{key}"]' for key in sorted(what)]
        return [self.base + key for key in keys] if kind else [self.base]

    def addresses(self):
        return [i + ".terraform_data.this" for i in self.instances()] if self.module else self.instances()


def hcl(value, case, depth=0):
    """A value as it is written in a configuration."""
    pad = "  " * (depth + 1)
    match value:
        case Raw() | int() | float() if not isinstance(value, bool):
            return str(value)
        case Ref():
            return value.text(case)
        case Call():
            return value.template.replace("@", hcl(value.value, case, depth))
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case str() if "\n" in value:
            return "<<-EOT\n" + "".join(f"{pad}{line}\n" if line else "\n" for line in value.split("\n")) + f"{pad}EOT\n" + pad[2:]
        case str():
            return '"' + value.replace('"', '\\"') + '"'
        case list():
            return "[" + ", ".join(hcl(item, case, depth) for item in value) + "]"
        case dict():
            names = {key: key if key.replace("-", "").isalnum() and key[0].isalpha() else f'"{key}"' for key in value}
            items = (f"{pad}  {names[key]} = {hcl(item, case, depth + 1)}\n" for key, item in value.items())
            return "{\n" + "".join(items) + f"{pad}}}" if value else "{}"


class Case:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.things, self.variables, self.outputs, self.checks, self.locals, self.modules, self.files = {}, {}, {}, {}, {}, {}, {}
        self.blocks, self.steps, self.applied, self.below = [], [], [], None

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def pick(self, items):
        return self.random.choice(list(items))

    def earlier(self):
        things = list(self.things.values())
        return things[:things.index(self.below)] if self.below in things else things

    def scalar(self):
        return self.pick([self.pick(WORDS), self.pick(WORDS), self.random.randint(0, 9), self.pick([1.5, -3, 1000000]), self.chance(50)])

    def value(self, depth=0, refs=True):
        """Something to put into an argument: a literal, or made of what was declared before."""
        roll = self.random.random()
        earlier = self.earlier()
        if refs and earlier and roll < 0.22:
            attribute = "id" if self.chance(30) else "output"
            ref = Ref(self.pick(earlier), attribute, self.random.randint(0, 5))
            return Call(self.pick(["@", "@", "@", "[@, 1]", "jsonencode(@)", "{ ref = @ }", 'try("${@}-x", "none")']), ref)
        if refs and roll < 0.34 and (self.variables or self.locals):
            return Raw(self.pick([f"var.{key}" for key in self.variables] + [f"local.{key}" for key in self.locals]))
        if depth > 2 or roll < 0.58:
            return self.scalar()
        if roll < 0.66:
            return "\n".join(self.random.choices(["one", "two", "three", "", "key: value", "  - item"], k=self.random.randint(2, 6)))
        if roll < 0.72:
            return Call("jsonencode(@)", self.mapping(depth, refs))
        if roll < 0.84:
            items = [self.scalar() for _ in range(self.random.randint(0, 4))]
            if self.chance(30):
                # Not of ids: a set is in the order of what is in it.
                return Call(self.pick(["tolist([for x in @ : jsonencode(x)])", "toset([for x in @ : jsonencode(x)])"]), items)
            return [self.value(depth + 1, refs) if self.chance(15) else item for item in items]
        if roll < 0.97:
            return Call(self.pick(["@", "@", "@", "@", "merge({ base = true }, @)", "sensitive(@)"]), self.mapping(depth, refs))
        return None

    def mapping(self, depth, refs=True):
        keys = self.random.sample(["name", "size", "tags", "enabled", "cidr", "with space", "ports", "env"], self.random.randint(0, 4))
        return {key: self.value(depth + 1, refs) for key in keys}

    def changed(self, value):
        """The value a little different, or another one."""
        if isinstance(value, Call) and self.chance(85):
            return Call(value.template, self.changed(value.value)) if not isinstance(value.value, Ref) else value
        if isinstance(value, list) and value and self.chance(80):
            index = self.random.randrange(len(value))
            return self.pick([
                value[:index] + value[index + 1:], value[:index] + [self.scalar()] + value[index:],
                value[:index] + [self.changed(value[index])] + value[index + 1:], self.random.sample(value, len(value))])
        if isinstance(value, dict) and value and self.chance(85):
            key = self.pick(value)
            less = {other: item for other, item in value.items() if other != key}
            return less if self.chance(25) else {**value, (key if self.chance(80) else "extra"): self.changed(value[key])}
        if isinstance(value, str) and "\n" in value and self.chance(80):
            lines = value.split("\n")
            lines[self.random.randrange(len(lines))] = self.pick(["changed", "one", ""])
            return "\n".join(lines)
        return self.value()

    def default(self, key):
        """A value for a variable, which has to be constant."""
        some = [self.scalar(), [self.scalar(), self.scalar()], {"a": self.scalar(), "b": self.scalar()}]
        return self.pick({"level": range(5), "secret": ["hunter2", "correct horse"]}.get(key, some))

    def repetition(self, kind=None):
        kind = kind or self.pick(["count", "map", "set"])
        keys = self.random.sample(KEYS, self.random.randint(0 if self.chance(20) else 1, 3))
        return kind, {"count": self.random.randint(0, 3), "map": {key: self.scalar() for key in keys}, "set": keys}[kind]

    def own(self, thing):
        """What an instance knows of itself."""
        if thing.each is None:
            return self.value()
        some = Raw("count.index") if thing.each[0] == "count" else Raw(self.pick(["each.key", "each.value"]))
        return self.pick([some, {"it": some, "more": self.value(1)}, Call('"item-${@}"', some), self.value()])

    def add_thing(self):
        key = self.pick(key for key in NAMES if key not in self.things)
        thing = Thing(key, self.pick(self.modules) if self.modules and self.chance(30) else None)
        if self.chance(35):
            thing.each = self.repetition()
        thing.input = self.own(thing) if self.chance(92) else None
        thing.depends = [self.pick(self.things.values())] if self.chance(15) and self.things else []
        if not thing.module:
            thing.trigger = self.value() if self.chance(30) else None
            self.set_lifecycle(thing)
        self.things[key] = thing

    def set_lifecycle(self, thing):
        others = [other for other in self.earlier() if not other.module]
        thing.lifecycle = {}
        for percent, key, values in [
            (15, "create_before_destroy", ["true"]), (5, "prevent_destroy", ["true"]),
            (7, "ignore_changes", ["[input]", "[triggers_replace]", "all", "[input, triggers_replace]"]),
            (12, "replace_triggered_by", [f"[{other.base}{part}]" for other in others for part in ("", "", ".output", ".id")]),
        ]:
            if values and self.chance(percent):
                thing.lifecycle[key] = Raw(self.pick(values))
        rule = "var.level < 5" if "level" in self.variables else 'terraform.workspace == "default"'
        thing.conditions = [(kind, self.pick(rules)) for percent, kind, rules in [
            (12, "postcondition", ['self.output != "beta"', 'self.id != ""', "self.input != 7"]), (10, "precondition", [rule]),
        ] if self.chance(percent)]

    def add_output(self):
        ref = Ref(self.pick(self.things.values()), self.pick(["output", "output", "id"]), self.random.randint(0, 5))
        more = "".join(text for percent, text in [
            (15, "  sensitive   = true\n"), (12, '  description = "What it gives."\n'),
            (8 if "level" in self.variables else 0, "  precondition {\n    condition     = var.level < 6\n"
             '    error_message = "Too high: ${var.level}."\n  }\n'),
        ] if self.chance(percent))
        self.outputs[f"out{self.random.randint(1, 5)}"] = (ref if self.chance(70) else self.value(), more)

    def add_check(self):
        text = Ref(self.pick(self.things.values())).text(self)
        rules = [f"length(jsonencode({text})) < 30", "var.level < 3" if "level" in self.variables else f"{text} != null"]
        self.checks[f"check{self.random.randint(1, 3)}"] = self.pick(rules)

    def change(self):
        """One thing that people do to a configuration."""
        thing = self.below = self.pick(self.things.values())
        kinds = ["input"] * 7 + ["remove", "rename", "repeat"] * 2 + ["variable", "add", "add", "output", "output", "check"]
        kind = self.pick(kinds + ([] if thing.module else ["trigger", "lifecycle", "import"]))
        if kind in ("add", "output", "check"):
            self.below = None
            return {"add": self.add_thing, "output": self.add_output, "check": self.add_check}[kind]()
        if kind in ("input", "trigger"):
            setattr(thing, kind, self.changed(getattr(thing, kind)))
        elif kind == "import":
            to = (thing.instances() or [thing.base])[0]
            self.blocks.append(f'import {{\n  to = {to}\n  id = "imported-{thing.name}"\n}}\n')
        elif kind == "variable":
            self.variables.update({key: self.default(key) for key in self.random.sample(list(self.variables), min(1, len(self.variables)))})
        elif kind != "remove" or len(self.things) > 1:
            {"remove": self.remove, "rename": self.rename, "repeat": self.repeat, "lifecycle": self.set_lifecycle}[kind](thing)

    def forget(self, thing):
        """Nothing names it any more but values, which ask whether it is there."""
        for other in self.things.values():
            other.depends = [one for one in other.depends if one is not thing]
            if thing.base + "]" in other.lifecycle.get("replace_triggered_by", "").replace(".output", "").replace(".id", ""):
                del other.lifecycle["replace_triggered_by"]
        self.checks = {key: rule for key, rule in self.checks.items() if thing.base not in rule}

    def remove(self, thing):
        self.forget(thing)
        del self.things[thing.name]
        if self.chance(40):
            kept = self.pick(["false", "false", "true"])
            self.blocks.append(f"removed {{\n  from = {thing.base}\n\n  lifecycle {{\n    destroy = {kept}\n  }}\n}}\n")

    def rename(self, thing):
        self.forget(thing)
        before, thing.name = thing.base, self.pick(key for key in NAMES if key not in self.things)
        thing.base = f"module.{thing.name}" if thing.module else f"terraform_data.{thing.name}"
        self.things = {other.name: other for other in self.things.values()}
        if self.chance(80):
            self.blocks.append(f"moved {{\n  from = {before}\n  to   = {thing.base}\n}}\n")

    def repeat(self, thing):
        """It is there more or less often, or known by other keys."""
        before = thing.instances()
        if thing.each and self.chance(65):
            thing.each = self.repetition(thing.each[0])
        else:
            thing.each = None if thing.each and self.chance(40) else self.repetition()
            thing.input = self.own(thing)
            if before and thing.instances() and self.chance(60):
                self.blocks.append(f"moved {{\n  from = {before[0]}\n  to   = {self.pick(thing.instances())}\n}}\n")

    def configuration(self):
        text = []
        for key, default in self.variables.items():
            text.append(f'variable "{key}" {{\n  default = {hcl(default, self)}\n{VARIABLES.get(key, "")}}}\n')
        if self.locals:
            text.append("locals {\n" + "".join(f"  {key} = {hcl(item, self)}\n" for key, item in self.locals.items()) + "}\n")
        text += [self.block(thing) for thing in self.things.values()]
        for key, rule in self.checks.items():
            text.append(f'check "{key}" {{\n  assert {{\n    condition     = {rule}\n    error_message = "It is not so."\n  }}\n}}\n')
        for key, (item, more) in self.outputs.items():
            text.append(f'output "{key}" {{\n  value       = {hcl(item, self)}\n{more}}}\n')
        return "\n".join(text + self.blocks)

    def block(self, thing):
        lines = [f'resource "terraform_data" "{thing.name}" {{'] if not thing.module else [
            f'module "{thing.name}" {{', f'  source   = "./modules/{thing.module}"']
        kind, what = thing.each or (None, None)
        arguments = {
            "count   ": what if kind == "count" else None,
            "for_each": what if kind == "map" else Call("toset(@)", sorted(what)) if kind == "set" else None,
            "value   " if thing.module else "input   ": thing.input, "triggers_replace": thing.trigger,
            "depends_on": [Raw(other.base) for other in thing.depends] or None}
        lines += [f"  {key} = {hcl(item, self)}" for key, item in arguments.items() if item is not None]
        inner = [f"    {key} = {item}" for key, item in thing.lifecycle.items()]
        for kind, rule in thing.conditions:
            inner.append(f'    {kind} {{\n      condition     = {rule}\n      error_message = "Not with {thing.name}."\n    }}')
        return "\n".join(lines + (["", "  lifecycle {"] + inner + ["  }"] if inner else []) + ["}", ""])

    def module(self, key, inner):
        """A module that keeps its input, alone or in several resources, and may call another one."""
        repeated = self.pick(["", "  count = 2\n", '  for_each = toset(["p", "q"])\n'])
        kept = self.pick(["var.value", "{ v = var.value }", "[var.value]"])
        given = self.pick(["terraform_data.this.output", "var.value", "[terraform_data.this.output]"])
        text = f'variable "value" {{\n  default = "none"\n}}\n\nresource "terraform_data" "this" {{\n  input = {kept}\n}}\n\n'
        if self.chance(50):
            text += f'resource "terraform_data" "more" {{\n{repeated}  input = terraform_data.this.{self.pick(["id", "output"])}\n}}\n\n'
        if inner:
            text += f'module "inner" {{\n  source = "../{inner}"\n  value  = var.value\n}}\n\n'
        text += f'output "value" {{\n  value = {given}\n}}\n\noutput "id" {{\n  value = terraform_data.this.id\n}}\n'
        self.modules[key] = self.files[f"modules/{key}/main.tf"] = text

    def step(self, text):
        words = text.split()
        words.insert(2 if words[0] in ("state", "workspace") else 1, "-no-color")
        self.steps.append(" ".join(words))

    def there(self):
        some = [address for thing in self.things.values() for address in thing.addresses()]
        return self.applied + some or ["terraform_data.missing"]

    def address(self):
        """Most often one that is there."""
        return self.pick(self.there() if self.chance(75) else [t.base for t in self.things.values()] + ["terraform_data.missing"])

    def options(self):
        key = self.pick(list(self.variables) or [None])
        value = self.random.randint(-1, 9) if key == "level" else self.pick(["one", "two", "1", "true", "[1]"])
        return "".join(" " + option for percent, option in [
            (10, f"-target={self.address()}"), (8, f"-replace={self.pick(self.there())}"), (5, "-refresh=false"), (3, "-parallelism=1"),
            (12 if key else 0, f"-var {key}={value}"),
        ] if self.chance(percent))

    def plan(self):
        kind = self.pick(["plan"] * 4 + ["plan -json", "plan -detailed-exitcode", "plan -destroy", "plan -refresh-only",
                                         "plan -json -destroy"] + ["plan -out=p"] * 4)
        options = self.options()
        if "-destroy" in kind or "only" in kind:
            options = options.replace("-replace=", "-target=").replace(" -refresh=false", "")
        self.step(kind + options)
        if kind == "plan -out=p":
            for shown in self.random.sample(["show p", "show -json p"], self.random.randint(0, 2)):
                self.step(shown)
            if self.chance(70):
                self.step(self.pick(["apply p", "apply p", "apply -json p"]))
                self.note()

    def note(self):
        self.applied = []
        self.applied = self.there()

    def apply(self):
        self.step(self.pick(["apply -auto-approve"] * 4 + ["apply -json -auto-approve"]) + self.options())
        self.note()

    def other(self):
        address = self.address()
        output = self.pick(list(self.outputs) + ["out1"])
        self.step(self.pick([
            "show", "show", "show -json", "show -json", "state list", f"state list {address}", f"state show {address}",
            f"state mv {address} {self.address()}", f"state mv {address} terraform_data.other", f"state rm {address}", f"taint {address}",
            f"taint {address}", f"untaint {address}", "output", "output -json", f"output {output}", f"output -json {output}",
            f"output -raw {output}", "graph", "validate", "validate -json", "workspace list", "workspace new dev",
            "workspace select default", f"import {address} id-{self.random.randint(1, 9)}", "refresh",
            "apply -auto-approve -refresh-only", "workspace show"]))

    def write(self, folder):
        if self.chance(60):
            self.module("leaf", None)
            self.module("branch", "leaf") if self.chance(40) else None
        self.variables = {key: self.default(key) for key, percent in (("level", 45), ("secret", 20), ("text", 35)) if self.chance(percent)}
        if self.chance(35):
            self.locals = {key: self.value() for key in self.random.sample(["common", "prefix"], self.random.randint(1, 2))}
        for add, times in [(self.add_thing, self.random.randint(2, 5)), (self.add_output, self.random.randint(0, 3)), (self.add_check, self.chance(15))]:
            for _ in range(times):
                add()
        self.files["main.tf"] = self.configuration()
        self.plan() if self.chance(50) else None
        self.apply()
        for number in range(1, self.random.randint(2, 4)):
            if self.chance(60):
                self.other()
            self.blocks = self.blocks if self.chance(20) else []
            for _ in range(self.random.randint(1, 3)):
                self.change()
            self.files[f"next{number}.tf"] = self.configuration()
            self.steps.append(f"use next{number}.tf")
            self.plan() if self.chance(70) else self.other()
            self.apply() if self.chance(70) else self.other()
        if self.chance(40):
            targets = self.pick(["", self.options().replace("-replace=", "-target=")])
            self.step(self.pick(["destroy -auto-approve", "destroy -json -auto-approve"]) + targets)
            self.other() if self.chance(30) else None
        for path, text in {**self.files, "steps": "\n".join(self.steps) + "\n"}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)


if len(sys.argv) not in (2, 3):
    sys.exit(__doc__)
Case(int(sys.argv[1])).write(pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else FIXTURES / f"random-{int(sys.argv[1]):03}")
