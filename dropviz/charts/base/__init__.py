"""Parts that several charts share: canvas, artists, axes, geometry, timeline, legends, and bases of charts."""
