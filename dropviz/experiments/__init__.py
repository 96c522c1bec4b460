"""Settings that decide a run.

In: keyword arguments or TOML. Out: a checked, frozen Experiment of one or more Arms.
"""
