// A running sum that does not lose what is small beside it (Neumaier 1974): a million half-cycles of charge
// add up to the last bits.

export class CompensatedSum {
  #sum = 0;
  #lost = 0;

  add(value: number): void {
    const sum = this.#sum + value;
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum;
    this.#sum = sum;
  }

  /** What the sum would be with `value` added; nothing is added. */
  valueWith(value: number): number {
    return this.#sum + (this.#lost + value);
  }
}
