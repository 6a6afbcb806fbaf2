"""The GraphQL subgraph: the same projects and people as the other routes, read across entities by one request."""
