"""Helpers that know nothing of dropout: files, registries, byte sizes, text and web pages."""
