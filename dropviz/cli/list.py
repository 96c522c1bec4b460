"""dropviz list: what there is to choose from."""

import click

from dropviz.charts import CHARTS
from dropviz.encoders import ENCODERS
from dropviz.experiment import DATASETS, NOISES, Experiment
from dropviz.labels import WORDS
from dropviz.presets import PRESETS, find_experiment
from dropviz.publish import DECKS
from dropviz.theme import THEMES


@click.command("list")
@click.argument("experiment", required=False)
def list_command(experiment: str | None) -> None:
    """List charts, experiments, data sets, formats, decks and themes.

    With the name of an EXPERIMENT, print it as TOML: change what you like, and give the file to --experiment.

    \b
    dropviz list digits > mine.toml
    dropviz train --experiment mine.toml
    """
    if experiment:
        click.echo(find_experiment(experiment).to_toml(), nl=False)
        return
    tables = {
        "charts": {name: entry.help for name, entry in CHARTS.items()},
        "experiments": {name: _describe(preset) for name, preset in PRESETS.items()},
        "data sets": dict.fromkeys(DATASETS, ""),
        "noises": NOISES,
        "formats": {suffix: entry.help for suffix, entry in ENCODERS.items()},
        "decks": {suffix: entry.help for suffix, entry in DECKS.items()},
        "themes": dict.fromkeys(THEMES, ""),
        "languages": dict.fromkeys(WORDS, ""),
    }
    for title, table in tables.items():
        click.echo(title)
        for name, words in table.items():
            click.echo(f"  {name:14} {words}".rstrip())


def _describe(experiment: Experiment) -> str:
    size = f"{experiment.train_size:,}" if experiment.train_size else "all"
    noise = f", {experiment.label_noise:.0%} label noise" if experiment.label_noise else ""
    arms = ", ".join(arm.name for arm in experiment.arms)
    seeds = "1 seed" if len(experiment.seeds) == 1 else f"{len(experiment.seeds)} seeds"
    return f"{experiment.data}, {size} images{noise}, {seeds}: {arms}"
