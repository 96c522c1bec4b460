"""A chart as numbered still pictures, for those who play them by themselves."""

from pathlib import Path

from dropviz.charts import find_chart
from dropviz.look import Look
from dropviz.publish.deck import Slide
from dropviz.publish.writer import Tick


def draw_frames(slide: Slide, look: Look, folder: Path, tick: Tick) -> list[int]:
    """Draw the frames as `CHART-0.png`, `CHART-1.png`, …; how long each is shown, in 1/100 s.

    They have a palette, which pdflatex copies as it is: with full colours it would pack every frame again.
    """
    from PIL import Image

    from dropviz.charts.stage import Stage
    from dropviz.encoders.palette import ramps
    from dropviz.raster import default_style, rasterise

    durations = []
    with default_style():
        stage = Stage(look.size, look.colors, look.labels)
        chart = find_chart(slide.chart)(slide.comparison, stage, look.frames, look.hold)
        palette = ramps(look.colors.background, chart.inks)
        for number, frame in enumerate(rasterise(chart)):
            image = Image.fromarray(palette.indices(frame.pixels.view("<u4")[..., 0]))
            image.putpalette(palette.colors.tobytes())
            image.save(folder / f"{slide.chart}-{number}.png", optimize=True)
            durations.append(frame.duration)
            tick(1, len(chart.timeline))
    return durations
