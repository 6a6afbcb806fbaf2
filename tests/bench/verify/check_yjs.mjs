// Compare yload's updates with real Yjs: they must be byte-identical to what
// Yjs emits for the same edits, and applying them must give the same content.
//   node tests/bench/verify/check_yjs.mjs .storyforge-bench/bin/yload      (after a first ./dev bench)
import { tmpdir } from 'node:os'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
const require = createRequire((process.env.YJS_DIR || new URL('../../../.storyforge-bench/y-websocket', import.meta.url).pathname) + '/x.js')
const Y = require('yjs')
const aw = require('y-protocols/awareness')

const split = buf => {
  const res = []
  for (let p = 0; p < buf.length;) {
    const n = buf.readUInt32LE(p)
    res.push(new Uint8Array(buf.subarray(p + 4, p + 4 + n)))
    p += 4 + n
  }
  return res
}
const hex = u => Buffer.from(u).toString('hex')
const yload = process.argv[2]
let bad = 0
const check = (name, ok) => { console.log((ok ? 'ok   ' : 'FAIL ') + name); if (!ok) bad++ }
const gen = (op, writers, count, client) => {
  const f = `${tmpdir()}/yload-gen-${process.pid}.bin`
  execFileSync(yload, ['gen', '--op', op, '--writers', writers, '--count', count, '--client-id', client, '--dump', f])
  return split(readFileSync(f))
}
const marker = i => '@@' + i.toString(16).padStart(8, '0')

for (const op of ['map', 'text', 'array']) {
  // one writer: byte-identical to Yjs doing the same edit
  const ups = gen(op, 1, 200, 3123456789)
  const doc = new Y.Doc(); doc.clientID = 3123456789
  const mirror = new Y.Doc()
  let same = 0, mirrored = []
  doc.on('update', u => mirrored.push(u))
  ups.forEach(u => {
    Y.applyUpdate(mirror, u)
    const v = op === 'map' ? mirror.getMap('m').get('k0') : op === 'array' ? mirror.getArray('a').toArray().at(-1) : mirror.getText('t').toString().slice(-10)
    if (op === 'map') doc.getMap('m').set('k0', v)
    else if (op === 'array') doc.getArray('a').push([v])
    else doc.getText('t').insert(doc.getText('t').length, v)
    same += hex(mirrored.at(-1)) === hex(u)
  })
  check(`${op}: ${same} of ${ups.length} updates byte-identical to Yjs`, same === ups.length)

  // several writers: content, no pending structs, merge and shuffled application agree
  const many = gen(op, 3, 300, 77)
  const d = new Y.Doc()
  many.forEach(u => Y.applyUpdate(d, u))
  check(`${op}: nothing pending`, d.store.pendingStructs === null && d.store.pendingDs === null)
  const merged = new Y.Doc(); Y.applyUpdate(merged, Y.mergeUpdates(many))
  const rev = new Y.Doc(); many.slice().reverse().forEach(u => Y.applyUpdate(rev, u))
  const content = x => JSON.stringify(op === 'map' ? Object.entries(x.getMap('m').toJSON()).sort() : op === 'array' ? x.getArray('a').toJSON() : x.getText('t').toString())
  check(`${op}: merged and reversed application agree`, content(merged) === content(d) && content(rev) === content(d))
  const runs = [0, 1, 2].map(w => Array.from({ length: 100 }, (_, i) => marker(3 * i + w + 1)))
  if (op === 'map') check('map: last value of each key', runs.every((r, w) => d.getMap('m').get('k' + w).startsWith(r.at(-1)) && d.getMap('m').get('k' + w).length === 30) && d.getMap('m').size === 3)
  if (op === 'array') check('array: all items, in each writer\'s order', (() => { const a = d.getArray('a').toArray().map(s => s.slice(0, 10)); return a.length === 300 && runs.every(r => JSON.stringify(a.filter(x => r.includes(x))) === JSON.stringify(r)) })())
  if (op === 'text') check('text: the runs of the writers, unbroken', (() => { const t = d.getText('t').toString(); return t.length === 3000 && runs.every(r => t.includes(r.join(''))) })())
  const all = Buffer.from(Y.mergeUpdates(many)).toString('latin1')
  let found = 0; for (let i = 1; i <= 300; i++) found += all.includes(marker(i))
  check(`${op}: markers stay raw in a merged update (${found})`, found === 300)
}
{
  const ups = gen('awareness', 2, 20, 500)
  const a = new aw.Awareness(new Y.Doc())
  ups.forEach(u => aw.applyAwarenessUpdate(a, u, 'x'))
  check('awareness: last state of both clients', a.getStates().get(500)?.m === marker(19) && a.getStates().get(501)?.m === marker(20))
  a.destroy()
}
process.exit(bad ? 1 : 0)
