"""Pictures of populations: every number stands in them, no two texts lie on each other, and grey print loses nothing."""

import io
from itertools import combinations

import matplotlib as mpl
import pytest
from matplotlib import colors
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from populations import AETNA, BCBSND, NECESSARY, NEEDED, NOT, case, names, results, study
from test_impact import AFTER, BEFORE, ROWS, impact_of

from reasoner.evaluation.determination import Outcome
from reasoner.population.pictures import impact_pictures, summary_pictures
from reasoner.population.plots import LOOKS, SETTINGS, Bars, Matrix, Series, by_outcome, draw, figure_of
from reasoner.population.summary import summarize
from reasoner.population.tables import PICTURE_FORMATS

LONG = (
    "whether a diagnosis of the nerve root or of the plexus is suspected, confirmed or ruled out, and in which region"
)
BARS = Bars(
    title="The first 15 of 104 criteria; a case counts at every criterion that decided it",
    axis="cases decided, of 10,000, by the outcome of the request",
    labels=("short", LONG, f"{LONG}; {LONG}", *(f"criterion {n}: met → not met" for n in range(9))),
    series=by_outcome(lambda outcome: (n * (3 + len(outcome)) ** 2 for n in range(12))),
)
SHARES = Bars(
    title="bcbsnd-emg-ncs/2020-01-22: 10,000 requested studies",
    axis="requested studies (share)",
    labels=("medically necessary", "not medically necessary", "experimental or investigational", "information needed"),
    series=(Series("cases", "", "", (9_999, 1, 0, 0)),),
    looks=tuple(LOOKS.values()),
    whole=10_000,
)
WORDS = ("necessary", "not necessary", "experimental", "information needed")
MATRIX = Matrix(
    "Requested studies: 1,234,567, of which 104,000 change", WORDS, WORDS, "before: a/2020-01-22", "after: a/2026-07-01",
    ((1_000_000, 1, 0, 99_999), (7, 0, 12, 0), (0, 0, 0, 4_000), (0, 0, 0, 130_548)),
)  # fmt: skip
with mpl.rc_context(SETTINGS):
    PICTURES = {
        "one panel": figure_of([BARS], "What decided: BCBSND, Nerve Conduction Studies, edition of 2020-01-22" * 2),
        "one bar": figure_of(
            [Bars("1 criterion", "studies", ("a",), by_outcome(lambda _: (1,)))], "What made the changes"
        ),
        "four panels": figure_of([SHARES] * 4, "Outcomes by policy edition", columns=2),
        "matrices": figure_of([MATRIX, MATRIX], "Outcomes before and after", columns=2),
    }


def texts(figure: Figure) -> dict[Text, Bbox]:
    """What is written in a picture, each with the place that it takes."""
    canvas = FigureCanvasAgg(figure)
    with mpl.rc_context(SETTINGS):
        canvas.draw()
    beyond = {  # matplotlib keeps the label of a tick beyond the end of an axis, and does not draw it
        tick.label1
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }
    found = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in beyond]
    return {text: text.get_window_extent(canvas.get_renderer()) for text in found}


@pytest.mark.parametrize("figure", PICTURES.values(), ids=PICTURES)
def test_no_two_texts_lie_on_each_other_and_none_leaves_the_picture(figure: Figure) -> None:
    placed = texts(figure)
    assert len(placed) > 5
    for (one, first), (other, second) in combinations(placed.items(), 2):
        common = Bbox.intersection(first, second)
        assert common is None or min(common.width, common.height) < 1, (one.get_text(), other.get_text())
    for text, box in placed.items():
        assert box.x0 >= -1, text
        assert box.y0 >= -1, text
        assert box.x1 <= figure.bbox.width + 1, text
        assert box.y1 <= figure.bbox.height + 1, text


def test_every_number_stands_in_the_picture() -> None:
    written = [text.get_text() for text in texts(PICTURES["matrices"])]
    for row in MATRIX.values:
        for number in row:
            assert written.count(f"{number:,}") >= 2
    written = [text.get_text() for text in texts(PICTURES["one panel"])]
    for totals in zip(*(series.values for series in BARS.series), strict=True):
        assert f"{sum(totals):,}" in written
    written = [text.get_text() for text in texts(PICTURES["four panels"])]
    assert [written.count(said) for said in ("9,999 (>99.9 %)", "1 (<0.1 %)", "0 (0.0 %)")] == [4, 4, 8]


@pytest.mark.parametrize("figure", PICTURES.values(), ids=PICTURES)
def test_every_axis_is_labelled(figure: Figure) -> None:
    for number, axes in enumerate(figure.axes):
        assert axes.get_xlabel()
        assert axes.get_title(loc="left")
        if number == 0:
            assert any(label.get_text() for label in axes.get_yticklabels())


def test_outcomes_differ_in_lightness_or_hatching() -> None:
    def lightness(color: str) -> float:
        red, green, blue = colors.to_rgb(color)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert set(LOOKS) == set(Outcome)
    shades = [lightness(color) for color, _ in LOOKS.values()]
    assert shades == sorted(shades)
    for (first, hatch), (second, other) in combinations(LOOKS.values(), 2):
        assert hatch != other or abs(lightness(first) - lightness(second)) > 0.3
        assert abs(lightness(first) - lightness(second)) > 0.05


def test_the_same_picture_has_the_same_bytes() -> None:
    for form in PICTURE_FORMATS:
        assert draw([BARS], "title", form) == draw([BARS], "title", form)
    assert draw([BARS], "title", "png").startswith(b"\x89PNG")
    assert b"<svg" in draw([BARS], "title", "svg")


def test_a_summary_and_an_impact_have_the_pictures_of_their_tables() -> None:
    rows = [
        *ROWS,
        *case(7, BCBSND, NEEDED, study(1, NEEDED, ["repeat-testing"], ["a"], undetermined=["repeat-testing"])),
    ]
    summary = summarize(results(rows))
    drawn = {name: picture for name, _, picture in summary_pictures(summary, names(), "png")}
    assert set(drawn) == {
        "outcomes",
        "deciding-aetna-cpb-0502-2025-11-20",
        "missing-aetna-cpb-0502-2025-11-20",
        "deciding-aetna-cpb-0502-2026-07-01",
        "deciding-bcbsnd-emg-ncs-2020-01-22",
        "missing-bcbsnd-emg-ncs-2020-01-22",
    }
    assert [name for name, _, _ in impact_pictures(impact_of(ROWS), names(), "png")] == [
        "transitions_of_requests",
        "made_by",
    ]
    assert all(io.BytesIO(picture).read(4) == b"\x89PNG" for picture in drawn.values())


def test_without_cases_there_is_nothing_to_draw() -> None:
    assert list(summary_pictures(summarize([]), names(), "png")) == []
    unchanged = [*case(1, AETNA, NOT, study(1, NOT)), *case(1, f"{AETNA[:-10]}2026-07-01", NOT, study(1, NOT))]
    found = impact_of(unchanged, BEFORE, AFTER)
    assert [name for name, _, _ in impact_pictures(found, names(), "png")] == ["transitions_of_requests"]
    assert NECESSARY not in {before for before, _ in found.requests}
