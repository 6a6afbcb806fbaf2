"""What goes wrong with the steps of runs.

RunsError
├── GraphUnfit              a graph with a name twice, a need that is not there, or a circle
├── Fenced                  whoever writes does not hold the step any more
│   ├── StepLost
│   └── RunStopped
└── ChoiceRefused           what a person chose does not fit what the step asked
"""


class RunsError(Exception):
    """Base of everything that this package raises on purpose."""

    code = "runs"


class GraphUnfit(RunsError):
    """The steps do not make a graph."""

    code = "runs.graph"


class Fenced(RunsError):
    """This worker may not write for the step any more."""

    code = "step.fenced"


class StepLost(Fenced):
    """Another worker holds the step, or it has ended."""

    code = "step.lost"


class RunStopped(Fenced):
    """The run was cancelled or has ended."""

    code = "run.stopped"


class ChoiceRefused(RunsError):
    """Nobody was asked, or the answer is none of those that may be given."""

    code = "selection.refused"
