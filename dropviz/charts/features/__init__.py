"""The chart `features` and its parts."""
