"""`flask create-admin`."""

from __future__ import annotations

from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from attendance.accounts import administration, passwords
from attendance.commands.terminal import told
from attendance.core.audit import CLI
from attendance.web.current import services
from attendance.web.schemas import Email, Text200


@click.command("create-admin")
@click.option("--name", prompt=True, help="Full name.")
@click.option("--email", prompt=True, help="E-mail address to sign in with.")
@click.option(
    "--password",
    envvar="ADMIN_PASSWORD",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    help="Asked for if not given; a command line is seen by others, so prefer ADMIN_PASSWORD.",
)
@told
def create_admin(name: str, email: str, password: str) -> None:
    """Make an administrator, or make one of the teacher with this address.

    An existing account gets the password and is let in, also when it was suspended: the way back
    in when nobody can sign in any more.
    """
    name, email = _checked(Text200, "name", name), _checked(Email, "email", email)
    if complaint := passwords.complaint(password):
        raise click.BadParameter(complaint, param_hint="password")
    row, created = administration.create_administrator(
        services(), name=name, email=email, password=password, by=CLI
    )
    what = "Created" if created else "Changed the existing account to"
    click.echo(f"{what} administrator {row['id']}: {row['name']} <{row['email']}>")


def _checked(form: Any, what: str, value: str) -> str:
    try:
        return str(TypeAdapter(form).validate_python(value))
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise click.BadParameter(message, param_hint=what) from None
