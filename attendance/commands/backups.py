"""`flask backup` and `flask restore`."""

from __future__ import annotations

from pathlib import Path

import click

from attendance.commands.terminal import progress, told
from attendance.core.audit import CLI
from attendance.core.files import whole
from attendance.operation import backup as backups
from attendance.web.current import services


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--with-keys",
    is_flag=True,
    help="Put the encryption keys in: whoever has the file can then read the faces.",
)
@told
def backup(file: Path, with_keys: bool) -> None:
    """Write the database and the kept photographs to FILE, as they are at one moment.

    Works while the server runs. Without --with-keys, keep a copy of the encryption keys
    (instance/encryption.keys or ENCRYPTION_KEYS) somewhere else: nobody can read templates and
    photographs without them.
    """
    parts = services()
    with (
        whole(file) as draft,
        progress("Saving", backups.size(parts)) as advance,
    ):
        saved = backups.save(parts, draft, CLI, with_keys=with_keys, progress=advance)
    keys = "with the encryption keys" if saved.keys else "without encryption keys"
    click.echo(
        f"Saved to {file}: {file.stat().st_size:,} bytes, {saved.photos} photographs, {keys}"
    )
    if saved.gone:
        click.echo(f"{saved.gone} photographs were deleted meanwhile", err=True)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--without-faces",
    is_flag=True,
    help="Leave templates, photographs and webhooks behind: their encryption key is lost.",
)
@told
def restore(file: Path, yes: bool, without_faces: bool) -> None:
    """Replace everything in the database and the photographs by what is in FILE.

    Any database will do, also another kind than the backup was made from. All or nothing: after
    an error the old state stays. Everybody must sign in again afterwards.
    """
    parts = services()
    if not yes:
        click.confirm(f"Replace everything in {parts.database.shown}?", abort=True)
    with progress("Restoring", None) as advance:
        done = backups.restore(parts, file, CLI, without_faces=without_faces, progress=advance)
    click.echo(f"Restored the state of {done.made_at}: {done.rows} rows, {done.photos} photographs")
