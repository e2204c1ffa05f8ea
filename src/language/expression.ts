// Arithmetic of the protocol language: what a text like `0.5 * j * area` is, once it is parsed. Values are
// exact fractions with a dimension; there is no floating point anywhere between a text and a step.
// Types only: `parse-expression.ts` makes them, `evaluate.ts` works them out.

/** Where something stands in the text of a protocol, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Exponents of the five base dimensions; a pure number has none. Base units: us, nC, nV, 10 um, ug. */
export interface Dimensions {
  readonly time: number;
  readonly charge: number;
  readonly voltage: number;
  readonly length: number;
  readonly mass: number;
}

/** numerator/denominator in base units, reduced, denominator > 0. */
export interface ExactQuantity {
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly dimensions: Dimensions;
}

export type Expression =
  | { readonly kind: 'literal'; readonly at: Place; readonly text: string; readonly value: ExactQuantity }
  /** A parameter, a value of the protocol, or `area`. */
  | { readonly kind: 'name'; readonly at: Place; readonly name: string }
  | { readonly kind: 'negative'; readonly at: Place; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly at: Place;
      readonly operator: '+' | '-' | '*' | '/';
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'call';
      readonly at: Place;
      readonly function: 'min' | 'max' | 'abs';
      readonly operands: readonly Expression[];
    };

/** What `when` and `require` ask: two expressions compared, or a choice compared with one of its words. */
export type Condition =
  | {
      readonly kind: 'compare';
      readonly at: Place;
      readonly operator: '<' | '<=' | '>' | '>=' | '==' | '!=';
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'choice';
      readonly at: Place;
      readonly name: string;
      readonly operator: '==' | '!=';
      readonly word: string;
    };
