"""Every error that linkage raises on purpose, as one tree; the exit status is the contract's.

    LinkageError                 1  the work failed
    ├── SettingsError            2  wrong usage or settings
    ├── InputError               1  the facts, an export or a truth cannot be used
    ├── NotFound                 1  no such account, ring or run
    ├── UnsupportedOperation     1  the store declares that it cannot do this
    ├── GateRefused              3  the sanity gate refused to publish
    ├── LockHeld                 4  another run holds the lock
    ├── VersionConflict          1  somebody else changed it first
    ├── DeliveryFailed           1  the webhook was not delivered
    ├── EngineError              1  Spark is not there, or failed
    ├── LocalServerError         1  the local Neo4j cannot be installed or started
    └── StoreError               1  the store failed
        ├── StoreUnavailable     5  the store cannot be reached (transient)
        ├── StoreConflict        1  the store gave up a write that may be tried again (transient)
        └── DeadlinePassed       1  the store was told to end by a moment, and it has passed

A message says what happened, with which value (masked where it is personal), and what to do.
"""


class LinkageError(Exception):
    """The work failed; `exit_status` is what the command ends with."""

    exit_status = 1
    transient = False


class SettingsError(LinkageError):
    """A setting or the usage is wrong."""

    exit_status = 2


class InputError(LinkageError):
    """A folder of facts, an export or a truth cannot be used at all."""


class NotFound(LinkageError):
    """No account, ring or run has this id."""


class UnsupportedOperation(LinkageError):
    """The store declares that it lacks the capability."""


class GateRefused(LinkageError):
    """The sanity gate refused to publish; the last good run still stands. `reasons` are sentences for people."""

    exit_status = 3

    def __init__(self, message: str, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons


class LockHeld(LinkageError):
    """Another run holds the lock."""

    exit_status = 4


class VersionConflict(LinkageError):
    """What was to be changed is no longer as it was read: somebody else changed it first."""


class DeliveryFailed(LinkageError):
    """The webhook was not delivered; the message waits for the next night."""


class EngineError(LinkageError):
    """Spark is not installed, cannot be started, or failed."""


class LocalServerError(LinkageError):
    """The local Neo4j cannot be installed, started or stopped."""


class StoreError(LinkageError):
    """The store failed."""


class StoreUnavailable(StoreError):
    """The store cannot be reached; the same call may succeed later."""

    exit_status = 5
    transient = True


class StoreConflict(StoreError):
    """The store gave up a write (deadlock, lost leader); the same call may succeed at once."""

    transient = True


class DeadlinePassed(StoreError):
    """The caller's deadline passed before the store had answered; see `stores.deadline`."""
