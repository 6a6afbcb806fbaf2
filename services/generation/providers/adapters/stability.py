"""Stability: stills, answered with the picture itself. Every request is a form, also one without files.

A picture that its filter has blurred comes with a 200 and is moderated, not made. Who is too fast is shut out for a
minute.
"""

from typing import Any

from services.generation.providers.adapters.base import Immediate, decoded, of_role, task_of
from services.generation.providers.adapters.dialects import said_at
from services.generation.providers.adapters.line import Answer, Call, Part
from services.generation.providers.capabilities import Kind, Model, Role, Shape, Terms
from services.generation.providers.port import Accepted, Failed, Inline, Intent, Succeeded
from services.generation.providers.prices import MICRO, Flat

NAME = "stability"
TIMEOUT_S = 120.0
STRENGTH = 0.6
"""How much of a picture that goes along is kept, unless `options` says."""
REQUEST_BYTES_MAX = 9 * 1024 * 1024
_SHAPES = (
    Shape(1344, 768, "16:9"),
    Shape(768, 1344, "9:16"),
    Shape(1024, 1024, "1:1"),
    Shape(1536, 640, "21:9"),
    Shape(640, 1536, "9:21"),
    Shape(1216, 832, "3:2"),
    Shape(832, 1216, "2:3"),
    Shape(1088, 896, "5:4"),
    Shape(896, 1088, "4:5"),
)


def _model(name: str, tenths: int, **more: Any) -> Model:
    known: dict[str, Any] = {"prompt_max": 10_000, "shapes": _SHAPES, "takes_seed": True}
    terms = Terms()
    return Model(NAME, name, Kind.IMAGE, Flat(tenths * MICRO // 10), terms, **(known | more))


_FROM_PICTURE: dict[str, Any] = {"references": {Role.SUBJECT: 1}, "reference_bytes_max": REQUEST_BYTES_MAX}
MODELS = (
    _model("core", 30),
    _model("ultra", 80, **_FROM_PICTURE),
    _model("sd3.5-large", 65, **_FROM_PICTURE),
    _model("sd3.5-large-turbo", 40, **_FROM_PICTURE),
    _model("sd3.5-medium", 35, **_FROM_PICTURE),
    _model("sd3.5-flash", 25, **_FROM_PICTURE),
)


class Stability(Immediate):
    """Implements `RemoteProvider`."""

    name = NAME

    def spelled(self, intent: Intent) -> Call:
        fit = intent.fit
        assert fit.shape is not None
        fields = {"prompt": intent.want.prompt, "output_format": "png"}
        if fit.seed is not None:
            fields["seed"] = str(fit.seed % 2**32)
        engine = fit.model.name if fit.model.name in ("core", "ultra") else "sd3"
        if engine == "sd3":
            fields["model"] = fit.model.name
        subjects = of_role(intent.want.references, Role.SUBJECT)
        if subjects:
            fields["strength"] = str(intent.want.options.get("strength", STRENGTH))
        if subjects and engine == "sd3":
            fields["mode"] = "image-to-image"
        else:
            fields["aspect_ratio"] = fit.shape.spelled
        parts: dict[str, Part] = {name: (None, text.encode(), None) for name, text in fields.items()}
        for one in subjects:
            parts["image"] = ("image", one.data, one.content_type)
        accept = {"accept": "application/json"}
        return Call("POST", f"/v2beta/stable-image/generate/{engine}", parts=parts, headers=accept, timeout_s=TIMEOUT_S)

    def accepted(self, intent: Intent, answer: Answer) -> Accepted | None:
        """Filtered ones cost nothing."""
        body, most = answer.json, intent.fit.most_microcredits
        task = task_of({"id": answer.headers.get("x-request-id", str(intent.id))}, "id") or str(intent.id)
        reason = said_at(body, "finish_reason")
        if reason == "CONTENT_FILTERED":
            return Accepted(task, most, Failed(self._line.failure(reason, "Their filter blurred the picture."), 0))
        picture = decoded(said_at(body, "image"))
        if reason != "SUCCESS" or picture is None:
            return None
        facts = {"seed": said_at(body, "seed")}
        return Accepted(task, most, Succeeded((Inline(picture, "image/png"),), most, facts))
