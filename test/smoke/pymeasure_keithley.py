#!/usr/bin/python3
"""pymeasure_keithley: PyMeasure's own `Keithley2400` driver, unmodified, over PyVISA on a serial line.

First plain PyVISA queries, then a galvanostatic measurement of a known resistor as PyMeasure's documentation
shows it. Prints one JSON object. What PyMeasure 0.9.0 cannot do on any instrument is left out: the getter of
`voltage_nplc` asks for `:SENS:CURRVOLT:NPLC?`, which no 2400 knows, `RvsI` uses an attribute that the driver does
not have, and `status` of the base class hides the method of the same name.
"""
import json
import sys

import pyvisa
from pymeasure.instruments.keithley import Keithley2400

LINE = {"read_termination": "\n", "write_termination": "\n", "timeout": 10_000}


def plain_pyvisa(resource):
    manager = pyvisa.ResourceManager("@py")
    with manager.open_resource(resource, **LINE) as line:
        found = {
            "idn": line.query("*IDN?"),
            "no_error": line.query(":SYST:ERR?"),
            "complete": line.query("*OPC?"),
            "function": line.query(":SOUR:FUNC?"),
        }
        line.write(":NON:SENSE 1")
        found["error"] = line.query(":SYST:ERR?")
        found["several"] = line.query(":OUTP?;:SOUR:FUNC?;:SENS:VOLT:PROT?")
        line.write("*RST")
    return found


def drain_errors(meter):
    errors = []
    while True:
        code, message = meter.error
        if code == 0:
            return errors
        errors.append([code, message])


def galvanostat(resource):
    meter = Keithley2400(resource, visa_library="@py", **LINE)
    found = {"id": meter.id}
    meter.reset()
    meter.apply_current(current_range=10e-3, compliance_voltage=2)
    found["mode"] = meter.source_mode
    found["compliance_v"] = meter.compliance_voltage
    found["source_range_a"] = meter.source_current_range
    meter.wires = 4
    meter.output_off_state = "HIMP"
    meter.source_current = 5e-3
    found["source_a"] = meter.source_current
    meter.measure_voltage(nplc=1, voltage=2, auto_range=False)
    meter.enable_source()
    found["enabled"] = meter.source_enabled
    found["voltage_v"] = meter.voltage
    meter.config_buffer(points=10, delay=0.02)
    found["full_before"] = meter.is_buffer_full()
    meter.start_buffer()
    meter.wait_for_buffer(timeout=10)
    found["full_after"] = meter.is_buffer_full()
    found["buffer_v"] = list(meter.buffer_data)
    found["mean"] = meter.means
    found["std"] = meter.standard_devs
    found["extremes_v"] = [meter.min_voltage, meter.max_voltage]
    meter.disable_buffer()
    meter.trigger_count = 1
    meter.ramp_to_current(-2e-3, steps=5)
    found["voltage_reversed_v"] = meter.voltage
    meter.write(":SENS:CURR:PROT 99")
    found["errors"] = drain_errors(meter)
    meter.shutdown()
    found["enabled_at_end"] = meter.source_enabled
    found["errors_at_end"] = drain_errors(meter)
    return found


if __name__ == "__main__":
    address = f"ASRL{sys.argv[1]}::INSTR"
    print(json.dumps({"pyvisa": plain_pyvisa(address), "pymeasure": galvanostat(address)}))
