-- Circuit breakers, a key each, by the server's clock; the same arithmetic as in breakers.py, in milliseconds.
-- ARGV[1] look: answers {state, fault, retry_after} of every key. Changes nothing.
-- ARGV[1] admit: of one key; what was half open is being probed from now on. ARGV: probe.
-- ARGV[1] tell: of one key, before and after. ARGV: fault ('' none), 1 if it is a probe, half life, kept,
-- and where the fault says something of the circuit: weight, share, open, open at most.
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

local function read(key)
  local kept = redis.call('GET', key)
  return kept and cjson.decode(kept) or {at = 0, calls = 0, probe = 0, faults = {}}
end

local function seen(circuit)
  local fault, till = '', -1
  for name, each in pairs(circuit.faults) do
    if each.opens > 0 and (each.till > till or (each.till == till and name < fault)) then
      fault, till = name, each.till
    end
  end
  if fault == '' then
    return {'closed', '', 0}
  elseif till > now then
    return {'open', fault, till - now}
  elseif circuit.probe > now then
    return {'probing', fault, circuit.probe - now}
  end
  return {'half_open', fault, 0}
end

if ARGV[1] == 'look' then
  local all = {}
  for place, key in ipairs(KEYS) do
    all[place] = seen(read(key))
  end
  return all
end

local circuit = read(KEYS[1])
local before = seen(circuit)
if ARGV[1] == 'admit' then
  if before[1] == 'half_open' then
    circuit.probe = now + tonumber(ARGV[2])
    redis.call('SET', KEYS[1], cjson.encode(circuit), 'KEEPTTL')
  end
  return before
end

local fault, is_probe, half_life, kept = ARGV[2], ARGV[3] == '1', tonumber(ARGV[4]), tonumber(ARGV[5])
local weight, share, open, open_max = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local left = 0.5 ^ (math.max(0, now - circuit.at) / half_life)
circuit.at = now
circuit.calls = circuit.calls * left + 1
for _, each in pairs(circuit.faults) do
  each.count = each.count * left
end
local known = nil
if fault ~= '' and weight then
  known = circuit.faults[fault] or {count = 0, till = 0, opens = 0}
  circuit.faults[fault] = known
  known.count = known.count + 1
end
if before[1] == 'closed' then
  if known and known.count >= weight and known.count >= share * circuit.calls then
    known.opens, known.till = 1, now + open
  end
elseif is_probe and before[1] ~= 'open' then
  circuit.probe = 0
  if fault == '' then
    circuit.faults = {}
  elseif known then
    local opens = 0
    for _, each in pairs(circuit.faults) do
      opens = math.max(opens, each.opens)
    end
    known.opens = opens + 1
    known.till = now + math.min(open_max, open * 2 ^ opens)
  end
end
local after = seen(circuit)
redis.call('SET', KEYS[1], cjson.encode(circuit), 'PX', kept + after[3])
return {before, after}
