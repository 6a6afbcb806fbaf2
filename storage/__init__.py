"""The real stores: document log, objects, bus, cache, tables and their SQL. Business rules live in `services`."""
