"""`flask faces-status` and `flask re-embed`: the way to another choice of networks."""

from __future__ import annotations

import sys

import click

from attendance.commands.terminal import PARTLY_REFUSED, progress, told
from attendance.core.audit import CLI
from attendance.faces import moving
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
