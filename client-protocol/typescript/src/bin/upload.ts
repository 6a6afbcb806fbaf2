/**
 * One file on its way to a project, by tus: it goes on after a broken line, a restarted server and a reloaded page.
 * It draws nothing.
 */

import { DetailedError, Upload } from "tus-js-client";

import { recordOf, textOf } from "../json.ts";

const RETRY_MS = [0, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

export interface UploadHandlers {
  /** 0..100 of its bytes. */
  readonly onProgress: (pct: number) => void;
  /** `asset`: the id of what it has become. */
  readonly onDone: (asset: string) => void;
  /** `message`: a sentence for people. */
  readonly onFailed: (message: string) => void;
}

export class FileUpload {
  readonly #upload: Upload;

  constructor(project: string, file: File, handlers: UploadHandlers) {
    this.#upload = new Upload(file, {
      endpoint: `/v1/projects/${project}/uploads`,
      metadata: { filename: file.name },
      retryDelays: RETRY_MS,
      removeFingerprintOnSuccess: true,
      onProgress: (sent, all) => { handlers.onProgress(all === 0 ? 0 : Math.floor((100 * sent) / all)); },
      onSuccess: () => { handlers.onDone(assetOf(this.#upload.url ?? "")); },
      onError: (error) => { handlers.onFailed(messageOf(error)); },
    });
  }

  /** Where an earlier attempt at the same file stopped, if there was one. */
  async start(): Promise<void> {
    const [earlier] = await this.#upload.findPreviousUploads();
    if (earlier !== undefined) {
      this.#upload.resumeFromPreviousUpload(earlier);
    }
    this.#upload.start();
  }

  /** Nothing of it is kept, here or there. */
  async end(): Promise<void> {
    await this.#upload.abort(true);
  }
}

/** An asset has the id of the upload that it came by. */
function assetOf(address: string): string {
  return `ast_${address.slice(address.lastIndexOf("upl_") + 4)}`;
}

function messageOf(error: Error | DetailedError): string {
  const body = error instanceof DetailedError ? (error.originalResponse?.getBody() ?? "") : "";
  try {
    return textOf(recordOf(JSON.parse(body))["detail"], "The file could not be sent.");
  } catch {
    return "The file could not be sent. Add it again to go on where it stopped.";
  }
}
