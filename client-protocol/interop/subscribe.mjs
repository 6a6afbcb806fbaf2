// Follows a project with the stock graphql-ws client. Takes {url, token, project, cursor} as JSON and says in JSON lines
// what comes: {next}, {error}, {complete}, {closed} with the code of the socket.
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

const { url, token, project, cursor } = JSON.parse(process.argv[2])
const say = (line) => process.stdout.write(JSON.stringify(line) + '\n')

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  retryAttempts: 0,
  lazy: true,
  lazyCloseTimeout: 0,
  connectionParams: { Authorization: `Bearer ${token}` },
  on: { closed: (event) => say({ closed: event.code }) }
})
client.subscribe(
  {
    query: 'subscription ($project: ID!, $cursor: Int) { projectEvents(project: $project, cursor: $cursor) { cursor kind payload } }',
    variables: { project, cursor }
  },
  {
    next: (value) => say({ next: value }),
    error: (error) => say({ error: Array.isArray(error) ? error : String(error.reason ?? error) }),
    complete: () => say({ complete: true })
  }
)
