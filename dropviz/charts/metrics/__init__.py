"""The chart `metrics` and its parts."""
