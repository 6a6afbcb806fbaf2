// @vitest-environment happy-dom
import { describe, expect, test } from "vitest";
import * as Y from "yjs";

import { arrange, element } from "../src/page/element.ts";
import { PromptField } from "../src/text/prompt-field.ts";

function bound(content: string): { field: HTMLTextAreaElement; text: Y.Text; other: Y.Text; binding: PromptField; exchange: () => void } {
  const [one, two] = [new Y.Doc(), new Y.Doc()];
  const text = one.getText("prompt");
  text.insert(0, content);
  const field = element("textarea");
  document.body.replaceChildren(field);
  field.focus();
  const exchange = (): void => {
    Y.applyUpdate(two, Y.encodeStateAsUpdate(one));
    Y.applyUpdate(one, Y.encodeStateAsUpdate(two));
  };
  exchange();
  return { field, text, other: two.getText("prompt"), binding: new PromptField(field, text, "own", () => undefined), exchange };
}

function type(field: HTMLTextAreaElement, content: string): void {
  field.setRangeText(content, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input"));
}

describe("a prompt field", () => {
  test("shows the text, and what is typed is the smallest edit", () => {
    const { field, text } = bound("The lamp burns.");
    const deltas: unknown[] = [];
    text.observe((event) => deltas.push(event.delta));
    field.setSelectionRange(4, 8);
    type(field, "candle");
    expect(text.toJSON()).toBe("The candle burns.");
    expect(deltas).toEqual([[{ retain: 4 }, { delete: 4 }, { insert: "candle" }]]);
  });

  test("the caret stays at its words while others type before and after it", () => {
    const { field, other, exchange } = bound("one two three");
    field.setSelectionRange(4, 7, "backward");
    other.insert(0, ">>> ");
    other.insert(other.length, " four");
    exchange();
    expect(field.value).toBe(">>> one two three four");
    expect(field.value.slice(field.selectionStart, field.selectionEnd)).toBe("two");
    expect(field.selectionDirection).toBe("backward");
  });

  test("a selection keeps its words while another writes right before it", () => {
    const { field, other, exchange } = bound("The light");
    field.setSelectionRange(0, 5);
    other.insert(0, "Hush. ");
    exchange();
    expect(field.value.slice(field.selectionStart, field.selectionEnd)).toBe("The l");
  });

  test("both people's typing survives at the same time", () => {
    const { field, text, other, exchange } = bound("middle");
    field.setSelectionRange(6, 6);
    other.insert(0, "start ");
    type(field, " end");
    exchange();
    expect(field.value).toBe("start middle end");
    expect(other.toJSON()).toBe(text.toJSON());
  });

  test("a composition is written when it ends, in its place, though others typed meanwhile", () => {
    const { field, text, other, exchange } = bound("ab");
    field.setSelectionRange(2, 2);
    field.dispatchEvent(new Event("compositionstart"));
    type(field, "n");
    other.insert(0, "12345 ");
    exchange();
    expect(field.value, "the field is left alone while composing").toBe("abn");
    type(field, "i");
    field.dispatchEvent(new Event("compositionend"));
    expect(text.toJSON()).toBe("12345 abni");
    expect(field.value).toBe("12345 abni");
    expect(field.selectionStart).toBe(10);
  });

  test("carriage returns of other clients go when somebody edits here, and nothing else does", () => {
    const { field, text } = bound("a\r\nb\rc");
    expect(field.value).toBe("a\nb\nc");
    field.setSelectionRange(4, 4);
    type(field, "!");
    expect(text.toJSON()).toBe("a\nb\n!c");
    expect(field.value).toBe("a\nb\n!c");
  });

  test("leaves the text when destroyed", () => {
    const { field, text, binding } = bound("x");
    binding.destroy();
    text.insert(0, "y");
    type(field, "z");
    expect(text.toJSON()).toBe("yx");
  });
});

describe("arranging a list", () => {
  test("gives the wanted order and never moves the child that has the focus", () => {
    const buttons = ["a", "b", "c", "d"].map((name) => element("button", { id: name }));
    const list = element("div");
    document.body.replaceChildren(list);
    const byId = (order: string): Element[] => [...order].map((id) => buttons.find((button) => button.id === id)!);
    for (const focused of buttons) {
      arrange(list, byId("abcd"));
      focused.focus();
      for (const order of ["dcba", "bd", "abcd", "cadb"]) {
        if (order.includes(focused.id)) {
          arrange(list, byId(order));
          expect([...list.children].map((child) => child.id).join("")).toBe(order);
          expect(document.activeElement).toBe(focused);
        }
      }
    }
  });
});
