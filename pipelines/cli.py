"""corpusledger: the command line. Exit codes: 0 pass, 1 the gate stopped the run, 2 usage or configuration, 3 failed."""

import logging
import os
import re
import sys
import warnings
from typing import Final

import click

from pipelines.commands.disclosing import disclose
from pipelines.commands.diversity import query_diversity
from pipelines.commands.fairness import query_fairness
from pipelines.commands.improvement import query_improvement
from pipelines.commands.labels import labels
from pipelines.commands.languages import query_languages
from pipelines.commands.legal import query, verify
from pipelines.commands.lexicon import lexicon
from pipelines.commands.machine import bench, demo, doctor
from pipelines.commands.registry import source
from pipelines.commands.restricted import fingerprint
from pipelines.commands.review import review
from pipelines.commands.running import gate, plan, run, scan
from pipelines.commands.subject import subject
from pipelines.supervise import EXIT_FAILED, INTERRUPTED, SUPERVISOR, end_on_first_interrupt, end_with, was_interrupted
from schemas.errors import ConfigError, LedgerError

EXIT_CODES: Final = {
    0: "pass: no rule stopped the run; warnings and information may stand",
    1: "the gate stopped the run (block or hold; `effect` in --json tells which), or verify found something wrong",
    2: "usage, configuration or policy error: nothing was started",
    3: "the run failed, or could not look: what was finished is kept",
}

_DELIBERATE = re.compile(r"schemas\.errors\.(\w+): (.*?)(?: \[while running .*\])?$", re.MULTILINE | re.DOTALL)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="corpusledger")
def cli() -> None:
    """Training-data governance: scan corpora, hold them against a policy, sign a manifest, answer questions from it."""


for command in (
    run,
    scan,
    plan,
    gate,
    demo,
    source,
    labels,
    lexicon,
    query,
    subject,
    review,
    disclose,
    verify,
    bench,
    doctor,
):
    cli.add_command(command)
source.add_command(fingerprint)
query.add_command(query_languages)
query.add_command(query_improvement)
query.add_command(query_fairness)
query.add_command(query_diversity)


def _quiet() -> None:
    # Libraries log what they please, some of it text that they read; what a person must know is printed by us.
    logging.basicConfig(level=logging.CRITICAL)
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")


def main() -> None:
    """Run a command; whatever happens, the user sees a message with a way out, never a traceback."""
    _quiet()
    supervisor = os.environ.pop(SUPERVISOR, None)
    if supervisor is not None:
        end_with(int(supervisor))
        end_on_first_interrupt()
    code = code_of(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    if supervisor is not None and code == EXIT_FAILED:
        os._exit(code)  # Beam's threads would go on with what they are at, and a process waits for its threads
    sys.exit(code)


def code_of(arguments: list[str]) -> int:
    """Carry out the words of a command line; gives its exit code."""
    try:
        code = cli.main(arguments, prog_name="corpusledger", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return _say(INTERRUPTED, 3)
    except click.ClickException as err:
        err.show()
        return 2
    except ConfigError as err:
        return _say(str(err), 2)
    except LedgerError as err:
        return _say(str(err), 3)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away; there is nobody left to tell
        return 3
    except Exception as err:  # noqa: BLE001  # the last boundary: no traceback reaches the user
        return _say(INTERRUPTED if was_interrupted() else told(err), 3)
    return code if isinstance(code, int) else 0


def told(err: BaseException) -> str:
    """A message for an exception that nobody meant to raise; Beam hides ours in the text of its own.

    Of a foreign exception only type and place are told, for its text may hold what was read.
    """
    found = _DELIBERATE.findall(str(err))
    if found:
        return str(found[-1][1]).strip()
    if isinstance(err, OSError) and err.strerror:
        return f"{err.filename or 'system'}: {err.strerror}; free the resource, or correct the path, and run again"
    if isinstance(err, MemoryError):
        return "out of memory; run the same command again: a unit that was under way is then looked at in a process of its own"
    place = "unknown place"
    trace = err.__traceback__
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{place}: unexpected {type(err).__name__}; this is a defect, please report it with this line"


def _say(message: str, code: int) -> int:
    click.echo(f"corpusledger: {message}", err=True)
    return code


if __name__ == "__main__":
    main()
