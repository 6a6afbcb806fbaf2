"""What belongs to a take over HTTP: its parts, a playlist and the sprite sheet's times with addresses that play."""

import re
from fractions import Fraction

from services.generation.finishing.parts import HLS_MEDIA, SPRITE, sprite_times
from storage.objects import hash_of
from storage.tables import media, outputs
from storage.tables.media import MediaRow
from sync import ids
from tests.integration.api.studio import Person, Studio

PLAYLIST = f"""#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:2
#EXT-X-MAP:URI="{HLS_MEDIA}",BYTERANGE="4@0"
#EXTINF:2.000000,
#EXT-X-BYTERANGE:6@4
{HLS_MEDIA}
#EXT-X-ENDLIST
"""
FILM = b"0123456789"


async def test_the_texts_of_a_take_lead_to_its_media(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada)
    scene = await studio.scene(ada, project, title="Rain")
    _, take = await studio.take(ada, project, scene)
    missing = await ada.http.get(f"/v1/takes/{take}/hls")
    assert (missing.status_code, missing.json()["code"]) == (404, "media.missing")
    assert (await ada.http.get(f"/v1/takes/{take}")).json()["parts"] == {}

    times = sprite_times(2, Fraction(1), Fraction(2), 90).encode()
    made = {
        "hls": ("application/vnd.apple.mpegurl", PLAYLIST.encode()),
        "hls_media": ("video/mp4", FILM),
        "sprite": ("image/jpeg", b"jpeg"),
        "sprite_vtt": ("text/vtt", times),
    }
    pool, objects = studio.state.stores.pool, studio.state.stores.objects
    for name, (content_type, data) in made.items():
        hash = hash_of(data)
        await objects.put(hash, data, content_type)
        await media.add_media(pool, project.id, MediaRow(hash, content_type, len(data)))
        await outputs.add_part(pool, ids.from_text("tak", take), project.id, name, hash, {})

    parts = (await ada.http.get(f"/v1/takes/{take}")).json()["parts"]
    assert parts["hls_media"] == {"media": hash_of(FILM), "content_type": "video/mp4", "bytes": 10, "facts": {}}
    playlist = await ada.http.get(f"/v1/takes/{take}/hls")
    assert playlist.headers["content-type"].startswith("application/vnd.apple.mpegurl")
    assert HLS_MEDIA not in playlist.text
    (address,) = set(re.findall(r"/v1/media/[^\s\"]+", playlist.text))
    piece = await ada.http.get(address, headers={"Range": "bytes=4-9"})
    assert (piece.status_code, piece.content) == (206, FILM[4:])
    sheet = await ada.http.get(f"/v1/takes/{take}/sprite")
    assert SPRITE not in sheet.text and "#xywh=160,0,160,90" in sheet.text
    (picture,) = set(re.findall(r"/v1/media/[^\s#]+", sheet.text))
    assert (await ada.http.get(picture)).content == b"jpeg"
    assert (await bob.http.get(f"/v1/takes/{take}/hls")).status_code == 404, "a stranger learns nothing"
