"""The route by which providers call back. Whether it is them is decided in `services.generation.shots.callbacks`."""

from starlette.responses import Response

from api.call import Call
from api.errors import BodyTooLarge
from api.operation import Operation
from services.generation.shots.callbacks import BODY_BYTES_MAX, PATH


async def hear(call: Call) -> Response:
    """A message is said again until it is answered with 2xx: also one that was heard before, or is nobody's."""
    body = await call.request.body()
    if len(body) > BODY_BYTES_MAX:
        raise BodyTooLarge(f"A callback has at most {BODY_BYTES_MAX} bytes.", limit=BODY_BYTES_MAX)
    await call.state.callbacks.hear(call.text("provider"), call.request.headers, body)
    return Response(status_code=204)


OPERATIONS = (
    Operation(
        "POST",
        f"{PATH}{{provider}}",
        hear,
        "callbacks",
        "What a provider has to say about a task, signed",
        status=204,
        public=True,
        refusals=(401, 503),
    ),
)
