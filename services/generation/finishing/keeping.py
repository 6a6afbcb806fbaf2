"""The parts of a take as rows, written with the take."""

from services.generation.providers.interface import TakeParts
from services.generation.scribe import take_of
from storage.postgres import Connection
from storage.tables import media, outputs
from storage.tables.media import MediaRow
from storage.tables.runs import RunRow


async def keep_parts(connection: Connection, run: RunRow, made: TakeParts) -> None:
    """In the transaction that tells the take of the run."""
    for name, part in made.parts.items():
        row = MediaRow(part.media, part.content_type, part.media_bytes)
        await media.add_media(connection, run.project_id, row)
        await outputs.add_part(connection, take_of(run.id), run.project_id, name, part.media, part.facts)
