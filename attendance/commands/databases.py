"""Commands of the installation: `flask --app app COMMAND`."""

from __future__ import annotations

import click
from flask import Flask
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from attendance.commands import accounts, backups, camera, exporting, faces, importing, keeping
from attendance.web.current import services
from database import Database, DatabaseUnavailable, SchemaDiffers, copying, migrate
from database.moving import MoveRefused, move


def init_app(app: Flask) -> None:
    """Add the commands to `flask`."""

    @app.cli.command("db-upgrade")
    @click.option("--revision", default="head", show_default=True, help="Where to go.")
    def db_upgrade(revision: str) -> None:
        """Create the database, or bring its schema up to date (again: no change)."""
        try:
            migrate(services().database, revision)
        except DatabaseUnavailable as error:
            raise click.ClickException(f"the database does not answer: {error}") from None
        except SchemaDiffers as error:
            raise click.ClickException(str(error)) from None
        click.echo(f"The database is at {revision}: {services().database.shown}")

    for command in (
        accounts.create_admin,
        importing.import_faces,
        importing.import_roster,
        exporting.export,
        camera.camera,
        faces.faces_status,
        faces.re_embed,
        faces.evaluate,
        keeping.purge,
        keeping.rotate_key,
        backups.backup,
        backups.restore,
    ):
        app.cli.add_command(command)

    @app.cli.command("demo-data")
    def demo_data() -> None:
        """Make a demonstration class, once, and print its logins."""
        from attendance.demo.school import make_demo

        make_demo(services(), click.echo)

    @app.cli.command("copy-database")
    @click.argument("source")
    @click.argument("target")
    def copy_database(source: str, target: str) -> None:
        """Copy everything from the database SOURCE into the empty database TARGET (two URLs).

        Stop the servers first: what they write meanwhile is not copied. Afterwards set
        DATABASE_URL to the target, and keep keys and kept photographs where they are.
        """
        options = services().settings.database_options
        old, new = Database(source, options), Database(target, options)
        try:
            with _progress() as shown:
                task = shown.add_task("rows", total=copying.rows(old))
                copied = move(old, new, lambda rows: shown.advance(task, rows))
        except (MoveRefused, DatabaseUnavailable) as error:
            raise click.ClickException(str(error)) from None
        finally:
            old.close()
            new.close()
        for table, fingerprint in sorted(copied.items()):
            click.echo(f"{table:<20} {fingerprint.rows:>9} rows  {fingerprint.checksum[:16]}")
        click.echo(f"Copied {old.shown} to {new.shown}: counts and checksums agree.")


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:<20}"),
        BarColumn(),
        MofNCompleteColumn(),
        transient=True,
    )
