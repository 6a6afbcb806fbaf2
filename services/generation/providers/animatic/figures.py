"""People: bodies that stand, walk or fill the frame from the chest up, and the light on their edges.

Not their faces (`heads.py`).
"""

import numpy as np

from services.generation.providers.animatic.canvas import Canvas, Colour, Point, mix, scaled, smooth
from services.generation.providers.animatic.heads import HEAD_SHARE, Head, Light, Look, Placer
from services.generation.providers.animatic.tones import Tones


class Person(Head):
    """One figure at one place of the frame."""

    # -- whole body --------------------------------------------------------------------------------

    def stand(self, feet: Point, height: float, squash: float, taper: float, stride: float) -> None:
        """Feet at `feet`; `taper` > 0 widens below (seen from below), `stride` 0 stands, 1 walks."""
        tall = height * self.who.tall

        def at(x: float, y: float) -> Point:
            wide = self.who.build * (1 + taper * (y + 0.5) * 2)
            return feet[0] + x * tall * wide * self.facing, feet[1] + y * tall * squash

        self._legs(at, feet[0], tall, stride)
        self._trunk(at, feet[0], tall, stride)
        crown = 1 - HEAD_SHARE
        head_at = at(0.006, -crown)
        self.head(head_at, HEAD_SHARE * tall * (1 - taper * 0.8), squash)

    def _legs(self, at: Placer, x: float, tall: float, stride: float) -> None:
        legs = self.canvas.mask()
        step = 0.085 * stride
        for side, shift in ((-1, -step), (1, step)):
            knee = shift * 0.55 + 0.014 * stride
            legs.polygon(
                [
                    at(side * 0.05 - 0.058, -0.50),
                    at(side * 0.05 + knee - 0.045, -0.27),
                    at(side * 0.045 + shift - 0.030, -0.03),
                    at(side * 0.045 + shift + 0.030, -0.03),
                    at(side * 0.05 + knee + 0.042, -0.27),
                    at(side * 0.05 + 0.058, -0.50),
                ]
            )
            heel = side * 0.045 + shift
            legs.spline(
                [
                    at(heel - 0.034, -0.035),
                    at(heel + 0.03, -0.04),
                    at(heel + 0.075, -0.008),
                    at(heel + 0.06, 0.004),
                    at(heel - 0.034, 0.004),
                ]
            )
        self.shaded(legs, scaled(mix(self.cloth, self.tones.ramp[0], 0.55), 0.9), x, 0.09 * tall)

    def _trunk(self, at: Placer, x: float, tall: float, stride: float) -> None:
        hem = -0.30 if self.who.coat else -0.455
        flare = 0.125 if self.who.coat else 0.098
        swing = 0.06 * stride
        arms = self.canvas.mask()
        for side in (-1, 1):
            hand = side * 0.135 + swing * -side
            elbow = side * 0.150 + swing * -side * 0.4
            arms.spline(
                [
                    at(side * 0.085, -0.835),
                    at(side * 0.128, -0.80),
                    at(elbow + side * 0.022, -0.63),
                    at(hand + side * 0.012, -0.47),
                    at(hand - side * 0.024, -0.47),
                    at(elbow - side * 0.026, -0.63),
                    at(side * 0.078, -0.73),
                ]
            )
        hands = self.canvas.mask()
        for side in (-1, 1):
            place = at(side * 0.132 + swing * -side, -0.452)
            hands.disc(place, 0.017 * tall, 0.024 * tall)
        self.shaded(hands, self.skin, x, 0.15 * tall)
        self.shaded(arms, scaled(self.cloth, 0.88), x, 0.15 * tall)
        trunk = self.canvas.mask().spline(
            [
                at(-0.040, -0.865),
                at(-0.100, -0.835),
                at(-0.118, -0.79),
                at(-0.096, -0.66),
                at(-0.086, -0.57),
                at(-0.098, -0.49),
                at(-flare, hem),
                at(0, hem + 0.01),
                at(flare, hem),
                at(0.098, -0.49),
                at(0.086, -0.57),
                at(0.096, -0.66),
                at(0.118, -0.79),
                at(0.100, -0.835),
                at(0.040, -0.865),
            ]
        )
        self.shaded(trunk, self.cloth, x, 0.11 * tall)
        seam = self.canvas.mask().stroke([at(0.012, -0.83), at(0.018, -0.6), at(0.014, hem)], 0.006 * tall)
        self.canvas.paint(seam, self.dark(self.cloth), 0.6)

    # -- head and shoulders ------------------------------------------------------------------------

    def bust(self, eyes: Point, height: float) -> None:
        """From the chest up: `eyes` is where they look from, `height` of the whole person."""
        half = HEAD_SHARE * height * self.who.tall
        middle = (eyes[0], eyes[1] + 0.04 * half)
        x, wide = middle[0] - 0.12 * half * self.facing, self.who.build

        def at(dx: float, dy: float) -> Point:
            return x + dx * half * wide * self.facing, middle[1] + dy * half

        neck = self.canvas.mask().spline(
            [at(-0.42, 0.3), at(-0.46, 0.95), at(-0.8, 1.5), at(0.7, 1.5), at(0.42, 1.0), at(0.38, 0.4)]
        )
        self.shaded(neck, scaled(self.skin, 0.8), x, 0.45 * half)
        torso = self.canvas.mask().spline(
            [
                at(-0.54, 1.02),
                at(-1.15, 1.30),
                at(-1.90, 1.60),
                at(-2.35, 2.3),
                at(-2.45, 3.9),
                at(-2.25, 7.5),
                at(-2.0, 13.5),
                at(2.0, 13.5),
                at(2.2, 7.5),
                at(2.3, 3.9),
                at(2.12, 2.3),
                at(1.70, 1.60),
                at(1.0, 1.30),
                at(0.52, 1.04),
                at(0.05, 1.6),
            ]
        )
        self.shaded(torso, self.cloth, x, 1.9 * half)
        self._clothes(at, half)
        self.head(middle, half, 1.0)

    def _clothes(self, at: Placer, half: float) -> None:
        """Collar, lapels or a neckline, and the lines of the arms."""
        lines = self.canvas.mask()
        if self.who.coat:
            collar = self.canvas.mask()
            collar.polygon(
                [at(-0.56, 0.95), at(-1.0, 1.25), at(-0.62, 2.43), at(0.02, 3.73), at(0.02, 2.93), at(-0.36, 1.68)]
            )
            collar.polygon(
                [at(0.54, 0.95), at(0.9, 1.25), at(0.62, 2.43), at(0.06, 3.73), at(0.04, 2.93), at(0.38, 1.68)]
            )
            self.canvas.paint(collar, scaled(self.cloth, 0.72))
            shirt = self.canvas.mask().polygon([at(-0.36, 1.63), at(0.03, 2.83), at(0.38, 1.63), at(0.05, 1.73)])
            self.canvas.paint(shirt, mix(self.cloth, self.tones.at(0.8), 0.6), 0.8 * self.light.level)
            lines.stroke([at(0.03, 3.33), at(0.05, 9.00)], 0.05 * half)
        else:
            lines.stroke(
                smooth([at(-0.55, 1.11), at(-0.25, 1.55), at(0.05, 1.71), at(0.3, 1.55), at(0.52, 1.11)], 6)[:-8],
                0.07 * half,
            )
        for side in (-1, 1):
            lines.stroke([at(side * 1.55, 2.73), at(side * 1.42, 4.13), at(side * 1.5, 8.00)], 0.06 * half)
        self.canvas.paint(lines, self.dark(self.cloth), 0.7)


