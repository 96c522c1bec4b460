"""The chart `sites` and its parts."""
