// Prints the checked wire vectors, made by lib0, yjs, y-protocols and @hocuspocus/provider themselves.
// `node vectors.mjs DIR` writes lib0.json, y-websocket.json and hocuspocus.json into DIR.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HocuspocusProvider } from '@hocuspocus/provider'
import * as encoding from 'lib0/encoding'
import * as awarenessProtocol from 'y-protocols/awareness'
import * as syncProtocol from 'y-protocols/sync'
import * as Y from 'yjs'

const hex = (bytes) => Buffer.from(bytes).toString('hex')
const encode = (write) => hex(encoding.encode(write))

function sample () {
  const doc = new Y.Doc()
  doc.clientID = 1
  doc.getMap('m').set('k', 'v')
  return doc
}

function awarenessUpdate (state, clock) {
  const doc = new Y.Doc()
  doc.clientID = 1
  const awareness = new awarenessProtocol.Awareness(doc)
  awareness.states.set(1, state)
  awareness.meta.set(1, { clock, lastUpdated: 0 })
  const update = awarenessProtocol.encodeAwarenessUpdate(awareness, [1], new Map([[1, state]]))
  awareness.destroy()
  return update
}

function lib0Vectors () {
  const uints = [0, 1, 127, 128, 300, 16384, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]
  const ints = [0, 1, -1, 63, -63, 64, -64, -65, 2 ** 31 - 1, -(2 ** 31)]
  const strings = ['', 'a', 'é', 'FADE IN:', '🎬', 'a'.repeat(128)]
  const arrays = ['', '00', 'ff00ff', '01'.repeat(130)]
  return {
    var_uint: uints.map((value) => ({ value, hex: encode((e) => encoding.writeVarUint(e, value)) })),
    var_int: ints.map((value) => ({ value, hex: encode((e) => encoding.writeVarInt(e, value)) })),
    var_string: strings.map((value) => ({ value, hex: encode((e) => encoding.writeVarString(e, value)) })),
    var_bytes: arrays.map((value) => ({ value, hex: encode((e) => encoding.writeVarUint8Array(e, Buffer.from(value, 'hex'))) })),
    malformed: {
      var_uint: [
        { why: 'ends in the middle', hex: '80' },
        { why: 'empty', hex: '' },
        { why: 'more than 2^53 - 1', hex: 'ffffffffffffff1f' },
        { why: 'never ends', hex: 'ff'.repeat(16) }
      ],
      var_string: [
        { why: 'shorter than it says', hex: '0361' },
        { why: 'broken UTF-8', hex: '02c328' },
        { why: 'a lone surrogate', hex: '03eda080' }
      ],
      var_bytes: [
        { why: 'shorter than it says', hex: '05ffff' },
        { why: 'a length of 2^53 - 1', hex: 'ffffffffffffff0f00' }
      ]
    }
  }
}

function syncBodies () {
  const doc = sample()
  const empty = new Y.Doc()
  return [
    ['step1 of an empty document', 'step1', Y.encodeStateVector(empty), (e) => syncProtocol.writeSyncStep1(e, empty)],
    ['step1 of {m: {k: v}}', 'step1', Y.encodeStateVector(doc), (e) => syncProtocol.writeSyncStep1(e, doc)],
    ['step2 of an empty document', 'step2', Y.encodeStateAsUpdate(empty), (e) => syncProtocol.writeSyncStep2(e, empty)],
    ['step2 of {m: {k: v}}', 'step2', Y.encodeStateAsUpdate(doc), (e) => syncProtocol.writeSyncStep2(e, doc)],
    ['update m.k = v', 'update', Y.encodeStateAsUpdate(doc), (e) => syncProtocol.writeUpdate(e, Y.encodeStateAsUpdate(doc))]
  ]
}

function awarenessBodies () {
  return [
    ['presence of Ann', awarenessUpdate({ user: { name: 'Ann' } }, 1)],
    ['Ann is gone', awarenessUpdate(null, 2)],
    ['no entries: the message that keeps a connection alive', Uint8Array.of(0)]
  ]
}

function yWebsocketVectors () {
  const frame = (type, write) => encode((e) => { encoding.writeVarUint(e, type); write(e) })
  const sync = syncBodies().map(([name, kind, payload, write]) => ({ name, hex: frame(0, write), messages: [{ kind, payload: hex(payload) }] }))
  const presence = awarenessBodies().map(([name, payload]) => ({
    name, hex: frame(1, (e) => encoding.writeVarUint8Array(e, payload)), messages: [{ kind: 'awareness', payload: hex(payload) }]
  }))
  const query = { name: 'who is there', hex: '03', messages: [{ kind: 'query_awareness', payload: '' }] }
  const several = [sync[1], presence[0], query]
  return {
    frames: [...sync, ...presence, query, {
      name: 'three messages in one frame', hex: several.map((v) => v.hex).join(''), messages: several.flatMap((v) => v.messages)
    }],
    malformed: [
      { why: 'empty', hex: '' },
      { why: 'unknown type', hex: '04' },
      { why: 'unknown sync type', hex: '000300' },
      { why: 'payload shorter than it says', hex: '000205ff' },
      { why: 'a second message that is cut', hex: '0300' },
      { why: 'auth is never sent by a client', hex: '0200026e6f' }
    ]
  }
}

