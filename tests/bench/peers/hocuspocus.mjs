// Hocuspocus without extensions, quiet, everything else at its default. Started in the folder of its packages.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const installed = createRequire(`${process.cwd()}/x.js`)
const { Server } = await import(pathToFileURL(installed.resolve('@hocuspocus/server')).href)
const server = new Server({ port: Number(process.env.PORT), address: '127.0.0.1', quiet: true })
await server.listen()
