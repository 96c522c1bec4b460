"""The chart `expectation` and its parts."""
