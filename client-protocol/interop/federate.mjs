// Composes our subgraph with a small one of reviews, and answers a query across both with a stock gateway. Takes
// {url, token, query, variables, reviews} as JSON; says {supergraph, errors, result, asked}: `asked` is what the gateway
// sent to each of the two.
import { composeServices } from '@theguild/federation-composition'
import { getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation'
import { graphql, parse, print } from 'graphql'

import { buildSubgraph } from './subgraph.mjs'

const { url, token, query, variables, reviews } = JSON.parse(process.argv[2])
const REVIEWS = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])
  type Query { reviews: [Review!]! }
  type Review { text: String! scene: Scene! author: User! }
  type Scene @key(fields: "episodeId id") { episodeId: ID! id: ID! reviews: [Review!]! }
  type User @key(fields: "id") { id: ID! }
`

const ask = async (document, given) => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: document, variables: given })
  })
  return answer.json()
}

const full = (review) => ({ __typename: 'Review', ...review })
const sceneWith = (key) => ({
  __typename: 'Scene',
  ...key,
  reviews: reviews.filter((each) => each.scene.id === key.id && each.scene.episodeId === key.episodeId).map(full)
})
const other = buildSubgraph(REVIEWS, {
  Query: { reviews: () => reviews.map(full) },
  Review: { scene: (review) => sceneWith(review.scene), author: (review) => ({ __typename: 'User', ...review.author }) },
  entity: (key) => (key.__typename === 'Scene' ? sceneWith({ episodeId: key.episodeId, id: key.id }) : key)
})

const own = await ask('{ _service { sdl } }')
const composed = composeServices([
  { name: 'studio', typeDefs: parse(own.data._service.sdl), url },
  { name: 'reviews', typeDefs: parse(REVIEWS), url: 'http://reviews.test' }
])
const asked = { studio: [], reviews: [] }
let result = null
if (composed.supergraphSdl !== undefined) {
  const executors = {
    studio: (document, given) => ask(document, given),
    reviews: (document, given) => other(document, given)
  }
  const gateway = getStitchedSchemaFromSupergraphSdl({
    supergraphSdl: composed.supergraphSdl,
    batch: true,
    onSubschemaConfig: (subschema) => {
      const name = subschema.name.toLowerCase()
      subschema.executor = (request) => {
        const document = print(request.document)
        asked[name].push(document)
        return executors[name](document, request.variables)
      }
    }
  })
  result = await graphql({ schema: gateway, source: query, variableValues: variables })
}
const errors = (composed.errors ?? []).map((error) => error.message)
process.stdout.write(JSON.stringify({ supergraph: composed.supergraphSdl ?? null, errors, result, asked }) + '\n')
