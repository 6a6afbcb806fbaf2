// A subgraph of Federation 2 in a few lines: `_entities` and resolvers given by type and field.
import { buildSchema, graphql } from 'graphql'

// The executable form: the directives of federation say nothing to who executes.
const executable = (typeDefs, entities) =>
  typeDefs.replace(/extend schema[^\n]*\n/, '').replace(/@key\([^)]*\)/g, '') +
  `scalar _Any\nunion _Entity = ${entities.join(' | ')}\nextend type Query { _entities(representations: [_Any!]!): [_Entity]! }`

export const buildSubgraph = (typeDefs, resolvers) => {
  const entities = [...typeDefs.matchAll(/type (\w+) @key/g)].map((match) => match[1])
  const schema = buildSchema(executable(typeDefs, entities))
  for (const [name, fields] of Object.entries(resolvers)) {
    if (name === 'entity') continue
    for (const [field, resolve] of Object.entries(fields)) schema.getType(name).getFields()[field].resolve = resolve
  }
  schema.getQueryType().getFields()._entities.resolve = (_, { representations }) =>
    representations.map((key) => resolvers.entity(key))
  return (query, variables) => graphql({ schema, source: query, variableValues: variables })
}
