"""dropviz list: everything to choose from."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import click

from dropviz.cli.progress import note
from dropviz.publish.catalog import Item, Topic, find, topics

WIDTH = 79


@click.command("list")
@click.argument("words", nargs=-1, metavar="[TOPIC] [NAME]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def list_command(context: click.Context, words: tuple[str, ...], as_json: bool) -> None:
    """List charts, experiments, formats and everything else to choose from.

    Without a name, print the topics. With a TOPIC, print its entries. With a NAME, print what it is, what it needs, and
    the command that uses it; an experiment or a theme is printed as TOML: change it, and give the file to --experiment
    or --theme.

    \b
    dropviz list charts
    dropviz list charts gate
    dropviz list digits > mine.toml && dropviz train --experiment mine.toml
    dropviz list dark > night.toml && dropviz animate --compare --theme night.toml
    """
    if len(words) > 2:
        raise click.UsageError("give a topic, a name, or a topic and a name", context)
    found = find(words) if words else topics()
    if as_json:
        click.echo(json.dumps(_plain(found)))
    elif isinstance(found, Item):
        _print_item(found)
    elif isinstance(found, Topic):
        _print_rows(found.rows)
        if found.also_in:
            note(f"{found.name!r} is also in {', '.join(found.also_in)}: dropviz list {found.also_in[0]} {found.name}")
    else:
        _print_topics(found)


def _print_topics(catalog: Mapping[str, Topic]) -> None:
    width = max(map(len, catalog))
    for name, topic in catalog.items():
        start = f"{name:{width}}  {len(topic.entries):2}  "
        click.echo(start + _fit(topic.entries, WIDTH - len(start)))
    click.echo("\n'dropviz list TOPIC' prints a topic, 'dropviz list NAME' one of its entries.")


def _fit(names: Mapping[str, str], width: int) -> str:
    """Return as many of the names, from the first on, as fit into a line."""
    every = list(names)
    for count in range(len(every), 0, -1):
        line = ", ".join(every[:count]) + (", …" if count < len(every) else "")
        if len(line) <= width:
            return line
    return "…"


def _print_rows(rows: Mapping[str, str]) -> None:
    width = max(map(len, rows))
    for name, line in rows.items():
        click.echo(f"{name:{width}}  {line}".rstrip())


def _print_item(item: Item) -> None:
    if item.toml:
        click.echo(item.toml, nl=False)
    else:
        for key, value in _details(item):
            click.echo(f"{key:7}  {value}")
    if item.also_in:
        note(f"{item.name!r} is also in {', '.join(item.also_in)}: dropviz list {item.also_in[0]} {item.name}")


def _details(item: Item) -> Iterator[tuple[str, str]]:
    yield "name", f"{item.name} (in {item.topic})"
    for key in ("help", "needs", "setting", "command"):
        if getattr(item, key):
            yield key, getattr(item, key)


def _plain(found: Mapping[str, Topic] | Topic | Item) -> dict[str, Any]:
    if isinstance(found, Topic):
        return {"topic": found.name, "entries": dict(found.entries)}
    if isinstance(found, Item):
        plain = asdict(found)
        return plain | ({"settings": tomllib.loads(found.toml)} if found.toml else {})
    return {name: dict(topic.entries) for name, topic in found.items()}
