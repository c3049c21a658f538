#!/usr/bin/env python3
"""Records what a real Terraform does with the cases in fixtures/terraform; says how to read them in the README there.

usage: record-terraform.py [CASE...]

It needs a terraform 1.11 on PATH and no network: the cases use nothing but terraform_data.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "terraform"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
DEPOSED = re.compile(r'(deposed object |"deposed": ")[0-9a-f]{8}')
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
VERSION = "1.11.4"
PROGRESS = re.compile(
    r"^\S.*: (Creating|Creation|Modifying|Modifications|Destroying|Destruction|Reading|Read|Preparing import|Importing|Import complete)"
    r" ?.*$")


def version():
    text = subprocess.run(["terraform", "version"], capture_output=True, text=True, check=True).stdout
    return text.splitlines()[0]


def without_ids(text):
    """The text without ids and moments that are made anew in each run."""
    return MOMENT.sub("MOMENT", DEPOSED.sub(r"\1KEY", UUID.sub("UUID", text)))


def normalised(text):
    """The text without what differs from run to run: ids, times, and the order of what happens at the same time."""
    lines = []
    progress = []
    for line in without_ids(text).splitlines():
        line = re.sub(r"after \d+s", "after TIME", line)
        if "Refreshing state..." in line or ": Still " in line:
            continue
        if PROGRESS.match(line):
            progress.append(line)
            continue
        lines += sorted(progress) + [line]
        progress = []
    lines += sorted(progress)
    return "\n".join(lines).strip("\n")


def parsed(text):
    """JSON with its numbers as they are written."""
    return json.loads(text, parse_float="\x01{}\x01".format, parse_int="\x01{}\x01".format)


def written(value, **layout):
    """What `parsed` gave as JSON again, with Terraform's escapes."""
    text = json.dumps(value, ensure_ascii=False, **layout)
    text = re.sub(r'"\\u0001(.*?)\\u0001"', r"\1", text)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def compact(value):
    """JSON on one line."""
    return written(value, separators=(",", ":"))


def document(text):
    """A JSON object, a line for each member and for each element of a member that is an array."""
    lines = []
    for key, value in parsed(text).items():
        if isinstance(value, list):
            items = [compact(item) for item in value]
            lines += [f"{key}[]: {item}" for item in (sorted(items) if key == "relevant_attributes" else items)]
        else:
            lines.append(f"{key}: {compact(value)}")
    return "\n".join(lines)


def protocol(text):
    """JSON lines, what happens at the same time sorted."""
    lines = []
    run = []
    last = None
    for line in text.splitlines():
        if '"type":"apply_progress"' in line:
            continue
        kind = json.loads(line)["type"].split("_")[0] if line.startswith("{") else None
        kind = "hook" if kind in ("refresh", "apply") else kind
        if kind != last or kind == "diagnostic":
            lines += sorted(run)
            run = []
        run.append(line)
        last = kind
    return "\n".join(lines + sorted(run)).strip("\n")


def report(text):
    """What is wrong with a configuration, by its place: Terraform tells it in no particular order."""
    content = json.loads(text)
    nowhere = {"filename": "", "start": {"byte": 0}}
    places = [(one.get("range") or nowhere) for one in content["diagnostics"]]
    order = sorted(range(len(places)), key=lambda index: (places[index]["filename"], places[index]["start"]["byte"]))
    content["diagnostics"] = [content["diagnostics"][index] for index in order]
    return json.dumps(content, indent=2, ensure_ascii=False)


def machine(words, text):
    """What a command printed with -json, without what differs from run to run."""
    text = UUID.sub("UUID", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "TIME", text)
    text = re.sub(r"after (\d+h)?(\d+m)?\d+s", "after TIME", text)
    text = re.sub(r'"elapsed_seconds":\d+', '"elapsed_seconds":0', text)
    text = text.replace(f"Terraform {VERSION}", "Terraform VERSION")
    if words[0] == "show" and text.startswith("{"):
        return document(text)
    if words[0] in ("plan", "apply", "destroy", "refresh"):
        return protocol(text)
    if words[0] == "validate" and text.startswith("{"):
        return report(text)
    return text.strip("\n")


def state(path):
    """The state file, without what differs from run to run."""
    if not path.exists():
        return "(none)"
    text = path.read_text()
    content = parsed(text)
    unordered = bool(content.get("check_results"))
    # Terraform writes these in no particular order.
    for entry in content.get("check_results") or []:
        entry["objects"] = entry["objects"] and sorted(entry["objects"], key=lambda object: object["object_addr"])
    if unordered:
        content["check_results"].sort(key=lambda entry: (entry["object_kind"], entry["config_addr"]))
    for resource in content["resources"]:
        for instance in resource["instances"]:
            paths = instance.get("sensitive_attributes") or []
            if len(paths) > 1:
                unordered = True
                paths.sort(key=lambda path: [json.dumps(step, sort_keys=True) for step in path])
    if unordered:
        text = written(content, indent=2)
    text = without_ids(text)
    return re.sub(r'"serial": \d+', '"serial": N', text).strip("\n")


def record(case):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    environment["TF_CLI_CONFIG_FILE"] = os.devnull
    environment["CHECKPOINT_DISABLE"] = "1"
    result = []
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        shutil.copytree(case, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("next*.tf", "*.txt", "steps"))
        subprocess.run(["terraform", "init", "-no-color"], cwd=place, env=environment, capture_output=True, check=False)
        for line in (case / "steps").read_text().splitlines():
            words = line.split()
            if words[0] == "use":
                shutil.copy(case / words[1], place / "main.tf")
                subprocess.run(
                    ["terraform", "init", "-no-color"], cwd=place, env=environment, capture_output=True, check=False)
                continue
            run = subprocess.run(
                ["terraform", *words], cwd=place, env=environment, text=True, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            text = machine(words, run.stdout) if "-json" in words else normalised(run.stdout)
            result += [f"$ {line}", text, f"[exit {run.returncode}]", ""]
        result += ["@ state", state(place / "terraform.tfstate"), ""]
    (case / "recorded.txt").write_text("\n".join(result))
    print(case.name)


def main():
    if not version().startswith("Terraform v1.11."):
        sys.exit(f"error: a terraform 1.11 is needed, and this is {version()}")
    names = sys.argv[1:] or sorted(path.parent.name for path in FOLDER.glob("*/steps"))
    for name in names:
        record(FOLDER / name)


main()
