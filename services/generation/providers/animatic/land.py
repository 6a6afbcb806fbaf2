"""The open air that every exterior shares: sky, sun and moon, ridges, ground, mist, grass.

Not the places themselves (`places.py`).
"""

import math

import numpy as np

from services.generation.providers.animatic.camera import Framing
from services.generation.providers.animatic.canvas import Canvas, Colour, Pixels, Point, clouds, mix, scaled
from services.generation.providers.animatic.subject import Place, Subject, Time
from services.generation.providers.animatic.tones import Tones


class Land:
    """A canvas under the sky, and the tools that every place uses."""

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
        self.vanish: Point = (float(rng.uniform(-0.22, 0.22)), framing.horizon)

    # -- sky ---------------------------------------------------------------------------------------

    def sky(self) -> None:
        """Gradient, brushed clouds, stars."""
        canvas, tones, horizon = self.canvas, self.tones, self.framing.horizon
        top = min(-0.3, horizon - 0.75)
        stops = [(top, tones.sky[0]), (horizon - 0.28, tones.sky[1]), (horizon, tones.sky[2])]
        canvas.rgb[:] = canvas.rows(stops)
        canvas.alpha[:] = 1
        if self.subject.place is Place.SPACE:
            return
        cover = clouds(canvas.width, canvas.height, self.rng, cells=3.2, octaves=5, stretch=3.2)
        threshold = 0.42 if self.subject.props & {"rain", "snow", "fog", "lightning"} else 0.56
        cover = np.clip((cover - threshold) / 0.3, 0, 1) ** 1.3
        fade = np.clip((horizon - self.rows_y()) / 0.25, 0, 1)
        lit = mix(tones.sky[2], tones.key, 0.5) if not tones.dark else mix(tones.sky[2], tones.ramp[3], 0.25)
        canvas.wash(cover * fade * np.float32(0.62 if not tones.dark else 0.4), lit)
        if tones.dark and not self.subject.props & {"rain", "snow", "fog"}:
            self.stars(260, top, horizon)

    def rows_y(self) -> Pixels:
        """(h, 1): the y of every row."""
        canvas = self.canvas
        places = (np.arange(canvas.height, dtype=np.float32) + 0.5 - canvas.height / 2) / np.float32(canvas.unit)
        return places[:, None].astype(np.float32)

    def stars(self, count: int, top: float, bottom: float) -> None:
        """Small points, a few of them bright."""
        mask = self.canvas.mask()
        half = self.canvas.half_width
        for _ in range(count):
            place = (float(self.rng.uniform(-half, half)), float(self.rng.uniform(top - 0.2, bottom)))
            mask.disc(place, float(self.rng.choice([0.0011, 0.0016, 0.0026], p=[0.7, 0.24, 0.06])))
        self.canvas.light(mask, (0.92, 0.95, 1.0), 0.85)

    def luminary(self) -> None:
        """Sun or moon with its halo, low at dusk and dawn."""
        tones, props, canvas = self.tones, self.subject.props, self.canvas
        if props & {"rain", "snow", "fog"} and "moon" not in props and "sun" not in props:
            return
        horizon = self.framing.horizon
        x = self.light_side * self.framing.half_width * float(self.rng.uniform(0.3, 0.62))
        if tones.dark:
            if self.subject.place is Place.SPACE:
                return
            place = (x, max(-0.34, horizon - 0.38))
            canvas.glow(place, 0.42, mix(tones.key, (0.8, 0.88, 1.0), 0.6), 0.45)
            canvas.paint(canvas.mask().disc(place, 0.042), mix(tones.key, (0.97, 0.98, 1.0), 0.7))
            shade = (
                canvas.mask()
                .disc((place[0] + 0.012, place[1] - 0.008), 0.011)
                .disc((x - 0.014, place[1] + 0.01), 0.007)
            )
            canvas.paint(shade.blurred(0.003), scaled(tones.key, 0.8), 0.35)
            return
        low = self.subject.time in (Time.DUSK, Time.DAWN) or "sun" in props
        place = (x, horizon - (0.07 if low else 0.42))
        warm = mix(tones.practical, (1.0, 0.93, 0.8), 0.5 if low else 0.85)
        canvas.glow(place, 1.0, warm, 0.5 if low else 0.3)
        canvas.glow(place, 0.3, warm, 0.6 if low else 0.35)
        if low:
            canvas.paint(canvas.mask().disc(place, 0.055), mix(warm, (1.0, 0.98, 0.92), 0.6))

    # -- shared land -------------------------------------------------------------------------------

    def ridge(self, base: float, height: float, roughness: float, colour: Colour | Pixels) -> list[Point]:
        """A jagged or rolling line of land across the picture; returns its top edge."""
        half = self.canvas.half_width + 0.1
        count = 160
        xs = np.linspace(-half, half, count)
        line = np.zeros(count)
        for octave in range(1, 7):
            frequency = 0.7 * 2**octave
            line += np.sin(xs * frequency + self.rng.uniform(0, 6.3)) * roughness**octave
        line = (line - line.min()) / max(1e-6, float(np.ptp(line)))
        edge = [(float(x), float(base - height * y)) for x, y in zip(xs, line, strict=True)]
        bottom = self.canvas.half_height + 0.1
        self.canvas.paint(self.canvas.mask().polygon([*edge, (half, bottom), (-half, bottom)]), colour)
        return edge

    def ground(self, near: Colour, far: Colour, texture: float = 0.10) -> None:
        """From the horizon down, with strokes that grow towards the camera."""
        canvas, horizon = self.canvas, self.framing.horizon
        bottom = canvas.half_height
        mask = canvas.mask().box(-canvas.half_width, horizon, canvas.half_width, bottom + 0.1)
        tone = canvas.rows([(horizon, far), (horizon + 0.10, mix(far, near, 0.45)), (bottom, near)])
        grain = clouds(canvas.width, canvas.height, self.rng, cells=9, octaves=4, stretch=6) - np.float32(0.5)
        canvas.paint(mask, np.clip(tone * (1 + np.float32(2 * texture) * grain[:, :, None]), 0, 1).astype(np.float32))

    def mist(self, middle: float, thickness: float, amount: float) -> None:
        """A band of haze at a height."""
        band = np.exp(-(((self.rows_y() - np.float32(middle)) / np.float32(thickness)) ** 2)) * np.float32(amount)
        drift = clouds(self.canvas.width, self.canvas.height, self.rng, cells=3, octaves=3, stretch=4)
        self.canvas.wash((band * (0.55 + 0.45 * drift)).astype(np.float32), self.tones.sky[2])

    def land(self, share: float) -> Colour:
        """A colour of the ground: darker at night."""
        return self.tones.at(share * (0.55 if self.tones.dark else 1.0))

    def ground_from(self, y: float, near: Colour, far: Colour) -> None:
        """As `ground`, lower than the horizon, with a soft hill as its edge."""
        canvas = self.canvas
        half, bottom = canvas.half_width + 0.1, canvas.half_height + 0.1
        edge = [(x, y + 0.02 * math.sin(x * 1.7 + 0.4)) for x in np.linspace(-half, half, 40).tolist()]
        tone = canvas.rows([(y, far), (y + 0.2, mix(far, near, 0.6)), (bottom, near)])
        grain = clouds(canvas.width, canvas.height, self.rng, cells=9, octaves=4, stretch=5) - np.float32(0.5)
        fill = np.clip(tone * (1 + np.float32(0.3) * grain[:, :, None]), 0, 1).astype(np.float32)
        canvas.paint(canvas.mask().polygon([*edge, (half, bottom), (-half, bottom)]), fill)

    def treeline(self, base: float, height: float, haze: float) -> None:
        """Far bushes and crowns."""
        canvas, rng = self.canvas, self.rng
        mask = canvas.mask()
        for x in np.arange(-canvas.half_width, canvas.half_width, 0.022).tolist():
            if math.sin(x * 3.3 + 1.0) + float(rng.normal(0, 0.4)) > -0.2:
                mask.disc((x, base - float(rng.uniform(0, height))), float(rng.uniform(0.012, 0.026)))
        canvas.paint(mask, self.tones.hazed(self.land(0.24), haze))

    def grass(self) -> None:
        """Blades, larger towards the camera, the near ones nearly black."""
        canvas, rng, bottom = self.canvas, self.rng, self.canvas.half_height
        for near, count in ((0.45, 500), (0.75, 320), (1.0, 160)):
            mask = canvas.mask()
            for _ in range(count):
                x = float(rng.uniform(-canvas.half_width, canvas.half_width))
                y = (
                    self.framing.horizon
                    + 0.08
                    + (bottom - self.framing.horizon) * near * float(rng.uniform(0.75, 1.05))
                )
                tall, lean = 0.02 + 0.05 * near * float(rng.uniform(0.5, 1.5)), float(rng.normal(0.008, 0.012))
                mask.polygon([(x - 0.0015 - 0.002 * near, y), (x + lean, y - tall), (x + 0.0015 + 0.002 * near, y)])
            canvas.paint(mask, mix(self.land(0.5), scaled(self.land(0.15), 0.7), near), 0.6)

    def reflections(self, top: float, bottom: float, amount: float) -> None:
        """The picture above, upside down and smeared, on wet ground."""
        canvas = self.canvas
        first = max(0, min(canvas.height - 1, round(top * canvas.unit + canvas.height / 2)))
        rows = min(canvas.height - first, first)
        if rows < 4:
            return
        mirrored = canvas.rgb[first - rows : first][::-1].copy()
        ripple = clouds(canvas.width, rows, self.rng, cells=14, octaves=3, stretch=5) - np.float32(0.5)
        shift = (ripple * np.float32(0.05 * canvas.unit)).astype(np.int32)
        index = np.clip(np.arange(rows)[:, None] + shift, 0, rows - 1)
        mirrored = mirrored[index, np.arange(canvas.width)[None, :]]
        fade = np.linspace(1, 0.25, rows, dtype=np.float32)[:, None, None] * np.float32(amount)
        part = canvas.rgb[first : first + rows]
        np.subtract(1, (1 - part) * (1 - mirrored * fade), out=part)
