"""Signals that ask a process to end."""

import signal

# By `kill`, a closed terminal or its Ctrl-\, a timer, a machine that loses power, a queue of jobs, Windows.
_NAMES = (
    *("SIGTERM", "SIGHUP", "SIGQUIT", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGPWR"),
    *("SIGXCPU", "SIGUSR1", "SIGUSR2", "SIGBREAK"),
)
ENDING: list[signal.Signals] = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
# Terminals and queues of jobs send them to a whole process group; SIGTERM ends a single worker too.
OF_A_GROUP = [signal.SIGINT, *(each for each in ENDING if each != signal.SIGTERM)]
