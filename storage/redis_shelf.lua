-- KEYS: the value, the lease, the sorted set of a project's values by the moment at which they end.
-- ARGV: what, holder, milliseconds, value. One moment for each call.
local what, holder, ms, value = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local held = redis.call('GET', KEYS[2])

if what == 'claim' then
  local kept = redis.call('GET', KEYS[1])
  if kept then
    return {0, kept}
  end
  if held and held ~= holder then
    return {1, redis.call('PTTL', KEYS[2])}
  end
  redis.call('SET', KEYS[2], holder, 'PX', ms)
  return {2}
elseif what == 'renew' then
  return held == holder and redis.call('PEXPIRE', KEYS[2], ms) or 0
elseif what == 'free' then
  return held == holder and redis.call('DEL', KEYS[2]) or 0
elseif what == 'put' then
  if redis.call('SET', KEYS[1], value, 'PX', ms, 'NX') then
    local clock = redis.call('TIME')
    local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
    redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
    redis.call('ZADD', KEYS[3], now + ms, KEYS[1])
    redis.call('PEXPIREAT', KEYS[3], math.max(now + ms, redis.call('PEXPIRETIME', KEYS[3])))
  end
  if held == holder then
    redis.call('DEL', KEYS[2])
  end
  return redis.call('GET', KEYS[1])
elseif what == 'lengthen' then
  if redis.call('SET', KEYS[1], value, 'PX', ms, 'XX') then
    local clock = redis.call('TIME')
    local ends = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + ms
    redis.call('ZADD', KEYS[3], ends, KEYS[1])
    redis.call('PEXPIREAT', KEYS[3], math.max(ends, redis.call('PEXPIRETIME', KEYS[3])))
  end
  return 1
elseif what == 'remove' then
  redis.call('ZREM', KEYS[3], KEYS[1])
  return redis.call('DEL', KEYS[1])
elseif what == 'forget' then
  for _, key in ipairs(redis.call('ZRANGE', KEYS[3], 0, 999)) do
    redis.call('DEL', key)
    redis.call('ZREM', KEYS[3], key)
  end
  return redis.call('EXISTS', KEYS[3])
end
