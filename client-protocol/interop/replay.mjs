// Replays Yjs updates, one hexadecimal line each on standard input, with real yjs and describes the replica as one JSON line.
import { readFileSync } from 'node:fs'
import * as Y from 'yjs'
import { describe } from './document.mjs'

const doc = new Y.Doc()
for (const line of readFileSync(0, 'utf8').split('\n')) {
  if (line !== '') Y.applyUpdate(doc, Buffer.from(line, 'hex'))
}
process.stdout.write(JSON.stringify(describe(doc)) + '\n')
