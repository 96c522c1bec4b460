"""The chart `accuracy` and its parts."""
