#!/usr/bin/python3
"""zahner_client: a host for Zahner's potentiostats on both their ports, with pyserial and Python's own library.

Follows what Zahner's open client does (Zahner-elektrik/zahner_potentiostat: `searcher.py`, `serial_interface.py`,
`datareceiver.py`): looks for both ports and reopens them at once, one answer a command, packets on the data port,
ABOR while a primitive runs. Prints one JSON object. Never waits without a limit.
"""
import json
import struct
import sys
import threading
import time

import serial

ROW, BULK, APPENDIX = 0xFEEDDA7A22222222, 0xFEEDDA7A44444444, 0xFEEDDA7A77777777
HEADER, TRACKS = 0xB007F00D11111111, 0xADDDF00D11111111
STATES = "pending start running done finishing aborted cancelled".split()
ANSWER_S = 15


def identify(path):
    """As the search for instruments does: opens, asks, closes."""
    with serial.Serial(path, timeout=2, write_timeout=2) as port:
        port.write(b"*IDN?\n")
        return port.readline().decode("ascii").strip()


class DataPort(threading.Thread):
    """Reads packets until it is told to end; `log` has what came, `rows` those of the last packets of primitives."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.port = serial.Serial(path, timeout=0.2)
        self.log, self.live, self.rows, self.tracks = [], [], [], []
        self.is_ending = False
        self.problem = None

    def run(self):
        try:
            while True:
                self.packet()
        except EOFError:
            pass
        except Exception as error:
            self.problem = repr(error)

    def take(self, size):
        data = b""
        while len(data) < size:
            data += self.port.read(size - len(data))
            if self.is_ending and len(data) < size:
                raise EOFError
        return data

    def packet(self):
        kind, length = struct.unpack("<QQ", self.take(16))
        body = self.take(length)
        if kind == TRACKS:
            (count,) = struct.unpack_from("<Q", body)
            rest, self.tracks = body[8:], []
            for _ in range(count):
                name, unit, flags, tail = rest[8:].split(b"\0", 3)
                self.tracks.append([struct.unpack_from("<Q", rest)[0], name.decode(), unit.decode()])
                rest = tail
        elif kind == HEADER:
            _, state = struct.unpack_from("<QQ", body)
            self.log.append(f"{body[16:].split(bytes(1))[1].decode()} {STATES[state]}")
        elif kind == ROW:
            self.live.append(struct.unpack(f"<{len(self.tracks)}d", body))
        elif kind == BULK:
            self.rows.append([list(row) for row in struct.iter_unpack(f"<{len(self.tracks)}d", body[8:])])
            self.log.append("bulk")
        else:
            raise ValueError(f"unknown packet {kind:x}")

    def rows_of_next(self, known):
        end = time.monotonic() + ANSWER_S
        while len(self.rows) <= known and time.monotonic() < end and self.problem is None:
            time.sleep(0.01)
        return self.rows[known]


class CommandPort:
    def __init__(self, path):
        self.port = serial.Serial(path, timeout=ANSWER_S)

    def send(self, command):
        self.port.write(command.encode("ascii") + b"\n")

    def line(self):
        return self.port.readline().decode("ascii").strip()

    def ask(self, command):
        self.send(command)
        return self.line()

    def set(self, *commands):
        for command in commands:
            answer = self.ask(command)
            if answer != "ok":
                raise ValueError(f"{command}: {answer}")


def session(command_path, data_path):
    found = {"names": [identify(command_path), identify(data_path)]}
    data, device = DataPort(data_path), CommandPort(command_path)
    data.start()
    device.set("*CLS", ":SESO:SFRQ 25", ":SESO:COUP gal", ":SESO:CRNG:AUTO 1")
    device.set(":PARA:ULIM:MAX 4", ":PARA:ULIM:MIN -4", ":PARA:ULIM:STAT ON", ":PARA:TMIN 0", ":PARA:TMAX 2")
    found["no_output"] = [float(device.ask(":MEAS:VOLT?")), float(device.ask(":MEAS:CURR?"))]
    found["primitives"] = []
    for setup, primitive in (
        ([":PARA:IVAL 0.01"], ":MEAS:POGA?"),
        ([":PARA:IVAL -0.01", ":PARA:CHAR:MIN -0.01", ":PARA:CHAR:MAX 1", ":PARA:CHAR:STAT ON"], ":MEAS:POGA?"),
        ([":PARA:CHAR:STAT OFF"], ":MEAS:OCVS?"),
        ([":SESO:COUP pot", ":SESO:UVAL 0", ":PARA:UVAL 0.1", ":PARA:TIME 2"], ":MEAS:RMPT?"),
    ):
        device.set(*setup)
        answer = device.ask(primitive)
        found["primitives"].append({"answer": answer, "rows": data.rows_of_next(len(found["primitives"]))})
    found["tracks"] = data.tracks
    found["live"] = len(data.live)
    found["log"] = data.log[:5]

    device.set(":SESO:COUP gal", ":PARA:IVAL 0.01", ":PARA:TMAX 100")
    device.send(":MEAS:POGA?")
    time.sleep(0.5)
    device.send("ABOR")
    # The two answers come in no certain order.
    found["abort"] = sorted([device.line(), device.line()])
    found["blocked"] = [device.ask("*CLS?"), device.ask(":PARA:TMAX 1")]
    device.set("*CLS", ":PARA:TMAX 1", ":SESO:ULIM:MAX 0.05", ":SESO:ULIM:MIN -1", ":SESO:ULIM:STAT ON")
    found["hard_limit"] = device.ask(":MEAS:POGA?")
    device.set("*CLS", ":SESO:STAT OFF")
    found["unknown"] = device.ask(":NON:SENSE 1")
    data.rows_of_next(5)
    data.is_ending = True
    data.join(ANSWER_S)
    found["problem"] = data.problem
    return found


if __name__ == "__main__":
    print(json.dumps(session(sys.argv[1], sys.argv[2])))
