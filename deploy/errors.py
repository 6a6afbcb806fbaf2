"""What can be wrong with the machine we are started on, each with one sentence that says what to do.

DeployError
├── DataInUse           another `up` owns the folder
├── DataTooNew          the data were written by a newer version
├── DataUnwritable      the folder cannot be written
├── DiskFull
├── PortTaken
├── ServerFailed        PostgreSQL or Valkey did not start
├── WheelMissing        the extra `embedded` is not installed
├── DocumentUnnamed     an argument is no name of a document
├── ChromiumMissing     for the browser tests
└── SettingMissing      an environment variable that this process needs
"""


class DeployError(Exception):
    """Ends the program with this sentence and exit code 2, without a traceback."""

    code = "deploy"


class DataInUse(DeployError):
    """Another StoryForge runs on this folder."""

    code = "data.in_use"


class DataTooNew(DeployError):
    """The data were written by a newer StoryForge."""

    code = "data.too_new"


class DataUnwritable(DeployError):
    """The folder cannot be written."""

    code = "data.unwritable"


class DiskFull(DeployError):
    """Too little space is left."""

    code = "disk.full"


class PortTaken(DeployError):
    """Another program listens on the port."""

    code = "port.taken"


class ServerFailed(DeployError):
    """A server did not start; the end of its log is part of the message."""

    code = "server.failed"


class WheelMissing(DeployError):
    """The embedded servers are not installed."""

    code = "wheel.missing"


class SettingMissing(DeployError):
    """An environment variable is needed."""

    code = "setting.missing"


class DocumentUnnamed(DeployError):
    """The argument is no name of a document."""

    code = "document.unnamed"


class ChromiumMissing(DeployError):
    """The browser tests have no browser."""

    code = "chromium.missing"
