"""The chart `interaction` and its parts."""
