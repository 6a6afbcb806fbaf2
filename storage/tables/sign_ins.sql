-- name: open_of_user
-- A page's session is its own root; a program's lasts as long as its family of refresh tokens.
with open as (
    select i.jti as root, i.issued_at as since, i.expires_at as until, null as client
      from issued_tokens i
     where i.user_id = $1 and i.jti = i.root and i.expires_at > now()
       and not exists (select 1 from revoked_tokens r where r.jti = i.jti)
    union all
    select f.family, min(f.issued_at), max(f.expires_at), min(f.client)
      from refresh_tokens f
     where f.user_id = $1
     group by f.family
    having max(f.expires_at) filter (where f.used_at is null) > now()
)
select o.root, o.since, o.until, o.client, a.address, a.agent, a.detail ->> 'how' as how
  from open o
  left join lateral (
      select e.address, e.agent, e.detail
        from audit_log e
       where e.actor_id = $1 and e.action = 'session.opened' and e.detail ->> 'id' = o.root::text
       limit 1
  ) a on true
 where $2::uuid is null or o.root = $2
 order by o.since desc, o.root
 limit $3;
