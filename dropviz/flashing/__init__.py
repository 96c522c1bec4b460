"""Detection of flashes that can cause seizures (WCAG 2.2, success criterion 2.3.1).

In: frames. Out: the first harmful flash, or None.
"""
