-- Requests for wrk: the one of the command line, or random lines of the file named by BENCH_PATHS. Prints JSON at the end.

local ready = {}

function init(args)
  math.randomseed(20261122)
  local name = os.getenv("BENCH_PATHS")
  if name and name ~= "" then
    for line in io.lines(name) do
      ready[#ready + 1] = wrk.format("GET", line)
    end
  else
    ready[1] = wrk.format("GET")
  end
end

function request()
  if #ready == 1 then return ready[1] end
  return ready[math.random(#ready)]
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "errors": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
