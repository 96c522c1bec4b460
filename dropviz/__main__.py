"""`python -m dropviz` and the `dropviz` command."""

import sys
from pathlib import Path

if __name__ == "__main__" and sys.path[0] == str(Path.cwd()):
    # `python -m` looks for modules in the current folder first, where a torch.py of the user's would hide the package.
    sys.path.append(sys.path.pop(0))

from dropviz.cli import main

if __name__ == "__main__":
    main()
