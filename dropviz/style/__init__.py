"""Appearance of pictures: themes, fonts, and words in each language."""
