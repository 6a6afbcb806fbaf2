// Writes yjs-13.6.json: what real yjs emits while several people edit, for tests/unit/sync/test_yjs_vectors.py.
// Run in a folder where `npm i yjs@13.6.33` was done: node make_yjs_vectors.mjs > yjs-13.6.json
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const Y = await import(pathToFileURL(createRequire(join(process.cwd(), 'x.js')).resolve('yjs')).href)
const ROOTS = ['scenes', 'ext']
const KEYS = ['title', 'ord', 'prompt', 'list']
const WORDS = ['a', 'bc', 'über', '😀', 'x😀y', '👩‍🎬', '日本', 'slow push-in, ']
const base64 = bytes => Buffer.from(bytes).toString('base64')

const random = seed => () => { // mulberry32
  seed = seed + 0x6D2B79F5 | 0
  let t = Math.imul(seed ^ seed >>> 15, 1 | seed)
  t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t
  return ((t ^ t >>> 14) >>> 0) / 4294967296
}

class Person {
  constructor (client, gc) {
    this.doc = new Y.Doc({ gc })
    this.doc.clientID = client
    this.outbox = []
    this.inbox = []
    this.roots = ROOTS.map(name => this.doc.getMap(name))
    this.undo = new Y.UndoManager(this.roots, { captureTimeout: 0, ignoreRemoteMapChanges: client % 2 === 0 })
    this.doc.on('update', (update, origin) => { if (origin !== 'server') this.outbox.push(update) })
  }

  receive () {
    this.inbox.splice(0).forEach(update => Y.applyUpdate(this.doc, update, 'server'))
  }
}

const gestures = (next) => {
  const int = (low, high) => low + Math.floor(next() * (high - low + 1))
  const pick = list => list[int(0, list.length - 1)]
  const value = () => pick([null, true, -int(0, 2 ** 40), 0.1, 2.5, pick(WORDS), [1, ['x']], { k: { l: null } }, new Uint8Array([0, 255]), '', undefined, 2n ** 61n + 1n])
  const element = () => { // arrays take neither undefined nor big integers
    const some = value()
    return some === undefined || typeof some === 'bigint' ? 0 : some
  }
  const shared = depth => {
    const chance = next()
    if (chance < 0.4 || depth === 0) {
      const map = new Y.Map()
      map.set('title', pick(WORDS))
      map.set('prompt', new Y.Text(pick(WORDS)))
      return map
    }
    return chance < 0.7 ? new Y.Text(pick(WORDS)) : Y.Array.from([1, 'two', new Y.Map([['n', 1]]), pick(WORDS)])
  }
  const put = (map, key, depth) => map.set(key, next() < 0.4 && depth < 4 ? shared(depth) : value())
  const editText = text => {
    const bounds = [0]
    text.toDelta().forEach(({ insert }) => {
      for (const char of typeof insert === 'string' ? insert : ' ') bounds.push(bounds[bounds.length - 1] + char.length)
    })
    const [at, to] = [pick(bounds), pick(bounds)].sort((a, b) => a - b)
    const chance = next()
    if (chance < 0.5 || at === to) text.insert(at, pick(WORDS))
    else if (chance < 0.75) text.delete(at, to - at)
    else if (chance < 0.9) text.format(at, to - at, { b: pick([true, null]) })
    else text.insertEmbed(at, { image: 'a' }, { w: 1 })
  }
  const edit = (type, depth) => {
    if (type instanceof Y.Text) editText(type)
    else if (type instanceof Y.Map) {
      const key = pick(KEYS)
      const chance = next()
      const inner = type.get(key)
      if (type.has(key) && chance < 0.15) type.delete(key)
      else if (inner instanceof Y.AbstractType && chance < 0.75) edit(inner, depth + 1)
      else put(type, key, depth)
    } else if (type instanceof Y.Array) {
      const at = int(0, type.length)
      const chance = next()
      if (chance < 0.4 || at === type.length) type.insert(at, [next() < 0.3 && depth < 4 ? shared(depth) : element(), pick(WORDS)])
      else if (chance < 0.6) type.delete(at)
      else if (type.get(at) instanceof Y.AbstractType) edit(type.get(at), depth + 1)
    }
  }
  const gesture = person => {
    const root = pick(person.roots)
    const entity = 'e' + int(0, 2)
    const chance = next()
    if (chance < 0.12 || !root.has(entity)) put(root, entity, 0)
    else if (chance < 0.17) root.delete(entity)
    else edit(root.get(entity), 1)
  }
  return person => {
    const chance = next()
    if (chance < 0.1) next() < 0.6 ? person.undo.undo() : person.undo.redo()
    else if (chance < 0.25) person.doc.transact(() => { for (let n = int(2, 5); n > 0; n--) gesture(person) })
    else gesture(person)
  }
}

