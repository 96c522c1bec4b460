"""dropviz list: what there is to choose from."""

import click

from dropviz.charts import CHARTS
from dropviz.encoders import ENCODERS
from dropviz.experiments.choices import DATASETS, MISTAKES, NOISES, PROBES, SCHEDULES
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets import FULL, PRESETS, find_experiment
from dropviz.publish.decks import DECKS
from dropviz.publish.gallery.exhibits import EXHIBITS
from dropviz.rendering.targets import TARGETS
from dropviz.style.labels import LANGUAGES
from dropviz.style.theme import THEMES
from dropviz.style.theme_file import to_toml

MAX_ARMS = 4  # named on a line


@click.command("list")
@click.argument("name", required=False, metavar="[EXPERIMENT|THEME]")
def list_command(name: str | None) -> None:
    """List charts, experiments, data sets, themes, formats, decks and targets.

    With the name of an EXPERIMENT or a THEME, print it as TOML: change what you like, and give the file to --experiment
    or to --theme.

    \b
    dropviz list digits > mine.toml
    dropviz train --experiment mine.toml
    dropviz list dark > night.toml
    dropviz animate --compare --theme night.toml
    """
    if name:
        click.echo(to_toml(THEMES[name]) if name in THEMES else find_experiment(name).to_toml(), nl=False)
        return
    tables = {
        "charts": {name: entry.help for name, entry in CHARTS.items()},
        "experiments": {name: _describe(preset) for name, preset in PRESETS.items() if not name.endswith(FULL)},
        "full-size experiments, for a GPU": _full_sizes(),
        "exhibits of the gallery": {
            name: f"{exhibit.chart} of {exhibit.experiment}; {exhibit.source}" for name, exhibit in EXHIBITS.items()
        },
        "data sets": dict.fromkeys(DATASETS, ""),
        "noises": NOISES,
        "schedules": SCHEDULES,
        "mistakes": MISTAKES,
        "probes": PROBES,
        "formats": {suffix: entry.help for suffix, entry in ENCODERS.items()},
        "targets": {name: target.describe() for name, target in TARGETS.items()},
        "decks": {suffix: entry.help for suffix, entry in DECKS.items()},
        "themes": {name: theme.about for name, theme in THEMES.items()},
        "languages": dict.fromkeys(LANGUAGES, ""),
    }
    widest = max(len(entry) for table in tables.values() for entry in table)
    for title, table in tables.items():
        click.echo(title)
        for entry, words in table.items():
            click.echo(f"  {entry:{widest}} {words}".rstrip())


def _full_sizes() -> dict[str, str]:
    """The data sets of the full-size presets, and the presets that have one."""
    by_data: dict[str, list[str]] = {}
    for name, preset in PRESETS.items():
        if name.endswith(FULL):
            by_data.setdefault(preset.data, []).append(name.removesuffix(FULL))
    return {f"NAME{FULL}": f"on {data}: {', '.join(names)}" for data, names in by_data.items()}


def _describe(experiment: Experiment) -> str:
    size = f"{experiment.train_size:,}" if experiment.train_size else "all"
    noise = f", {experiment.label_noise:.0%} label noise" if experiment.label_noise else ""
    count = len(experiment.arms)
    arms = ", ".join(arm.name for arm in experiment.arms) if count <= MAX_ARMS else f"{count} arms"
    seeds = "1 seed" if len(experiment.seeds) == 1 else f"{len(experiment.seeds)} seeds"
    return f"{experiment.data}, {size} images{noise}, {seeds}: {arms}"
