"""`python -m deploy.replicas DESCRIPTOR [FOLDER]`: a replica process of a hub, which talks to it over DESCRIPTOR and
announces its work in FOLDER."""

import os
import socket
import sys
from contextlib import nullcontext
from pathlib import Path

from deploy.collector import rare_collections
from deploy.local import compiled
from deploy.trial import INTERPRETED_TIMES

PROGRAM = (sys.executable, "-P", "-m", "deploy.replicas")


def main(descriptor: str, folder: str | None = None) -> None:
    times = 1.0 if compiled.use(os.environ) else INTERPRETED_TIMES
    from realtime import replica_child  # after `use`: it imports what is compiled
    from storage.announcements import Announcements, announcing

    rare_collections()
    announced = nullcontext(Announcements.nowhere()) if folder is None else announcing(Path(folder))
    with socket.socket(fileno=int(descriptor)) as connection, announced as announcements:
        replica_child.main(connection, announcements, times)


if __name__ == "__main__":
    main(*sys.argv[1:])