// One studio: the log in the server's order, the places that changed with each row, and the whole document at the end.
const studio = (seed, steps) => {
  const next = random(seed)
  const act = gestures(next)
  const people = [101, 102, 2 ** 53 - 1].map(client => new Person(client, next() < 0.6))
  const server = new Y.Doc()
  const log = []
  let events = new Set()
  for (const name of ROOTS) {
    server.getMap(name).observeDeep(list => list.forEach(event => {
      const above = [name, ...event.path.map(part => typeof part === 'string' ? part : null)]
      if (event instanceof Y.YMapEvent) event.keysChanged.forEach(key => events.add(JSON.stringify([...above, key])))
      else events.add(JSON.stringify([...above, null]))
    }))
  }
  const take = (update, author) => {
    events = new Set()
    Y.applyUpdate(server, update)
    log.push({ update: base64(update), places: [...events].map(text => JSON.parse(text)) })
    people.forEach(person => { if (person !== author) person.inbox.push(update) })
  }
  const exchange = person => {
    const own = person.outbox.splice(0)
    if (next() < 0.5) own.forEach(update => take(update, person)) // as typed
    else if (own.length && next() < 0.5) take(Y.mergeUpdates(own), person) // after a while offline
    else if (own.length) take(Y.encodeStateAsUpdate(person.doc, Y.encodeStateVector(server)), person) // Step2
    person.receive()
  }
  for (let step = 0; step < steps; step++) {
    act(people[Math.floor(next() * people.length)])
    if (next() < 0.4) exchange(people[Math.floor(next() * people.length)])
  }
  for (let round = 0; round < 2; round++) people.forEach(exchange)
  return { seed, log, whole: base64(Y.encodeStateAsUpdate(server)), replicas: people.map(person => base64(Y.encodeStateAsUpdate(person.doc))) }
}

const single = (name, base, change) => {
  const doc = new Y.Doc()
  doc.clientID = 7
  base(doc)
  const before = Y.encodeStateAsUpdate(doc)
  const other = new Y.Doc()
  other.clientID = 8
  Y.applyUpdate(other, before)
  const vector = Y.encodeStateVector(other)
  change(other)
  return { name, base: base64(before), update: base64(Y.encodeStateAsUpdate(other, vector)) }
}
const emoji = doc => doc.getText('t').insert(0, 'a😀b')
const singles = [
  single('xml', () => {}, doc => doc.getXmlFragment('x').insert(0, [new Y.XmlElement('p')])),
  single('subdocument', () => {}, doc => doc.getMap('m').set('d', new Y.Doc({ guid: 'g' }))),
  single('insert_inside_character', emoji, doc => doc.getText('t').insert(2, 'z')),
  single('delete_first_half', emoji, doc => doc.getText('t').delete(1, 1)),
  single('delete_second_half', emoji, doc => doc.getText('t').delete(2, 1)),
  single('delete_character', emoji, doc => doc.getText('t').delete(1, 2)),
  single('insert_before_character', emoji, doc => doc.getText('t').insert(1, 'z')),
  single('insert_after_character', emoji, doc => doc.getText('t').insert(3, 'z'))
]

// A merge that leaves a hole: the second of three updates is missing, yjs writes a Skip.
const hole = () => {
  const doc = new Y.Doc()
  doc.clientID = 9
  const updates = []
  doc.on('update', update => updates.push(update))
  for (const char of 'abc') doc.getText('t').insert(doc.getText('t').length, char)
  return { first: base64(updates[0]), second: base64(updates[1]), merged: base64(Y.mergeUpdates([updates[0], updates[2]])) }
}

process.stdout.write(JSON.stringify({ studios: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(seed => studio(seed, 110)), singles, hole: hole() }, null, 0) + '\n')
process.exit(0) // undo managers hold timers
