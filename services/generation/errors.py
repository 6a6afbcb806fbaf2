"""What goes wrong with generations.

GenerationError
├── Refusal                  the request or command cannot be taken; told to the person who sent it
│   ├── NoSuchRun
│   ├── NoSuchScene
│   ├── SceneBusy
│   ├── SceneTooLong
│   ├── SceneLocked
│   ├── KeyReused
│   ├── RunFinished
│   ├── RunNotEnded
│   ├── ParentUnfit
│   └── ChangeUnfit
└── StepFailed               the step did not work; `code` and message are shown on the scene's card
    ├── PlanUnreadable
    ├── StepEnded            trying again would not help: nobody can make it, or it may be charged already
    ├── TakeUnsound
    ├── ClipUnreadable
    ├── ClipTooCostly
    ├── RunTooSlow
    └── AttemptsExhausted
"""


class GenerationError(Exception):
    """Base of everything that this package raises."""

    code = "generation"


class Refusal(GenerationError):
    """The request cannot be taken."""

    code = "generation.refused"


class NoSuchRun(Refusal):
    """There is no such run."""

    code = "run.missing"


class NoSuchScene(Refusal):
    """There is no such scene in this storyboard."""

    code = "scene.missing"


class SceneBusy(Refusal):
    """The scene is already being generated; wait or cancel that run."""

    code = "scene.busy"

    def __init__(self, run_id: str) -> None:
        super().__init__(f"The scene is already being generated ({run_id}); wait or cancel that run.")
        self.run_id = run_id


class SceneTooLong(Refusal):
    """The scene with its dialogue is longer than one generation makes."""

    code = "scene.too_long"

    def __init__(self, needed_s: float, limit_s: float) -> None:
        super().__init__(f"The scene needs {needed_s:.0f} s; one generation makes at most {limit_s:.0f} s. Split it.")
        self.needed_s = needed_s
        self.limit_s = limit_s


class SceneLocked(Refusal):
    """The scene is locked; unlock it first."""

    code = "scene.locked"


class KeyReused(Refusal):
    """This idempotency key was used for another scene."""

    code = "idempotency.reused"


class RunFinished(Refusal):
    """The run has already ended."""

    code = "run.finished"


class RunNotEnded(Refusal):
    """Only a run that failed or was cancelled can be replayed."""

    code = "run.not_ended"


class ParentUnfit(Refusal):
    """Nothing can go on from this."""

    code = "parent.unfit"


class ChangeUnfit(Refusal):
    """The change is none that can be made."""

    code = "change.unfit"

    def __init__(self, message: str, field: str, limit: int | str) -> None:
        super().__init__(message)
        self.field = field
        self.limit = limit


class StepFailed(GenerationError):
    """A step did not work; trying again may help."""

    code = "step.failed"


class PlanUnreadable(StepFailed):
    """The language model's answer has no list of shots."""

    code = "plan.unreadable"


class StepEnded(StepFailed):
    """Nothing that this step could still do would make it. `code` and words are those of whoever said so."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class TakeUnsound(StepFailed):
    """The finished take does not decode to the frames and the sound that were asked for."""

    code = "take.unsound"


class ClipUnreadable(StepFailed):
    """The clip does not decode: it is damaged, or not a film."""

    code = "clip.unreadable"


class ClipTooCostly(StepFailed):
    """Working on the clip takes more time, memory or disk than it may."""

    code = "clip.too_costly"


class RunTooSlow(StepFailed):
    """One attempt took longer than it may."""

    code = "run.too_slow"


class AttemptsExhausted(StepFailed):
    """The run was tried as often as it may be, and never finished."""

    code = "run.attempts"
