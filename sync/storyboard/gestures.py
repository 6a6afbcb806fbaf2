"""The gestures of a storyboard: each is one transaction that writes the fewest registers, so that others' survive.

Every entity is put in front of `before`, or at the end of `parent` (empty: of the storyboard itself); a new one has the
`id` that its maker gives it, else one from `entropy`. The same names are in `storyboard/gestures.ts`.
"""

from sync.storyboard.scenes import NOTHING, Registers, Scenes


class Storyboard(Scenes):
    """One person's hands on the document. What stands in a deleted act or sequence is seen in its place."""

    # Acts --------------------------------------------------------------------------------------------

    def add_act(self, registers: Registers = NOTHING, before: str | None = None, id: str | None = None) -> str:
        return self._add("acts", registers, "", before, id)

    def edit_act(self, id: str, registers: Registers) -> None:
        self._edit("acts", id, registers)

    def move_act(self, id: str, before: str | None = None) -> None:
        self._move("acts", id, "", before)

    def delete_act(self, id: str) -> None:
        self._delete("acts", id)

    def restore_act(self, id: str) -> None:
        self._restore("acts", id)

    # Sequences ---------------------------------------------------------------------------------------

    def add_sequence(
        self, registers: Registers = NOTHING, parent: str = "", before: str | None = None, id: str | None = None
    ) -> str:
        return self._add("seqs", registers, parent, before, id)

    def edit_sequence(self, id: str, registers: Registers) -> None:
        self._edit("seqs", id, registers)

    def move_sequence(self, id: str, parent: str = "", before: str | None = None) -> None:
        self._move("seqs", id, parent, before)

    def delete_sequence(self, id: str) -> None:
        self._delete("seqs", id)

    def restore_sequence(self, id: str) -> None:
        self._restore("seqs", id)

    # Beats -------------------------------------------------------------------------------------------

    def add_beat(
        self, registers: Registers = NOTHING, parent: str = "", before: str | None = None, id: str | None = None
    ) -> str:
        return self._add("beats", registers, parent, before, id)

    def edit_beat(self, id: str, registers: Registers) -> None:
        self._edit("beats", id, registers)

    def move_beat(self, id: str, parent: str = "", before: str | None = None) -> None:
        self._move("beats", id, parent, before)

    def delete_beat(self, id: str) -> None:
        self._delete("beats", id)

    def restore_beat(self, id: str) -> None:
        self._restore("beats", id)

    # Environments: places, described once ------------------------------------------------------------

    def add_environment(self, registers: Registers = NOTHING, before: str | None = None, id: str | None = None) -> str:
        return self._add("env", registers, "", before, id)

    def edit_environment(self, id: str, registers: Registers) -> None:
        self._edit("env", id, registers)

    def move_environment(self, id: str, before: str | None = None) -> None:
        self._move("env", id, "", before)

    def delete_environment(self, id: str) -> None:
        self._delete("env", id)

    def restore_environment(self, id: str) -> None:
        self._restore("env", id)

    # Props -------------------------------------------------------------------------------------------

    def add_prop(self, registers: Registers = NOTHING, before: str | None = None, id: str | None = None) -> str:
        return self._add("props", registers, "", before, id)

    def edit_prop(self, id: str, registers: Registers) -> None:
        self._edit("props", id, registers)

    def move_prop(self, id: str, before: str | None = None) -> None:
        self._move("props", id, "", before)

    def delete_prop(self, id: str) -> None:
        self._delete("props", id)

    def restore_prop(self, id: str) -> None:
        self._restore("props", id)

    # Looks of characters -----------------------------------------------------------------------------

    def add_look(self, registers: Registers = NOTHING, before: str | None = None, id: str | None = None) -> str:
        return self._add("looks", registers, "", before, id)

    def edit_look(self, id: str, registers: Registers) -> None:
        self._edit("looks", id, registers)

    def move_look(self, id: str, before: str | None = None) -> None:
        self._move("looks", id, "", before)

    def delete_look(self, id: str) -> None:
        self._delete("looks", id)

    def restore_look(self, id: str) -> None:
        self._restore("looks", id)
