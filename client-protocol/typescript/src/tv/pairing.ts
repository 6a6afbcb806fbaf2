/**
 * Signs the screen in without a keyboard: shows a code, asks the studio whether somebody has entered it, and begins
 * again when it is over. What happens afterwards is not its business, and it never sees a token.
 */

import { beginDevice, HttpProblem, isUnreachable, openDeviceSession } from "../http/client.ts";
import type { DeviceCodes } from "../http/model.ts";
import { required, setText } from "../page/element.ts";
import { deviceName } from "./device-name.ts";

const RETRY_MS = 5_000;

export class Pairing {
  constructor(private readonly onSignedIn: () => void) {}

  /** Ends when the screen is signed in. */
  async run(): Promise<void> {
    document.body.dataset["showing"] = "pairing";
    required("pairing").hidden = false;
    while (!(await this.#attempt())) {
      // the code is over, or was sent away: there is a new one
    }
    this.onSignedIn();
  }

  async #attempt(): Promise<boolean> {
    const codes = await patiently(() => beginDevice(deviceName(navigator.userAgent)));
    show(codes);
    for (let interval_ms = codes.interval_ms; ; ) {
      await pause(interval_ms);
      try {
        const answer = await patiently(() => openDeviceSession(codes.deviceCode));
        if (answer === null) {
          return true;
        }
        interval_ms = Math.max(interval_ms, answer);
      } catch (error) {
        if (error instanceof HttpProblem && (error.code === "device.over" || error.code === "device.denied")) {
          return false;
        }
        throw error;
      }
    }
  }
}

function show(codes: DeviceCodes): void {
  setText(required("pairing-address"), codes.address.replace(/^https?:\/\//, ""));
  setText(required("pairing-code"), codes.userCode);
}

/** A studio that is away, or asked too often, is asked again. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(isUnreachable(error) || (error instanceof HttpProblem && error.status === 429))) {
        throw error;
      }
      await pause(RETRY_MS);
    }
  }
}

function pause(duration_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration_ms));
}
