// One stock Yjs client, driven by JSON lines on standard input; replies and events are JSON lines on standard output.
// The first line is {"dialect": "hocuspocus" | "y-websocket", "url": ..., "name": ..., "token": ...}; further options:
// client: its client id; watch: roots whose changed keys are told; idle_ms: of the provider's silence watchdog.
import { createInterface } from 'node:readline'
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { WebsocketProvider } from 'y-websocket'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { Acknowledgements } from './acks.mjs'
import { describe, edit } from './document.mjs'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const options = JSON.parse((await lines.next()).value)
const doc = new Y.Doc()
if (options.client !== undefined) doc.clientID = options.client

const say = (message) => process.stdout.write(JSON.stringify(message) + '\n')
const acknowledgements = new Acknowledgements((saved) => say({ event: 'sync_status', saved }))

// `idle_ms` shortens the provider's own silence watchdog (its public setting), so that a test need not wait half a minute.
function hocuspocus () {
  const socket = new HocuspocusProviderWebsocket({
    url: options.url,
    WebSocketPolyfill: acknowledgements.socketClass(),
    delay: 200,
    minDelay: 100,
    maxDelay: 1000,
    messageReconnectTimeout: options.idle_ms ?? 30000
  })
  const provider = new HocuspocusProvider({ name: options.name, document: doc, token: options.token, websocketProvider: socket })
  provider.on('outgoingMessage', ({ message }) => acknowledgements.outgoing(message.toUint8Array()))
  provider.on('status', ({ status }) => say({ event: 'status', status }))
  provider.on('synced', ({ state }) => say({ event: 'synced', state }))
  provider.on('unsyncedChanges', ({ number }) => say({ event: 'unsynced', number }))
  provider.on('authenticated', ({ scope }) => say({ event: 'authenticated', scope }))
  provider.on('authenticationFailed', ({ reason }) => say({ event: 'denied', reason }))
  socket.on('disconnect', ({ event }) => say({ event: 'closed', code: event?.code, reason: String(event?.reason ?? '') }))
  provider.attach()
  return {
    awareness: provider.awareness,
    unsynced: () => provider.unsyncedChanges,
    synced: () => provider.synced,
    raw: (bytes) => socket.webSocket.send(bytes),
    drop: () => socket.webSocket.terminate(),
    connect: (url) => { if (url !== undefined) socket.setConfiguration({ url }); return socket.connect() },
    disconnect: () => socket.disconnect(),
    destroy: () => { provider.destroy(); socket.destroy() }
  }
}

function yWebsocket () {
  const provider = new WebsocketProvider(options.url, options.name, doc, {
    params: { token: options.token }, WebSocketPolyfill: WebSocket, disableBc: true, maxBackoffTime: 1000
  })
  provider.on('status', ({ status }) => say({ event: 'status', status }))
  provider.on('sync', (state) => say({ event: 'synced', state }))
  provider.on('closed', ({ code, reason }) => say({ event: 'gave_up', code, reason: String(reason) }))
  provider.on('connection-close', (event) => say({ event: 'closed', code: event?.code, reason: String(event?.reason ?? '') }))
  return {
    awareness: provider.awareness,
    unsynced: () => null,
    synced: () => provider.synced,
    raw: (bytes) => provider.ws.send(bytes),
    drop: () => provider.ws.terminate(),
    connect: (url) => { if (url !== undefined) provider.serverUrl = url; provider.connect() },
    disconnect: () => provider.disconnect(),
    destroy: () => provider.destroy()
  }
}

const client = options.dialect === 'hocuspocus' ? hocuspocus() : yWebsocket()
doc.on('update', (update, origin) => { if (origin !== null) say({ event: 'update', bytes: update.length }) })
client.awareness.on('update', (_, origin) => { if (origin !== 'local') say({ event: 'heard' }) })
client.awareness.on('change', ({ added, updated, removed }) => {
  say({ event: 'awareness', added, updated, removed })
  for (const id of [...added, ...updated]) {
    const state = client.awareness.getStates().get(id)
    if (state?.user?.kind === 'server') say({ event: 'ticks', ticks: state.ticks ?? {} })
  }
})
for (const root of options.watch ?? []) {
  doc.getMap(root).observe((event) => {
    for (const key of event.keysChanged) {
      const value = doc.getMap(root).get(key)
      say({ event: 'changed', root, key, value: value instanceof Y.Map ? value.toJSON() : value ?? null })
    }
  })
}

const COMMANDS = {
  edit: ({ number, operations }) => {
    if (number !== undefined) acknowledgements.begin(number)
    edit(doc, operations)
    acknowledgements.end()
    return {}
  },
  state: () => ({
    ...describe(doc),
    unsynced: client.unsynced(),
    synced: client.synced(),
    acknowledged: [...acknowledgements.acknowledged],
    statuses: acknowledgements.statuses,
    refused: acknowledgements.refused
  }),
  presence: () => ({ states: Object.fromEntries(client.awareness.getStates()) }),
  present: ({ field, value }) => { client.awareness.setLocalStateField(field, value); return {} },
  raw: ({ hex }) => { client.raw(Buffer.from(hex, 'hex')); return {} },
  update: () => ({ hex: Buffer.from(Y.encodeStateAsUpdate(doc)).toString('hex') }),
  drop: () => { client.drop(); return {} },
  connect: ({ url }) => { client.connect(url); return {} },
  disconnect: () => { client.disconnect(); return {} },
  stop: () => { client.destroy(); setTimeout(() => process.exit(0), 50); return {} }
}

for await (const line of lines) {
  const { id, command, ...parameters } = JSON.parse(line)
  try {
    say({ id, ok: true, ...COMMANDS[command](parameters) })
  } catch (error) {
    say({ id, ok: false, error: String(error) })
  }
}
process.exit(0)
