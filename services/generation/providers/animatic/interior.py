"""Places under a roof: a room in one-point perspective, its windows, lamps and furniture.

Not people (`figures.py`) and nothing outside the window but light.
"""

import numpy as np

from services.generation.providers.animatic.camera import Framing
from services.generation.providers.animatic.canvas import Canvas, Colour, Point, clouds, mix, scaled
from services.generation.providers.animatic.subject import Place, Subject, Time
from services.generation.providers.animatic.tones import Tones


class Indoors:
    """One interior: paints itself on a canvas, from the far wall to the near."""

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
        self.light_side = light_side
        self.vanish: Point = (float(rng.uniform(-0.15, 0.15)), framing.horizon * 0.55)
        corridor = subject.place is Place.CORRIDOR
        deep = 0.30 if corridor else {Place.HALL: 0.42}.get(subject.place, 0.60)
        deep += 0.12 * (1 - framing.depth)
        self.wall_half = (deep * (0.42 if corridor else 0.85), deep * 0.62)
        level = 0.55 if tones.dark else (0.75 if subject.time is Time.DUSK else 1.0)
        self.wall: Colour = scaled(tones.at(0.46), level)

    def project(self, x: float, y: float, near: float) -> Point:
        """`x`, `y` -1..1 across the room, `near` 0 at the back wall, 1 at the camera."""
        scale = 1 + 3.2 * near
        vx, vy = self.vanish
        return vx + x * self.wall_half[0] * scale, vy + y * self.wall_half[1] * scale

    def paint(self) -> None:
        """Everything behind the people."""
        self.shell()
        if self.subject.place is Place.CORRIDOR:
            self.corridor()
        else:
            self.windows()
            self.furnish()
        self.gloom()

    def shell(self) -> None:
        """Back wall, side walls, ceiling and boards."""
        canvas, wall = self.canvas, self.wall
        canvas.rgb[:] = scaled(wall, 0.5)
        canvas.alpha[:] = 1
        corners = {(x, y): (self.project(x, y, 0), self.project(x, y, 1.4)) for x in (-1, 1) for y in (-1, 1)}
        floor = [corners[-1, 1][0], corners[1, 1][0], corners[1, 1][1], corners[-1, 1][1]]
        vy = self.vanish[1] + self.wall_half[1]
        boards = mix(scaled(self.tones.at(0.34), 0.75), self.tones.practical, 0.12)
        canvas.paint(
            canvas.mask().polygon(floor), canvas.rows([(vy, scaled(boards, 0.95)), (vy + 0.5, scaled(boards, 0.45))])
        )
        ceiling = [corners[-1, -1][0], corners[1, -1][0], corners[1, -1][1], corners[-1, -1][1]]
        canvas.paint(canvas.mask().polygon(ceiling), scaled(wall, 0.42))
        for side in (-1, 1):
            quad = [corners[side, -1][0], corners[side, 1][0], corners[side, 1][1], corners[side, -1][1]]
            lit = 0.55 if side == self.light_side else 0.85
            near_x, far_x = quad[2][0], quad[0][0]
            stops = sorted([(far_x, scaled(wall, lit)), (near_x, scaled(wall, lit * 0.35))])
            canvas.paint(canvas.mask().polygon(quad), canvas.columns(stops))
        back = [corners[-1, -1][0], corners[1, -1][0], corners[1, 1][0], corners[-1, 1][0]]
        canvas.paint(canvas.mask().polygon(back), wall)
        plaster = clouds(canvas.width, canvas.height, self.rng, cells=6, octaves=4) - np.float32(0.5)
        canvas.rgb *= 1 + np.float32(0.14) * plaster[:, :, None]
        self._lines()

    def _lines(self) -> None:
        boards, skirting = self.canvas.mask(), self.canvas.mask()
        for index in range(-9, 10):
            boards.stroke([self.project(index / 6, 1, 0), self.project(index / 6, 1, 1.4)], 0.0025)
        self.canvas.paint(boards, scaled(self.wall, 0.2), 0.5)
        for x0, x1, near0, near1 in ((-1, 1, 0, 0), (-1, -1, 0, 1.4), (1, 1, 0, 1.4)):
            a, b = self.project(x0, 1, near0), self.project(x1, 1, near1)
            c, d = self.project(x1, 0.93, near1), self.project(x0, 0.93, near0)
            skirting.polygon([a, b, c, d])
        self.canvas.paint(skirting, scaled(self.wall, 0.5), 0.8)

    def windows(self) -> None:
        """Windows in the back wall with the hour behind them, and the light that they throw."""
        sky = self.tones.sky
        spots: tuple[tuple[float, float], ...] = ((-0.72, -0.18), (0.18, 0.72))
        if self.subject.place is Place.HALL:
            spots = ((-0.82, -0.56), (-0.44, -0.18), (0.18, 0.44), (0.56, 0.82))
        elif self.subject.place in (Place.BEDROOM, Place.BAR):
            spots = ((0.12, 0.78),) if self.light_side > 0 else ((-0.78, -0.12),)
        top, bottom = (-0.86, 0.35) if self.subject.place is Place.HALL else (-0.66, 0.22)
        for left, right in spots:
            self._window(left, right, top, bottom)
        beam = mix(sky[2], self.tones.key, 0.6)
        amount = 0.20 if self.tones.dark else 0.34
        shafts = self.canvas.mask()
        for left, right in spots:
            near = -self.light_side * 0.6
            a, b = self.project(left, 1.0, 0.10), self.project(right, 1.0, 0.10)
            shafts.polygon([a, b, self.project(right + near, 1.0, 0.75), self.project(left + near, 1.0, 0.75)], 0.9)
        self.canvas.light(shafts.blurred(0.012), beam, amount)

    def _window(self, left: float, right: float, top: float, bottom: float) -> None:
        canvas, sky = self.canvas, self.tones.sky
        a, c = self.project(left, top, 0), self.project(right, bottom, 0)
        wide, tall = c[0] - a[0], c[1] - a[1]
        pane = canvas.mask().box(a[0], a[1], c[0], c[1])
        bright = 1.0 if not self.tones.dark else 0.8
        canvas.paint(pane, canvas.rows([(a[1], scaled(sky[0], bright)), (c[1], scaled(sky[2], bright * 1.1))]))
        far = canvas.mask()
        x = a[0]
        while x < c[0]:
            step = wide * float(self.rng.uniform(0.10, 0.22))
            far.box(x, c[1] - tall * float(self.rng.uniform(0.12, 0.45)), min(x + step, c[0]), c[1])
            x += step
        canvas.paint(far, mix(scaled(self.tones.at(0.3), 0.5 if self.tones.dark else 0.9), sky[2], 0.45))
        if self.tones.dark:
            sparks = canvas.mask()
            for _ in range(26):
                place = (a[0] + wide * float(self.rng.random()), c[1] - tall * 0.32 * float(self.rng.random()))
                sparks.disc(place, 0.0028)
            canvas.light(sparks, self.tones.practical, 0.9)
        frame = canvas.mask()
        bar = 0.011
        for share in (0.0, 0.5, 1.0):
            frame.box(a[0] + wide * share - bar, a[1] - bar, a[0] + wide * share + bar, c[1] + bar)
        for share in (0.0, 0.42, 1.0):
            frame.box(a[0] - bar, a[1] + tall * share - bar, c[0] + bar, a[1] + tall * share + bar)
        canvas.paint(frame, scaled(self.wall, 0.32))
        glow = canvas.mask().box(a[0], a[1], c[0], c[1]).blurred(0.08)
        canvas.light(glow, mix(sky[2], self.tones.key, 0.4), 0.10 if self.tones.dark else 0.28)
        if self.subject.props & {"window"} and self.subject.place is not Place.HALL:
            self._curtains(a, c)

    def _curtains(self, a: Point, c: Point) -> None:
        wide, tall = c[0] - a[0], c[1] - a[1]
        cloth, folds = self.canvas.mask(), self.canvas.mask()
        for edge, way in ((a[0], 1), (c[0], -1)):
            inner = edge + way * wide * 0.16
            outer = edge - way * wide * 0.16
            cloth.polygon(
                [
                    (outer, a[1] - 0.03),
                    (inner, a[1] - 0.03),
                    (inner - way * wide * 0.05, c[1] + tall * 0.35),
                    (outer, c[1] + tall * 0.35),
                ]
            )
            for share in (0.25, 0.5, 0.75):
                x = outer + (inner - outer) * share
                folds.stroke([(x, a[1] - 0.03), (x - way * wide * 0.02, c[1] + tall * 0.35)], 0.004)
        self.canvas.paint(cloth, mix(self.tones.accent, self.wall, 0.6), 0.92)
        self.canvas.paint(folds, scaled(self.wall, 0.4), 0.5)

    def corridor(self) -> None:
        """Doors along the walls and lamps along the ceiling, to a lit end."""
        canvas, tones = self.canvas, self.tones
        end_top, end_bottom = self.project(-0.7, -0.5, 0), self.project(0.7, 1.0, 0)
        canvas.paint(
            canvas.mask().box(end_top[0], end_top[1], end_bottom[0], end_bottom[1]),
            mix(tones.practical, tones.ramp[-1], 0.4),
        )
        canvas.glow((self.vanish[0], self.vanish[1] + 0.05), 0.55, tones.practical, 0.45)
        doors, lamps = canvas.mask(), canvas.mask()
        for near in (0.06, 0.22, 0.48, 0.9):
            for side in (-1, 1):
                depth = 0.045 + near * 0.14
                doors.polygon(
                    [
                        self.project(side, -0.45, near),
                        self.project(side, -0.45, near + depth),
                        self.project(side, 1, near + depth),
                        self.project(side, 1, near),
                    ]
                )
            lamps.polygon(
                [
                    self.project(-0.28, -1, near),
                    self.project(0.28, -1, near),
                    self.project(0.28, -1, near * 1.25 + 0.02),
                    self.project(-0.28, -1, near * 1.25 + 0.02),
                ]
            )
        canvas.paint(doors, scaled(self.wall, 0.35))
        canvas.paint(lamps, mix(tones.practical, (1.0, 1.0, 1.0), 0.4), 0.9)
        canvas.light(lamps.blurred(0.05), tones.practical, 0.55)
        shine = canvas.mask()
        for near in (0.06, 0.22, 0.48):
            shine.polygon(
                [
                    self.project(-0.3, 1, near),
                    self.project(0.3, 1, near),
                    self.project(0.3, 1, near * 1.3 + 0.03),
                    self.project(-0.3, 1, near * 1.3 + 0.03),
                ]
            )
        canvas.light(shine.blurred(0.02), tones.practical, 0.25)

    def furnish(self) -> None:
        """What belongs to the kind of room."""
        place = self.subject.place
        if place is Place.BAR:
            self._shelves(-0.9 if self.light_side > 0 else 0.05)
            self._counter()
        elif place is Place.OFFICE:
            self._shelves(-0.95 if self.light_side > 0 else 0.2)
            self._table(0.30, 0.55)
        elif place is Place.BEDROOM:
            self._bed()
        elif place is Place.HALL:
            self._columns()
        else:
            self._pictures()
            self._table(0.24, 0.40)
        if place is not Place.HALL:
            self.lamp((0.82 * -self.light_side, -0.06))

    def _shelves(self, left: float) -> None:
        canvas = self.canvas
        boards, goods = canvas.mask(), [canvas.mask() for _ in range(3)]
        a, c = self.project(left, -0.8, 0), self.project(left + 0.85, 0.55, 0)
        canvas.paint(canvas.mask().box(a[0], a[1], c[0], c[1]), scaled(self.wall, 0.45))
        rows = 5
        for row in range(rows + 1):
            y = a[1] + (c[1] - a[1]) * row / rows
            boards.box(a[0], y - 0.004, c[0], y + 0.004)
            x = a[0] + 0.01
            while row and x < c[0] - 0.02:
                wide, tall = (
                    float(self.rng.uniform(0.006, 0.016)),
                    (c[1] - a[1]) / rows * float(self.rng.uniform(0.5, 0.85)),
                )
                if self.rng.random() < 0.85:
                    goods[int(self.rng.integers(3))].box(x, y - tall, x + wide, y - 0.004)
                x += wide * 1.25
        for index, colour in enumerate((self.tones.accent, self.tones.at(0.6), self.tones.at(0.25))):
            canvas.paint(goods[index], scaled(colour, 0.75 if self.tones.dark else 0.9), 0.85)
        canvas.paint(boards, scaled(self.wall, 0.25))

    def _counter(self) -> None:
        canvas = self.canvas
        front = [
            self.project(-1.2, 0.42, 0.22),
            self.project(1.2, 0.42, 0.22),
            self.project(1.2, 1.0, 0.20),
            self.project(-1.2, 1.0, 0.20),
        ]
        top = [
            self.project(-1.2, 0.36, 0.14),
            self.project(1.2, 0.36, 0.14),
            self.project(1.2, 0.42, 0.22),
            self.project(-1.2, 0.42, 0.22),
        ]
        canvas.paint(canvas.mask().polygon(front), scaled(mix(self.wall, self.tones.ramp[1], 0.5), 0.45))
        canvas.paint(canvas.mask().polygon(top), mix(self.wall, self.tones.practical, 0.5))
        for x in (-0.6, -0.1, 0.4):
            hang = self.project(x, -1.0, 0.25)
            bulb = (hang[0], self.project(x, -0.42, 0.25)[1])
            canvas.paint(canvas.mask().stroke([hang, bulb], 0.003), scaled(self.wall, 0.2))
            canvas.paint(
                canvas.mask().polygon(
                    [(bulb[0] - 0.035, bulb[1] + 0.02), (bulb[0] + 0.035, bulb[1] + 0.02), (bulb[0], bulb[1] - 0.03)]
                ),
                scaled(self.wall, 0.2),
            )
            canvas.glow((bulb[0], bulb[1] + 0.02), 0.26, self.tones.practical, 0.75)

    def _table(self, near: float, width: float) -> None:
        canvas, shift = self.canvas, 0.35 * self.light_side
        top = [
            self.project(shift - width, 0.55, near),
            self.project(shift + width, 0.55, near),
            self.project(shift + width, 0.55, near + 0.16),
            self.project(shift - width, 0.55, near + 0.16),
        ]
        legs = canvas.mask()
        for x in (-width * 0.95, width * 0.95):
            for depth in (near + 0.01, near + 0.15):
                a, b = self.project(shift + x, 0.55, depth), self.project(shift + x, 1.0, depth)
                legs.stroke([a, b], 0.012)
        canvas.paint(legs, scaled(self.wall, 0.25))
        canvas.paint(canvas.mask().polygon(top), mix(scaled(self.wall, 0.55), self.tones.practical, 0.22))
        edge = [top[3], top[2], (top[2][0], top[2][1] + 0.02), (top[3][0], top[3][1] + 0.02)]
        canvas.paint(canvas.mask().polygon(edge), scaled(self.wall, 0.28))
        things = canvas.mask()
        for x in (-0.5, -0.15, 0.3):
            place = self.project(shift + width * x, 0.55, near + 0.06)
            things.box(place[0] - 0.012, place[1] - 0.05 * (1 + abs(x)), place[0] + 0.012, place[1])
        canvas.paint(things, self.tones.at(0.7), 0.6)

    def _pictures(self) -> None:
        canvas = self.canvas
        for x, y, wide, tall in ((-0.06, -0.34, 0.10, 0.22), (0.86, -0.28, 0.07, 0.2)):
            a, c = self.project(x - wide, y - tall, 0), self.project(x + wide, y + tall * 0.4, 0)
            canvas.paint(canvas.mask().box(a[0], a[1], c[0], c[1]), scaled(self.wall, 0.28))
            canvas.paint(
                canvas.mask().box(a[0] + 0.008, a[1] + 0.008, c[0] - 0.008, c[1] - 0.008),
                mix(self.tones.accent, self.tones.at(0.6), 0.5),
                0.8,
            )

    def _bed(self) -> None:
        canvas, side = self.canvas, -self.light_side
        cover = [
            self.project(side * 0.05, 0.55, 0.06),
            self.project(side * 0.95, 0.55, 0.06),
            self.project(side * 0.98, 0.60, 0.55),
            self.project(side * 0.05, 0.60, 0.55),
        ]
        front = [cover[3], cover[2], self.project(side * 0.98, 1.0, 0.55), self.project(side * 0.05, 1.0, 0.55)]
        head = [
            self.project(side * 0.05, 0.05, 0.02),
            self.project(side * 0.95, 0.05, 0.02),
            self.project(side * 0.95, 0.6, 0.02),
            self.project(side * 0.05, 0.6, 0.02),
        ]
        canvas.paint(canvas.mask().polygon(head), scaled(self.wall, 0.35))
        canvas.paint(canvas.mask().polygon(front), scaled(mix(self.wall, self.tones.accent, 0.3), 0.5))
        canvas.paint(canvas.mask().polygon(cover), mix(self.tones.at(0.72), self.wall, 0.45))
        pillows = canvas.mask()
        for x in (0.25, 0.70):
            place = self.project(side * x, 0.47, 0.08)
            pillows.disc(place, 0.085, 0.04)
        canvas.paint(pillows, mix(self.tones.at(0.9), self.wall, 0.25))

    def _columns(self) -> None:
        canvas = self.canvas
        for near in (0.05, 0.25, 0.55):
            for side in (-0.62, 0.62):
                a, b = self.project(side, -1, near), self.project(side, 1, near)
                wide = 0.03 * (1 + 3.2 * near)
                mask = (
                    canvas.mask()
                    .box(a[0] - wide, a[1], a[0] + wide, b[1])
                    .box(a[0] - wide * 1.5, b[1] - wide * 0.7, a[0] + wide * 1.5, b[1])
                )
                lit, dark = scaled(self.wall, 1.05), scaled(self.wall, 0.35)
                stops = [
                    (a[0] - wide, lit if self.light_side < 0 else dark),
                    (a[0] + wide, dark if self.light_side < 0 else lit),
                ]
                canvas.paint(mask, canvas.columns(stops))

    def lamp(self, where: Point) -> None:
        """A standing lamp: the practical light of the room."""
        canvas = self.canvas
        shade, foot = self.project(where[0], where[1], 0.06), self.project(where[0], 1.0, 0.06)
        canvas.paint(canvas.mask().stroke([shade, foot], 0.008), scaled(self.wall, 0.22))
        warm = self.tones.practical
        canvas.paint(
            canvas.mask().polygon(
                [
                    (shade[0] - 0.03, shade[1] - 0.045),
                    (shade[0] + 0.03, shade[1] - 0.045),
                    (shade[0] + 0.055, shade[1] + 0.03),
                    (shade[0] - 0.055, shade[1] + 0.03),
                ]
            ),
            mix(warm, (1.0, 0.95, 0.85), 0.5),
        )
        canvas.glow(shade, 0.55, warm, 0.55 if self.tones.dark else 0.28)

    def gloom(self) -> None:
        """Corners fall off; more so at night."""
        reach = self.canvas.distance((self.vanish[0], self.vanish[1] + 0.1)) / np.float32(self.framing.aspect * 0.75)
        falloff = 1 - np.float32(0.55 if self.tones.dark else 0.38) * np.clip(reach, 0, 1) ** np.float32(1.6)
        self.canvas.rgb *= falloff[:, :, None]
