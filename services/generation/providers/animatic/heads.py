"""Heads and faces in two or three tones, each character always with the same hair and skin.

Not likenesses: a look is derived from the character's name, so that a part keeps it from shot to shot.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from services.generation.providers.animatic.canvas import Canvas, Colour, Mask, Point, mix, scaled, smooth
from services.generation.providers.animatic.tones import Tones

SKINS: tuple[Colour, ...] = (
    (0.93, 0.78, 0.68),
    (0.86, 0.67, 0.54),
    (0.74, 0.53, 0.40),
    (0.55, 0.37, 0.27),
    (0.40, 0.26, 0.19),
)
HAIRS: tuple[Colour, ...] = (
    (0.10, 0.08, 0.08),
    (0.22, 0.14, 0.10),
    (0.40, 0.26, 0.15),
    (0.62, 0.47, 0.28),
    (0.55, 0.55, 0.56),
)
STYLES = ("short", "bob", "long", "bun", "cap", "crop")
Placer = Callable[[float, float], Point]
"""Body coordinates -> frame coordinates."""
HEAD_SHARE = 0.07
"""Half a head's height as a share of the person's."""


@dataclass(frozen=True, slots=True)
class Look:
    """What stays the same about a character."""

    skin: Colour
    hair: Colour
    style: str
    coat: bool
    cloth: float
    accent: bool
    build: float
    tall: float


def look(name: str) -> Look:
    """From the name alone."""
    digits = hashlib.sha256(name.strip().lower().encode()).digest()
    return Look(
        skin=SKINS[digits[0] % len(SKINS)],
        hair=HAIRS[digits[1] % len(HAIRS)],
        style=STYLES[digits[2] % len(STYLES)],
        coat=digits[3] % 2 == 0,
        cloth=0.16 + 0.36 * digits[4] / 255,
        accent=digits[5] % 3 == 0,
        build=0.90 + 0.2 * digits[6] / 255,
        tall=0.95 + 0.09 * digits[7] / 255,
    )


@dataclass(frozen=True, slots=True)
class Light:
    """`side`: -1 from the left, 1 from the right. `shade`: what is left of a colour in shadow, 0..1."""

    side: int
    shade: float
    level: float


class Head:
    """A character's head, and the colours of the whole figure."""

    def __init__(self, canvas: Canvas, tones: Tones, light: Light, who: Look, facing: int, speaking: bool) -> None:
        self.canvas, self.tones, self.light, self.who = canvas, tones, light, who
        self.facing, self.speaking = facing, speaking
        self.skin = scaled(mix(who.skin, tones.key, 0.15), light.level)
        self.hair = scaled(mix(who.hair, tones.ramp[1], 0.35), light.level)
        cloth = mix(tones.at(who.cloth), tones.accent, 0.75) if who.accent else tones.at(who.cloth)
        self.cloth = scaled(cloth, 0.8 * light.level)

    def dark(self, colour: Colour) -> Colour:
        """The colour in shadow, a little towards the fill light."""
        return mix(scaled(colour, self.light.shade), self.tones.ramp[0], 0.25)

    def shaded(self, mask: Mask, colour: Colour, middle: float, half: float) -> None:
        """Paints with a soft turn from the light side to the shadow side."""
        side = self.light.side
        turn = middle - 0.05 * half * side
        stops = [
            (turn - 0.75 * half, self.dark(colour) if side > 0 else colour),
            (turn + 0.75 * half, colour if side > 0 else self.dark(colour)),
        ]
        self.canvas.paint(mask, self.canvas.columns(stops))

    def head(self, middle: Point, half: float, squash: float) -> None:
        """Three-quarter view towards `facing`. `half`: half the head's height."""

        def at(dx: float, dy: float) -> Point:
            return middle[0] + dx * half * self.facing, middle[1] + dy * half * squash

        self._hair_behind(at, half)
        outline = [
            at(-0.66, -0.35),
            at(-0.52, -0.78),
            at(-0.05, -0.98),
            at(0.42, -0.88),
            at(0.66, -0.50),
            at(0.68, -0.12),
            at(0.62, 0.10),
            at(0.64, 0.30),
            at(0.52, 0.66),
            at(0.30, 0.92),
            at(0.06, 0.98),
            at(-0.26, 0.80),
            at(-0.50, 0.42),
            at(-0.62, 0.05),
        ]
        face = self.canvas.mask().spline(outline)
        self.canvas.paint(face, self.skin)
        self._shadow_side(at, half, outline)
        if half * self.canvas.unit > 7:
            self._features(at, half)
        ear = self.canvas.mask().disc(at(-0.56, 0.12), 0.11 * half, 0.20 * half)
        self.canvas.paint(ear, mix(self.skin, self.dark(self.skin), 0.55))
        self._hair_front(at, half)

    def _shadow_side(self, at: Placer, half: float, outline: list[Point]) -> None:
        """The turned-away plane of the face, the sockets and what the nose and jaw throw."""
        away = -self.light.side * self.facing
        within = self.canvas.mask().spline(outline)
        plane = self.canvas.mask()
        if away < 0:
            plane.spline(
                [
                    at(-1.0, -1.1),
                    at(-0.28, -1.0),
                    at(-0.30, -0.45),
                    at(-0.14, -0.10),
                    at(-0.30, 0.2),
                    at(-0.22, 0.6),
                    at(-0.1, 1.1),
                    at(-1.0, 1.1),
                ]
            )
        else:
            plane.spline(
                [
                    at(1.0, -1.1),
                    at(0.34, -1.0),
                    at(0.30, -0.4),
                    at(0.46, -0.10),
                    at(0.34, 0.15),
                    at(0.44, 0.36),
                    at(0.30, 0.62),
                    at(0.2, 1.1),
                    at(1.0, 1.1),
                ]
            )
        self.canvas.paint(plane.blurred(0.05 * half).within(within), self.dark(self.skin), 0.92)
        low = self.canvas.mask().spline([at(-0.6, 0.62), at(0.1, 0.80), at(0.6, 0.58), at(0.4, 1.15), at(-0.5, 1.1)])
        self.canvas.paint(
            low.blurred(0.08 * half).within(self.canvas.mask().spline(outline)), self.dark(self.skin), 0.5
        )

    def _features(self, at: Placer, half: float) -> None:
        canvas, deep = self.canvas, mix(self.dark(self.skin), (0.02, 0.02, 0.03), 0.45)
        sockets = canvas.mask()
        for x, wide in ((-0.02, 0.21), (0.46, 0.15)):
            sockets.disc(at(x, -0.10), wide * half, 0.13 * half)
        canvas.paint(sockets.blurred(0.05 * half), self.dark(self.skin), 0.55)
        nose = canvas.mask().spline(
            [at(0.30, -0.10), at(0.38, 0.16), at(0.46, 0.30), at(0.34, 0.36), at(0.20, 0.33), at(0.26, 0.2)]
        )
        canvas.paint(nose.blurred(0.02 * half), self.dark(self.skin), 0.42)
        whites, irises, lids, brows = canvas.mask(), canvas.mask(), canvas.mask(), canvas.mask()
        for x, wide in ((-0.02, 0.155), (0.46, 0.105)):
            whites.spline([at(x - wide, -0.06), at(x - 0.02, -0.125), at(x + wide, -0.07), at(x, -0.01)])
            irises.disc(at(x + 0.035, -0.068), 0.056 * half)
            lids.stroke(
                [at(x - wide, -0.065), at(x - wide * 0.3, -0.128), at(x + wide * 0.5, -0.122), at(x + wide, -0.075)],
                0.035 * half,
            )
            brows.spline([at(x - wide * 1.25, -0.23), at(x, -0.315), at(x + wide * 1.25, -0.25), at(x, -0.265)])
        canvas.paint(whites, mix(self.skin, (0.95, 0.95, 0.95), 0.55), 0.85)
        canvas.paint(irises, (0.07, 0.06, 0.06), 0.95)
        canvas.paint(lids, deep, 0.9)
        canvas.paint(brows, mix(self.hair, deep, 0.5), 0.9)
        if half * canvas.unit > 60:
            sparks = canvas.mask()
            for x in (-0.02, 0.46):
                sparks.disc(at(x + 0.05, -0.088), 0.016 * half)
            canvas.paint(sparks, (1.0, 1.0, 1.0), 0.85)
        self._mouth(at, half, deep)

    def _mouth(self, at: Placer, half: float, deep: Colour) -> None:
        lips = mix(self.skin, (0.55, 0.20, 0.20), 0.42)
        mouth, line = self.canvas.mask(), self.canvas.mask()
        if self.speaking:
            mouth.spline(
                [at(0.08, 0.535), at(0.20, 0.495), at(0.32, 0.51), at(0.45, 0.53), at(0.34, 0.66), at(0.20, 0.665)]
            )
            line.spline([at(0.12, 0.545), at(0.28, 0.53), at(0.41, 0.54), at(0.31, 0.62), at(0.20, 0.62)])
        else:
            mouth.spline(
                [at(0.07, 0.555), at(0.20, 0.515), at(0.30, 0.53), at(0.46, 0.55), at(0.34, 0.62), at(0.22, 0.625)]
            )
            line.stroke([at(0.07, 0.558), at(0.22, 0.562), at(0.46, 0.552)], 0.022 * half)
        self.canvas.paint(mouth, scaled(lips, self.light.level), 0.75)
        self.canvas.paint(line, deep, 0.85)

    def _hair_behind(self, at: Placer, half: float) -> None:
        mask = self.canvas.mask()
        if self.who.style == "long":
            mask.spline(
                [
                    at(-0.3, -1.08),
                    at(0.35, -0.95),
                    at(0.45, 0.2),
                    at(0.30, 1.3),
                    at(-0.2, 2.1),
                    at(-0.95, 2.0),
                    at(-0.98, 0.6),
                    at(-0.85, -0.6),
                ]
            )
        elif self.who.style == "bob":
            mask.spline(
                [
                    at(-0.3, -1.08),
                    at(0.35, -0.95),
                    at(0.40, 0.3),
                    at(0.1, 0.85),
                    at(-0.75, 0.9),
                    at(-0.98, 0.3),
                    at(-0.85, -0.6),
                ]
            )
        elif self.who.style == "bun":
            mask.disc(at(-0.80, -0.72), 0.34 * half)
        self.shaded(mask, scaled(self.hair, 0.7), at(-0.3, 0)[0], 0.7 * half)

    def _hair_front(self, at: Placer, half: float) -> None:
        mask = self.canvas.mask()
        if self.who.style == "cap":
            mask.spline(
                [
                    at(-0.76, -0.30),
                    at(-0.66, -0.85),
                    at(-0.1, -1.12),
                    at(0.45, -1.0),
                    at(0.72, -0.62),
                    at(0.70, -0.50),
                    at(0.1, -0.56),
                ]
            )
            mask.spline([at(0.15, -0.58), at(0.70, -0.60), at(1.02, -0.42), at(0.72, -0.44), at(0.2, -0.48)])
            self.shaded(mask, scaled(self.cloth, 0.8), at(0, 0)[0], 0.7 * half)
            return
        if self.who.style == "crop":
            mask.spline(
                [
                    at(-0.70, -0.10),
                    at(-0.72, -0.6),
                    at(-0.4, -0.98),
                    at(0.05, -1.06),
                    at(0.5, -0.92),
                    at(0.66, -0.58),
                    at(0.3, -0.68),
                    at(-0.3, -0.60),
                    at(-0.52, -0.2),
                ]
            )
        elif self.who.style == "short":
            mask.spline(
                [
                    at(-0.70, 0.02),
                    at(-0.80, -0.55),
                    at(-0.45, -1.08),
                    at(0.15, -1.20),
                    at(0.68, -0.98),
                    at(0.74, -0.58),
                    at(0.5, -0.62),
                    at(0.1, -0.74),
                    at(-0.35, -0.52),
                    at(-0.50, -0.05),
                ]
            )
        else:
            mask.spline(
                [
                    at(-0.66, 0.35),
                    at(-0.86, -0.4),
                    at(-0.55, -1.02),
                    at(0.10, -1.15),
                    at(0.60, -0.95),
                    at(0.76, -0.45),
                    at(0.70, -0.25),
                    at(0.45, -0.68),
                    at(0.0, -0.72),
                    at(-0.40, -0.40),
                    at(-0.48, 0.2),
                ]
            )
        self.shaded(mask, self.hair, at(0, 0)[0], 0.75 * half)
        shine = self.canvas.mask().stroke(
            smooth([at(-0.3, -0.95), at(0.1, -1.03), at(0.45, -0.9), at(0.1, -0.98)], 6)[:18], 0.035 * half
        )
        self.canvas.paint(shine.blurred(0.02 * half), mix(self.hair, self.tones.key, 0.5), 0.5)
