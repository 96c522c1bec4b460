"""Command `dropviz explore`: recordings of a sweep to a page to explore."""

from functools import partial
from pathlib import Path

import click

from dropviz._util.files import check_writable
from dropviz._util.numbering import single_path
from dropviz.cli.options import UserPath, check_no_training, choose_experiment, lang_option, training_options
from dropviz.cli.progress import note
from dropviz.publish.explore.build import EXPERIMENT, explore
from dropviz.style.labels import Labels
from dropviz.training.runs import load_all, recorded


@click.command("explore")
@click.argument("paths", nargs=-1, type=UserPath(), metavar="[RECORDING]...")
@partial(training_options, default=EXPERIMENT)
@click.option("-o", "--out", type=UserPath(), default=Path("out/explore.html"), show_default=True, metavar="PATH")
@lang_option
def explore_command(
    paths: tuple[Path, ...],
    experiment: str,
    seeds: int | None,
    data_dir: Path | None,
    device: str,
    jobs: int | None,
    out: Path,
    lang: str,
) -> None:
    """Make a page with sliders for drop_prob, iteration and averaged masks, and print its path.

    The page is one HTML file that works without a network. It shows the network, its prediction for a test image and
    the accuracies of a sweep of drop_prob, with dropout off and on.

    Without recordings, those of the experiment are used; missing ones are trained first, which takes about a minute. A
    folder means all recordings in it. Recordings must differ in drop_prob alone, and hold the probe 'passes'.

    \b
    dropviz explore
    dropviz explore --lang zh -o lecture.html
    """
    Labels(lang)  # before the minute of training
    check_writable(single_path(out))
    check_no_training(paths)
    files = list(paths)
    if not files:
        chosen = choose_experiment(experiment, seeds)
        files = recorded(chosen, chosen.arms, data_dir, device, jobs)
    click.echo(explore(load_all(files, note), out=out, lang=lang))
