#!/usr/bin/env python3
"""gvn1_client: a second, independent host for the wire language `gvn1` (firmware-sim/GVN1.md).

Written from that page alone, with the Python standard library alone, to prove that the page suffices. It plates
a cell on channel 1 to a net charge of -q, strips it back to net zero, and checks what the page promises on the way:
the CRC of every line, frame and sample numbers, times, the record rule, the order of frames, the charge of each
half-cycle, and that `replay` and `ends` tell the same story as the live stream.

Progress goes to stderr, one JSON object to stdout; exit code 0: all is well, 1: not. It never waits without a limit.
The cell is driven only under a lease of 5 s renewed every second: if this program dies, the device opens the cell.
"""
import argparse, contextlib, json, os, re, select, sys, termios, time, tty, zlib

FRAME = re.compile(rb"@(0|[1-9][0-9]{0,4}) ([a-z]{1,8})((?: [!-)+-?A-~]+)*)\*([0-9a-f]{8})")
FIELD = re.compile(r"([a-z][a-z0-9_]*)=([A-Za-z0-9._:,-]+)")
INT = re.compile(r"0|-?[1-9][0-9]*")
END_KEYS = "n id t0_us t_us q0_nc q_nc v_nv i_pa last next".split()
MAX_LINE, ANSWER_S, RESENDS, LEASE_US, REC_US = 1024, 0.5, 3, 5_000_000, 1_000_000

class Fail(Exception):
    """The run cannot go on; the text says why."""

ERRORS = (Fail, OSError, termios.error, ValueError, KeyError)

def num(text):
    if not INT.fullmatch(text):
        raise Fail(f"not an integer: {text!r}")
    return int(text)

def fields(payload):
    """'a=1 b=x' -> {'a': '1', 'b': 'x'}"""
    out = {}
    for part in payload.split():
        m = FIELD.fullmatch(part)
        if not m or m[1] in out:
            raise Fail(f"malformed or repeated field {part!r} in {payload!r}")
        out[m[1]] = m[2]
    return out

def parse_frame(line):
    """bytes without LF -> (seq, type, payload), or None for a line to be dropped"""
    m = FRAME.fullmatch(line)
    if not m or len(line) + 1 > MAX_LINE or int(m[1]) > 65535 or zlib.crc32(line[:m.end(3)]) != int(m[4], 16):
        return None
    return int(m[1]), m[2].decode(), m[3].decode()[1:]

