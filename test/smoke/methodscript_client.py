#!/usr/bin/python3
"""methodscript_client: a host for MethodSCRIPT instruments, written from PalmSens's public descriptions with pyserial.

Does what PalmSens's examples do (PalmSens/MethodSCRIPT_Examples: abort and synchronise, ask who is there, send a
script, read packages up to the empty line), then loses the port in the middle of a script and finds back.
Prints one JSON object. Never waits without a limit.
"""
import json
import sys
import time

import serial

PREFIX = {"a": -18, "f": -15, "p": -12, "n": -9, "u": -6, "m": -3, " ": 0, "k": 3, "M": 6, "G": 9, "i": 0}
SILENCE_S, RUN_S = 5, 15

CHRONOPOTENTIOMETRY = """e
# a galvanostat that holds 1 mA for two seconds
var potential
var current
var t
set_pgstat_chan 0
set_pgstat_mode 6
set_max_bandwidth 10
set_range ab 1
set_autoranging ab 100m 1
set_range db 10m
set_i 0 # current when the cell turns on
cell_on
timer_start
meas_loop_cp potential current 1m 100m 2
    timer_get t
    pck_start
    pck_add t
    pck_add current
    pck_add potential
    pck_end
endloop
on_finished:
    cell_off

"""
OPEN_CIRCUIT = """e
var potential
set_pgstat_chan 0
set_pgstat_mode 3
set_range ab 100m
cell_off
meas_loop_ocp potential 100m 1
    pck_start
    pck_add potential
    pck_end
endloop

"""
SPECTRUM = """e
var f
var r
var j
var direct
store_var direct 0 ja
set_e direct # ahead of the mode, as in PalmSens's example
set_pgstat_chan 0
set_pgstat_mode 3
set_range ba 10m
set_autoranging ba 1m 10m
cell_on
meas_loop_eis f r j 10m 100k 100 11 direct
    pck_start
    pck_add f
    pck_add r
    pck_add j
    pck_end
endloop
on_finished:
    cell_off

"""
LONG = CHRONOPOTENTIOMETRY.replace("1m 100m 2\n", "1m 100m 600\n")


def variable(text):
    """'ba8000800u,10,218' -> type, value in base units, metadata by its leading digit"""
    head, *metadata = text.split(",")
    value = float("nan") if head[2:] == "     nan" else (int(head[2:9], 16) - 2**27) * 10 ** PREFIX[head[9]]
    return head[:2], value, {part[0]: int(part[1:], 16) for part in metadata}


class Instrument:
    def __init__(self, path):
        self.port = serial.Serial(path, 230400, timeout=SILENCE_S)

    def write(self, text):
        self.port.write(text.encode("ascii"))

    def line(self):
        data = self.port.readline().decode("ascii")
        if not data.endswith("\n"):
            raise TimeoutError(f"no whole line: {data!r}")
        return data[:-1]

    def ask(self, command):
        self.write(command + "\n")
        return self.line()

    def synchronise(self):
        """What was running is aborted; returns the acknowledgement."""
        self.write("\n")
        self.write("Z\n")
        answer = self.line()
        while not answer.startswith("Z"):
            answer = self.line()
        if answer == "Z":
            self.lines_to_end()
        else:
            time.sleep(0.1)
        return answer

    def lines_to_end(self):
        lines, end = [], time.monotonic() + RUN_S
        while time.monotonic() < end:
            line = self.line()
            if line == "":
                return lines
            lines.append(line)
        raise TimeoutError("the script does not end")

    def run(self, script):
        self.write(script)
        lines = self.lines_to_end()
        packages = [[variable(part) for part in line[1:].split(";")] for line in lines if line.startswith("P")]
        if any("!" in line for line in lines):
            time.sleep(0.1)
        return {
            "marks": "".join(line[0] for line in lines if line[0] != "P"),
            "types": sorted({tuple(kind for kind, _, _ in package) for package in packages}),
            "rows": [[value for _, value, _ in package] for package in packages],
            "status": sorted({meta.get("1", 0) for package in packages for _, _, meta in package}),
        }


def session(path):
    found = {}
    device = Instrument(path)
    found["idle"] = device.synchronise()
    found["firmware"] = device.ask("t") + " " + device.line()
    found["language"] = device.ask("v")
    found["serial"] = device.ask("i")
    found["cp"] = device.run(CHRONOPOTENTIOMETRY)
    found["ocp"] = device.run(OPEN_CIRCUIT)
    found["eis"] = device.run(SPECTRUM)
    found["refused"] = device.ask("e\nset_e 1.5\n")
    time.sleep(0.1)
    # What was refused at loading is followed by the empty line of the script alone, which is not answered.
    device.write(LONG)
    found["began"] = [device.line() for _ in range(3)]
    device.port.close()
    device = Instrument(path)
    found["running"] = device.synchronise()
    found["serial_again"] = device.ask("i")
    return found


if __name__ == "__main__":
    print(json.dumps(session(sys.argv[1])))