// The provider's own frames, taken where it hands them to its socket.
async function providerFrames (name, sessionAwareness) {
  const frames = []
  const doc = sample()
  const socket = {
    configuration: { providerMap: new Map() }, on () {}, off () {}, attach () {}, detach () {}, send (bytes) { frames.push(hex(bytes)) }
  }
  const provider = new HocuspocusProvider({ name, document: doc, token: 'tok', websocketProvider: socket, sessionAwareness, awareness: null })
  provider.sessionId = 's1'
  provider.attach()
  await provider.onOpen({})
  provider.sendStateless('hi')
  const other = new Y.Doc()
  other.clientID = 1
  other.getMap('m').set('k', 'v')
  doc.emit('update', [Y.encodeStateAsUpdate(other), 'local', doc])
  return frames
}

async function hocuspocusVectors () {
  const named = (name, type, write) => encode((e) => { encoding.writeVarString(e, name); encoding.writeVarUint(e, type); write(e) })
  const doc = sample()
  const [token, step1, stateless, update] = await providerFrames('doc1', false)
  const [tokenWithKey] = await providerFrames('doc1', true)
  const text = (reason) => (e) => encoding.writeVarString(e, reason)
  const auth = (subtype, reason) => (e) => { encoding.writeVarUint(e, subtype); if (reason !== null) encoding.writeVarString(e, reason) }
  const ann = awarenessBodies()[0][1]
  return {
    from_client: [
      { name: 'token', hex: token, key: 'doc1', kind: 'auth', token: 'tok' },
      { name: 'token with a session key', hex: tokenWithKey, key: 'doc1\0s1', kind: 'auth', token: 'tok' },
      { name: 'step1', hex: step1, key: 'doc1', kind: 'step1', payload: hex(Y.encodeStateVector(doc)) },
      { name: 'step2', hex: named('doc1', 0, (e) => syncProtocol.writeSyncStep2(e, doc)), key: 'doc1', kind: 'step2', payload: hex(Y.encodeStateAsUpdate(doc)) },
      { name: 'update', hex: update, key: 'doc1', kind: 'update', payload: hex(Y.encodeStateAsUpdate(doc)) },
      { name: 'step1 as a sync reply', hex: named('doc1', 4, (e) => syncProtocol.writeSyncStep1(e, doc)), key: 'doc1', kind: 'step1', payload: hex(Y.encodeStateVector(doc)) },
      { name: 'awareness', hex: named('doc1', 1, (e) => encoding.writeVarUint8Array(e, ann)), key: 'doc1', kind: 'awareness', payload: hex(ann) },
      { name: 'who is there', hex: named('doc1', 3, () => {}), key: 'doc1', kind: 'query_awareness' },
      { name: 'stateless', hex: stateless, key: 'doc1', kind: 'stateless' },
      { name: 'close', hex: named('doc1', 7, () => {}), key: 'doc1', kind: 'close' },
      { name: 'pong', hex: '0a', key: null, kind: 'pong' }
    ],
    from_hub: [
      { name: 'authenticated, may edit', hex: named('doc1', 2, auth(2, 'read-write')), kind: 'authenticated', key: 'doc1', scope: 'read-write' },
      { name: 'authenticated, may read', hex: named('doc1', 2, auth(2, 'readonly')), kind: 'authenticated', key: 'doc1', scope: 'readonly' },
      { name: 'permission denied', hex: named('doc1', 2, auth(1, 'permission-denied')), kind: 'denied', key: 'doc1', reason: 'permission-denied' },
      { name: 'send a token', hex: named('doc1', 2, auth(0, null)), kind: 'token_request', key: 'doc1' },
      { name: 'saved', hex: named('doc1', 8, (e) => encoding.writeVarUint(e, 1)), kind: 'sync_status', key: 'doc1', saved: true },
      { name: 'not saved', hex: named('doc1', 8, (e) => encoding.writeVarUint(e, 0)), kind: 'sync_status', key: 'doc1', saved: false },
      { name: 'closed', hex: named('doc1', 7, text('bye')), kind: 'close', key: 'doc1', reason: 'bye' },
      { name: 'still there', hex: named('doc1', 1, (e) => encoding.writeVarUint8Array(e, Uint8Array.of(0))), kind: 'awareness', key: 'doc1', payload: '00' }
    ],
    malformed: [
      { why: 'empty', hex: '' },
      { why: 'a name without a type', hex: '04646f6331' },
      { why: 'unknown type', hex: named('doc1', 11, () => {}) },
      { why: 'a message between servers', hex: named('doc1', 6, text('x')) },
      { why: 'unknown sync type', hex: named('doc1', 0, (e) => encoding.writeVarUint(e, 3)) },
      { why: 'a ping from a client', hex: '09' },
      { why: 'a status from a client', hex: named('doc1', 8, (e) => encoding.writeVarUint(e, 1)) },
      { why: 'a second message in the frame', hex: named('doc1', 3, () => {}) + '03' },
      { why: 'payload shorter than it says', hex: '04646f6331000205ff' }
    ]
  }
}

export async function vectors () {
  return { lib0: lib0Vectors(), 'y-websocket': yWebsocketVectors(), hocuspocus: await hocuspocusVectors() }
}

const directory = process.argv[2]
const made = await vectors()
for (const [name, value] of Object.entries(made)) {
  writeFileSync(join(directory, `${name}.json`), JSON.stringify(value, null, 1) + '\n')
}
process.exit(0)
