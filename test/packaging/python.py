"""Runs a project's __main__.py through Pulumi's Automation API, which does without the host of Python programs.

    python.py PROJECT

Prints what up, up again and destroy did, as JSON; the engine's own words go to standard error.
"""

import json
import runpy
import sys

from pulumi import automation

project = sys.argv[1]

stack = automation.create_stack(
    "dev",
    project_name=automation.LocalWorkspace(work_dir=project).project_settings().name,
    program=lambda: runpy.run_path(f"{project}/__main__.py"),
    # The settings of its Pulumi.yaml hold here, too.
    opts=automation.LocalWorkspaceOptions(work_dir=project),
)


def told(result):
    outputs = getattr(result, "outputs", {})
    return {
        "changes": result.summary.resource_changes,
        "outputs": {name: output.value for name, output in outputs.items()},
        "secrets": [name for name, output in outputs.items() if output.secret],
    }


def say(text):
    print(text, file=sys.stderr)


up = told(stack.up(on_output=say))
again = told(stack.up(on_output=say))
destroyed = told(stack.destroy(on_output=say))
print(json.dumps({"up": up, "again": again, "destroyed": destroyed}))
