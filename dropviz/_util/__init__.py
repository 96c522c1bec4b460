"""Helpers that do not depend on dropout: files, registries, byte sizes, text and web pages."""
