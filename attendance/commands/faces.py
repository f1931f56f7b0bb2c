"""`flask faces-status` and `flask re-embed`: the way to another choice of networks; `flask
evaluate`: error rates on the school's own data."""

from __future__ import annotations

import json
import sys

import click

from attendance.commands.terminal import PARTLY_REFUSED, progress, told
from attendance.core.audit import CLI
from attendance.faces import moving, own_data
from attendance.web.current import services


@click.command("faces-status")
@told
def faces_status() -> None:
    """Tell how many faces are compared by which networks."""
    found = moving.status(services())
    click.echo(f"networks in use: {found.model}")
    click.echo(f"students whom they compare: {found.current}")
    click.echo(f"to be moved by `flask re-embed`, from kept photographs: {found.re_embed}")
    click.echo(f"judged by an earlier network until their next clear mark: {found.old}")
    click.echo(f"asked to enrol again: {found.enrol_again}")


@click.command("re-embed")
@told
def re_embed() -> None:
    """Make new templates from kept photographs, after a change of FACE_NETWORKS.

    Works while the server runs. Interrupted, it goes on where it stopped when it is run again.
    """
    parts = services()
    with progress("Embedding", len(moving.to_re_embed(parts))) as advance:
        done = moving.re_embed(parts, CLI, advance)
    click.echo(f"students moved to {parts.faces.model}: {done.students}")
    for student, why in done.failed:
        click.echo(f"student:{student}: {why}", err=True)
    if done.failed:
        sys.exit(PARTLY_REFUSED)


@click.command("evaluate")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
@told
def evaluate(as_json: bool) -> None:
    """Measure the level in force on the school's own templates and marks.

    Templates of students who agreed are compared with each other, and the distances of marks are
    counted. Only numbers are printed, of nobody in particular.
    """
    parts = services()
    parts.stored_settings.refresh()
    found = own_data.measured(parts)
    if as_json:
        click.echo(json.dumps(own_data.as_json(found), indent=2))
        return
    for line in own_data.as_text(found):
        click.echo(line)
