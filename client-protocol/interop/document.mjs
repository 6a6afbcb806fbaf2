// What the driven clients do to a storyboard, and how two replicas are compared. No sockets here.
import { createHash } from 'node:crypto'
import * as Y from 'yjs'

export const ROOTS = ['acts', 'beats', 'env', 'ext', 'jobs', 'looks', 'prev', 'props', 'scenes', 'seqs', 'shots', 'takes']

// `path` begins with a root; every step is a key of a Y.Map.
function find (doc, path) {
  let value = doc.getMap(path[0])
  for (const key of path.slice(1)) {
    value = value?.get(key)
  }
  if (value === undefined) throw new Error(`nothing at ${path.join('/')}`)
  return value
}

function shared (value) {
  if (value !== null && typeof value === 'object' && typeof value.text === 'string' && Object.keys(value).length === 1) {
    return new Y.Text(value.text)
  }
  return value
}

const OPERATIONS = {
  set: (doc, { path, key, value }) => find(doc, path).set(key, shared(value)),
  unset: (doc, { path, key }) => find(doc, path).delete(key),
  insert: (doc, { path, at, text }) => {
    const target = find(doc, path)
    target.insert(at < 0 ? target.length : Math.min(at, target.length), text)
  },
  erase: (doc, { path, at, length }) => {
    const target = find(doc, path)
    const from = Math.min(at, target.length)
    target.delete(from, Math.min(length, target.length - from))
  },
  strike: (doc, { path, text }) => {
    const target = find(doc, path)
    const at = target.toString().indexOf(text)
    if (at >= 0) target.delete(at, text.length)
  },
  entity: (doc, { path, key, fields }) => {
    const entity = new Y.Map()
    for (const [name, value] of Object.entries(fields)) entity.set(name, shared(value))
    find(doc, path).set(key, entity)
  },
  apply: (doc, { hex }) => Y.applyUpdate(doc, Buffer.from(hex, 'hex'))
}

export function edit (doc, operations) {
  doc.transact(() => {
    for (const operation of operations) OPERATIONS[operation.op](doc, operation)
  })
}

function sorted (value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([k, v]) => [k, sorted(v)]))
}

export function content (doc) {
  return sorted(Object.fromEntries(ROOTS.map((root) => [root, doc.getMap(root).toJSON()])))
}

const byClient = ([a], [b]) => a - b

// The snapshot (state vector and delete set) in one canonical form: deletions are part of it.
export function snapshot (doc) {
  const { sv, ds } = Y.snapshot(doc)
  const deleted = [...ds.clients].sort(byClient).map(([client, items]) => [client, merged(items)])
  return { sv: [...sv].filter(([, clock]) => clock > 0).sort(byClient), ds: deleted.filter(([, ranges]) => ranges.length > 0) }
}

function merged (items) {
  const ranges = []
  for (const { clock, len } of [...items].sort((a, b) => a.clock - b.clock)) {
    const last = ranges[ranges.length - 1]
    if (last !== undefined && last[0] + last[1] >= clock) last[1] = Math.max(last[1], clock + len - last[0])
    else ranges.push([clock, len])
  }
  return ranges
}

const sha256 = (text) => createHash('sha256').update(text).digest('hex')

export function describe (doc) {
  const value = content(doc)
  return {
    content: value,
    snapshot_hash: sha256(JSON.stringify(snapshot(doc))),
    content_hash: sha256(JSON.stringify(value)),
    pending: doc.store.pendingStructs !== null || doc.store.pendingDs !== null,
    client: doc.clientID
  }
}
