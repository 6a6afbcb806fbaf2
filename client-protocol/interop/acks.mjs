// Which edits of a Hocuspocus client the server has acknowledged, seen from the wire: a WebSocket class that the unchanged
// provider is configured with. It alters nothing.
import * as decoding from 'lib0/decoding'
import WebSocket from 'ws'

const SYNC = 0
const SYNC_REPLY = 4
const SYNC_STATUS = 8
const STEP2 = 1
const UPDATE = 2

const hex = (bytes) => Buffer.from(bytes).toString('hex')

export class Acknowledgements {
  constructor (onStatus) {
    this.made = 0
    this.acknowledged = new Set()
    this.refused = 0
    this.statuses = 0
    this.updates = new Map()
    this.onStatus = onStatus
  }

  // Edit `number` is about to be made: the provider hands over its frame before `end`.
  begin (number) {
    this.made = number
    this.current = number
  }

  end () {
    this.current = undefined
  }

  // SyncStatus come in the order of the messages, so each socket keeps the messages it is waiting for.
  sent (waiting, frame) {
    const decoder = decoding.createDecoder(frame)
    if (frame.length === 1) return
    decoding.readVarString(decoder)
    const type = decoding.readVarUint(decoder)
    if (type !== SYNC && type !== SYNC_REPLY) return
    const subtype = decoding.readVarUint(decoder)
    if (subtype === STEP2) waiting.push({ upTo: this.made })
    if (subtype === UPDATE) waiting.push({ only: this.updates.get(hex(frame)) })
  }

  received (waiting, frame) {
    const decoder = decoding.createDecoder(frame)
    if (frame.length === 1) return
    decoding.readVarString(decoder)
    if (decoding.readVarUint(decoder) !== SYNC_STATUS) return
    const saved = decoding.readVarUint(decoder) === 1
    const message = waiting.shift()
    this.statuses += 1
    if (message === undefined) throw new Error('a SyncStatus for nothing that was sent')
    if (saved) this.take(message)
    else this.refused += 1
    this.onStatus(saved)
  }

  take (message) {
    if (message.only !== undefined) this.acknowledged.add(message.only)
    for (let number = 1; number <= (message.upTo ?? 0); number++) this.acknowledged.add(number)
  }

  // A frame may wait while the socket is down and leave later: remember which edit its bytes carry.
  outgoing (frame) {
    if (this.current !== undefined) this.updates.set(hex(frame), this.current)
  }

  socketClass () {
    const acknowledgements = this
    return class ObservedWebSocket extends WebSocket {
      constructor (url, protocols) {
        super(url, protocols)
        this.waiting = []
        this.prependListener('message', (data) => acknowledgements.received(this.waiting, new Uint8Array(data)))
      }

      send (frame, ...rest) {
        acknowledgements.sent(this.waiting, frame)
        super.send(frame, ...rest)
      }
    }
  }
}
