"""What several charts are made of: axes, lines, rows, cells, legends, closing words."""