class Client:
    def __init__(self, path, timeout):
        self.deadline, self.token = time.monotonic() + timeout, "smoke" + os.urandom(4).hex()
        self.seq = int.from_bytes(os.urandom(2), "big")     # any start value
        self.buf, self.lines, self.bad, self.resent, self.answer, self.pending = b"", 0, 0, 0, None, None
        self.counter = self.device = self.opened = self.next_n = None   # device frame counter; identity; our run; next sample
        self.renew_at = None                                # when the lease is due, None: no lease wanted
        self.samples, self.ends, self.replayed, self.reends, self.problems = {}, [], {}, [], []
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.fd, termios.TCSANOW)
        mode = termios.tcgetattr(self.fd)
        mode[2], mode[4], mode[5] = mode[2] | termios.CLOCAL | termios.CREAD, termios.B115200, termios.B115200
        termios.tcsetattr(self.fd, termios.TCSANOW, mode)
        termios.tcflush(self.fd, termios.TCIFLUSH)
        self.write(b"\n")                                   # ends what an earlier host may have left half sent

    def check(self, ok, text):
        if not ok and len(self.problems) < 20:
            self.problems.append(text)

    def write(self, data):
        while data:
            if not select.select([], [self.fd], [], max(0, self.deadline - time.monotonic()))[1]:
                raise Fail("timeout: the device does not take our bytes")
            data = data[os.write(self.fd, data):]

    def pump(self, until):
        """Reads and handles what comes, at most until the given time."""
        if not select.select([self.fd], [], [], max(0, min(until, self.deadline) - time.monotonic()))[0]:
            return
        chunk = os.read(self.fd, 65536)
        *lines, self.buf = (self.buf + chunk).split(b"\n")
        if not chunk or len(self.buf) > 1 << 20:
            raise Fail("1 MB without a line end" if chunk else "the device closed the line")
        for line in filter(None, lines):                    # an empty line is ignored
            self.lines += 1
            frame = parse_frame(line)
            self.bad += frame is None
            self.handle(*frame) if frame else print(f"bad line: {line[:200]!r}", file=sys.stderr)

    def handle(self, seq, kind, payload):
        if kind in ("ack", "nak"):
            if seq == self.pending:                         # else: the second answer to a command sent twice
                self.answer = (kind, fields(payload))
            return
        self.check(self.counter in (None, (seq - 1) % 65536), f"frame counter jumps from {self.counter} to {seq}")
        self.counter = seq
        ch, _, rest = payload.partition(" ")
        if ch != "1":
            return
        if kind in ("s", "r"):
            n0, step, body = rest.split(" ")
            for n, one in enumerate(body.split(";"), num(n0)):
                t, v, i, q, flags = map(num, one.split(","))
                (self.samples if kind == "s" else self.replayed)[n] = (num(step), t, v, i, q, flags)
                if kind == "s":
                    self.check(n == self.next_n, f"sample {n} where {self.next_n} was due")
                    self.check(num(step) == len(self.ends) + 1, f"sample {n} of step {step} is not of the running step")
                    self.next_n = n + 1
        elif kind in ("e", "x"):
            got = fields(rest)
            (self.ends if kind == "e" else self.reends).append({"why": got["why"], **{k: num(got[k]) for k in END_KEYS}})
            if kind == "e":
                self.check(num(got["last"]) + 1 == self.next_n, f"step {got['n']} ended, but its sample {got['last']} did not come")
        elif kind == "f":
            raise Fail(f"the device latched a fault: {rest}")
        else:
            self.check(kind == "l", f"unknown frame type {kind!r}")

    def command(self, kind, payload):
        """Sends one command, returns the fields of its ack; a nak or silence is a Fail."""
        if kind != "lease":
            self.keep_lease()
        self.pending = self.seq = (self.seq + 1) % 65536
        self.answer = None
        text = f"@{self.seq} {kind} {payload}".encode()
        for attempt in range(1 + RESENDS):                  # the same bytes again: executed once at most
            self.resent += attempt > 0
            self.write(text + b"*%08x\n" % zlib.crc32(text))
            until = min(time.monotonic() + ANSWER_S, self.deadline)
            while self.answer is None and time.monotonic() < until:
                self.pump(until)
            if self.answer:
                break
        if not self.answer or self.answer[0] == "nak":
            raise Fail(f"`{kind} {payload}`: " + (f"refused: {self.answer[1]}" if self.answer else "timeout, no answer"))
        return self.answer[1]

    def keep_lease(self):
        if self.renew_at is not None and time.monotonic() >= self.renew_at:
            self.renew_at = time.monotonic() + 1
            self.command("lease", f"ch=1 token={self.token} t_us={self.lease_us} policy=off")

    def wait(self, done, what):
        while not done():
            if time.monotonic() >= self.deadline:
                raise Fail(f"timeout while waiting for {what}")
            self.keep_lease()
            self.pump(time.monotonic() + 0.2)

    def run(self, current, charge, timeout):
        dev = self.command("hello", f"v=1 token={self.token}")
        self.device = {k: dev[k] for k in ("proto", "v", "dev", "model", "fw", "boot", "cause", "ch", "scale")}
        print("device:", *(f"{k}={v}" for k, v in self.device.items()), file=sys.stderr)
        self.check((dev["proto"], dev["v"]) == ("gvn1", "1"), "not the language asked for")
        self.tick, self.lease_us = num(dev["tick_us"]), min(LEASE_US, num(dev["lease_us"]))
        ranges = [num(r) for r in dev["ranges"].split(",")]
        rng = next((k for k, full in enumerate(ranges) if full >= 1.2 * current), len(ranges) - 1)
        one_us = charge * 10**9 // current                  # expected time of one half-cycle
        self.deadline = time.monotonic() + (timeout or 2.4e-6 * one_us / num(dev["scale"]) + 20)
        before = self.command("stat", "ch=1")
        if before["state"] != "free":
            raise Fail(f"channel 1 is in use (state {before['state']}, run {before['run']}): not touched")
        first = self.next_n = num(before["n"])
        v, limit = min(2_000_000_000, num(dev["vspan_nv"])), one_us * 3 // 2 + 1_000_000
        self.opened = "SMOKE" + os.urandom(6).hex()
        self.command("open", f"ch=1 run={self.opened} range={rng} vhi_nv={v} vlo_nv={-v} "
                     f"ihi_pa={min(2 * current, ranges[rng])} qhi_nc={2 * charge + 10**6} token={self.token}")
        self.renew_at = 0                                   # the next command takes the lease first
        texts = [f"id=1 n=1 mode=cc i_pa={-current} t_us={limit} qnet_nc={-charge} rec={REC_US},0,0 on=qnet:2",
                 f"id=2 n=2 mode=cc i_pa={current} t_us={limit} qnet_nc=0 rec={REC_US},0,0 on=-"]
        job = "%08x" % zlib.crc32("".join(t + "\n" for t in texts).encode())
        self.command("job", f"ch=1 job={job} nodes=2")
        for text in texts:
            self.command("node", f"ch=1 job={job} {text}")
        self.command("commit", f"ch=1 job={job} token={self.token}")
        self.wait(lambda: self.ends and self.ends[-1]["next"] == 0, "the end of the last step")
        self.check_live(current, charge)
        self.check_replay(first, max(self.samples, default=first - 1), num(dev["ring"]))
        after = self.command("stat", "ch=1")
        due = {"state": "idle", "cell": "off", "fault": "-", "rxbad": before["rxbad"]}
        self.check(due.items() <= after.items(), f"stat at the end: {after}")
        self.renew_at = None
        self.command("close", f"ch=1 run={self.opened}")
        self.opened = None

    def check_live(self, current, charge):
        """What the live stream said, against the promises of the page."""
        tick_nc, t_end, q_end = current * self.tick / 1e9, None, 0
        self.check([e["n"] for e in self.ends] == [1, 2], f"step ends {[e['n'] for e in self.ends]}, due 1 and 2")
        for e, target, sign, follow in zip(self.ends, (-charge, 0), (-1, 1), (2, 0)):
            step, t0, t1 = f"step {e['n']}: ", e["t0_us"], e["t_us"]
            mine = [s[1:] for s in self.samples.values() if s[0] == e["n"]]         # t, v, i, q, flags
            times, last = [s[0] for s in mine], len(mine) - 1
            self.check((e["id"], e["why"], e["next"]) == (e["n"], "qnet", follow), f"{step}ended as {e}")
            self.check(abs(e["q_nc"] - target) <= tick_nc + 1, f"{step}q_nc is {e['q_nc']}, target {target}")
            self.check(e["q0_nc"] == q_end and t_end in (None, t0), step + "does not start where the last one ended")
            due = sign * current * (t1 - t0) / 1e9
            self.check(abs(e["q_nc"] - e["q0_nc"] - due) <= tick_nc + abs(due) / 100, step + "charge is not current x time")
            self.check(times == sorted(set(times)), step + "sample times do not rise")
            on_rule = sorted({t0 + self.tick, t1, *range(t0 + REC_US, t1, REC_US)})
            self.check(REC_US % self.tick or times == on_rule, f"{step}{len(mine)} samples, {len(on_rule)} due by the record rule")
            self.check([s[4] for s in mine] == [(k == 0) + 2 * (k == last) for k in range(len(mine))], step + "wrong flags")
            self.check(all(s[2] * sign > 0 for s in mine), step + "current with the wrong sign")
            self.check(mine and mine[-1][:4] == (t1, e["v_nv"], e["i_pa"], e["q_nc"]), step + "end differs from last sample")
            t_end, q_end = t1, e["q_nc"]

    def check_replay(self, first, last, ring):
        """Everything once more from ring and log: the same, number by number."""
        for a in range(max(first, last + 1 - ring), last + 1, 1000):
            b = min(a + 999, last)
            got = self.command("replay", f"ch=1 from={a} to={b}")
            if (got["from"], got["to"]) != (str(a), str(b)):
                raise Fail(f"asked for samples {a} to {b} of the ring, granted {got}")
            self.wait(lambda: b in self.replayed, f"replayed samples {a} to {b}")
            self.check(all(n in self.samples and self.replayed.get(n) == self.samples[n] for n in range(a, b + 1)),
                       f"replayed samples {a} to {b} differ from the live ones")
        got = self.command("ends", "ch=1 from=1")
        self.check((got["from"], got["to"]) == ("1", "2"), f"asked for step ends 1 and 2, granted {got}")
        self.wait(lambda: len(self.reends) >= 1 + num(got["to"]) - num(got["from"]), "replayed step ends")
        self.check(self.reends == self.ends, "replayed step ends differ from the live ones")

