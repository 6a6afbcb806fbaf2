/** A form that is sent once at a time, and says what the studio refuses. What it sends is the page's business. */

import { HttpProblem } from "../http/client.ts";
import { required, setText } from "./element.ts";

/** Runs `action` unless one is running; a refusal is shown in `#problem`, and `refused` hears of it. */
export function oneAtATime(refused: (problem: HttpProblem) => void): (action: () => Promise<void>) => Promise<void> {
  let isBusy = false;
  return async (action) => {
    if (isBusy) {
      return;
    }
    isBusy = true;
    setText(required("problem"), "");
    try {
      await action();
    } catch (error) {
      if (!(error instanceof HttpProblem)) {
        throw error;
      }
      setText(required("problem"), error.message);
      refused(error);
    } finally {
      isBusy = false;
    }
  };
}
