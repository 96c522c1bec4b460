"""The command line: one file a command, each imported only when it runs. Only these modules print or exit."""

import signal
import sys
from importlib import import_module
from typing import Any

import click

from dropviz.errors import DropvizError

INTERRUPTED, TERMINATED = 130, 143
COMMANDS = {
    "animate": "Draw recordings as an animation; train first what is not recorded yet.",
    "slides": "Make slides of recordings, for PowerPoint, a browser, LaTeX or Quarto.",
    "gallery": "Make a page of every exhibit: what is said of dropout, and what was measured.",
    "train": "Train the arms of an experiment, and record each run.",
    "inspect": "Check a recording, and say what it holds.",
    "check": "Look for mistakes with dropout in a model of your own.",
    "embed": "Print the text that puts a picture into a page.",
    "list": "List charts, experiments, data sets, formats, targets, decks and themes.",
}


class LazyGroup(click.Group):
    """A group whose help needs no command's module."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Name the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Import a command."""
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"dropviz.cli.{name}"), f"{name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's
        """Write the table of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dropviz", message="%(prog)s %(version)s")
def cli() -> None:
    """Moving pictures of dropout, drawn from recordings of real training runs.

    \b
    dropviz animate --compare          accuracy with and without dropout
    dropviz animate network --compare  the units that each minibatch drops
    """


def main(args: list[str] | None = None) -> None:
    """Run the command line. What a user can cause ends in one line on stderr, and an exit status that says which."""
    # Ended by another program, we still take our half-written files with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        cli.main(args, prog_name="dropviz", standalone_mode=False)
    except DropvizError as error:
        _fail(str(error), error.exit_status)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _fail(f"{error.format_message()} (see {_command_path(error)} --help)", error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone, as `dropviz list | head` does; nobody is left to tell.
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        _fail(f"cannot write the output: {error.strerror}", 1)


def _command_path(error: Any) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context else "dropviz"


def _fail(words: str, status: int) -> None:
    line = " ".join(words.split())
    click.echo(f"dropviz: {line}", err=True)
    sys.exit(status)
