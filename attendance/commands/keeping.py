"""`flask purge` and `flask rotate-key`: what is kept, and under which key."""

from __future__ import annotations

import click

from attendance.commands.terminal import progress, told
from attendance.core.audit import CLI
from attendance.operation import retention, rotation
from attendance.web.current import services


@click.command("purge")
@click.option(
    "--days",
    type=click.IntRange(min=1),
    help="Templates unused for so many days go; default: the setting TEMPLATE_RETENTION_DAYS.",
)
@click.option("--dry-run", is_flag=True, help="Only tell what would be removed.")
@told
def purge(days: int | None, dry_run: bool) -> None:
    """Remove what has had its time; made to run daily.

    Face templates that were neither enrolled nor used for a mark for N days (with their
    photographs), expired tokens and reservations, finished webhook deliveries, expired API keys
    and refusals without an appeal after 30 days, and photographs in the uploads folder that
    belong to nobody.
    """
    parts = services()
    parts.stored_settings.refresh()
    if days is None:
        days = parts.settings.template_retention_days
    done = retention.purge(parts, CLI, days=days, dry_run=dry_run)
    verb = "would be removed" if dry_run else "removed"
    unused = "no limit is set" if days is None else f"unused for {days} days"
    click.echo(f"students' faces {verb}: {done.faces} ({unused})")
    for table, number in done.rows.items():
        click.echo(f"expired {table.replace('_', ' ')} {verb}: {number}")
    click.echo(f"photographs without an owner {verb}: {done.photos}")
    if done.missing_photos:
        click.echo(f"warning: {done.missing_photos} photographs are missing", err=True)


@click.command("rotate-key")
@click.option("--keep-old", is_flag=True, help="Leave old keys in their file, for old backups.")
@told
def rotate_key(keep_old: bool) -> None:
    """Make a new encryption key and re-encrypt every template and photograph with it.

    Works while the server runs. Interrupted, it goes on where it stopped when it is run again. Old
    keys are removed when nothing uses them; a backup made before needs them (backup --with-keys).
    """
    parts = services()
    with progress("Re-encrypting", rotation.count(parts)) as advance:
        done = rotation.rotate(parts, CLI, keep_old=keep_old, progress=advance)
    if done.next_keys is not None:
        click.echo(f"Everything is encrypted with {done.current}, the first of ENCRYPTION_KEYS.")
        click.echo("To change the key, set this, restart every process, and run this again:")
        click.echo(f"ENCRYPTION_KEYS={done.next_keys}")
        return
    click.echo(f"{'Resumed' if done.resumed else 'New key'}: {done.current} is the current key.")
    click.echo(f"re-encrypted: {done.changed}")
    if done.lost_photos:
        click.echo(f"warning: {done.lost_photos} photographs were missing", err=True)
    if done.removed:
        click.echo(f"removed: {', '.join(done.removed)}")
    elif done.unused:
        click.echo(f"not used any more: {', '.join(done.unused)}")
