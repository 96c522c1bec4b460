"""The chart `own-layer` and its parts."""
