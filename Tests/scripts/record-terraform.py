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
PROGRESS = re.compile(r"^\S.*: (Creating|Creation|Modifying|Modifications|Destroying|Destruction|Reading|Read) ?.*$")


def version():
    text = subprocess.run(["terraform", "version"], capture_output=True, text=True, check=True).stdout
    return text.splitlines()[0]


def without_ids(text):
    """The text without ids that are made anew in each run."""
    return DEPOSED.sub(r"\1KEY", UUID.sub("UUID", text))


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


def state(path):
    """The state file, without what differs from run to run."""
    if not path.exists():
        return "(none)"
    content = json.loads(path.read_text())
    text = path.read_text()
    if content.get("check_results"):
        # Terraform writes them in no particular order.
        content["check_results"].sort(key=lambda entry: (entry["object_kind"], entry["config_addr"]))
        for entry in content["check_results"]:
            entry["objects"] = entry["objects"] and sorted(entry["objects"], key=lambda object: object["object_addr"])
        text = json.dumps(content, indent=2, ensure_ascii=False)
        for character in "<>&":
            text = text.replace(character, f"\\u{ord(character):04x}")
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
            result += [f"$ {line}", normalised(run.stdout), f"[exit {run.returncode}]", ""]
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
