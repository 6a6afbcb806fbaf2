"""Places under the sky: city, sea, forest, mountains and their like, from the horizon to the camera.

Not people or props (`figures.py`, `props.py`) and not weather.
"""

import math
from collections.abc import Callable, Mapping

import numpy as np

from services.generation.providers.animatic.canvas import Canvas, Colour, Mask, Point, clouds, mix, scaled
from services.generation.providers.animatic.land import Land
from services.generation.providers.animatic.subject import Place, Time
from services.generation.providers.animatic.tones import Tones


class Outdoors(Land):
    """One exterior: paints itself on a canvas, layer after layer."""

    def paint(self) -> None:
        """Everything behind the people."""
        self.sky()
        self.luminary()
        painters: Mapping[Place, Callable[[], None]] = {
            Place.CITY: self.city,
            Place.SEA: self.sea,
            Place.FOREST: self.forest,
            Place.MOUNTAINS: self.mountains,
            Place.DESERT: self.desert,
            Place.ROAD: self.road,
            Place.VILLAGE: self.village,
            Place.SPACE: self.space,
        }
        painters.get(self.subject.place, self.field)()

    def city(self) -> None:
        """Two skylines in haze, then a street between walls that run to the vanishing point."""
        tones, horizon, air = self.tones, self.framing.horizon, self.framing.air
        self.skyline(horizon + 0.02, 0.20, 0.42, tones.hazed(self.land(0.42), min(0.9, 0.5 + 0.4 * air)), 0.30)
        self.mist(horizon, 0.10, 0.5)
        self.skyline(horizon + 0.03, 0.14, 0.34, tones.hazed(self.land(0.3), 0.3 * air + 0.14), 0.75)
        self.mist(horizon + 0.03, 0.06, 0.35)
        self.ground(scaled(self.land(0.16), 0.8), tones.hazed(self.land(0.34), 0.45))
        self.street()

    def skyline(self, base: float, low: float, high: float, colour: Colour, lit: float) -> None:
        """A row of buildings with windows; `lit` is how strongly the windows show."""
        canvas, rng = self.canvas, self.rng
        walls, windows = canvas.mask(), canvas.mask()
        x = -canvas.half_width - 0.1
        while x < canvas.half_width + 0.1:
            wide = float(rng.uniform(0.06, 0.17))
            near_middle = math.exp(-((x / 0.7) ** 2))
            tall = float(rng.uniform(low, high)) * (0.7 + 0.5 * near_middle)
            walls.box(x, base - tall, x + wide, base + 0.2)
            if rng.random() < 0.3:
                walls.box(x + wide * 0.46, base - tall - 0.05, x + wide * 0.5, base - tall)
            if rng.random() < 0.35:
                walls.box(x + wide * 0.2, base - tall - 0.022, x + wide * 0.8, base - tall)
            self._windows(windows, x, base - tall, wide, tall)
            x += wide * float(rng.uniform(0.8, 1.15))
        canvas.paint(walls, canvas.rows([(base - high, colour), (base, mix(colour, self.tones.sky[2], 0.35))]))
        if self.tones.dark or self.subject.time is Time.DUSK:
            canvas.light(windows, self.tones.practical, lit)
        else:
            canvas.paint(windows, scaled(colour, 0.72), lit * 0.8)

    def _windows(self, mask: Mask, left: float, top: float, wide: float, tall: float) -> None:
        columns, rows = max(2, int(wide / 0.016)), max(3, int(tall / 0.022))
        step_x, step_y = wide / columns, tall / rows
        for column in range(columns):
            for row in range(rows):
                if self.rng.random() < (0.34 if self.tones.dark else 0.6):
                    x, y = left + (column + 0.28) * step_x, top + (row + 0.3) * step_y
                    mask.box(x, y, x + step_x * 0.45, y + step_y * 0.45, float(self.rng.uniform(0.35, 1.0)))

    def street(self) -> None:
        """Walls left and right, kerbs, and light pools on the road."""
        canvas, tones, (vx, vy) = self.canvas, self.tones, self.vanish
        bottom, edge = canvas.half_height + 0.1, canvas.half_width + 0.1
        for side in (-1, 1):
            near_x, far_x = side * edge, vx + side * 0.17
            top, far_top = vy - 1.25, vy - 0.30
            wall = [(near_x, top), (far_x, far_top), (far_x, vy + 0.035), (near_x, vy + 0.55)]
            shadow = scaled(self.land(0.17), 0.9 if side == self.light_side else 0.6)
            far = tones.hazed(self.land(0.3), 0.4)
            stops = [(near_x, shadow), (far_x, far)] if near_x < far_x else [(far_x, far), (near_x, shadow)]
            canvas.paint(canvas.mask().polygon(wall), canvas.columns(stops))
            self._wall_windows(side, near_x, far_x)
        kerb = canvas.mask()
        for side in (-1, 1):
            kerb.polygon(
                [
                    (vx + side * 0.15, vy + 0.03),
                    (side * edge, vy + 0.50),
                    (side * edge, vy + 0.60),
                    (vx + side * 0.145, vy + 0.034),
                ]
            )
        canvas.paint(kerb, tones.hazed(self.land(0.45), 0.2), 0.6)
        lane = canvas.mask()
        for index in range(9):
            near, far = 0.04 + 0.62 * (index / 9) ** 2.2, 0.04 + 0.62 * ((index + 0.45) / 9) ** 2.2
            lane.polygon(
                [
                    (vx - 0.045 * near, vy + near),
                    (vx + 0.045 * near, vy + near),
                    (vx + 0.045 * far, vy + far),
                    (vx - 0.045 * far, vy + far),
                ]
            )
        canvas.paint(lane, self.land(0.8), 0.35)
        if "rain" in self.subject.props or tones.dark:
            self.reflections(vy + 0.04, bottom, 0.5)

    def _wall_windows(self, side: int, near_x: float, far_x: float) -> None:
        """Rows of windows in perspective, some of them lit; a shop light near the ground."""
        canvas, tones, (_, vy) = self.canvas, self.tones, self.vanish
        lit, dark = canvas.mask(), canvas.mask()
        columns, rows = 9, 7
        for column in range(columns):
            for row in range(rows):
                a, b = (column / columns) ** 0.62, ((column + 0.55) / columns) ** 0.62
                quad = []
                for share, level in ((a, row), (b, row), (b, row + 0.55), (a, row + 0.55)):
                    x = near_x + (far_x - near_x) * share
                    top, ground = -1.25 + 0.95 * share, 0.50 - 0.465 * share
                    quad.append((x, vy + top + (ground - top) * (0.04 + 0.86 * level / rows)))
                (lit if self.rng.random() < (0.3 if tones.dark else 0.12) else dark).polygon(
                    quad, float(self.rng.uniform(0.5, 1))
                )
        canvas.paint(dark, scaled(self.land(0.12), 0.8), 0.55)
        canvas.paint(lit, tones.practical, 0.85 if tones.dark else 0.3)
        canvas.light(lit.blurred(0.02), tones.practical, 0.45 if tones.dark else 0.08)

    def sea(self) -> None:
        """Water to the horizon with a road of light, a headland, sometimes a shore."""
        canvas, tones, horizon, rng = self.canvas, self.tones, self.framing.horizon, self.rng
        deep, far = scaled(mix(self.land(0.28), tones.sky[0], 0.5), 0.75), mix(tones.sky[2], tones.sky[1], 0.35)
        self.ground(deep, far, 0.05)
        side = -self.light_side
        head = [(side * 2.0, horizon + 0.004), (side * 2.0, horizon - 0.16)]
        for x in np.linspace(1.5, 0.35, 12):
            head.append(
                (side * float(x), horizon - 0.13 * float((x - 0.3) / 1.2) ** 0.8 + float(rng.uniform(-0.008, 0.008)))
            )
        canvas.paint(canvas.mask().polygon([*head, (side * 0.3, horizon + 0.004)]), tones.hazed(self.land(0.3), 0.45))
        bottom = canvas.half_height
        waves, glints = canvas.mask(), canvas.mask()
        light_x = self.light_side * self.framing.half_width * 0.45
        for _ in range(420):
            depth = float(rng.random()) ** 1.7
            y = horizon + 0.006 + depth * (bottom - horizon)
            x, wide = float(rng.uniform(-canvas.half_width, canvas.half_width)), 0.012 + 0.14 * depth
            waves.spline([(x - wide, y), (x, y - 0.004 - 0.012 * depth), (x + wide, y), (x, y + 0.002)], 0.8)
            spread = 0.05 + 0.30 * depth
            gx = light_x + float(rng.normal(0, spread))
            glints.spline(
                [(gx - wide * 0.6, y), (gx, y - 0.002 - 0.004 * depth), (gx + wide * 0.6, y), (gx, y + 0.002)]
            )
        canvas.paint(waves, scaled(deep, 0.75), 0.4)
        canvas.light(glints, tones.key if tones.dark else mix(tones.practical, tones.sky[2], 0.6), 0.42)
        self.mist(horizon, 0.035, 0.55)
        self.shore()

    def shore(self) -> None:
        """Wet sand and foam at the bottom of the picture."""
        canvas, tones, rng = self.canvas, self.tones, self.rng
        bottom, half = canvas.half_height + 0.1, canvas.half_width + 0.1
        line = max(0.30, self.framing.horizon + 0.11)
        edge = [
            (x, line + 0.05 * math.sin(x * 2.1 + 1) + 0.012 * math.sin(x * 9))
            for x in np.linspace(-half, half, 60).tolist()
        ]
        foam = [(x, y - 0.014 - 0.006 * float(rng.random())) for x, y in edge]
        canvas.paint(
            canvas.mask().polygon([*foam, (half, bottom), (-half, bottom)]),
            mix(tones.sky[2], tones.ramp[-1], 0.5),
            0.75,
        )
        sand = canvas.rows([(line, mix(self.land(0.45), tones.sky[1], 0.3)), (bottom, scaled(self.land(0.36), 0.75))])
        canvas.paint(canvas.mask().polygon([*edge, (half, bottom), (-half, bottom)]), sand)

    def forest(self) -> None:
        """Trunks in three depths, with light between them."""
        tones, horizon = self.tones, self.framing.horizon
        self.ridge(horizon - 0.02, 0.30, 0.72, tones.hazed(self.land(0.35), 0.62))
        self.ground(scaled(self.land(0.18), 0.8), tones.hazed(self.land(0.38), 0.5), 0.22)
        for depth, count in ((0.72, 26), (0.42, 16), (0.14, 8)):
            self.mist(horizon + 0.04, 0.16, 0.30 * depth + 0.08)
            self.trunks(depth, count)
        if not tones.dark:
            self.shafts()

    def trunks(self, depth: float, count: int) -> None:
        """A rank of trees; `depth` 1 is far."""
        canvas, rng, horizon = self.canvas, self.rng, self.framing.horizon
        trunks, leaves = canvas.mask(), canvas.mask()
        wide, foot = 0.010 + 0.05 * (1 - depth) ** 1.6, horizon + 0.03 + 0.36 * (1 - depth) ** 2
        for index in range(count):
            x = canvas.half_width * (2 * (index + float(rng.uniform(0.1, 0.9))) / count - 1) * 1.05
            if depth < 0.3 and abs(x) < 0.42:
                continue
            width, lean = wide * float(rng.uniform(0.6, 1.3)), float(rng.normal(0, 0.03))
            top = -canvas.half_height - 0.1
            trunks.polygon(
                [(x - width, foot), (x - width * 0.55 + lean, top), (x + width * 0.55 + lean, top), (x + width, foot)]
            )
            for _ in range(3):
                at, reach = (
                    float(rng.uniform(top, max(top + 0.01, foot - 0.25))),
                    float(rng.choice([-1, 1])) * float(rng.uniform(0.05, 0.16)),
                )
                trunks.stroke([(x + lean * 0.5, at), (x + reach, at - 0.07)], width * 0.35)
            for _ in range(7):
                place = (x + float(rng.normal(0, 0.09)), float(rng.uniform(top, max(top + 0.01, horizon - 0.30))))
                leaves.disc(place, float(rng.uniform(0.03, 0.10)) * (1.3 - depth))
        colour = self.tones.hazed(scaled(self.land(0.2), 0.7), depth * (0.55 + 0.4 * self.framing.air))
        canvas.paint(leaves.blurred(0.006), mix(colour, self.land(0.4), 0.25), 0.8)
        canvas.paint(trunks, colour)

    def shafts(self) -> None:
        """Beams from the key side."""
        canvas, rng = self.canvas, self.rng
        beams = canvas.mask()
        for _ in range(5):
            x = self.light_side * float(rng.uniform(-0.2, 0.9))
            wide = float(rng.uniform(0.02, 0.07))
            lean = -self.light_side * 0.5
            beams.polygon([(x, -0.8), (x + wide, -0.8), (x + wide * 2.4 + lean, 0.6), (x - wide + lean, 0.6)], 0.8)
        canvas.light(beams.blurred(0.03), mix(self.tones.key, self.tones.practical, 0.3), 0.20)

    def mountains(self) -> None:
        """Ranges in growing contrast, then a slope."""
        tones, horizon = self.tones, self.framing.horizon
        for depth, height, rough in ((0.78, 0.42, 0.62), (0.5, 0.28, 0.6), (0.22, 0.15, 0.58)):
            colour = tones.hazed(self.land(0.30), min(0.92, depth * (0.7 + 0.5 * self.framing.air)))
            edge = self.ridge(horizon + 0.05 - depth * 0.04, height, rough, colour)
            if depth > 0.3:
                self._snowcaps(edge, mix(colour, tones.ramp[-1], 0.6 if not tones.dark else 0.25))
            self.mist(horizon + 0.03, 0.07, 0.4)
        self.ground(scaled(self.land(0.2), 0.8), tones.hazed(self.land(0.4), 0.3), 0.2)

    def _snowcaps(self, edge: list[Point], colour: Colour) -> None:
        top = min(y for _, y in edge)
        hang = self.rng.uniform(0.55, 1.0, len(edge))
        lower = [(x, y + max(0.0, 0.13 - (y - top)) * float(share)) for (x, y), share in zip(edge, hang, strict=True)]
        self.canvas.paint(self.canvas.mask().polygon([*edge, *reversed(lower)]), colour, 0.7)

    def desert(self) -> None:
        """Dunes with a lit and a dark side."""
        tones, horizon = self.tones, self.framing.horizon
        for step, depth in enumerate((0.75, 0.5, 0.25, 0.0)):
            base = horizon + 0.05 + 0.16 * step
            lit = tones.hazed(mix(self.land(0.62), tones.practical, 0.25), depth * 0.7)
            dark = tones.hazed(self.land(0.36), depth * 0.7)
            colour = self.canvas.rows([(base - 0.14, lit), (base + 0.12, dark)])
            self.ridge(base, 0.10 + 0.03 * step, 0.42, colour)

    def field(self) -> None:
        """Rolling hills, a line of trees, grass that catches the light."""
        tones, horizon = self.tones, self.framing.horizon
        self.ridge(horizon + 0.03, 0.16, 0.5, tones.hazed(self.land(0.42), 0.68))
        self.mist(horizon + 0.01, 0.05, 0.4)
        self.ridge(horizon + 0.05, 0.09, 0.5, tones.hazed(self.land(0.36), 0.4))
        self.treeline(horizon + 0.045, 0.045, 0.35)
        self.ground_from(horizon + 0.06, scaled(self.land(0.22), 0.85), tones.hazed(self.land(0.5), 0.25))
        self.grass()

    def road(self) -> None:
        """A road that runs to the horizon, poles beside it."""
        canvas, tones, (vx, vy) = self.canvas, self.tones, self.vanish
        self.ridge(vy + 0.02, 0.10, 0.5, tones.hazed(self.land(0.4), 0.6))
        self.ground(scaled(self.land(0.3), 0.85), tones.hazed(self.land(0.48), 0.4), 0.2)
        bottom = canvas.half_height + 0.1
        reach = bottom - vy
        road = [(vx - 0.012, vy), (vx + 0.012, vy), (vx + 1.15 * reach, bottom), (vx - 1.15 * reach, bottom)]
        canvas.paint(
            canvas.mask().polygon(road),
            canvas.rows([(vy, tones.hazed(self.land(0.4), 0.5)), (bottom, scaled(self.land(0.14), 0.9))]),
        )
        lines = canvas.mask()
        for side in (-1, 1):
            lines.polygon(
                [(vx + side * 0.010, vy), (vx + side * 1.05 * reach, bottom), (vx + side * 1.02 * reach, bottom)]
            )
        for index in range(8):
            a, b = 0.03 + reach * (index / 8) ** 2, 0.03 + reach * ((index + 0.5) / 8) ** 2
            lines.polygon(
                [(vx - 0.03 * a, vy + a), (vx + 0.03 * a, vy + a), (vx + 0.03 * b, vy + b), (vx - 0.03 * b, vy + b)]
            )
        canvas.paint(lines, self.land(0.85), 0.55)
        poles = canvas.mask()
        for index in range(7):
            scale = 0.06 * 1.75**index
            x = vx + self.light_side * -1 * (0.03 + scale * 0.9)
            poles.stroke([(x, vy + scale * 0.3), (x, vy - scale * 0.9)], scale * 0.03)
            poles.stroke([(x - scale * 0.15, vy - scale * 0.78), (x + scale * 0.15, vy - scale * 0.78)], scale * 0.025)
        canvas.paint(poles, scaled(self.land(0.18), 0.8), 0.9)
        if "rain" in self.subject.props:
            self.reflections(vy, bottom, 0.35)

    def village(self) -> None:
        """Hills, a few roofs with lit windows, a path."""
        canvas, tones, horizon, rng = self.canvas, self.tones, self.framing.horizon, self.rng
        self.ridge(horizon, 0.18, 0.5, tones.hazed(self.land(0.4), 0.62))
        self.treeline(horizon + 0.02, 0.05, 0.45)
        self.mist(horizon + 0.01, 0.06, 0.35)
        self.ground(scaled(self.land(0.2), 0.85), tones.hazed(self.land(0.45), 0.35), 0.2)
        lit = tones.dark or self.subject.time is Time.DUSK
        for x, size in ((-0.62, 0.20), (-0.30, 0.12), (0.18, 0.10), (0.50, 0.16), (0.88, 0.24)):
            house(canvas, (x + float(rng.uniform(-0.05, 0.05)), horizon + 0.03 + size * 0.35), size, tones, lit, 0.3)
        bottom = canvas.half_height + 0.1
        vx = self.vanish[0]
        path = [
            (vx - 0.01, horizon + 0.05),
            (vx + 0.015, horizon + 0.05),
            (vx + 0.10, horizon + 0.2),
            (vx + 0.42, bottom),
            (vx - 0.25, bottom),
            (vx - 0.02, horizon + 0.2),
        ]
        canvas.paint(canvas.mask().polygon(path), mix(self.land(0.5), tones.sky[2], 0.2), 0.55)
        self.grass()

    def space(self) -> None:
        """Stars, a veil, a planet with its night side."""
        canvas, tones, rng = self.canvas, self.tones, self.rng
        canvas.rgb[:] = canvas.rows([(-0.7, scaled(tones.ramp[1], 0.12)), (0.7, scaled(tones.ramp[2], 0.28))])
        veil = clouds(canvas.width, canvas.height, rng, cells=2.5, octaves=5, stretch=1.6)
        canvas.wash(
            np.clip((veil - np.float32(0.5)) / np.float32(0.6), 0, 1).astype(np.float32),
            mix(tones.accent, tones.ramp[2], 0.5),
        )
        self.stars(520, -0.8, 0.8)
        place = (-self.light_side * 0.5, 0.34)
        canvas.glow(place, 0.72, tones.key, 0.30)
        canvas.paint(
            canvas.mask().disc(place, 0.44),
            canvas.columns([(place[0] - 0.44, tones.at(0.3)), (place[0] + 0.44, tones.at(0.75))]),
        )
        shade = canvas.mask().disc((place[0] - self.light_side * 0.14, place[1] + 0.08), 0.44)
        canvas.paint(shade.blurred(0.05), scaled(tones.ramp[0], 0.8), 0.7)


def house(canvas: Canvas, foot: Point, size: float, tones: Tones, lit: bool, haze: float) -> None:
    """A gabled house standing at `foot`; `size` is its width."""
    x, y = foot
    wall, roof = tones.hazed(tones.at(0.3), haze), tones.hazed(scaled(tones.at(0.16), 0.8), haze)
    top = y - size * 0.5
    canvas.paint(canvas.mask().box(x - size / 2, top, x + size / 2, y), scaled(wall, 0.8))
    gable = [
        (x - size * 0.58, top),
        (x - size * 0.3, top - size * 0.42),
        (x + size * 0.3, top - size * 0.42),
        (x + size * 0.58, top),
    ]
    canvas.paint(
        canvas.mask().polygon(gable).box(x + size * 0.16, top - size * 0.6, x + size * 0.26, top - size * 0.3), roof
    )
    panes = canvas.mask()
    for share in (-0.3, 0.02):
        panes.box(x + size * share, y - size * 0.34, x + size * (share + 0.16), y - size * 0.14)
    canvas.paint(panes, tones.practical if lit else scaled(roof, 0.8))
    if lit:
        canvas.light(panes.blurred(size * 0.12), tones.practical, 0.6)
