"""The chart `monte-carlo` and its parts."""
