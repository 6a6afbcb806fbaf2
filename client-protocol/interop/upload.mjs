// Sends one file with the stock tus-js-client. Takes {endpoint, file, name, headers} as JSON and says in JSON lines how it
// goes: {sent}, {interrupted} for each retry, {resumed} with the offset that the server named, {done}.
import fs from 'node:fs'
import * as tus from 'tus-js-client'

const { endpoint, file, name, headers } = JSON.parse(process.argv[2])
const say = (line) => process.stdout.write(JSON.stringify(line) + '\n')

const upload = new tus.Upload(fs.createReadStream(file), {
  endpoint,
  headers,
  metadata: { filename: name },
  uploadSize: fs.statSync(file).size,
  retryDelays: Array.from({ length: 100 }, () => 100),
  onProgress: (sent) => say({ sent }),
  onShouldRetry: (error) => {
    const answer = error.originalResponse
    say({ interrupted: answer === null || answer === undefined ? 0 : answer.getStatus() })
    return true
  },
  onAfterResponse: (request, answer) => {
    if (request.getMethod() === 'HEAD' && answer.getStatus() === 200) {
      say({ resumed: Number(answer.getHeader('upload-offset')) })
    }
  },
  onSuccess: () => say({ done: upload.url }),
  onError: (error) => {
    say({ failed: String(error) })
    process.exitCode = 1
  }
})
upload.start()
