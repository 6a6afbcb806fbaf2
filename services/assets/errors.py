"""What goes wrong with files that people bring.

AssetsError
├── NoSuchAsset
├── NameUnfit               `field`, `limit`
├── UploadError             told to who uploads
│   ├── NoSuchUpload
│   ├── UploadGone          it has expired, was ended or was refused
│   ├── UploadOvertaken     another request writes to it now
│   ├── OffsetMoved         the bytes do not follow those that are here; `offset`
│   ├── UploadOverrun       more bytes came than were announced
│   ├── ChecksumWrong
│   ├── FileEmpty
│   ├── FileTooLarge        `limit`, bytes
│   ├── QuotaFull           `limit`, bytes
│   ├── TooManyUploads      `limit`
│   └── TypeRefused         what it is, in words
└── IngestError             a worker could not make of the file what it should; the code stays at the asset
    ├── HoldLost            another worker has it, or nobody wants it any more; silent
    ├── BytesLost           what was uploaded is not there any more
    ├── FileUnreadable      it is not what its first bytes say, or damaged
    ├── FileTooLong         `limit`, seconds
    ├── FileTooLargeInside  more pixels than a picture may have
    ├── FileTooCostly       it took more time or memory than it may
    └── IngestExhausted     it was tried as often as it may be
"""


class AssetsError(Exception):
    """Base of everything this package raises."""

    code = "assets"

    def __init__(
        self, detail: str | None = None, *, field: str | None = None, limit: int | float | None = None
    ) -> None:
        super().__init__(detail or (type(self).__doc__ or "").strip())
        self.field = field
        self.limit = limit


class NoSuchAsset(AssetsError):
    """There is no such asset in this project."""

    code = "asset.missing"


class NameUnfit(AssetsError):
    """A file's name has 1 to 255 characters, and no control characters."""

    code = "asset.name"


class UploadError(AssetsError):
    """The upload cannot go on like this."""

    code = "upload"


class NoSuchUpload(UploadError):
    """There is no such upload, or it is somebody else's."""

    code = "upload.missing"


class UploadGone(UploadError):
    """The upload has expired, was ended or was refused."""

    code = "upload.gone"


class UploadOvertaken(UploadError):
    """Another request writes to this upload now."""

    code = "upload.overtaken"


class OffsetMoved(UploadError):
    """The bytes do not follow those that are here; ask where the upload stands."""

    code = "upload.offset"

    def __init__(self, offset: int) -> None:
        super().__init__(f"The upload stands at byte {offset}.", field="Upload-Offset", limit=offset)
        self.offset = offset


class UploadOverrun(UploadError):
    """More bytes came than were announced."""

    code = "upload.overrun"


class ChecksumWrong(UploadError):
    """The bytes do not have the checksum that was sent with them; none of them was kept."""

    code = "upload.checksum"


class FileEmpty(UploadError):
    """A file without bytes is not taken."""

    code = "file.empty"


class FileTooLarge(UploadError):
    """The file is larger than this studio takes."""

    code = "file.too_large"


class QuotaFull(UploadError):
    """The owner of this project has no room for this file."""

    code = "quota.bytes"


class TooManyUploads(UploadError):
    """You have too many uploads on their way already; finish or end one."""

    code = "upload.count"


class TypeRefused(UploadError):
    """Only pictures, sounds, films, subtitles, LUTs and documents are taken."""

    code = "file.type"

    def __init__(self, what: str) -> None:
        super().__init__(f"This is {what}. {type(self).__doc__}")
        self.what = what


class IngestError(AssetsError):
    """The file could not be made use of."""

    code = "ingest"


class HoldLost(IngestError):
    """Another worker has the asset, or nobody wants it any more."""

    code = "ingest.hold_lost"


class BytesLost(IngestError):
    """The bytes of the upload are not there any more; upload the file again."""

    code = "ingest.bytes_lost"


class FileUnreadable(IngestError):
    """The file is damaged, or not what its first bytes say."""

    code = "file.unreadable"


class FileTooLong(IngestError):
    """The file is longer than this studio takes."""

    code = "file.too_long"


class FileTooLargeInside(IngestError):
    """The picture has more pixels than this studio takes."""

    code = "file.pixels"


class FileTooCostly(IngestError):
    """Reading the file took more time or memory than it may."""

    code = "file.too_costly"


class IngestExhausted(IngestError):
    """The file was looked at as often as it may be, without an end."""

    code = "ingest.attempts"
