/** The price before and after: what the door says, and how people read it. */

import { describe, expect, it } from "vitest";

import { DRAFT, readQuote, spelledWish } from "../src/http/quote.ts";
import { budgetText, costText, modelText, priceText, roomText } from "../src/studio/price.ts";

const MODEL = { provider: "kling", model: "kling-2.6", title: "kling kling-2.6", shots: 2, price_micro: 24_000_000, sentence: "It costs least." };
const ANSWER = {
  possible: true,
  sentence: "It costs least.",
  least_micro: 24_000_000,
  likely_micro: 26_500_000,
  most_micro: 120_000_000,
  shots: [{}, {}],
  models: [MODEL],
  room: { left_micro: 500_000_000, by: "project" },
};

describe("a quote", () => {
  it("is read as it is said", () => {
    const quote = readQuote(ANSWER);
    expect(quote).toMatchObject({ possible: true, least: 24_000_000, likely: 26_500_000, most: 120_000_000, shots: 2, left: 500_000_000 });
    expect(quote.models).toEqual([{ name: "kling/kling-2.6", title: "kling kling-2.6", shots: 2, price: 24_000_000, sentence: "It costs least." }]);
    expect(readQuote({})).toMatchObject({ possible: false, most: 0, models: [] });
  });

  it("is a range, one price, nothing, or impossible", () => {
    const quote = readQuote(ANSWER);
    expect(priceText(quote)).toBe("About 26.5 credits: 24 to 120, by who makes it.");
    expect(priceText({ ...quote, least: 120_000_000 })).toBe("120 credits at most.");
    expect(priceText({ ...quote, least: 0, likely: 0, most: 0 })).toBe("Costs nothing.");
    expect(priceText({ ...quote, possible: false })).toBe("It cannot be made like this.");
    expect(roomText(quote)).toBe("You may spend 500 credits, by the project's budget.");
  });

  it("says of a model for how many of the shots it would do", () => {
    const [model] = readQuote(ANSWER).models;
    expect(modelText(model!, 2)).toBe("24 credits");
    expect(modelText(model!, 3)).toBe("24 credits for 2 of 3 shots");
    expect(modelText({ ...model!, shots: 0 }, 3)).toBe("not for this");
  });

  it("is asked for as a run is", () => {
    expect(spelledWish(DRAFT)).toEqual({ boards: 1, purpose: "draft", models: [], spend_max_microcredits: null });
  });
});

describe("a budget that comes to its end", () => {
  it("is told to everybody who may spend, and a person's own to that person", () => {
    expect(budgetText({ scope: "project", percent: 80, by: "usr_b" }, "usr_a")).toBe("Four fifths of the project's budget are used.");
    expect(budgetText({ scope: "person", percent: 100, by: "usr_a" }, "usr_a")).toBe("All of your budget is used: nothing more is begun that costs.");
    expect(budgetText({ scope: "person", percent: 100, by: "usr_b" }, "usr_a")).toBeNull();
  });
});

describe("the cost of a take", () => {
  it("is said in credits, and nothing where nothing was paid", () => {
    expect([0, 1_000_000, 12_345_678].map(costText)).toEqual(["nothing", "1 credit", "12.34 credits"]);
  });
});
