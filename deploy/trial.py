"""`python -m deploy.trial KIND`: the child in which a document is opened after it has ended a process."""

import os
import sys

from deploy.local import compiled

INTERPRETED_TIMES = 10.0
PROGRAM = (sys.executable, "-P", "-m", "deploy.trial")


def main() -> None:
    times = 1.0 if compiled.use(os.environ) else INTERPRETED_TIMES
    from services.inquest import child  # after `use`: it imports what is compiled
    from sync.names import Kind

    child.main(Kind(sys.argv[1]), times)


if __name__ == "__main__":
    main()
