-- name: opening
select d.id, d.project_id, d.kind, d.epoch, d.seq, d.server_client,
       array(
           select (s.seq, s.hash)
           from document_snapshots s
           where s.document_id = d.id and s.epoch = d.epoch
           order by s.seq desc
           limit $2
       ) as snapshots,
       array(
           select (c.client_id, c.actor)
           from document_clients c
           where c.document_id = d.id and c.epoch = d.epoch
       ) as clients,
       array(select q.sha256 from quarantine q where q.document_id = d.id) as quarantined,
       (
           select count(*)
           from document_faults f
           where f.document_id = d.id and f.forgiven_at is null and f.created_at > now() - $3::interval
       ) as faults
from documents d
where d.id = $1;
