-- The generic cell rate algorithm on one key, by the server's clock: no two processes disagree about the time.
-- KEYS[1]: of the key, the moment in microseconds at which its whole quota is back. ARGV: interval in microseconds, requests.
-- Answers granted, left, retry_after_us, full_in_us; the same arithmetic as `gcra` in rates.py.
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local interval = tonumber(ARGV[1])
local whole = interval * tonumber(ARGV[2])
local owed = math.max((tonumber(redis.call('GET', KEYS[1])) or 0) - now, 0)
if owed + interval > whole then
  return {0, 0, owed + interval - whole, owed}
end
owed = owed + interval
redis.call('SET', KEYS[1], string.format('%.0f', now + owed), 'PX', math.ceil(owed / 1000))
return {1, math.floor((whole - owed) / interval), 0, owed}
