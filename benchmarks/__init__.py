"""dropviz beside its peers: `python -m benchmarks`. Speed, memory and bytes, as ratios measured in one run."""
