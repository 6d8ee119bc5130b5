"""Plots as SVG, written by hand: points on two logarithmic axes, and shares."""

import math

COLORS = {"read": "#1f6fb4", "written": "#d1641f"}
SIZE, LEFT, TOP = 460, 62, 34


class Axes:
    """A square frame with two scales from values to pixels."""

    def __init__(self, title, x_title, y_title, xs, ys):
        self.xs, self.ys = xs, ys
        width, height = LEFT + SIZE + 20, TOP + SIZE + 52
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} '
            f'{height}" width="{width}" height="{height}" '
            f'font-family="sans-serif" font-size="12">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            f'<text x="{LEFT + SIZE / 2}" y="20" text-anchor="middle" '
            f'font-size="14">{title}</text>',
            f'<rect x="{LEFT}" y="{TOP}" width="{SIZE}" height="{SIZE}" '
            f'fill="none" stroke="#444"/>',
            f'<text x="{LEFT + SIZE / 2}" y="{TOP + SIZE + 42}" '
            f'text-anchor="middle">{x_title}</text>',
            f'<text transform="translate(16,{TOP + SIZE / 2}) rotate(-90)" '
            f'text-anchor="middle">{y_title}</text>',
        ]

    def x(self, value):
        low, high = self.xs
        return LEFT + SIZE * (value - low) / (high - low)

    def y(self, value):
        low, high = self.ys
        return TOP + SIZE * (1 - (value - low) / (high - low))

    def tick_x(self, value, text):
        x = self.x(value)
        self.parts.append(
            f'<path d="M{x:.1f} {TOP}v{SIZE}" stroke="#ddd"/><text x="{x:.1f}" '
            f'y="{TOP + SIZE + 18}" text-anchor="middle">{text}</text>')

    def tick_y(self, value, text):
        y = self.y(value)
        self.parts.append(
            f'<path d="M{LEFT} {y:.1f}h{SIZE}" stroke="#ddd"/><text '
            f'x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{text}</text>')

    def line(self, points, color, width=1, dash=""):
        path = "L".join(f"{self.x(x):.1f} {self.y(y):.1f}" for x, y in points)
        self.parts.append(
            f'<path d="M{path}" fill="none" stroke="{color}" '
            f'stroke-width="{width}" stroke-dasharray="{dash}"/>')

    def dots(self, points, color):
        """Points on the same pixel are drawn once."""
        pixels = sorted({(round(self.x(x)), round(self.y(y))) for x, y in points})
        path = "".join(f"M{x} {y}h0" for x, y in pixels)
        self.parts.append(
            f'<path d="{path}" stroke="{color}" stroke-width="3" '
            f'stroke-linecap="round" stroke-opacity="0.6" fill="none"/>')

    def key(self, entries):
        for i, (text, color) in enumerate(entries):
            y = TOP + 18 + 16 * i
            self.parts.append(
                f'<circle cx="{LEFT + 14}" cy="{y - 4}" r="4" fill="{color}"/>'
                f'<text x="{LEFT + 24}" y="{y}">{text}</text>')

    def key_of_lines(self, entries):
        """At the bottom right: curves of shares are at the top there."""
        for i, (text, color, dash) in enumerate(entries):
            x, y = LEFT + SIZE - 236, TOP + SIZE - 12 - 16 * (len(entries) - 1 - i)
            self.parts.append(
                f'<rect x="{x - 36}" y="{y - 12}" width="272" height="16" '
                f'fill="white"/><path d="M{x - 30} {y - 4}h24" '
                f'stroke="{color}" stroke-width="2" stroke-dasharray="{dash}"/>'
                f'<text x="{x}" y="{y}">{text}</text>')

    def write(self, path):
        with open(path, "w") as file:
            file.write("\n".join(self.parts + ["</svg>"]) + "\n")


def bytes_text(exponent):
    value = 2 ** exponent
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value} {unit}"
        value //= 1024
    return f"{value} TiB"


def plot_scatter(path, title, pairs):
    """`pairs`: direction -> [(measured, predicted)] in bytes; 0 is drawn where
    16 bytes would be."""
    log = lambda value: math.log2(max(value, 16))
    most = max((log(v) for p in pairs.values() for xy in p for v in xy), default=5)
    scale = (4, math.ceil(most))
    axes = Axes(title, "measured", "predicted", scale, scale)
    for exponent in range(6, scale[1] + 1, 4):
        axes.tick_x(exponent, bytes_text(exponent))
        axes.tick_y(exponent, bytes_text(exponent))
    axes.line([(scale[0], scale[0]), (scale[1], scale[1])], "#999")
    for direction, points in pairs.items():
        axes.dots([(log(m), log(p)) for m, p in points], COLORS[direction])
    axes.key([(d, COLORS[d]) for d in pairs])
    axes.write(path)


def plot_errors(path, title, groups):
    """`groups`: text -> (errors, color, dash); the share of measurements whose
    error is at most x."""
    scale = (-4, 1)
    axes = Axes(title, "error at most", "share of measurements", scale, (0.5, 1))
    for exponent, text in zip(range(-4, 2),
                              ["0.01%", "0.1%", "1%", "10%", "100%", "1000%"]):
        axes.tick_x(exponent, text)
    for tenth in range(5, 11):
        axes.tick_y(tenth / 10, f"{10 * tenth}%")
    for errors, color, dash in groups.values():
        ordered, points = sorted(errors), []
        for step in range(201):
            exponent = scale[0] + (scale[1] - scale[0]) * step / 200
            share = sum(e <= 10 ** exponent for e in ordered) / len(ordered)
            points.append((exponent, max(share, 0.5)))
        axes.line(points, color, 2, dash)
    axes.key_of_lines([(text, color, dash)
                       for text, (_, color, dash) in groups.items()])
    axes.write(path)


def plot_errors_by_size(path, title, points):
    """`points`: direction -> [(accesses, error)]; what is below 0.001% is drawn
    there, what is above 1000% too."""
    log = lambda error: min(max(math.log10(max(error, 1e-5)), -5), 1)
    axes = Axes(title, "accesses", "error", (6.5, 10.1), (-5, 1))
    for exponent in range(7, 11):
        axes.tick_x(exponent, f"1e{exponent}")
    for exponent, text in zip(range(-5, 2), ["0.001%", "0.01%", "0.1%", "1%",
                                             "10%", "100%", "1000%"]):
        axes.tick_y(exponent, text)
    for direction, found in points.items():
        axes.dots([(math.log10(n), log(e)) for n, e in found], COLORS[direction])
    axes.key([(d, COLORS[d]) for d in points])
    axes.write(path)
