"""The chart `tikhonov` and its parts."""
