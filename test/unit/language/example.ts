// A protocol that uses most of the language, as its documentation shows it: the good document that the tests
// of the parser read, and spoil.

export const EXAMPLE = `galvanode: protocol/1
name: rate-performance
version: 1
title: Rate performance with return (Zn||Zn)
about: Current up in blocks, then back to the first.
  Each block is a few cycles.
cell: zn-zn
derives: rate-capability
parameters:
  low_rate: {default: 0.5 mA/cm2, min: 1 uA/cm2, max: 200 mA/cm2, about: current per area of the first block}
  areal_capacity: {default: 1 mAh/cm2, min: 1 uAh/cm2, max: 50 mAh/cm2, about: charge per area}
  cycles: {default: 5, min: 0, max: 1000000, about: cycles in a block}
  fixed: {choices: [charge, time], default: charge, about: what is kept while the current rises}
values:
  q: areal_capacity * area
  i: low_rate * area
  foil_charge: 10 um * area * 5855 mAh/cm3
require:
  - {that: q <= foil_charge, reason: "more than the foil holds: choose a thicker foil"}
safety: {voltage above: 2 V, voltage below: -2 V, current: 20 mA, net charge: 50 mAh}
steps:
  - rest: 6 h
    label: wetting
    phase: wetting
    record: 60 s
  - cycles: cycles
    label: blocks
    when: cycles > 0
    each: {j: [low_rate, 2 * low_rate]}
    steps:
      - plate: j * area
        label: plate
        phase: cycling
        until:
          - charge: q
          - {voltage below: -0.5 V, for: 1 s, then: end run, verdict: voltage-limit, reason: "plating limit"}
        record: {every: 10 s, voltage: 2 mV, current: 1 uA, burst: {every: 100 ms, lasting: 60 s}}
      - strip: j * area
        until:
          - {voltage above: 0.5 V}
          - {last charge: 120 %, then: end run, verdict: short-asymmetric, reason: "strip guard"}
          - {short_floor: 1 mV, for: 10 s, then: {go to: plate, at most: 3}}
  - repeat: 3
    when: fixed == charge
    steps:
      - pulse: 3 * i
        until: [{time: 10 ms}]
      - {rest: 1 min, every: 10}
  - {cv: 1.8 V, until: [{time: 2 h}, {current below: 0.05 * i, then: hold, reason: look at the cell}]}
  - {sweep: {from: 0 V, to: [-0.2 V, 1 V], rate: 1 mV/s, step: 1 mV, scans: 3}}
  - {eis: {bias: 0 V, amplitude: 5 mV, from: 100 kHz, to: 10 mHz, points: 61}}
  - {cc: -i, until: [{voltage above: 0.5 V}], at most: 2 h}
`;