def main():
    ap = argparse.ArgumentParser(description="Runs one plate/strip cycle on a gvn1 device and checks all it says.")
    ap.add_argument("path", help="tty or pty")
    ap.add_argument("--plate-uah", type=float, help="charge of a half-cycle in microampere-hours (default: 10 s worth)")
    ap.add_argument("--current-pa", type=int, default=1_130_000_000)
    ap.add_argument("--timeout", type=float, help="seconds of real time for the whole run (default: from the job)")
    arg = ap.parse_args()
    current = abs(arg.current_pa)
    charge = current // 100 if arg.plate_uah is None else round(abs(arg.plate_uah) * 3_600_000)      # nC
    current and charge or ap.error("current and charge must not be zero")
    client, result = None, {"ok": False, "error": None}
    try:
        client = Client(arg.path, arg.timeout or 10)
        client.run(current, charge, arg.timeout)
    except (*ERRORS, KeyboardInterrupt) as exc:
        result["error"] = f"{type(exc).__name__}: {exc}"
    if client and client.opened:                            # something went wrong in our run: leave the cell open
        client.renew_at, client.deadline = None, time.monotonic() + 6
        for kind, payload in (("off", "ch=1"), ("close", f"ch=1 run={client.opened}")):
            with contextlib.suppress(*ERRORS):
                client.command(kind, payload)
    if client:
        result |= {"ok": not result["error"] and not client.problems and client.bad == 0, "problems": client.problems,
                   "device": client.device, "samples": len(client.samples), "ends": len(client.ends),
                   "crc_checked": client.lines, "crc_bad": client.bad, "resent": client.resent,
                   "half_cycle_charges_nc": [e["q_nc"] - e["q0_nc"] for e in client.ends]}
        termios.tcflush(client.fd, termios.TCOFLUSH)        # closing must not wait for bytes nobody reads
    print(json.dumps(result))
    return 0 if result["ok"] else 1

if __name__ == "__main__":
    sys.exit(main())
