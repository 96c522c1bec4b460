"""`python -m dropviz` and the `dropviz` command."""

from dropviz.cli import main

if __name__ == "__main__":
    main()
