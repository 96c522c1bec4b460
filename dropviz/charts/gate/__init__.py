"""The chart `gate` and its parts."""
