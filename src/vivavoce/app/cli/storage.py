"""`viva migrate` and `viva backup`: the database as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.exits import Exit
from vivavoce.app.cli.options import AsJson, Config, Data, given_path
from vivavoce.app.cli.running import run, settings_of


def migrate(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 when something is missing.")] = False,
    sql: Annotated[bool, typer.Option("--sql", help="Print SQL for Postgres instead of running it.")] = False,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Bring the database to the schema of this version. Servers on SQLite do so by themselves."""
    from vivavoce.app.filing import database_url, revision_of
    from vivavoce.store import schema
    from vivavoce.store.store import migrate as bring_up

    if sql:
        typer.echo(schema.as_sql("postgresql"), nl=False)
        return
    settings = settings_of(data, config)
    before = run(revision_of(settings))
    if not check:
        Path(settings.data_dir).mkdir(parents=True, exist_ok=True)
        run(bring_up(database_url(settings)))
    after = before if check else run(revision_of(settings))
    if as_json:
        output.document({"before": before, "after": after, "wanted": schema.head()})
    elif after == schema.head():
        output.say(
            f"the database stands at {after}" + ("" if before == after else f"; it stood at {before or 'nothing'}")
        )
    else:
        output.say(
            f"the database stands at {after or 'nothing'}, this version wants {schema.head()}; run `viva migrate`"
        )
    if after != schema.head():
        raise typer.Exit(Exit.FAILED)


def backup(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="The archive, a tar.", parser=given_path)],
    verify: Annotated[
        bool, typer.Option("--verify", help="Read an archive instead, and say whether it is whole.")
    ] = False,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Write all data into one archive, while a server runs.

    It holds the SQLite database, recordings and reports, and is restored by unpacking it into an empty data folder. It
    does not hold `secret.key`, which stored secrets are sealed with: keep that elsewhere. Of a Postgres database it
    holds the files only; `pg_dump` takes the rest.
    """
    from vivavoce.app.filing import database_url
    from vivavoce.store import backup as backups
    from vivavoce.store.database import parse_url
    from vivavoce.store.folders import Folders

    with output.progress() as tell:
        if verify:
            tell(f"reading {archive}", None)
            manifest = backups.verify(archive)
        else:
            settings = settings_of(data, config)
            url = parse_url(database_url(settings))
            tell("copying", None)
            database = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
            manifest = backups.back_up(Folders.of(settings.data_dir), archive, database=database)
    if as_json:
        output.document(manifest)
        return
    size = sum(file.bytes for file in manifest.files) / 1e6
    held = f"{archive}: {manifest.rows.get('calls', 0)} calls, {len(manifest.files)} files, {size:,.1f} MB"
    output.say(f"{held}, {'whole' if verify else 'written'}")
    if manifest.revision is None:
        output.note("the database is not in it: back it up with `pg_dump`")
