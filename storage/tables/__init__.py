"""The tables behind thin typed functions: a module and a `.sql` file for each. Rules about rows live in `services`."""
