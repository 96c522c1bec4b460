"""The last mile: finished pictures into slides, notes and pages."""
