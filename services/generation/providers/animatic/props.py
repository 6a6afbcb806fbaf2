"""Things that a prompt names: cars, boats, lamps, fires, birds and their like, drawn where they would stand.

Not weather (`weather.py`) and not the place itself.
"""

import math

import numpy as np

from services.generation.providers.animatic.camera import Framing
from services.generation.providers.animatic.canvas import Canvas, Point, mix, scaled
from services.generation.providers.animatic.places import house
from services.generation.providers.animatic.subject import Place, Subject, Time
from services.generation.providers.animatic.tones import Tones


class Props:
    """Paints the named things of one picture, far ones first."""

    def __init__(
        self,
        canvas: Canvas,
        subject: Subject,
        tones: Tones,
        framing: Framing,
        rng: np.random.Generator,
        light_side: int,
    ) -> None:
        self.canvas, self.subject, self.tones, self.framing, self.rng = canvas, subject, tones, framing, rng
        self.side = -light_side
        self.lit = tones.dark or subject.time is Time.DUSK
        self.shape = scaled(tones.at(0.13), 0.8)

    def paint(self) -> None:
        """Whatever of the names can stand here."""
        inside = self.subject.interior
        named = self.subject.props
        outside = {
            "lighthouse": self.lighthouse,
            "balloon": self.balloon,
            "birds": self.birds,
            "boat": self.boat,
            "train": self.train,
            "house": self.house,
            "tree": self.tree,
            "lamp": self.lamps,
            "car": self.car,
        }
        anywhere = {"fire": self.fire, "robot": self.robot, "bicycle": self.bicycle, "crowd": self.crowd}
        for name, draw in ({} if inside else outside).items():
            if name in named:
                draw()
        if not inside and self.subject.place is Place.CITY and self.tones.dark and "lamp" not in named:
            self.lamps()
        for name, draw in anywhere.items():
            if name in named:
                draw()

    def ground(self, near: float) -> float:
        """The y of the ground at a nearness 0 (horizon) .. 1 (bottom of the frame)."""
        return self.framing.horizon + (0.5 - self.framing.horizon) * near

    def lighthouse(self) -> None:
        """On a rock, with its beam."""
        canvas, x, y = self.canvas, self.side * self.framing.half_width * 0.52, self.framing.horizon + 0.03
        rock = [(x - 0.26, y + 0.03), (x - 0.15, y - 0.05), (x, y - 0.08), (x + 0.14, y - 0.04), (x + 0.24, y + 0.03)]
        canvas.paint(canvas.mask().polygon(rock), self.tones.hazed(self.shape, 0.25))
        tower = [(x - 0.038, y - 0.07), (x + 0.038, y - 0.07), (x + 0.024, y - 0.40), (x - 0.024, y - 0.40)]
        light, dark = self.tones.hazed(self.tones.at(0.75), 0.2), self.tones.hazed(self.tones.at(0.3), 0.2)
        stops = [(x - 0.03, light if self.side > 0 else dark), (x + 0.03, dark if self.side > 0 else light)]
        canvas.paint(canvas.mask().polygon(tower), canvas.columns(stops), 0.95)
        bands = canvas.mask().box(x - 0.035, y - 0.19, x + 0.035, y - 0.14).box(x - 0.03, y - 0.32, x + 0.03, y - 0.27)
        canvas.paint(bands.within(canvas.mask().polygon(tower)), self.tones.hazed(self.tones.accent, 0.15), 0.85)
        canvas.paint(
            canvas.mask().box(x - 0.034, y - 0.415, x + 0.034, y - 0.40).box(x - 0.02, y - 0.455, x + 0.02, y - 0.41),
            self.shape,
        )
        canvas.paint(canvas.mask().polygon([(x - 0.026, y - 0.455), (x + 0.026, y - 0.455), (x, y - 0.49)]), self.shape)
        lamp = (x, y - 0.435)
        beam = canvas.mask().polygon(
            [lamp, (x - self.side * 2.2, lamp[1] - 0.30), (x - self.side * 2.2, lamp[1] + 0.06)]
        )
        canvas.light(beam.blurred(0.02), self.tones.practical, 0.34 if self.lit else 0.12)
        canvas.glow(lamp, 0.22, self.tones.practical, 0.9 if self.lit else 0.4)

    def balloon(self) -> None:
        """One bright thing in the air."""
        canvas, place = self.canvas, (self.side * 0.38, -0.26)
        canvas.paint(
            canvas.mask().spline(
                [
                    (place[0], place[1] - 0.075),
                    (place[0] + 0.055, place[1] - 0.02),
                    (place[0], place[1] + 0.07),
                    (place[0] - 0.055, place[1] - 0.02),
                ]
            ),
            self.tones.accent,
        )
        canvas.paint(
            canvas.mask().stroke(
                [(place[0], place[1] + 0.07), (place[0] + 0.02, place[1] + 0.2), (place[0] - 0.01, place[1] + 0.34)],
                0.002,
            ),
            self.shape,
        )
        canvas.light(
            canvas.mask().disc((place[0] - 0.018, place[1] - 0.035), 0.012).blurred(0.008), (1.0, 1.0, 1.0), 0.6
        )

    def birds(self) -> None:
        """A loose flock."""
        mask = self.canvas.mask()
        for _ in range(13):
            x, y = self.side * 0.3 + float(self.rng.normal(0, 0.34)), -0.25 + float(self.rng.normal(0, 0.09))
            wing, lift = float(self.rng.uniform(0.012, 0.032)), float(self.rng.uniform(0.3, 0.7))
            mask.polygon(
                [
                    (x - wing, y - wing * lift),
                    (x - wing * 0.3, y - wing * 0.15),
                    (x, y),
                    (x + wing * 0.3, y - wing * 0.15),
                    (x + wing, y - wing * lift),
                    (x, y + wing * 0.2),
                ]
            )
        self.canvas.paint(mask, self.shape, 0.85)

    def boat(self) -> None:
        """A hull and a sail on the water, with their reflection."""
        canvas, x, y, size = self.canvas, -self.side * 0.30, self.framing.horizon + 0.055, 0.17
        hull = [
            (x - size * 0.55, y - 0.03),
            (x + size * 0.6, y - 0.036),
            (x + size * 0.42, y + 0.012),
            (x - size * 0.42, y + 0.012),
        ]
        canvas.paint(canvas.mask().spline([(px, 2 * y + 0.02 - py) for px, py in hull]).blurred(0.006), self.shape, 0.4)
        canvas.paint(canvas.mask().stroke([(x, y), (x, y - size * 1.35)], 0.005), self.shape)
        sail = mix(self.tones.at(0.82), self.tones.sky[1], 0.3)
        canvas.paint(
            canvas.mask().polygon([(x + 0.006, y - size * 1.3), (x + size * 0.5, y - 0.055), (x + 0.006, y - 0.05)]),
            sail,
        )
        canvas.paint(
            canvas.mask().polygon([(x - 0.006, y - size * 1.15), (x - size * 0.42, y - 0.055), (x - 0.006, y - 0.05)]),
            scaled(sail, 0.8),
        )
        canvas.paint(canvas.mask().polygon(hull), self.shape)
        if self.lit:
            canvas.glow((x - size * 0.3, y - 0.055), 0.10, self.tones.practical, 0.8)

    def train(self) -> None:
        """Carriages with lit windows across the middle distance."""
        canvas, y = self.canvas, self.framing.horizon + 0.06
        body, panes = canvas.mask(), canvas.mask()
        for index in range(6):
            left = -1.1 + index * 0.36
            body.box(left, y - 0.085, left + 0.35, y)
            for window in range(6):
                panes.box(left + 0.02 + window * 0.055, y - 0.066, left + 0.058 + window * 0.055, y - 0.034)
        canvas.paint(body.box(-1.3, y, 1.3, y + 0.01), self.tones.hazed(self.shape, 0.2))
        canvas.paint(panes, self.tones.practical if self.lit else self.tones.sky[1])
        if self.lit:
            canvas.light(panes.blurred(0.02), self.tones.practical, 0.5)

    def house(self) -> None:
        """One house in the middle distance."""
        if self.subject.place is Place.VILLAGE:
            return
        size = 0.30
        house(self.canvas, (self.side * 0.48, self.framing.horizon + 0.10), size, self.tones, self.lit, 0.18)

    def tree(self) -> None:
        """One tree that holds the side of the frame."""
        if self.subject.place is Place.FOREST:
            return
        canvas, x, y = self.canvas, self.side * self.framing.half_width * 0.66, self.ground(0.32)
        trunk, crown, light = canvas.mask(), canvas.mask(), canvas.mask()
        trunk.polygon([(x - 0.028, y), (x - 0.014, y - 0.26), (x + 0.014, y - 0.26), (x + 0.030, y)])
        for way in (-1, 1):
            trunk.stroke([(x, y - 0.20), (x + way * 0.08, y - 0.32), (x + way * 0.13, y - 0.40)], 0.012)
        for _ in range(46):
            turn, reach = float(self.rng.uniform(0, 6.283)), math.sqrt(float(self.rng.random()))
            place = (x + 0.19 * reach * math.cos(turn), y - 0.42 + 0.16 * reach * math.sin(turn))
            size = float(self.rng.uniform(0.025, 0.06))
            crown.disc(place, size)
            if place[0] * -self.side > x * -self.side:
                light.disc((place[0], place[1] - 0.012), size * 0.55)
        canvas.paint(trunk, self.shape)
        canvas.paint(crown, mix(self.shape, self.tones.at(0.3), 0.45))
        canvas.paint(light.blurred(0.008).within(crown), mix(self.tones.at(0.45), self.tones.practical, 0.25), 0.35)

    def lamps(self) -> None:
        """Street lamps that shrink into the distance, with pools of light."""
        canvas, horizon = self.canvas, self.framing.horizon
        for near in (0.16, 0.34, 0.8):
            x, foot = self.side * (0.16 + near * 0.78), horizon + 0.05 + near * 0.42
            tall = 0.12 + near * 0.66
            head = (x - self.side * tall * 0.16, foot - tall)
            canvas.paint(
                canvas.mask().stroke([(x, foot), (x, foot - tall), head], 0.005 + near * 0.008),
                self.tones.hazed(self.shape, 0.35 - 0.3 * near),
            )
            canvas.paint(
                canvas.mask().disc((head[0], head[1] + 0.006), 0.010 + near * 0.012, 0.006 + near * 0.006),
                mix(self.tones.practical, (1.0, 1.0, 0.95), 0.6),
            )
            if self.lit:
                canvas.glow(head, 0.12 + near * 0.26, self.tones.practical, 0.85)
                pool = canvas.mask().disc((head[0], foot + 0.01), 0.07 + near * 0.18, 0.012 + near * 0.03)
                canvas.light(pool.blurred(0.02), self.tones.practical, 0.4)

    def car(self) -> None:
        """A saloon seen from the side, its lights on when it is dark."""
        canvas, y, size = self.canvas, self.ground(0.42), 0.50
        x = self.side * 0.34
        way = -self.side

        def at(dx: float, dy: float) -> Point:
            return x + dx * size * way, y + dy * size

        canvas.paint(
            canvas.mask().disc(at(0, 0.01), size * 0.56, size * 0.05).blurred(0.015), scaled(self.shape, 0.4), 0.8
        )
        body = [
            at(-0.5, -0.06),
            at(-0.5, -0.17),
            at(-0.34, -0.20),
            at(-0.20, -0.33),
            at(0.13, -0.33),
            at(0.27, -0.20),
            at(0.46, -0.17),
            at(0.52, -0.10),
            at(0.51, -0.05),
        ]
        paintwork = mix(self.tones.accent, self.shape, 0.35 if not self.tones.dark else 0.62)
        canvas.paint(
            canvas.mask().polygon(body),
            canvas.rows(
                [
                    (y - 0.17, mix(paintwork, self.tones.sky[1], 0.35)),
                    (y - 0.09, paintwork),
                    (y, scaled(paintwork, 0.5)),
                ]
            ),
        )
        panes = (
            canvas.mask()
            .polygon([at(-0.28, -0.20), at(-0.18, -0.305), at(-0.05, -0.305), at(-0.05, -0.20)])
            .polygon([at(-0.02, -0.20), at(-0.02, -0.305), at(0.11, -0.305), at(0.22, -0.20)])
        )
        canvas.paint(panes, mix(self.tones.sky[0], self.shape, 0.35))
        wheels, hubs = canvas.mask(), canvas.mask()
        for dx in (-0.31, 0.31):
            wheels.disc(at(dx, -0.055), size * 0.088)
            hubs.disc(at(dx, -0.055), size * 0.045)
        canvas.paint(wheels, scaled(self.shape, 0.45))
        canvas.paint(hubs, self.tones.at(0.5), 0.7)
        canvas.paint(canvas.mask().disc(at(0.50, -0.14), size * 0.025), mix(self.tones.practical, (1.0, 1.0, 1.0), 0.6))
        if self.lit:
            canvas.glow(at(0.52, -0.14), 0.20, self.tones.practical, 0.9)
            beam = canvas.mask().polygon([at(0.51, -0.15), at(1.9, -0.22), at(1.9, 0.08)])
            canvas.light(beam.blurred(0.02), self.tones.practical, 0.3)
            canvas.glow(at(-0.5, -0.14), 0.09, (1.0, 0.15, 0.08), 0.8)

    def fire(self) -> None:
        """Flames on the ground, and what they light."""
        canvas, x = self.canvas, self.side * 0.30
        y = self.ground(0.55) if not self.subject.interior else 0.24
        canvas.glow((x, y - 0.05), 0.75, (1.0, 0.5, 0.16), 0.55)
        for colour, size in (((0.86, 0.25, 0.08), 1.0), ((0.98, 0.55, 0.14), 0.72), ((1.0, 0.88, 0.5), 0.42)):
            flames = canvas.mask()
            for _ in range(6):
                dx, tall = float(self.rng.normal(0, 0.030)) * size, float(self.rng.uniform(0.08, 0.17)) * size
                flames.spline(
                    [
                        (x + dx - 0.024 * size, y),
                        (x + dx - 0.018 * size, y - tall * 0.5),
                        (x + dx + 0.006, y - tall),
                        (x + dx + 0.02 * size, y - tall * 0.4),
                        (x + dx + 0.024 * size, y),
                    ]
                )
            canvas.paint(flames.blurred(0.004), colour, 0.9)
        logs = (
            canvas.mask()
            .stroke([(x - 0.07, y + 0.012), (x + 0.06, y - 0.004)], 0.018)
            .stroke([(x - 0.06, y - 0.004), (x + 0.07, y + 0.012)], 0.018)
        )
        canvas.paint(logs, self.shape)
        sparks = canvas.mask()
        for _ in range(26):
            sparks.disc((x + float(self.rng.normal(0, 0.06)), y - float(self.rng.uniform(0.1, 0.42))), 0.0022)
        canvas.light(sparks, (1.0, 0.7, 0.3), 0.9)

    def robot(self) -> None:
        """A patient machine in the middle distance."""
        canvas, size = self.canvas, 0.30
        x, y = self.side * 0.42, self.ground(0.38) if not self.subject.interior else 0.30
        metal, dark = mix(self.tones.at(0.55), self.tones.sky[1], 0.2), self.shape
        body = (
            canvas.mask()
            .box(x - 0.24 * size, y - 0.68 * size, x + 0.24 * size, y - 0.22 * size)
            .box(x - 0.16 * size, y - size, x + 0.16 * size, y - 0.74 * size)
        )
        body.box(x - 0.04 * size, y - 0.76 * size, x + 0.04 * size, y - 0.66 * size)
        for way in (-1, 1):
            body.stroke(
                [
                    (x + way * 0.27 * size, y - 0.62 * size),
                    (x + way * 0.36 * size, y - 0.42 * size),
                    (x + way * 0.32 * size, y - 0.24 * size),
                ],
                0.07 * size,
            )
            body.box(x + way * 0.13 * size - 0.06 * size, y - 0.24 * size, x + way * 0.13 * size + 0.06 * size, y)
        canvas.paint(
            body,
            canvas.columns(
                [
                    (x - 0.3 * size, mix(metal, dark, 0.6 if self.side < 0 else 0)),
                    (x + 0.3 * size, mix(metal, dark, 0 if self.side < 0 else 0.6)),
                ]
            ),
        )
        eyes = (
            canvas.mask()
            .disc((x - 0.07 * size, y - 0.87 * size), 0.032 * size)
            .disc((x + 0.07 * size, y - 0.87 * size), 0.032 * size)
        )
        canvas.paint(eyes, mix(self.tones.practical, (1.0, 1.0, 1.0), 0.5))
        canvas.light(eyes.blurred(0.02), self.tones.practical, 0.9)

    def bicycle(self) -> None:
        """Leaning where somebody left it."""
        canvas, size = self.canvas, 0.20
        x, y = -self.side * 0.46, self.ground(0.5) if not self.subject.interior else 0.36
        mask = canvas.mask()
        for dx in (-0.62, 0.62):
            ring = [
                (x + (dx + 0.42 * math.cos(turn)) * size, y - (0.42 + 0.42 * math.sin(turn)) * size)
                for turn in np.linspace(0, 6.4, 40).tolist()
            ]
            mask.stroke(ring, 0.006)
        for a, b in (
            ((-0.62, 0.42), (-0.2, 1.0)),
            ((-0.2, 1.0), (0.45, 1.0)),
            ((0.45, 1.0), (0.62, 0.42)),
            ((-0.62, 0.42), (0.0, 0.42)),
            ((0.0, 0.42), (0.45, 1.0)),
            ((0.0, 0.42), (-0.26, 1.14)),
            ((0.45, 1.0), (0.5, 1.2)),
            ((0.5, 1.2), (0.34, 1.24)),
        ):
            mask.stroke([(x + a[0] * size, y - a[1] * size), (x + b[0] * size, y - b[1] * size)], 0.007)
        canvas.paint(mask.box(x - 0.34 * size, y - 1.2 * size, x - 0.14 * size, y - 1.13 * size), self.shape)

    def crowd(self) -> None:
        """Many small figures in the middle distance."""
        y, mask = self.ground(0.22), self.canvas.mask()
        if self.subject.interior:
            y = 0.22
        for _ in range(34):
            x, tall = float(self.rng.uniform(-1.1, 1.1)), float(self.rng.uniform(0.10, 0.15))
            foot = y + float(self.rng.uniform(-0.02, 0.03))
            mask.disc((x, foot - tall), tall * 0.09, tall * 0.11)
            mask.spline(
                [
                    (x - tall * 0.14, foot - tall * 0.84),
                    (x + tall * 0.14, foot - tall * 0.84),
                    (x + tall * 0.13, foot - tall * 0.4),
                    (x + tall * 0.07, foot),
                    (x - tall * 0.07, foot),
                    (x - tall * 0.13, foot - tall * 0.4),
                ]
            )
        self.canvas.paint(mask, self.tones.hazed(self.shape, 0.25), 0.95)
