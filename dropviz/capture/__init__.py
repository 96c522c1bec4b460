"""Recording of what a model draws while it trains; imports torch.

In: any training loop over a `torch.nn.Module`. Out: a Recording with the masks that were really drawn.
"""
