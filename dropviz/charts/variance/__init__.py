"""The chart `variance` and its parts."""
