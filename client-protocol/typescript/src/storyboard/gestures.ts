/**
 * The gestures of a storyboard, the same as `sync/storyboard/gestures.py`: each is one transaction that writes the fewest
 * registers, so that others' survive (docs/storyboard.md). They know nothing of pages or pointers.
 *
 * Every entity is put in front of `before`, or at the end of `parent` (empty: of the storyboard itself).
 */

import type { Registers } from "./hand.ts";
import { Scenes } from "./scenes.ts";

/** One person's hands on the document. What stands in a deleted act or sequence is seen in its place. */
export class Storyboard extends Scenes {
  // Acts ------------------------------------------------------------------------------------------------

  addAct(registers: Registers = {}, before: string | null = null, id?: string): string {
    return this.added("acts", registers, "", before, id);
  }

  editAct(id: string, registers: Registers): void {
    this.edited("acts", id, registers);
  }

  moveAct(id: string, before: string | null = null): void {
    this.moved("acts", id, "", before);
  }

  deleteAct(id: string): void {
    this.deleted("acts", id);
  }

  restoreAct(id: string): void {
    this.restored("acts", id);
  }

  // Sequences -------------------------------------------------------------------------------------------

  addSequence(registers: Registers = {}, parent = "", before: string | null = null, id?: string): string {
    return this.added("seqs", registers, parent, before, id);
  }

  editSequence(id: string, registers: Registers): void {
    this.edited("seqs", id, registers);
  }

  moveSequence(id: string, parent = "", before: string | null = null): void {
    this.moved("seqs", id, parent, before);
  }

  deleteSequence(id: string): void {
    this.deleted("seqs", id);
  }

  restoreSequence(id: string): void {
    this.restored("seqs", id);
  }

  // Beats -----------------------------------------------------------------------------------------------

  addBeat(registers: Registers = {}, parent = "", before: string | null = null, id?: string): string {
    return this.added("beats", registers, parent, before, id);
  }

  editBeat(id: string, registers: Registers): void {
    this.edited("beats", id, registers);
  }

  moveBeat(id: string, parent = "", before: string | null = null): void {
    this.moved("beats", id, parent, before);
  }

  deleteBeat(id: string): void {
    this.deleted("beats", id);
  }

  restoreBeat(id: string): void {
    this.restored("beats", id);
  }

  // Environments: places, described once ----------------------------------------------------------------

  addEnvironment(registers: Registers = {}, before: string | null = null, id?: string): string {
    return this.added("env", registers, "", before, id);
  }

  editEnvironment(id: string, registers: Registers): void {
    this.edited("env", id, registers);
  }

  moveEnvironment(id: string, before: string | null = null): void {
    this.moved("env", id, "", before);
  }

  deleteEnvironment(id: string): void {
    this.deleted("env", id);
  }

  restoreEnvironment(id: string): void {
    this.restored("env", id);
  }

  // Props -----------------------------------------------------------------------------------------------

  addProp(registers: Registers = {}, before: string | null = null, id?: string): string {
    return this.added("props", registers, "", before, id);
  }

  editProp(id: string, registers: Registers): void {
    this.edited("props", id, registers);
  }

  moveProp(id: string, before: string | null = null): void {
    this.moved("props", id, "", before);
  }

  deleteProp(id: string): void {
    this.deleted("props", id);
  }

  restoreProp(id: string): void {
    this.restored("props", id);
  }

  // Looks of characters ---------------------------------------------------------------------------------

  addLook(registers: Registers = {}, before: string | null = null, id?: string): string {
    return this.added("looks", registers, "", before, id);
  }

  editLook(id: string, registers: Registers): void {
    this.edited("looks", id, registers);
  }

  moveLook(id: string, before: string | null = null): void {
    this.moved("looks", id, "", before);
  }

  deleteLook(id: string): void {
    this.deleted("looks", id);
  }

  restoreLook(id: string): void {
    this.restored("looks", id);
  }
}