def rim(canvas: Canvas, light: Light, colour: Colour, width: float, amount: float) -> None:
    """A bright edge on the lit side of everything on a transparent canvas."""
    shift = max(1, round(width * canvas.unit))
    beyond = np.zeros_like(canvas.alpha)
    if light.side > 0:
        beyond[:, :-shift] = canvas.alpha[:, shift:]
    else:
        beyond[:, shift:] = canvas.alpha[:, :-shift]
    lifted = np.zeros_like(canvas.alpha)
    lifted[shift:] = beyond[:-shift]
    edge = np.clip(canvas.alpha - 0.5 * beyond - 0.5 * lifted, 0, 1) * canvas.alpha * np.float32(amount)
    glow = edge[:, :, None] * np.asarray(colour, np.float32)
    lit = 1 - (1 - canvas.rgb) * (1 - np.clip(glow, 0, 1))
    np.minimum(lit, canvas.alpha[:, :, None], out=canvas.rgb)


def shoulder(canvas: Canvas, tones: Tones, who: Look, place: Point, half: float, facing: int) -> None:
    """Somebody's back at the edge of the frame, out of focus: whom the speaker speaks to."""
    x, y = place

    def at(dx: float, dy: float) -> Point:
        return x + dx * half * facing, y + dy * half

    shade = scaled(mix(tones.at(who.cloth), tones.ramp[0], 0.6), 0.6)
    back = canvas.mask().spline(
        [
            at(-0.5, 0.9),
            at(-1.5, 1.4),
            at(-2.4, 2.0),
            at(-2.6, 5),
            at(2.2, 5),
            at(2.0, 2.2),
            at(1.2, 1.45),
            at(0.45, 0.95),
        ]
    )
    canvas.paint(back.blurred(0.06 * half), shade)
    skull = canvas.mask().spline(
        [
            at(-0.75, -0.2),
            at(-0.5, -0.9),
            at(0.05, -1.08),
            at(0.6, -0.85),
            at(0.78, -0.2),
            at(0.6, 0.5),
            at(0.42, 1.1),
            at(-0.45, 1.1),
            at(-0.62, 0.5),
        ]
    )
    canvas.paint(skull.blurred(0.06 * half), scaled(mix(who.hair, tones.ramp[0], 0.5), 0.7))
