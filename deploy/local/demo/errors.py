"""What ends the demo early. A line of its table that fails is no error: it is printed and the exit code is 1.

DemoFailed
├── NodeFailed        a hub or the worker did not start
├── EditorFailed      a client ended, refused a command, or did not show in time what was waited for
└── TakeUnreadable    ffmpeg could not read the take
"""


class DemoFailed(Exception):
    """The demo could not go on."""


class NodeFailed(DemoFailed):
    """A process of the studio did not start; the end of its log is part of the message."""


class EditorFailed(DemoFailed):
    """A driven client ended, refused a command or did not show in time what was waited for."""


class TakeUnreadable(DemoFailed):
    """The take is no film that ffmpeg can read."""
