"""Catalog of everything that a user can choose by name, in topics: charts, experiments, formats and so on."""

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dropviz.charts import CHARTS, find_chart
from dropviz.encoders import ENCODERS
from dropviz.errors import UsageError
from dropviz.experiments.arm import Arm
from dropviz.experiments.choices import DATASETS, MISTAKES, NOISES, NOISES_BELOW_ONE, PROBES, SCHEDULES
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets import FULL, PRESETS, find_experiment
from dropviz.publish.decks import DECKS
from dropviz.publish.exercises.exercises import EXERCISES
from dropviz.publish.gallery.exhibits import EXHIBITS
from dropviz.rendering.targets import TARGETS
from dropviz.style.labels import LANGUAGES
from dropviz.style.theme import THEMES
from dropviz.style.theme_file import to_toml
from dropviz.training.workload import run_iterations

MAX_ARMS = 4  # named in the line of an experiment
LANGUAGE_NAMES = {language: {"en": "English", "zh": "Chinese"}.get(language, "") for language in LANGUAGES}


@dataclass(frozen=True)
class Item:
    """One thing to choose.

    topic    name of its topic
    name     its name
    help     its line of help
    needs    what it needs; empty if nothing
    setting  line of an experiment's TOML file that chooses it; empty if there is none
    command  command that uses it
    toml     text of the TOML file of an experiment or a theme; empty for other topics
    also_in  other topics with something of that name
    """

    topic: str
    name: str
    help: str
    needs: str = ""
    setting: str = ""
    command: str = ""
    toml: str = ""
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Topic:
    """A topic.

    name      its name
    entries   lines of help by name
    rows      the entries as they are listed; full-size experiments share a row
    also_in   topics with an entry of the same name as this topic
    """

    name: str
    entries: Mapping[str, str]
    rows: Mapping[str, str] = field(default_factory=dict)
    also_in: tuple[str, ...] = ()


def topics() -> dict[str, Topic]:
    """Return all topics by name."""
    entries: dict[str, Mapping[str, str]] = {
        "charts": {name: entry.help for name, entry in CHARTS.items()},
        "experiments": {name: describe_experiment(preset) for name, preset in PRESETS.items()},
        "formats": {suffix: entry.help for suffix, entry in ENCODERS.items()},
        "targets": {name: target.describe() for name, target in TARGETS.items()},
        "themes": {name: theme.about for name, theme in THEMES.items()},
        "decks": {suffix: entry.help for suffix, entry in DECKS.items()},
        "exhibits": {name: f"{each.chart} of {each.experiment}; {each.source}" for name, each in EXHIBITS.items()},
        "exercises": {str(number): f"{each.about}; {each.exhibit}" for number, each in EXERCISES.items()},
        "data-sets": DATASETS,
        "noises": NOISES,
        "schedules": SCHEDULES,
        "mistakes": MISTAKES,
        "probes": PROBES,
        "languages": LANGUAGE_NAMES,
    }
    names = {name: tuple(topic for topic, each in entries.items() if name in each) for name in entries}
    return {
        name: Topic(name, each, _experiment_rows() if name == "experiments" else each, names[name])
        for name, each in entries.items()
    }


def find(words: Sequence[str]) -> Topic | Item:
    """Return the topic or the item that is meant by a topic, a name, or a topic and a name.

    A name of several topics means the experiment or the theme, else that of the first topic. The path of a TOML file
    means the experiment in it. Raises UsageError, with similar names, for an unknown name.
    """
    catalog = topics()
    name = words[-1]
    if len(words) > 1:
        if words[0] not in catalog:
            raise _unknown("topic", words[0], catalog)
        topic = catalog[words[0]]
        key = _key(topic.entries, name)
        if key is None:
            raise _unknown(f"name in {topic.name}", name, topic.entries)
        return _item(topic, key)
    if name in catalog:
        return catalog[name]
    by_priority = sorted(catalog.values(), key=lambda topic: topic.name not in ("experiments", "themes"))
    matches = [(topic, key) for topic in by_priority if (key := _key(topic.entries, name)) is not None]
    if matches:
        return _item(*matches[0], also_in=tuple(topic.name for topic, _key in matches[1:]))
    if name.lower().endswith(".toml") or os.path.isfile(name):
        return _experiment_item(name, find_experiment(name))
    raise _unknown("name", name, [*catalog, *(each for topic in catalog.values() for each in topic.entries)])


def _key(entries: Mapping[str, str], name: str) -> str | None:
    """Return the entry called `name`; formats may be written without their dot."""
    return next((key for key in (name, f".{name}") if key in entries), None)


def _unknown(kind: str, name: str, names: Sequence[str] | Mapping[str, Any]) -> UsageError:
    similar = difflib.get_close_matches(name, dict.fromkeys(names), n=3)
    advice = f"similar are {', '.join(map(repr, similar))}" if similar else "'dropviz list' prints the topics"
    return UsageError(f"unknown {kind} {name!r}: {advice}")


