-- Statements read a month of the ledger.

create index ledger_journals_by_time on ledger_journals (at);
