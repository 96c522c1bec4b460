"""The chart `sparsity` and its parts."""
