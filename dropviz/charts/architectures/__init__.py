"""The chart `architectures` and its parts."""
