"""Common mistakes with dropout, found by running a model; imports torch.

In: a `torch.nn.Module`. Out: findings, each with its module, its line and what was measured.
"""
