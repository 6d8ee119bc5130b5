"""Plots as SVG, written by hand: curves and dots on logarithmic axes."""

import math

COLORS = ["#1f6fb4", "#d1641f", "#2f8f4e", "#8d4bb5", "#b0303c", "#5b6770"]
WIDTH, HEIGHT, TOP = 520, 380, 34


def _ticks(low, high):
    """Powers of ten in a range, or of two where those are too few."""
    base = 10 if math.log10(high / low) > 2.5 else 2
    first = math.ceil(math.log(low, base) - 1e-9)
    last = math.floor(math.log(high, base) + 1e-9)
    return [base ** k for k in range(first, last + 1)]


def _text(value):
    for factor, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= factor:
            return f"{value / factor:g}{letter}"
    return f"{value:g}"


class Plot:
    """A frame with a logarithmic x axis, and room for names on both sides."""

    def __init__(self, title, x_title, xs, left, right, height=HEIGHT):
        self.xs, self.left, self.height = xs, left, height
        total = left + WIDTH + right, TOP + height + 52
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total[0]} '
            f'{total[1]}" width="{total[0]}" height="{total[1]}" '
            f'font-family="sans-serif" font-size="12">',
            f'<rect width="{total[0]}" height="{total[1]}" fill="white"/>',
            f'<text x="{left + WIDTH / 2}" y="20" text-anchor="middle" '
            f'font-size="14">{title}</text>']
        for value in _ticks(*xs):
            x = self.x(value)
            self.parts.append(
                f'<path d="M{x:.1f} {TOP}v{height}" stroke="#ddd"/>'
                f'<text x="{x:.1f}" y="{TOP + height + 18}" '
                f'text-anchor="middle">{_text(value)}</text>')
        self.parts.append(
            f'<rect x="{left}" y="{TOP}" width="{WIDTH}" height="{height}" '
            f'fill="none" stroke="#444"/><text x="{left + WIDTH / 2}" '
            f'y="{TOP + height + 42}" text-anchor="middle">{x_title}</text>')

    def x(self, value):
        low, high = self.xs
        return self.left + WIDTH * math.log(value / low) / math.log(high / low)

    def label(self, x, y, text, color="#222", anchor="start"):
        self.parts.append(f'<text x="{x:.1f}" y="{y + 4:.1f}" fill="{color}" '
                          f'text-anchor="{anchor}">{text}</text>')

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(self.parts + ["</svg>"]) + "\n")


class Curves(Plot):
    """Curves, named at their right ends, over horizontal lines."""

    def __init__(self, title, x_title, y_title, xs, ys):
        super().__init__(title, x_title, xs, left=74, right=190)
        self.ys, self.used = ys, []
        for value in _ticks(*ys):
            self.parts.append(
                f'<path d="M{self.left} {self.y(value):.1f}h{WIDTH}" '
                f'stroke="#ddd"/>')
            self.label(self.left - 6, self.y(value), _text(value),
                       anchor="end")
        self.parts.append(
            f'<text transform="translate(16,{TOP + HEIGHT / 2}) rotate(-90)" '
            f'text-anchor="middle">{y_title}</text>')

    def y(self, value):
        low, high = self.ys
        return TOP + HEIGHT * (1 - math.log(value / low) / math.log(high / low))

    def _free(self, y):
        """The nearest place below where no name stands yet."""
        while any(abs(y - other) < 14 for other in self.used):
            y += 2
        self.used.append(y)
        return y

    def line(self, value, name):
        y = self.y(value)
        self.parts.append(
            f'<path d="M{self.left} {y:.1f}h{WIDTH}" stroke="#444" '
            f'stroke-dasharray="5 4"/>')
        self.label(self.left + 8, y - 9, name, "#444")

    def curve(self, points, name, index):
        color = COLORS[index % len(COLORS)]
        path = "L".join(f"{self.x(x):.1f} {self.y(y):.1f}" for x, y in points)
        self.parts.append(f'<path d="M{path}" fill="none" stroke="{color}" '
                          f'stroke-width="2"/>')
        self.label(self.left + WIDTH + 8, self._free(self.y(points[-1][1])),
                   name, color)


class Dots(Plot):
    """Rows of dots, a color for each series; open dots are what-ifs."""

    ROW = 26

    def __init__(self, title, x_title, xs, rows, series):
        super().__init__(title, x_title, xs, left=130, right=190,
                         height=self.ROW * len(rows))
        self.rows, self.series = rows, series
        for index, row in enumerate(rows):
            y = self._row(index)
            self.parts.append(f'<path d="M{self.left} {y}h{WIDTH}" '
                              f'stroke="#eee"/>')
            self.label(self.left - 8, y, row, anchor="end")
        for index, name in enumerate(series):
            y = TOP + 14 + 20 * index
            self._dot(self.left + WIDTH + 16, y, index, True)
            self.label(self.left + WIDTH + 28, y, name, COLORS[index])

    def _row(self, index):
        return TOP + self.ROW * (index + 0.5)

    def _dot(self, x, y, index, is_full):
        color = COLORS[index % len(COLORS)]
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" stroke="{color}" '
            f'stroke-width="2" fill="{color if is_full else "white"}"/>')

    def dot(self, row, index, value, is_full):
        self._dot(self.x(value), self._row(row), index, is_full)

    def mark(self, value, name):
        x = self.x(value)
        self.parts.append(f'<path d="M{x:.1f} {TOP}v{self.height}" '
                          f'stroke="#444" stroke-dasharray="5 4"/>')
        self.label(x + 4, TOP + self.height - 9, name, "#444")
