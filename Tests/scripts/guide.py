#!/usr/bin/env python3
"""Reads the pipelines of a guide: its files, and the jobs of its pipelines as shell scripts.

guide.py GUIDE files NAME              writes the files of a project into the directory
guide.py GUIDE job PIPELINE JOB        prints the variables and commands of a job
guide.py GUIDE artefacts PIPELINE JOB  prints the names of what the job keeps
A file of the guide is a fenced block behind a comment with its name; "backend.tf for X" belongs to project x alone.
"""

import pathlib
import re
import shlex
import sys

import yaml

PIPELINES = {"github": ".github/workflows/flinkform.yml", "gitlab": ".gitlab-ci.yml"}
BACKENDS = {"github": "GitHub Actions", "gitlab": "GitLab"}


def blocks(guide):
    """The fenced blocks of the guide, by the names in the comments before them."""
    found = re.findall(r"<!-- (.+?) -->\n```\w*\n(.*?)^```$", guide, re.DOTALL | re.MULTILINE)
    return dict(found)


def files(guide, name):
    """Writes what the guide says for one of its projects."""
    for title, text in blocks(guide).items():
        path, _, owner = title.partition(" for ")
        if owner and owner != BACKENDS[name]:
            continue
        if path in PIPELINES.values() and path != PIPELINES[name]:
            continue
        target = pathlib.Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def commands(pipeline, name):
    """The commands of a job; a step that uses an action is the service's own business."""
    job = (pipeline.get("jobs") or pipeline)[name]
    if "steps" in job:
        return [step["run"] for step in job["steps"] if "run" in step]
    return pipeline.get("default", {}).get("before_script", []) + job["script"]


def artefacts(pipeline, name):
    """The names of the files that a job keeps."""
    job = (pipeline.get("jobs") or pipeline)[name]
    if "steps" in job:
        return [step["with"]["path"] for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
    return job.get("artifacts", {}).get("paths", [])


def main():
    guide = pathlib.Path(sys.argv[1]).read_text()
    if sys.argv[2] == "files":
        files(guide, sys.argv[3])
        return
    pipeline = yaml.safe_load(blocks(guide)[sys.argv[3]])
    if sys.argv[2] == "artefacts":
        print("\n".join(artefacts(pipeline, sys.argv[4])))
        return
    for variable, value in pipeline.get("variables", {}).items():
        # A shell expands what GitLab does in the same way.
        print(f'export {variable}="{value}"')
    for command in commands(pipeline, sys.argv[4]):
        print(f"bash -eo pipefail -c {shlex.quote(command)} || exit 1")


main()