def _item(topic: Topic, name: str, also_in: tuple[str, ...] = ()) -> Item:
    if topic.name == "experiments":
        return _experiment_item(name, PRESETS[name], also_in)
    return Item(topic.name, name, topic.entries[name], **_DETAILS[topic.name](name), also_in=also_in)


def _experiment_item(name: str, experiment: Experiment, also_in: tuple[str, ...] = ()) -> Item:
    return Item(
        "experiments",
        name,
        describe_experiment(experiment),
        command=f"dropviz train --experiment {name}",
        toml=experiment.to_toml(),
        also_in=also_in,
    )


def _chart(name: str) -> dict[str, Any]:
    chart = find_chart(name)
    needs = [
        f"recordings of an experiment such as {chart.experiment!r}, its own ({_amount(PRESETS[chart.experiment])})"
    ]
    needs += ["with masks"] if chart.needs_masks else []
    needs += [f"with the probe {probe!r}" for probe in chart.probes]
    compare = " --compare" if not chart.together and len(PRESETS[chart.experiment].arms) > 1 else ""
    return {"needs": ", ".join(needs), "command": f"dropviz animate {name}{compare}"}


def _amount(experiment: Experiment) -> str:
    """Return the number of runs, and of iterations in all."""
    iterations = sum(run_iterations(experiment, arm) for arm in experiment.arms) * len(experiment.seeds)
    return f"{len(experiment.arms) * len(experiment.seeds)} runs, {iterations:,} iterations"


def _format(suffix: str) -> dict[str, Any]:
    entry = ENCODERS[suffix]
    needs = f"the package {entry.package}: pip install 'dropviz[{entry.extra}]'" if entry.package else ""
    return {"needs": needs, "command": f"dropviz animate --compare -o out/{'f-' if entry.is_numbered else 'a'}{suffix}"}


def _noise(name: str) -> dict[str, Any]:
    needs = "drop_prob below 1" if name in NOISES_BELOW_ONE else "drop_prob 0" if name == "none" else ""
    return {"needs": needs} | _of_an_arm("noise", name)


def _of_an_arm(field_name: str, value: str) -> dict[str, Any]:
    """Return the line in the table of an arm, and the first preset with such an arm."""
    preset = _first_preset(lambda arm: getattr(arm, field_name) == value)
    command = f"dropviz train --experiment {preset}" if preset else ""
    return {"setting": f'{field_name} = "{value}" of an arm', "command": command}


def _first_preset(fits: Callable[[Arm], bool]) -> str:
    return next((name for name, preset in PRESETS.items() if any(map(fits, preset.arms))), "")


_DETAILS: dict[str, Callable[[str], dict[str, Any]]] = {
    "charts": _chart,
    "formats": _format,
    "targets": lambda name: {"command": f"dropviz animate --compare --for {name}"},
    "themes": lambda name: {"toml": to_toml(THEMES[name]), "command": f"dropviz animate --compare --theme {name}"},
    "decks": lambda suffix: {"command": f"dropviz slides -o talk{suffix}"},
    "exhibits": lambda name: {"command": f"dropviz gallery {name}"},
    "exercises": lambda number: {"command": f"dropviz exercise {number}"},
    "data-sets": lambda name: {"setting": f'data = "{name}"', "command": f"dropviz train --data {name}"},
    "noises": _noise,
    "schedules": lambda name: _of_an_arm("schedule", name),
    "mistakes": lambda name: _of_an_arm("mistake", name),
    "probes": lambda name: {"setting": f'probes = ["{name}"]', "command": f"dropviz train --probes {name}"},
    "languages": lambda name: {"command": f"dropviz animate --compare --lang {name}"},
}


def describe_experiment(experiment: Experiment) -> str:
    """Return an experiment in a line: data set, size, label noise, seeds, arms."""
    size = f"{experiment.train_size:,}" if experiment.train_size else "all"
    noise = f", {experiment.label_noise:.0%} label noise" if experiment.label_noise else ""
    count = len(experiment.arms)
    arms = ", ".join(arm.name for arm in experiment.arms) if count <= MAX_ARMS else f"{count} arms"
    seeds = "1 seed" if len(experiment.seeds) == 1 else f"{len(experiment.seeds)} seeds"
    return f"{experiment.data}, {size} images{noise}, {seeds}: {arms}"


def _experiment_rows() -> dict[str, str]:
    """Return a row for each small experiment, and one for all of full size on the same data set."""
    rows = {name: describe_experiment(preset) for name, preset in PRESETS.items() if not name.endswith(FULL)}
    by_data: dict[str, list[str]] = {}
    for name, preset in PRESETS.items():
        if name.endswith(FULL):
            by_data.setdefault(preset.data, []).append(name.removesuffix(FULL))
    full = {f"NAME{FULL}": f"full size on {data}, for a GPU: {', '.join(names)}" for data, names in by_data.items()}
    return rows | full
