"""From what a scene's chance comes: out of its own words, or kept from the request that it is a variation of; pure."""

from dataclasses import replace

from services.generation.request import SHOT_FRAMES_MIN, SceneRequest, Seeds, digest, to_json


def seeds_of(request: SceneRequest) -> Seeds:
    """The raster has no part in them: the same film, larger. Nor has how short a shot may be."""
    if request.seeds is not None:
        return request.seeds
    plain = to_json(replace(request, shot_frames_min=SHOT_FRAMES_MIN)) | {"picture": None}
    return Seeds(_whole(plain | {"provider_version": 0}), _whole(plain), place_seed(request, 1))


def place_seed(request: SceneRequest, board: int) -> int:
    """Of one set of frames: every shot of it shows the same street."""
    others = [board] if board > 1 else []
    if request.seeds is None:
        return int(digest(request.scene_id, request.prompt, to_json(request)["slug"], *others)[:12], 16)
    return int(digest(request.seeds.place, *others)[:12], 16) if others else request.seeds.place


def other_pictures(seeds: Seeds, seed: int) -> Seeds:
    """The same shots, drawn otherwise. `seed`: the same gives the same."""
    return Seeds(seeds.plan, _whole([seeds.shots, seed]), int(digest(seeds.place, seed, "place")[:12], 16))


def _whole(value: object) -> int:
    return int(digest(value)[:16], 16)
