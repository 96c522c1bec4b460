"""The chart `pitfall` and its parts."""
