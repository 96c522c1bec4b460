"""The chart of any model: cells against recorded masks, edges against recorded blocks, and what charts refuse."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from decoding import decode
from test_every_chart import _letters, _look_for_overlaps, make
from test_player import hover

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.charts import CHARTS, find_chart
from dropviz.charts.sites.cells import Tiles, fit_cells
from dropviz.charts.sites.diagram import blocks_of, read_diagram
from dropviz.charts.sites.noise_levels import level_colors
from dropviz.errors import RecordingError
from dropviz.rendering.request import default_chart
from dropviz.style.theme import TONES, find_theme, rgb

GEOMETRIES = ("cnn", "residual", "attention", "weights", "shared", "wide")
NAMES = (*GEOMETRIES, "branches", "noise", "lengths", "deep")


def pixels_of(frame, panel):
    """Return the colour in the middle of each shown cell of a panel, [cells, 3]."""
    x, y = (panel.grid.corners() + panel.corner + panel.grid.side // 2).T
    return frame[panel.canvas.size[1] - 1 - y, x]


@pytest.mark.parametrize(("name", "theme"), [(name, ("light", "dark")[n % 2]) for n, name in enumerate(GEOMETRIES)])
def test_cells_have_the_colour_of_their_bit(models, tmp_path, name, theme):
    """In every frame of the file, each cell that is kept is filled, and each that is dropped is blank."""
    run = models[name]
    size = (960, 540)
    frames = decode(dropviz.animate(run, "sites", out=tmp_path / "a.gif", size=size, theme=theme).path)[1:]
    chart = make("sites", [run], size, theme)
    colors = np.array([rgb(find_theme(theme).background), rgb(chart.color)])
    assert len(chart.views) == len(run.sites)
    for frame, index in zip(frames, chart.timeline.indices, strict=True):
        for _, view in chart.views:
            mask = run.masks[view.site.name][index]
            mask = (mask[0] if view.site.axes[:1] == ("example",) else mask).ravel()[view.panel.flat]
            if not view.is_path or mask.all():  # a dropped path is crossed out
                np.testing.assert_array_equal(pixels_of(frame, view.panel), colors[mask.astype(int)])


def test_cells_lie_as_the_axes_say():
    """Rows go down, columns to the right, and each tile is a whole image."""
    grid = fit_cells(Tiles.of((2, 3, 4)), 200, 100, 10)
    corners = grid.corners().reshape(2, 3, 4, 2)
    assert (np.diff(corners[..., 0], axis=2) > 0).all()
    assert (np.diff(corners[..., 1], axis=1) < 0).all()
    assert corners[1, ..., 0].min() > corners[0, ..., 0].max() or corners[1, ..., 1].max() < corners[0, ..., 1].min()
    np.testing.assert_array_equal(grid.flat(), np.arange(24))


@pytest.mark.parametrize("shape", [(), (5,), (4096,), (8, 32), (3, 7, 9), (2, 300, 400)])
@pytest.mark.parametrize("space", [(40, 30), (500, 200)])
def test_cells_do_not_overlap_and_are_counted(shape, space):
    """Cells lie within the space, apart, in whole pixels; what does not fit is left out, and counted."""
    grid = fit_cells(Tiles.of(shape), *space, 24)
    shown, whole = grid.cropped
    assert whole == int(np.prod(shape))
    assert shown == len(set(grid.flat().tolist()))
    painted = np.zeros(space[::-1], int)
    for x, y in grid.corners():
        painted[y : y + grid.side, x : x + grid.side] += 1
    assert painted.max() == 1
    assert painted.sum() == shown * grid.side**2
    assert shown == whole or grid.side == 1


@pytest.mark.parametrize("name", NAMES)
def test_edges_are_those_of_the_blocks(models, name):
    """Each edge leads from the box of one block to that of another that reads it; there are no others."""
    run = models[name]
    chart = make("sites", [run], (1280, 720))
    owner = {block: number for number, item in enumerate(chart.diagram.items) for block in item.blocks}
    expected = {(owner[source], owner[number]) for number, block in enumerate(run.blocks) for source in block.inputs}
    placement = chart.wiring.placement
    assert set(placement.lines) == {(one, other) for one, other in expected if one != other}
    for (source, target), line in placement.lines.items():
        begin, end = placement.boxes[source], placement.boxes[target]
        assert line[0] == pytest.approx((begin.left + begin.width, begin.bottom + begin.height / 2))
        x, y = line[-1]
        on_top = x == pytest.approx(end.left + end.width / 2) and y == pytest.approx(end.bottom + end.height)
        assert on_top or (x, y) == pytest.approx((end.left, end.bottom + end.height / 2))
    chart.show(chart.timeline.indices[-1])
    heads = [lines.heads.path for lines in (chart.wiring.still, chart.wiring.taken, chart.wiring.skipped)]
    assert sum((path.codes == path.MOVETO).sum() for path in heads if path is not None) == len(placement.lines)


@pytest.mark.parametrize("name", NAMES)
def test_lines_of_different_edges_do_not_lie_over_each_other(models, name):
    """Horizontal stretches above rows are apart, except where one edge leaves beside another from the same block."""
    lines = make("sites", [models[name]], (1280, 720)).wiring.placement.lines
    stretches = [
        (edge, min(a[0], b[0]), max(a[0], b[0]), a[1])
        for edge, line in lines.items()
        for a, b in pairwise(line)
        if a[1] == b[1] and len(line) > 2
    ]
    for edge, left, right, y in stretches:
        for other, begin, end, height in stretches:
            apart = edge == other or edge[0] == other[0] or edge[1] == other[1] or abs(y - height) > 1
            assert apart or end <= left or right <= begin, (edge, other)


def test_a_dropped_path_is_dashed_with_its_branch(models):
    """The module before a path that is dropped, and the edges around it, are dashed in that iteration alone."""
    run = models["residual"]
    chart = make("sites", [run], (1280, 720))
    gates = {view.site.name: number for number, view in chart.gates.items()}
    assert [site.name for site in run.sites if site.kind == "paths"] == list(gates)
    assert [[run.blocks[each].name for each in sorted(chart.diagram.branch(gate))] for gate in gates.values()] == [
        ["one"],
        ["two"],
    ]
    for index in range(len(run.recorded_iterations)):
        chart.show(index)
        dropped = [name for name in gates if not run.masks[name][index, 0]]
        heads = chart.wiring.skipped.heads.path
        count = 0 if heads is None else (heads.codes == heads.MOVETO).sum()
        assert count == 3 * len(dropped)  # into the module, to the site, and on to the sum
        for name, gate in gates.items():
            assert (chart.gates[gate].dashes.path is not None) == (name in dropped)


def test_noise_has_the_colour_of_its_level(models, tmp_path):
    """Numbers below no effect have one hue, numbers above it another; the middle is neutral."""
    run = models["noise"]
    frames = decode(dropviz.animate(run, "sites", out=tmp_path / "a.gif", size=(960, 540)).path)[1:]
    chart = make("sites", [run], (960, 540))
    colors = [rgb(color) for color in level_colors(find_theme("light"), chart.color)]
    for frame, index in zip(frames, chart.timeline.indices, strict=True):
        for _, view in chart.views:
            away = run.noise[view.site.name][index, 0] - (view.site.kind == "multiplicative")
            for color, value in zip(pixels_of(frame, view.panel), away, strict=True):
                level = colors.index(tuple(map(int, color)))
                assert level == TONES or (level > TONES) == (value > 0)


def test_what_was_not_drawn_is_neither_kept_nor_dropped(models):
    """Cells beyond the length of a sequence have a colour of their own."""
    run = models["lengths"]
    chart = make("sites", [run], (1280, 720))
    panel = chart.views[0][1].panel
    for index, (_, length, _) in enumerate(run.mask_sizes["1"]):
        chart.show(index)
        states = panel.image.states.reshape(run.sites[0].shape[1:])
        assert (states[length:] == 2).all()
        np.testing.assert_array_equal(states[:length], run.masks["1"][index, 0, :length])


def test_many_sites_and_small_pictures(models):
    """Blocks are grouped, the number of sites left out is told, and so is that of the cells."""
    for size, most in (((1280, 720), 30), ((600, 338), 20)):
        chart = make("sites", [models["deep"]], size)
        words = " ".join(each.words for each in _letters(chart))
        shown = chart.diagram.shown
        assert 9 <= shown < most
        assert f"{shown} of 30 sites" in words
        assert f"+{30 - shown} sites" in words
        assert "2 blocks" in words
    words = " ".join(each.words for each in _letters(make("sites", [models["wide"]], (320, 180))))
    shown = int(re.search(r"([\d,]+) of 30,000 cells", words)[1].replace(",", ""))
    assert 100 < shown < 30_000


@pytest.mark.parametrize("name", NAMES)
def test_words_have_places_of_their_own(models, name):
    """No words lie over others or beyond the picture, in wide and high pictures and with large type."""
    for size, theme in (((1280, 720), "light"), ((600, 338), "light"), ((720, 1280), "slides")):
        letters = _letters(make("sites", [models[name]], size, theme))
        _look_for_overlaps(letters)
        for words, box, points in letters:
            assert box.x0 >= 0 and box.x1 <= size[0], words  # noqa: PT018  # one line
            assert box.y0 >= 0 and box.y1 <= size[1], words  # noqa: PT018  # one line
            assert points >= 11 - 1e-9, words


def test_share_and_drop_probability_are_those_recorded(models):
    """Beside each site are its name, kind, the drop probability asked for, and the share of this iteration."""
    run = models["cnn"]
    chart = make("sites", [run], (1280, 720))
    index = chart.timeline.indices[-1]
    words = [each.words for each in _letters(chart)]
    assert {"1", "channels · drop_prob 0.4", f"dropped {100 * run.drop_rate['1'][index]:.1f}%"} <= set(words)


def test_unseen_noise_is_named(models):
    """A line at the bottom says what the recording did not see."""
    run = replace(models["cnn"], unseen=("attention: drops 0.1 inside a fused kernel",))
    words = [each.words for each in _letters(make("sites", [run], (1280, 720)))]
    assert "Not seen: attention: drops 0.1 inside a fused kernel" in words


def test_cells_can_be_pointed_at(models, tmp_path):
    """The page says of each cell in how many iterations it was dropped, where the cell is."""
    run = models["cnn"]
    page = dropviz.animate(run, "sites", out=tmp_path / "a.html").path.read_text()
    data = json.loads(re.search(r'id="data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
    said = [part["words"] for part in data["parts"]]
    shares = [f"{100 * share:.0f}%" for share in (~run.masks["1"][:, 0]).mean(axis=0)]
    assert said == [
        f"1, channel {channel}: dropped in {share} of the recorded iterations" for channel, share in enumerate(shares)
    ]
    assert len(re.findall(r"<circle data-part", page)) == 6


def test_the_pointer_on_a_cell_says_how_often_it_was_dropped(models, tmp_path, browser):
    """In a browser, the tip is about the cell under the pointer, whatever the frame."""
    run = models["cnn"]
    browser.open(dropviz.animate(run, "sites", out=tmp_path / "a.html").path, reduced=True)
    panel = make("sites", [run], (960, 540)).views[0][1].panel  # a page has a unit for each point
    for channel, share in enumerate((~run.masks["1"][:, 0]).mean(axis=0)):
        x, y = panel.grid.corners()[channel] + panel.corner + panel.grid.side / 2
        words = f"1, channel {channel}: dropped in {100 * share:.0f}% of the recorded iterations"
        assert hover(browser, x, y) == [words]


def test_recordings_without_blocks_are_drawn_by_their_layers(noisy):
    """A chain that was recorded without blocks has those of its layers; its sites follow them."""
    bare = replace(noisy, blocks=())
    labels = [(block.name, block.kind) for block in blocks_of(bare)]
    assert labels[:3] == [("input", "input"), ("0", "site"), ("hidden 1", "module")]
    assert all((number - 1, number) in read_diagram(bare).edges for number in range(1, len(labels)))
    alone = replace(bare, layers=(), weights={}, activations={}, edges={}, edge_drop_rate={}, shown_units={})
    assert not read_diagram(alone).edges


@pytest.mark.parametrize("name", [name for name in CHARTS if find_chart(name).needs_layers])
def test_charts_of_layers_point_to_sites(models, name):
    """A model that is no chain is refused in one line; a mask that all examples share is not called nothing."""
    with pytest.raises(RecordingError, match=r"^'cnn' is no chain of linear modules: draw it with the chart 'sites'$"):
        find_chart(name).check(gather([models["cnn"]]))
    with pytest.raises(RecordingError, match=r"^'shared' has a mask that all examples share: draw it with"):
        find_chart(name).check(gather([models["shared"]]))


def test_sites_is_the_default_for_other_models(models, recordings, run):
    """Without a chart, a model that is no chain is drawn as sites; a chain and a comparison as accuracy."""
    assert default_chart(models["cnn"]) == "sites"
    assert default_chart(recordings) == default_chart([models["cnn"], models["residual"]], compare=True) == "accuracy"
    models["cnn"].save("cnn.npz")
    done = run("animate", "cnn.npz", "--size", "320x180", "--frames", "2")
    assert done.stdout.replace("\\", "/") == "out/sites.gif\n"


def test_alt_text_names_the_sites(models):
    """It says how much each site dropped, of the first four, and how many more there are."""
    from dropviz.rendering.options import RenderOptions
    from dropviz.rendering.source import ChartSource

    few, many = (ChartSource(gather([models[name]]), "sites").description(RenderOptions()) for name in ("cnn", "deep"))
    assert f"1 {100 * models['cnn'].drop_rate['1'].mean():.1f}%" in few
    assert "and 26 more" in many
    assert len(many) < 600
