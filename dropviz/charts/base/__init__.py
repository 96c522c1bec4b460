"""Parts that several charts share: canvas, artists, axes, geometry, timeline, legends and closing lines."""
