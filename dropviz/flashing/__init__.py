"""Detection of flashes that can cause seizures (WCAG 2.2, success criterion 2.3.1).

In: frames and the number of plays. Out: the first harmful Flash, or None.
"""

from dropviz.flashing.meter import FlashMeter, cannot_flash, check
from dropviz.flashing.tally import Flash

__all__ = ["Flash", "FlashMeter", "cannot_flash", "check"]
