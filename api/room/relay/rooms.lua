-- Carries out one batch of a replica's changes to rooms: in order, all at once, and once however often it is sent.
--
-- ARGV: the replica; the batch's number, from 1; how many milliseconds a replica that says nothing counts as alive; the
-- number of the last delivery it has taken; how many people a room holds; the changes as a JSON array.
-- Returns what went wrong, a line for each change that failed. Returns nil, and does nothing, when the replica counts as
-- dead or Redis has forgotten a batch of its.
--
-- A room is one document: {"seats": [{"replica", "peer"}, …] in order of arrival, "floor"}. A replica is a number (its
-- last batch) that expires, and an inbox: a stream of deliveries, 0-1, 0-2, … Frames are strings here; nobody looks inside.

local replica, number, alive_ms, taken, places =
  ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local ROOM_KEPT_S = 24 * 3600
local INBOX_KEEPS = 10000

local function room_key(id) return "vivavoce:room:" .. id end
local function replica_key(id) return "vivavoce:replica:" .. id end
local function inbox_key(id) return "vivavoce:replica:" .. id .. ":inbox" end

local function deliver(seats, delivery)
  local addressed = {}
  for _, seat in ipairs(seats) do
    addressed[seat.replica] = addressed[seat.replica] or {}
    table.insert(addressed[seat.replica], seat.peer.peer_id)
  end
  for to, peer_ids in pairs(addressed) do
    delivery.to = peer_ids
    redis.call("XADD", inbox_key(to), "MAXLEN", "~", INBOX_KEEPS, "0-*", "d", cjson.encode(delivery))
    redis.call("PEXPIRE", inbox_key(to), 2 * alive_ms)
  end
end

local function save(id, room)
  if #room.seats == 0 and not room.floor then
    redis.call("DEL", room_key(id))
  else
    redis.call("SET", room_key(id), cjson.encode(room), "EX", ROOM_KEPT_S)
  end
end

local function tell_left(room, seat, dropped)
  deliver(room.seats, { kind = "left", peer = seat.peer, dropped = dropped })
end

-- Returns a room without the seats of replicas that have died.
local function open_room(id)
  local text = redis.call("GET", room_key(id))
  local room = text and cjson.decode(text) or { seats = {} }
  local here, gone = {}, {}
  for _, seat in ipairs(room.seats) do
    local alive = redis.call("EXISTS", replica_key(seat.replica)) == 1
    table.insert(alive and here or gone, seat)
  end
  room.seats = here
  for _, seat in ipairs(gone) do
    tell_left(room, seat, true)
  end
  if #gone > 0 then
    save(id, room)
  end
  return room
end

local function is_full(room, newcomer)
  if newcomer.role == "bot" then
    return false
  end
  local people, candidate = 0, newcomer.role == "candidate"
  for _, seat in ipairs(room.seats) do
    people = people + (seat.peer.role == "bot" and 0 or 1)
    candidate = candidate or seat.peer.role == "candidate"
  end
  return people >= places - (candidate and 0 or 1)
end

-- Splits a room's seats into the first of which `chosen` is true, if any, and the others.
local function without(room, chosen)
  local found, others = nil, {}
  for _, seat in ipairs(room.seats) do
    if not found and chosen(seat) then
      found = seat
    else
      table.insert(others, seat)
    end
  end
  return found, others
end

local changes = {}

function changes.join(change)
  local room, own = open_room(change.room), { replica = replica, peer = change.peer }
  local before, others = without(room, function(seat)
    return seat.peer.participant_id == change.peer.participant_id
  end)
  if not before and is_full(room, change.peer) then
    return deliver({ own }, { kind = "full" })
  end
  deliver({ before }, { kind = "replaced" })
  local live = {}
  for _, participant_id in ipairs(change.live) do
    live[participant_id] = true
  end
  local peers, known, unknown = {}, {}, {}
  for _, seat in ipairs(others) do
    table.insert(peers, seat.peer)
    table.insert(live[seat.peer.participant_id] and known or unknown, seat)
  end
  deliver({ own }, { kind = "welcome", peers = #peers > 0 and peers or nil, floor = room.floor })
  deliver(known, { kind = "joined", peer = change.peer, live = true })
  deliver(unknown, { kind = "joined", peer = change.peer, live = false })
  table.insert(others, own)
  room.seats = others
  save(change.room, room)
end

function changes.leave(change)
  local room = open_room(change.room)
  local seat, others = without(room, function(seat) return seat.peer.peer_id == change.peer_id end)
  if seat then
    room.seats = others
    save(change.room, room)
    tell_left(room, seat, change.dropped)
  end
end

function changes.dismiss(change)
  local room = open_room(change.room)
  local seat, others = without(room, function(seat) return seat.peer.participant_id == change.participant_id end)
  if seat then
    room.seats = others
    save(change.room, room)
  end
  deliver({ seat }, { kind = "frame", frame = change.frame, closing = change.closing })
  deliver(others, { kind = "removed", participant_id = change.participant_id })
end

-- Returns the seats a frame may go to: all, or all but the sender's; none once that one has lost its seat.
local function hearers(change)
  local room = open_room(change.room)
  if not change.sender then
    return room.seats
  end
  local own, others = without(room, function(seat) return seat.peer.peer_id == change.sender.peer_id end)
  if not own then
    return {}
  end
  if own.peer.muted ~= change.sender.muted then
    own.peer = change.sender
    save(change.room, room)
  end
  return others
end

function changes.signal(change)
  for _, seat in ipairs(hearers(change)) do
    if seat.peer.peer_id == change.peer_id then
      deliver({ seat }, { kind = "frame", frame = change.frame })
    end
  end
end

function changes.tell(change)
  local told = {}
  for _, seat in ipairs(hearers(change)) do
    if change.audience == "everybody" or (seat.peer.role == "bot") == (change.audience == "bots") then
      table.insert(told, seat)
    end
  end
  deliver(told, { kind = "frame", frame = change.frame, closing = change.closing })
end

function changes.remember(change)
  local room = open_room(change.room)
  room.floor = change.floor
  save(change.room, room)
end

function changes.look(change)
  for _, id in ipairs(change.rooms) do
    open_room(id)
  end
end

function changes.stop()
  redis.call("DEL", replica_key(replica), inbox_key(replica))
end

local done = tonumber(redis.call("GET", replica_key(replica)) or 0)
if done >= number then
  return {}
end
if done < number - 1 then
  return nil
end
redis.call("SET", replica_key(replica), number, "PX", alive_ms)
redis.call("PEXPIRE", inbox_key(replica), 2 * alive_ms)
redis.call("XTRIM", inbox_key(replica), "MINID", "0-" .. (taken + 1))

local failed = {}
for _, change in ipairs(cjson.decode(ARGV[6])) do
  local ok, problem = pcall(changes[change["do"]], change)
  if not ok then
    table.insert(failed, change["do"] .. ": " .. (type(problem) == "table" and problem.err or tostring(problem)))
  end
end
return failed
