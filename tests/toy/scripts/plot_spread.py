"""The mean square of random walks against the step, and the line k."""

from pipeline import figures, style
from scripts.toy.slice import Spread


def _draw(found):
    figure, (panel,) = style.new_figure(["A"], 2.5)
    panel.plot(found.k, found.square, color=style.BLUE, gid="square")
    panel.plot(found.k, found.k, color=style.BLACK, gid="line")
    panel.set(xlabel="step $k$", ylabel="mean square")
    return figure


def _words(found, job):
    yield f"Walks with steps ±1, {job.fitted}: their mean square (blue) beside k (black)."
    yield f"After {found.k.max()} steps it is {style.number(found.square.iloc[-1])}."


main = figures.program(Spread, "Random walks, {name}", _draw, _words)

if __name__ == "__main__":
    main()
