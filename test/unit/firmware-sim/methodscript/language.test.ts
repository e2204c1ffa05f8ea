// Goal: the language computes and branches as written. Method: scripts whose packages and texts are known.
import { describe, expect, it } from 'vitest';
import { packagesOf, Rig } from './rig.ts';

const texts = (script: string, runMs = 0): string[] =>
  new Rig()
    .run(script, runMs)
    .filter((line) => line.startsWith('T'))
    .map((line) => line.slice(1));

const show = (name: string): string => `send_string f"{${name}}"`;

describe('variables', () => {
  it.each([
    ['add_var x 250m', '1.75'],
    ['sub_var x 2', '-0.5'],
    ['mul_var x -2', '-3'],
    ['div_var x 3', '0.5'],
    ['mod_var x 1', '0.5'],
    ['pow_var x 2', '2.25'],
    ['log_var x', '0.1760913'],
    ['float_to_int x', '1'],
    ['float_to_int_round x', '2'],
  ])('holding 1.5, after %s are %s', (command, text) => {
    expect(texts(`var x\nstore_var x 1500m ja\n${command}\n${show('x')}`)).toEqual([text]);
  });

  it.each([
    ['add_var x 2i', '12'],
    ['div_var x 4i', '2'],
    ['add_var x 1900m', '11'],
    ['bit_and_var x 0b0110', '2'],
    ['bit_or_var x 0x5', '15'],
    ['bit_xor_var x 3i', '9'],
    ['bit_lsl_var x 2i', '40'],
    ['bit_lsr_var x 1i', '5'],
    ['bit_inv_var x', '-11'],
    ['int_to_float x\ndiv_var x 4', '2.5'],
  ])('holding the integer 10, after %s are %s', (command, text) => {
    expect(texts(`var x\nstore_var x 10i ja\n${command}\n${show('x')}`)).toEqual([text]);
  });

  it('carry their type into a package, and a new one when it is altered', () => {
    const lines = new Rig().run(`
      var x
      var y
      store_var x 3i at
      copy_var x y
      alter_vartype y as
      pck_start
      pck_add x
      pck_add y
      pck_end`);
    expect(lines).toContain('Pat8000003i;as8000003i');
  });
});

describe('arrays', () => {
  it('are read and written by index, and averaged', () => {
    const script = `
      array a 4i
      var n
      var x
      store_var n 0i ja
      loop n < 4i
      copy_var n a[n]
      int_to_float a[n]
      add_var a[n] 500m
      add_var n 1i
      endloop
      array_set a 0i 10
      array_get a 3i x
      send_string f"{a[0i]} {a[1]} {x}"
      mean a n
      send_string f"{n}"`;
    expect(texts(script.replace('{a[1]}', '{a[1i]}'), 10)).toEqual(['10 1.5 3.5', '4.375']);
  });

  it('are fitted by a straight line', () => {
    const script = `
      array x 3i
      array y 3i
      var slope
      var offset
      copy_var 1 x[1i]
      copy_var 2 x[2i]
      copy_var 1 y[0i]
      copy_var 3 y[1i]
      copy_var 5 y[2i]
      linear_fit x y slope offset
      send_string f"{slope} {offset}"`;
    expect(texts(script)).toEqual(['2 1']);
  });

  it('may have a size that is only known when the script runs', () => {
    expect(texts('var n\nstore_var n 2 ja\narray a n\ncopy_var 7 a[1i]\nsend_string f"{a[1i]}"')).toEqual([
      '7',
    ]);
  });
});

describe('control flow', () => {
  it.each([
    [1, 'one'],
    [2, 'two'],
    [3, 'more'],
  ])('takes the branch of %s', (number, text) => {
    const script = `
      var x
      store_var x ${number} ja
      if x == 1
      send_string "one"
      elseif x == 2
      send_string "two"
      else
      send_string "more"
      endif`;
    expect(texts(script)).toEqual([text]);
  });

  it('marks a loop once at its entry and once at its exit, inner ones each time', () => {
    const lines = new Rig().run(
      `
      var i
      var j
      store_var i 0i ja
      loop i < 2i
      store_var j 0i ja
      loop j >= 0i
      add_var j 1i
      if j >= 3i
      breakloop
      endif
      endloop
      send_string f"{i} {j}"
      add_var i 1i
      endloop`,
      10,
    );
    expect(lines).toEqual(['e', 'L', 'L', '+', 'T0 3', 'L', '+', 'T1 3', '+', '']);
  });

  it('goes to `on_finished:` on abort and at the normal end', () => {
    expect(texts('send_string "a"\nabort\nsend_string "b"\non_finished:\nsend_string "c"')).toEqual([
      'a',
      'c',
    ]);
    expect(texts('send_string "a"\non_finished:\nsend_string "c"')).toEqual(['a', 'c']);
  });
});

describe('time and output', () => {
  it('waits, and measures time by its timer', () => {
    const rig = new Rig();
    const lines = rig.run('var t\ntimer_start\nwait 2500m\ntimer_get t\npck_start\npck_add t\npck_end', 2499);
    expect(lines).toEqual(['e']);
    rig.clock.advance(1);
    expect(rig.bytes).toContain('Peb82625A0u\n\n');
  });

  it('keeps the interval of set_int whatever the commands between take', () => {
    const script = `
      var n
      var t
      store_var n 0i ja
      timer_start
      set_int 1
      loop n < 3i
      wait 300m
      await_int
      timer_get t
      send_string f"{t}"
      add_var n 1i
      endloop`;
    expect(texts(script, 4000)).toEqual(['1', '2', '3']);
  });

  it('is silent about texts and packages while output is off', () => {
    const script = `
      var x
      set_script_output 0
      send_string "a"
      pck_start
      pck_add x
      pck_end
      set_script_output 1
      send_string "b"`;
    expect(new Rig().run(script)).toEqual(['e', 'Tb', '']);
  });

  it('prints seven significant digits', () => {
    expect(texts('var x\nstore_var x 1 ja\ndiv_var x 3\nsend_string f"x = {x} V"')).toEqual([
      'x = 0.3333333 V',
    ]);
  });

  it('keeps a hash within a text', () => {
    expect(texts('send_string "a # b" # a comment')).toEqual(['a # b']);
  });
});

describe('what vendors write', () => {
  it('is loaded: the set-up lines of the battery cycling template', () => {
    const rig = new Rig({ profile: 'nexus1' });
    const lines = rig.run(
      `
      var potential
      var bandwidth
      var interval
      store_var interval 1000m eb
      store_var bandwidth 5850535u dc
      div_var bandwidth interval
      set_pgstat_chan 0
      meas 100m potential ab
      set_pgstat_mode 6
      set_max_bandwidth bandwidth
      set_acquisition_frac_autoadjust 50
      set_range_minmax ab 0 1
      set_autoranging ab 0 1
      set_range db 1m
      cell_on ocp(potential)
      pck_start
      pck_add potential
      pck_end
      on_finished:
      cell_off`,
      200,
    );
    expect(packagesOf(lines)[0]?.[0]?.type).toBe('ab');
    expect(lines.at(-1)).toBe('');
  });
});
